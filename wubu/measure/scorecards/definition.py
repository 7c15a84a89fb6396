"""What a scorecard is made of.

Packs write weights and caps in percent; callers and rows keep them in basis points.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

from wubu.kernel.definitions.base import NOT_SET, Field, Names, Values, shown
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.definitions.nested import Rows
from wubu.kernel.definitions.plain import Choice, Whole, Words, written
from wubu.kernel.definitions.references import Ref
from wubu.kernel.types import Problem, Text
from wubu.measure.scorecards.types import WHOLE, WeightedLine

SET_ASIDE = "set_aside"
METRIC = Ref(name="metric", label=Text("指标", "Metric"), kind="metric", required=True)
WEIGHT = Whole(
    name="weight",
    label=Text("权重", "Weight"),
    help=Text("基点，合计 10,000", "basis points; all of them add up to 10,000"),
    least=1,
    most=WHOLE,
    required=True,
)
CAP = Whole(
    name="cap",
    label=Text("上限", "Cap"),
    help=Text("计入的完成率上限，基点", "the attainment that counts at most, in basis points"),
    least=WHOLE,
    most=1_000_000,
)


@dataclass(frozen=True, kw_only=True)
class Percent(Field):
    """Basis points, written in percent with at most two decimals."""

    of: Whole
    usual_code: ClassVar[str] = "not_a_percentage"

    @property
    def form(self) -> Text:
        said = Text("{a} 到 {b} 的百分数，最多两位小数", "{a} to {b} percent, two decimals at most")
        return said.format(a=written(self.of.least, 2), b=written(self.of.most, 2))

    def fits(self, value: Any) -> bool:
        if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
            return False
        points = Decimal(str(value)) * 100
        return points.is_finite() and points == int(points) and self.of.fits(int(points))

    def schema(self) -> dict[str, Any]:
        ends = {"minimum": self.of.least / 100, "maximum": self.of.most / 100}
        return {"type": "number", "multipleOf": 0.01, **ends}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if value is None:
            return NOT_SET
        capped = Text("（封顶 {v}%）", "(at most {v}%)") if self.name == CAP.name else None
        return (capped or Text("{v}%", "{v}%")).format(v=shown(value))


def _in_percent(of: Whole) -> Percent:
    return Percent(name=of.name, label=of.label, required=of.required, of=of)


LINES = Rows(
    name="lines",
    label=Text("指标与权重", "Weights"),
    help=Text("权重合计 100%", "the weights add up to 100%"),
    of=(METRIC, WEIGHT, CAP),
    least=1,
    most=30,
    required=True,
)
MISSING = Choice(
    name="missing",
    label=Text("缺数据时", "When missing"),
    options={
        SET_ASIDE: Text("其权重由其他指标分担", "the others weigh more"),
        "zero": Text("得零分", "it scores zero"),
    },
    default=SET_ASIDE,
)
CARD = Definition(
    name="scorecards",
    label=Text("评分卡", "Scorecard"),
    fields=(
        Words(name="label", label=Text("名称", "Name"), naming=True, required=True, most=200),
        replace(
            LINES,
            of=(METRIC, _in_percent(WEIGHT), _in_percent(CAP)),
            example=[{"metric": "sales_signed", "weight": 100}],
        ),
        MISSING,
    ),
)


def misfits(lines: Iterable[WeightedLine]) -> list[Problem]:
    """What is wrong with lines by themselves, whatever the company has."""
    rows = [
        {"metric": x.metric, "weight": x.weight, **({} if x.cap is None else {"cap": x.cap})}
        for x in lines
    ]
    return list(LINES.misfits(rows, {}))
