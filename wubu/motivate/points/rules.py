"""Points rules: declared, read from the dated rules, and said in plain words."""

from __future__ import annotations

from datetime import date

from wubu.kernel.definitions.base import Values
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.definitions.kinds import DatedKind
from wubu.kernel.definitions.plain import Amount, Unit, Whole, Words, written
from wubu.kernel.definitions.references import Ref
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Text
from wubu.measure.figures.queries import dictionary
from wubu.measure.metrics.types import MetricInfo
from wubu.motivate.points.types import PointsRule

SECTION = "points"
ADDABLE = ("money", "count", "number", "points")  # units that can be added up


def _adds_up(key: str) -> bool:
    found = dictionary().metrics.get(key)
    return found is not None and found.unit in ADDABLE


def unit_of(metric: MetricInfo) -> Unit:
    """How amounts of a metric are written."""
    if metric.unit == "money":
        return Unit(metric.scale, Text("元", "yuan"))
    return Unit(metric.scale, Text("个", ""))


def _unit(d: Values) -> Unit:
    found = dictionary().metrics.get(str(d.get("metric")))
    return unit_of(found) if found else Unit()


DEFINITION = Definition(
    name=SECTION,
    label=Text("积分规则", "Points rule"),
    fields=(
        Words(name="label", label=Text("名称", "Name"), naming=True, most=200),
        Ref(
            name="metric",
            label=Text("指标", "Metric"),
            kind="metric",
            required=True,
            fit=_adds_up,
            unfit=Text(
                "请选择一个按数量或金额累计的指标。",
                "Choose a metric that adds up: a count or an amount.",
            ),
            remedy=Text(
                "比率和天数不能换算积分，因为它们不能相加。",
                "Ratios and days earn no points, because they do not add up.",
            ),
            example="sales_signed",
        ),
        Amount(
            name="per",
            label=Text("每满", "For every"),
            help=Text("元或个", "yuan, or a count"),
            unit=_unit,
            default=1,
            example=1_000_000,
        ),
        Whole(
            name="points",
            label=Text("得分", "Points"),
            help=Text("负数为扣分", "negative takes points away"),
            least=-1_000_000,
            most=1_000_000,
            not_zero=True,
            required=True,
            example=10,
        ),
        Whole(
            name="cap",
            label=Text("每月上限", "Monthly cap"),
            help=Text("留空即不封顶", "empty: none"),
            least=1,
            most=1_000_000_000,
            example=500,
        ),
    ),
)


def read(rule: Rule) -> PointsRule:
    """A dated rule as a points rule. Raises Missing where its metric is gone."""
    d = DEFINITION.filled(rule.definition)
    metric = dictionary().metric(d["metric"])
    return PointsRule(
        key=rule.key,
        label=rule.label if rule.label.zh else metric.label,
        metric=metric,
        per=int(d["per"]),
        points=int(d["points"]),
        cap=d.get("cap"),
        valid_from=rule.valid_from,
        active=rule.active,
    )


def current(day: date | None = None, *, with_disabled: bool = False) -> tuple[PointsRule, ...]:
    """The points rules that hold on a day (today unless said) and whose metric is there."""
    known = dictionary().metrics
    found = dated.rules(SECTION, day, with_disabled=with_disabled)
    return tuple(read(r) for r in found if r.definition["metric"] in known)


def sentence(rule: PointsRule) -> Text:
    """The rule in words that everybody understands, in both languages."""
    unit = unit_of(rule.metric)
    earns = rule.points > 0
    said = (
        Text("“{m}”每满 {a} {u}，得 {p} 分", "Every {a} {u} of “{m}” earns {p} points")
        if earns
        else Text("“{m}”每满 {a} {u}，扣 {p} 分", "Every {a} {u} of “{m}” costs {p} points")
    ).format(m=rule.metric.label, a=written(rule.per, unit.scale), u=unit.name, p=abs(rule.points))
    said = Text(said.zh, said.en.replace("  ", " "))
    if rule.cap is not None:
        cap = Text("{s}；每人每月最多 {c} 分。", "{s}; at most {c} points per person and month.")
        return cap.format(s=said, c=rule.cap)
    return Text("{s}。", "{s}.").format(s=said)


def example(rule: PointsRule) -> Text:
    """A worked example with round numbers: two and a half times ``per``."""
    value = rule.per * 5 // 2 if rule.per > 1 else 7
    parts = value // rule.per
    points = parts * rule.points
    capped = points if rule.cap is None else min(points, rule.cap)
    return Text(
        "例：{m}为 {v}，满 {n} 份，{p} 分。", "Example: {m} of {v} is {n} full parts: {p} points."
    ).format(m=rule.metric.label, v=written(value, rule.metric.scale), n=parts, p=capped)


KIND = DatedKind(
    definition=DEFINITION,
    area="points",
    read=read,
    sentence=sentence,
    label=Text("积分规则", "Points rules"),
    new=Text("新增积分规则", "New points rule"),
    base="/setup/motivation/points",
    breaks=False,
)
check = KIND.check
