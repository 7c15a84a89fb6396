"""Fields that nobody types: formulas, computed when asked, and roll-ups, kept with the record."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, ClassVar

from django.db import models

from wubu.kernel.fields.base import FieldError, FieldType, Parser, Shower, blank
from wubu.kernel.fields.bool import BoolType
from wubu.kernel.fields.choice import ChoiceType
from wubu.kernel.fields.date import DateTimeType, DateType
from wubu.kernel.fields.duration import DurationType
from wubu.kernel.fields.number import MoneyType, NumberType, PercentType
from wubu.kernel.fields.rating import RatingType
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.text import TextType
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text

RESULTS: dict[str, FieldType] = {
    t.key: t
    for t in (
        NumberType(),
        MoneyType(),
        PercentType(),
        TextType(),
        DateType(),
        DateTimeType(),
        BoolType(),
        ChoiceType(),
        DurationType(),
        RatingType(),
    )
}


AVERAGE_DECIMALS = 2  # at least, of an average of plain numbers


class ComputedType(FieldType):
    """What formulas and roll-ups share: they show and travel as their ``result`` type.

    Options: ``result`` (a field type, default ``number``) and that type's own options
    (``decimals``, ``currency``).
    """

    computed: ClassVar[bool] = True

    def result(self, f: FieldSpec) -> FieldType:
        """The field type of its values."""
        return RESULTS.get(str(f.options.get("result", "number")), RESULTS["number"])

    def parser(self, f: FieldSpec) -> Parser:
        def parse(raw: object) -> None:
            if not blank(raw):
                raise FieldError(
                    "computed",
                    Text(
                        "“{f}”由系统计算，不能填写。",
                        "“{f}” is computed and cannot be typed in.",
                    ).format(f=f.label),
                )

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        return self.result(f).shower(f, lang)

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        return self.result(f).to_json(f, value)

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        return self.result(f).from_json(f, value)

    def type_of(self, f: FieldSpec) -> ValueType:
        return self.result(f).type_of(f)

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return None


class FormulaType(ComputedType):
    """Computed from other fields when asked. Options: ``formula`` (its text), ``result``."""

    key: ClassVar[str] = "formula"
    label: ClassVar[Text] = Text("公式", "Formula")
    said_as_text: ClassVar[bool] = True
    icon: ClassVar[str] = "math-function"
    about: ClassVar[Text] = Text("由其他字段算出", "Computed from other fields")
    group: ClassVar[str] = "computed"
    calculated: ClassVar[bool] = True
    virtual: ClassVar[bool] = True

    def column(self, f: FieldSpec) -> models.Field[Any, Any] | None:
        return None


class RollupType(ComputedType):
    """A sum, count, least or greatest over the records that point here, kept set-wise.

    Options: ``object``, ``via`` (its link to this object), ``agg`` (sum, count, min, max, average,
    first, last, distinct), ``field``, ``filter`` (a condition), ``sort`` (the field by which one is
    first or last), ``result``. An average is rounded to the result's decimals, halves away from
    zero; it is always worked out of the exact sum and the count.
    """

    key: ClassVar[str] = "rollup"
    label: ClassVar[Text] = Text("汇总", "Roll-up")
    said_as_text: ClassVar[bool] = True
    sorted_by_column: ClassVar[bool] = True
    icon: ClassVar[str] = "sum"
    about: ClassVar[Text] = Text("汇总关联过来的记录", "Sums up records that link here")
    group: ClassVar[str] = "computed"
    aggregates: ClassVar[bool] = True

    def column(self, f: FieldSpec) -> models.Field[Any, Any] | None:
        return self.result(f).column(f)


def with_result(f: FieldSpec, source: FieldSpec | None) -> FieldSpec:
    """The roll-up with its ``result`` options filled in from the field that it sums or compares.

    A count is a whole number. What the options already say is kept.
    """
    if f.type != "rollup" or "result" in f.options:
        return f
    if source is None or f.options.get("agg") in ("count", "distinct"):
        return replace(f, options={**f.options, "result": "number"})
    result = source.type
    if result in {"formula", "rollup"}:
        result = str(source.options.get("result", "number"))
    if result == "rating" and f.options.get("agg") == "sum":
        result = "number"  # stars added up are no rating
    if result not in RESULTS:
        result = "text"
    names = ("max",) if result == "rating" else ("decimals", "currency", "unit")
    kept = {k: source.options[k] for k in names if k in source.options}
    if f.options.get("agg") == "average" and result in ("number", "rating", "duration"):
        result, kept["decimals"] = "number", max(int(kept.get("decimals") or 0), AVERAGE_DECIMALS)
    if result == "choice":
        f = replace(f, choices=source.choices)
    return replace(f, options={**kept, **f.options, "result": result})
