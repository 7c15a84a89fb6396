"""Frozen dataclasses of the rooms as JSON and as schemas.

One rule for all, so nothing is listed twice.
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, create_model
from pydantic.json_schema import WithJsonSchema

from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Text
from wubu.measure.metrics.types import MetricInfo

Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Exact = Annotated[str, WithJsonSchema({"type": "string", "description": "exact decimal number"})]
# Names of whole numbers that are ids, and so strings in JSON.
_IDS = ("id", "member", "created_by", "closed_by", "reopened_by", "set_by")


class PeriodRef(BaseModel):
    """A span of days: ``end`` is the first day out."""

    key: str
    label: str
    start: Day
    end: Day


class MetricRef(BaseModel):
    """A metric in short; ``unit`` says what its figures are (money, count, ratio, days …)."""

    key: str
    label: str
    unit: str
    better: str
    kind: str
    scale: int


def is_id(name: str) -> bool:
    return name in _IDS or name.endswith("_id")


def exact(value: int | Decimal | None, scale: int = 0) -> str | None:
    """An exact number as a decimal string; whole numbers are in units of 10**-scale."""
    if value is None:
        return None
    number = Decimal(value).scaleb(-scale) if isinstance(value, int) else value
    return format(number, "f")


def metric_ref(info: MetricInfo) -> dict[str, Any]:
    return {
        "key": info.key,
        "label": str(info.label),
        "unit": info.unit,
        "better": info.better,
        "kind": info.kind,
        "scale": info.scale,
    }


def period_ref(period: Period) -> dict[str, Any]:
    return {
        "key": period.key,
        "label": period.label(),
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
    }


def to_json(value: Any, name: str = "") -> Any:
    """A value of a room in its JSON form: ids as strings, texts in the caller's language."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return str(value) if is_id(name) else value
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    if isinstance(value, Period):
        return period_ref(value)
    if isinstance(value, MetricInfo):
        return metric_ref(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name), f.name) for f in fields(value) if f.repr}
    if isinstance(value, Mapping):
        return {_key(k): to_json(v) for k, v in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        inner = name[:-1] if name.endswith("ids") else ""
        return [to_json(v, inner) for v in value]
    return str(value)


def _key(key: Any) -> str:
    return key.isoformat() if isinstance(key, dt.date) else str(key)


_PLAIN: dict[Any, Any] = {
    Text: str,
    Decimal: Exact,
    dt.date: Day,
    dt.datetime: Moment,
    dt.time: str,
    Period: PeriodRef,
    MetricInfo: MetricRef,
}


def schema(type_: Any, name: str = "") -> Any:
    """The pydantic type of what ``to_json`` makes of a type."""
    if type_ in _PLAIN:
        return _PLAIN[type_]
    if type_ is int:
        return str if is_id(name) else int
    if is_dataclass(type_):
        return model(cast(Any, type_))
    origin, args = get_origin(type_), get_args(type_)
    if origin in {Union, types.UnionType}:
        return Union[tuple(schema(a, name) for a in args)]  # noqa: UP007 - made at run time
    if origin is Literal:
        return type_
    if origin is not None and issubclass(origin, Mapping):
        value: Any = schema(args[1])
        return dict[str, value]
    if origin is tuple and (len(args) != 2 or args[1] is not Ellipsis):
        return list[Any]
    if origin is not None and args:
        inner: Any = schema(args[0], name[:-1] if name.endswith("ids") else "")
        return list[inner]
    return type_ if type_ in {str, bool} else Any


def many(type_: Any) -> Any:
    """A list of such dataclasses."""
    return list[model(type_)]  # type: ignore[misc]


@cache
def model(type_: Any) -> Any:
    """A dataclass as a pydantic model, for the OpenAPI document."""
    hints = typing.get_type_hints(type_)
    made: dict[str, Any] = {
        f.name: (schema(hints[f.name], f.name), ...) for f in fields(type_) if f.repr
    }
    return create_model(type_.__name__, __doc__=type_.__doc__, **made)
