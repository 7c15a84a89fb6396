"""One metric divided by another: win rate, conversion rates."""

from __future__ import annotations

from wubu.kernel.types import Problem, Text
from wubu.measure.metrics.kinds.base import Context
from wubu.measure.metrics.kinds.checks import check_derived
from wubu.measure.metrics.kinds.fields import DENOMINATOR, NUMERATOR
from wubu.measure.metrics.types import Definition


class Ratio:
    key = "ratio"
    label = Text("比率", "Ratio")
    posted = False
    stock = False
    what = Text("比率：一个指标 ÷ 另一个指标", "A ratio: one metric ÷ another")
    fields = (NUMERATOR, DENOMINATOR)
    units: tuple[str, ...] = ("ratio", "number")
    words = Text(
        "“{n}”÷“{d}”。两数各自按期间、按人相加之后再相除，从不把比率拿来平均；"
        "“{d}”为 0 时没有结果，显示“—”。",
        "{n} ÷ {d}. Each is added up over the period and the people first, then divided: "
        "ratios are never averaged. When {d} is 0 there is no result, shown as “—”.",
    )

    def check(self, d: Definition, c: Context) -> list[Problem]:
        return check_derived(d, c)

    def sentence(self, d: Definition, c: Context) -> Text:
        return self.words.format(n=c.labels[d.numerator], d=c.labels[d.denominator])

    def stages(self, d: Definition, c: Context) -> tuple[str, ...]:
        return ()
