"""Field specs as pydantic types: what a caller may send, what comes back, with both labels told."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    create_model,
)
from pydantic.json_schema import WithJsonSchema

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields import FIELD_TYPES, registry
from wubu.kernel.fields.lookup import shown_as
from wubu.kernel.records.types import Record

LONGEST = 100_000  # characters of a text that is sent
Name = Annotated[StrictStr, Field(max_length=1_000)]
Number = StrictInt | Decimal | Annotated[StrictStr, Field(max_length=60)]
_NUMBER_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]}


class Strict(BaseModel):
    """What nobody asked for is a mistake, not noise."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class AddressInput(Strict):
    """The pieces of an address; divisions of China by their names, in full or in short."""

    province: Name | None = None
    city: Name | None = None
    district: Name | None = None
    street: Name | None = None


class LocationInput(Strict):
    """Latitude and longitude in degrees, with a name."""

    lat: StrictFloat | StrictInt | Name | None = None
    lng: StrictFloat | StrictInt | Name | None = None
    label: Name | None = None


class Address(BaseModel):
    """The pieces of an address; those that are not known are empty."""

    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""


class Location(BaseModel):
    """A point on earth in degrees, with a name."""

    lat: float
    lng: float
    label: str = ""


def _schema(type_: Any, **schema: Any) -> Any:
    return Annotated[type_, WithJsonSchema(schema)]


def _nullable(kind: str, **more: Any) -> dict[str, Any]:
    return {"anyOf": [{"type": kind, **more}, {"type": "null"}]}


Long = Annotated[StrictStr, Field(max_length=LONGEST)]
# By ``FieldType.wire``: what a caller may send.
_ACCEPTED: dict[str, Any] = {
    "text": Long | None,
    "number": Number | None,
    "measure": Number | Name | None,
    "bool": StrictBool | None,
    "day": _schema(Name | None, **_nullable("string", format="date")),
    "moment": _schema(Name | None, **_nullable("string", format="date-time")),
    "choice": Name | None,
    "keys": list[Name] | None,
    "reference": Name | StrictInt | None,
    "ids": list[Name | StrictInt] | None,
    "address": AddressInput | Name | None,
    "location": LocationInput | Name | None,
}
# kind: the two wire forms that have pieces, by name of the form
_PIECES: dict[str, Any] = {"address": Address | None, "location": Location | None}


def pieces(f: FieldSpec) -> Any:
    """How a value of several pieces comes back; None where it is in one."""
    return _PIECES.get(f.kind.wire)


def accepted(f: FieldSpec) -> Any:
    """The type of a value that a caller may send."""
    live = [c.key for c in f.choices if not c.retired]
    if f.kind.chooses_one and live:
        return _schema(Name | None, **_nullable("string", enum=live))
    return _ACCEPTED[f.kind.wire]


def returned(f: FieldSpec) -> Any:
    """The type of a value that comes back."""
    kind = FIELD_TYPES[f.type]
    own = not kind.computed or kind.looks_up
    value = kind.type_of(f).kind if own else _computed_kind(f)
    if value == "number":
        return str | int | None
    if value == "bool":
        return bool | None
    if pieces(shown_as(f)) is not None:
        return pieces(shown_as(f))
    if kind.many or kind.files or value == "choices":
        return list[str] | None
    return str | None


def _computed_kind(f: FieldSpec) -> str:
    kind = f.options.get("result") or f.options.get("type") or ""
    # kind: the result that a formula declares in the catalog
    return "bool" if kind == "bool" else "number"


def _description(f: FieldSpec, computed: bool = False) -> dict[str, Any]:
    words = f"{f.label.zh} · {f.label.en}"
    if f.help:
        words += f". {f.help.zh} {f.help.en}"
    return {"description": words + (" (computed)" if computed else "")}


def is_input(f: FieldSpec) -> bool:
    """Whether a caller may send this field at all."""
    kind = FIELD_TYPES[f.type]
    return not kind.virtual and not kind.computed


def input_model(spec: ObjectSpec) -> type[BaseModel]:
    """The values of one object that may be sent; only those given are touched."""
    fields: dict[str, Any] = {
        f.key: (accepted(f), Field(default=None, **_description(f)))
        for f in spec.live_fields
        if is_input(f)
    }
    return create_model(f"{camel(spec.key)}Input", __base__=Strict, **fields)


def output_model(spec: ObjectSpec) -> type[BaseModel]:
    """The values of one object as they come back: those that the caller may read."""
    fields: dict[str, Any] = {
        f.key: (
            returned(f),
            Field(default=None, **_description(f, FIELD_TYPES[f.type].computed)),
        )
        for f in spec.live_fields
    }
    return create_model(f"{camel(spec.key)}Values", **fields)


def record_model(spec: ObjectSpec, values: type[BaseModel]) -> type[BaseModel]:
    """A record: ids are strings, times are UTC, ``titles`` are the names behind links."""
    return create_model(
        f"{camel(spec.key)}Record",
        id=(str, ...),
        object=(str, ...),
        version=(int, ...),
        title=(str, ...),
        values=(values, ...),
        titles=(dict[str, str | list[str]], ...),
        masked=(dict[str, str], Field(description="outlines of the fields that are masked")),
        archived_at=(str | None, ...),
        created_at=(str | None, ...),
        created_by=(str | None, ...),
        updated_at=(str | None, ...),
        updated_by=(str | None, ...),
    )


def camel(key: str) -> str:
    return "".join(part.capitalize() for part in key.split("_"))


def record_json(record: Record, fields: Mapping[str, FieldSpec]) -> dict[str, Any]:
    """A record as the API sends it."""
    return {
        "id": str(record.id),
        "object": record.object_key,
        "version": record.version,
        "title": record.title,
        "values": {
            k: v if v is None else registry.to_json(fields[k], v)
            for k, v in record.values.items()
            if k in fields
        },
        "titles": {k: list(v) if isinstance(v, tuple) else v for k, v in record.titles.items()},
        "masked": dict(record.masked),
        "archived_at": record.archived_at.isoformat() if record.archived_at else None,
        "created_at": record.created_at.isoformat() if record.created_at else None,
        "created_by": None if record.created_by is None else str(record.created_by),
        "updated_at": record.updated_at.isoformat() if record.updated_at else None,
        "updated_by": None if record.updated_by is None else str(record.updated_by),
    }


def stored_json(spec: ObjectSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values by field key in the form of the API."""
    return {k: registry.to_json(spec.fields[k], v) for k, v in values.items() if k in spec.fields}
