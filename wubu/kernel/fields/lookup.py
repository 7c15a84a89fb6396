"""A field of a linked record, seen from here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from django.db import models

from wubu.kernel.fields import masks
from wubu.kernel.fields.base import FIELD_TYPES, FieldType, Setting, Shower
from wubu.kernel.fields.computed import ComputedType
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.text import TextType
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text

UNKNOWN = TextType()


class LookupType(ComputedType):
    """A field of a linked record: the customer's level on an order.

    Options: ``via`` (a link of this object), ``field`` (of the record that it points at).

    It has no column: ``{via.field}`` is asked for whenever it is read, so it is always what stands
    there now, and it is seen only by those who may see that field of that record. Links to many,
    members, teams and files are shown as they stand there; a look-up of such a look-up is not.
    """

    key: ClassVar[str] = "lookup"
    label: ClassVar[Text] = Text("引用", "Look-up")
    icon: ClassVar[str] = "eye"
    about: ClassVar[Text] = Text("显示关联记录的一个字段", "Shows a field of a linked record")
    group: ClassVar[str] = "computed"
    looks_up: ClassVar[bool] = True
    virtual: ClassVar[bool] = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("via", Text("通过哪个关联", "Through which link"), "field"),
        Setting("field", Text("引用的字段", "Which field of it"), "target_field"),
    )

    def column(self, f: FieldSpec) -> models.Field[Any, Any] | None:
        return None

    def result(self, f: FieldSpec) -> FieldType:
        """The type of its values; of what has pieces, such as an address, the whole text."""
        kind = FIELD_TYPES[f.source.type] if f.source is not None else UNKNOWN
        return UNKNOWN if kind.part("") is not None else kind

    def refers_to(self, f: FieldSpec) -> str:
        return self.result(f).refers_to(f.source) if f.source is not None else ""

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        return self.result(f).shower(f.source or f, lang)

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        return self.result(f).to_json(f.source or f, value)

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        return self.result(f).from_json(f.source or f, value)

    def mask(self, f: FieldSpec, value: Any) -> str:
        """Covered as what it looks up."""
        return FIELD_TYPES[f.source.type].mask(f.source, value) if f.source else masks.NOTHING

    def type_of(self, f: FieldSpec) -> ValueType:
        return self.result(f).type_of(f.source or f)


def path_of(f: FieldSpec) -> tuple[str, ...]:
    """The keys that lead from a look-up's object to the value."""
    return str(f.options.get("via", "")), str(f.options.get("field", ""))


def gathers(f: FieldSpec) -> bool:
    """Whether a look-up shows links to many, members or teams: they stand in a table between."""
    return f.type == "lookup" and f.source is not None and FIELD_TYPES[f.source.type].many


def shown_as(f: FieldSpec) -> FieldSpec:
    """The field by which a value is drawn.

    A look-up's is that which it looks up, under its own key and name.
    """
    if f.type != "lookup" or f.source is None:
        return f
    kind = FIELD_TYPES[f.source.type]
    shown = "text" if kind.part("") is not None else f.source.type
    return replace(f.source, object=f.object, key=f.key, label=f.label, type=shown, required=False)
