"""What the door knows of one object.

Its columns, and how a value goes to the database and to the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, partial
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection, models

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES, FieldType

Convert = Callable[[Any], Any] | None  # None: the value as it is

LINKS_TO_ONE = ("link", "member", "team")
BASE_KEYS = (
    "id",
    "version",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "archived_at",
)
BASE_ATTNAMES = (
    "id",
    "version",
    "created_at",
    "created_by_id",
    "updated_at",
    "updated_by_id",
    "archived_at",
)
PLAIN = (
    models.CharField,
    models.TextField,
    models.BigAutoField,
    models.BigIntegerField,
    models.IntegerField,
    models.BooleanField,
    models.ForeignKey,
    models.EmailField,
    models.URLField,
)


class Former(str):
    """A logged value that its field cannot hold any more, as it was written down."""

    __slots__ = ()


@dataclass(frozen=True)
class Shape:
    """One object's columns in order. ``keys`` are the field keys that images carry."""

    spec: ObjectSpec
    model: Any
    table: str
    stored: tuple[FieldSpec, ...]  # one column each
    many: tuple[FieldSpec, ...]  # links to many: a table each
    columns: Mapping[str, str]  # field key → column

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(f.key for f in self.stored) + tuple(f.key for f in self.many)

    @cached_property
    def virtual(self) -> tuple[FieldSpec, ...]:
        """Formula fields: no column, no place in an image."""
        return tuple(f for f in self.spec.fields.values() if FIELD_TYPES[f.type].virtual)

    @cached_property
    def rollups(self) -> tuple[FieldSpec, ...]:
        return tuple(f for f in self.stored if f.kind.aggregates and not f.retired)

    @cached_property
    def attnames(self) -> tuple[str, ...]:
        """What ``values_list`` reads for an image, in the order of ``image_keys``."""
        return BASE_ATTNAMES + tuple(self.columns[f.key] for f in self.stored)

    @cached_property
    def image_keys(self) -> tuple[str, ...]:
        return BASE_KEYS + tuple(f.key for f in self.stored)

    @cached_property
    def blank(self) -> dict[str, Any]:
        """The image of a record in which nothing is filled in; counting roll-ups begin at 0."""
        image = dict.fromkeys(BASE_KEYS + self.keys)
        for f in self.rollups:
            if f.options.get("agg") in ("count", "sum", "distinct"):
                image[f.key] = 0
        return image

    @cached_property
    def to_db(self) -> Mapping[str, Convert]:
        """By image key, what turns a stored value into what the driver takes."""
        made: dict[str, Convert] = {}
        for key, attname in zip(self.image_keys, self.attnames, strict=True):
            made[key] = _to_db(_field(self.model, attname))
        return made

    @cached_property
    def db_types(self) -> Mapping[str, str]:
        found = {}
        for key, attname in zip(self.image_keys, self.attnames, strict=True):
            column = _field(self.model, attname)
            found[key] = (
                column.rel_db_type(connection) if column.is_relation else column.db_type(connection)
            )
        return found

    @cached_property
    def to_json(self) -> Mapping[str, Convert]:
        """By field key, what turns a stored value (not None) into its form in the log."""
        made: dict[str, Convert] = {"archived_at": _moment}
        for f in (*self.stored, *self.many):
            made[f.key] = partial(f.kind.to_json, f) if _turns(f.kind) else None
        return made

    def json(self, key: str, value: Any) -> Any:
        """One value in the form of the log."""
        convert = self.to_json[key]
        return value if value is None or convert is None else convert(value)

    def from_json(self, key: str, value: Any) -> Any:
        """One value of the log in stored form."""
        if value is None:
            return None
        if key == "archived_at":
            return datetime.fromisoformat(value)
        f = self.spec.fields[key]
        return FIELD_TYPES[f.type].from_json(f, value)

    def from_log(self, key: str, value: Any) -> Any:
        """The same; ``Former`` for a value of the time when the field was of another type."""
        try:
            return self.from_json(key, value)
        except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError):
            return Former(value)


_shapes: WeakKeyDictionary[Any, Shape] = WeakKeyDictionary()


def _turns(kind: FieldType) -> bool:
    """Whether the log's form of a value is another than the stored one."""
    return type(kind).to_json is not FieldType.to_json


def as_id(raw: object) -> int:
    """An id as callers send it; 0, which no record has, when it is none."""
    text = str(raw)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def shape(snapshot: Snapshot, object_key: str) -> Shape:
    """The shape of an object, made once per Snapshot. Raises Missing."""
    model, spec = snapshot.model(object_key), snapshot.object(object_key)
    found = _shapes.get(model)
    if found is None or found.spec is not spec:  # other words on the same table
        found = _shapes[model] = _make(spec, model)
    return found


def _make(spec: ObjectSpec, model: Any) -> Shape:
    stored = tuple(
        f
        for f in spec.fields.values()
        if not FIELD_TYPES[f.type].many and not FIELD_TYPES[f.type].virtual
    )
    return Shape(
        spec=spec,
        model=model,
        table=model._meta.db_table,
        stored=stored,
        many=tuple(f for f in spec.fields.values() if FIELD_TYPES[f.type].many),
        columns={f.key: model._meta.get_field(f.key).attname for f in stored},
    )


def _field(model: Any, attname: str) -> Any:
    by_attname = {f.attname: f for f in model._meta.concrete_fields}
    return by_attname[attname]


def _to_db(column: Any) -> Convert:
    if type(column) in PLAIN:
        return None
    if connection.vendor == "postgresql" and type(column) in (
        models.DateField,
        models.DateTimeField,
    ):
        return None
    if type(column) is models.DateField:
        return date.isoformat
    if type(column) is models.DateTimeField:
        return _sqlite_moment
    return lambda value: column.get_db_prep_save(value, connection)


def _sqlite_moment(value: datetime) -> str:
    """As Django writes it: UTC without an offset."""
    return str(value.astimezone(UTC).replace(tzinfo=None))


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()
