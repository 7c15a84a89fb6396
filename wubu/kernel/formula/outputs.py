"""How Django reads the values that formulas give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from wubu.kernel.fields.columns import IdsColumn, KeysColumn
from wubu.kernel.fields.types import ValueType

if TYPE_CHECKING:
    _BigInteger = models.BigIntegerField[Any, Any]
else:
    _BigInteger = models.BigIntegerField


class Whole(_BigInteger):
    """A scaled number. PostgreSQL computes in numeric, which arrives as Decimal."""

    def from_db_value(self, value: Any, *_: Any) -> int | None:
        return None if value is None else int(value)


def output_field(type_: ValueType) -> models.Field[Any, Any]:
    """The Django field that reads a value of the type in stored form."""
    if type_.kind in {"number", "link", "member", "team"}:
        return Whole()
    if type_.kind == "bool":
        return models.BooleanField()
    if type_.kind == "date":
        return models.DateField()
    if type_.kind == "datetime":
        return models.DateTimeField()
    if type_.kind == "files":
        return IdsColumn()
    return KeysColumn() if type_.kind == "choices" else models.TextField()
