"""Points rules: read from the dated rules, checked, and said in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Problem, Refused, Text
from wubu.measure.metrics.queries import dictionary
from wubu.measure.metrics.types import MetricInfo
from wubu.motivate.points.types import PointsRule

SECTION = "points"
LARGEST = 10_000


def current(day: date | None = None, *, resting: bool = False) -> tuple[PointsRule, ...]:
    """The points rules that hold on a day (today unless said)."""
    infos = dictionary().metrics
    found = dated.rules(SECTION, day, resting=resting)
    return tuple(
        _read(r, infos[r.definition["metric"]]) for r in found if r.definition["metric"] in infos
    )


def _read(rule: Rule, metric: MetricInfo) -> PointsRule:
    d = rule.definition
    return PointsRule(
        key=rule.key,
        label=rule.label,
        metric=metric,
        per=int(d.get("per", 1)),
        points=int(d["points"]),
        cap=None if d.get("cap") is None else int(d["cap"]),
        valid_from=rule.valid_from,
        active=rule.active,
    )


def check(key: str, definition: Mapping[str, Any]) -> PointsRule:
    """A definition that would hold. Raises Refused with every problem."""
    wrong: list[Problem] = []
    infos = dictionary().metrics
    metric = infos.get(str(definition.get("metric")))
    if metric is None or metric.unit not in ("money", "count", "number", "points"):
        wrong.append(
            Problem(
                "no_such_metric",
                Text(
                    "请选择一个按数量或金额累计的指标。",
                    "Choose a metric that adds up: a count or an amount.",
                ),
                Text(
                    "比率和天数不能换算积分，因为它们不能相加。",
                    "Ratios and days earn no points, because they do not add up.",
                ),
                field="metric",
                value=definition.get("metric"),
            )
        )
    for name, least in (("per", 1), ("points", -LARGEST), ("cap", 1)):
        wrong += _whole(definition, name, least)
    if not wrong and int(definition["points"]) == 0:
        wrong.append(
            Problem("zero", Text("积分不能为 0。", "Points cannot be 0."), field="points", value=0)
        )
    if wrong or metric is None:
        raise Refused(*wrong)
    label = Text.of(definition.get("label") or metric.label)
    return _read(Rule(SECTION, key, label, definition, date(2000, 1, 1), True), metric)


def _whole(definition: Mapping[str, Any], name: str, least: int) -> list[Problem]:
    value = definition.get(name)
    if value is None and name != "points":
        return []
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        too_many = name == "points" and value > LARGEST
        if not too_many:
            return []
    return [
        Problem(
            "not_whole",
            Text("请输入整数。", "Give a whole number."),
            Text("不小于 {n}。", "At least {n}.").format(n=least),
            field=name,
            value=value,
        )
    ]


def sentence(rule: PointsRule) -> Text:
    """The rule in words that everybody understands, in both languages."""
    amount, unit = _amount(rule)
    earns = rule.points > 0
    said = (
        Text("“{m}”每满{a}{u}，得 {p} 分", "Every {a}{u} of “{m}” earns {p} points")
        if earns
        else Text("“{m}”每满{a}{u}，扣 {p} 分", "Every {a}{u} of “{m}” costs {p} points")
    ).format(m=rule.metric.label, a=amount, u=unit, p=abs(rule.points))
    if rule.cap is not None:
        cap = Text("{s}；每人每月最多 {c} 分。", "{s}; at most {c} points per person and month.")
        return cap.format(s=said, c=rule.cap)
    return Text("{s}。", "{s}.").format(s=said)


def _amount(rule: PointsRule) -> tuple[str, Text]:
    if rule.metric.unit == "money":
        return f" {rule.per / 100:,.0f} ", Text("元", "yuan")
    whole = 10**rule.metric.scale
    shown = f"{rule.per / whole:g}" if whole > 1 else str(rule.per)
    return f" {shown} ", Text("个", "")


def example(rule: PointsRule) -> Text:
    """A worked example with round numbers: two and a half times ``per``."""
    value = rule.per * 5 // 2 if rule.per > 1 else 7
    parts = value // rule.per
    points = parts * rule.points
    capped = points if rule.cap is None else min(points, rule.cap)
    shown = f"{value / 100:,.0f}" if rule.metric.unit == "money" else str(value)
    return Text(
        "例：{m}为 {v}，满 {n} 份，{p} 分。", "Example: {m} of {v} is {n} full parts: {p} points."
    ).format(m=rule.metric.label, v=shown, n=parts, p=capped)
