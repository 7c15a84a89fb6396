"""Field types: how one value is read, stored, shown and sent."""

from wubu.kernel.fields.base import FieldError, FieldType, Parser, Shower
from wubu.kernel.fields.registry import (
    FIELD_TYPES,
    from_json,
    parser,
    show,
    shower,
    to_json,
    type_of,
)
from wubu.kernel.fields.spec import Choice, FieldSpec
from wubu.kernel.fields.types import ValueType

__all__ = [
    "FIELD_TYPES",
    "Choice",
    "FieldError",
    "FieldSpec",
    "FieldType",
    "Parser",
    "Shower",
    "ValueType",
    "from_json",
    "parser",
    "show",
    "shower",
    "to_json",
    "type_of",
]
