"""Leaderboards as rules: read, checked, and said in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Problem, Refused, Text
from wubu.measure.metrics.queries import dictionary
from wubu.measure.scorecards import queries as scorecards
from wubu.motivate.leaderboards.types import BoardRule

SECTION = "leaderboards"
OPTIONS = {
    "source": ("metric", "scorecard", "points"),
    "by": ("member", "team"),
    "period": ("month", "quarter", "year"),
    "audience": ("everyone", "permitted"),
}
WHO = {"member": Text("个人", "people"), "team": Text("团队", "teams")}
SPAN = {
    "month": Text("每月", "each month"),
    "quarter": Text("每季度", "each quarter"),
    "year": Text("每年", "each year"),
}
SHOWN_TO = {
    "everyone": Text("向全员公开", "shown to everybody"),
    "permitted": Text("只看到有权限的人", "each sees those they may see"),
}


def current(day: date | None = None, *, resting: bool = False) -> tuple[BoardRule, ...]:
    """The leaderboards that hold on a day (today unless said) and whose source is still there."""
    found = (read(r) for r in dated.rules(SECTION, day, resting=resting))
    return tuple(r for r in found if _source_problem(r) is None)


def read(rule: Rule) -> BoardRule:
    d = rule.definition
    return BoardRule(
        key=rule.key,
        label=rule.label,
        source=d["source"],
        of=d.get("of", ""),
        by=d.get("by", "member"),
        period=d.get("period", "month"),
        audience=d.get("audience", "permitted"),
        roles=tuple(d.get("roles", ())),
        valid_from=rule.valid_from,
        active=rule.active,
    )


def source_label(rule: BoardRule) -> Text:
    """What is ranked: the metric's, the scorecard's name, or points."""
    if rule.source == "metric":
        return dictionary().metric(rule.of).label
    if rule.source == "scorecard":
        return scorecards.card(rule.of).label
    return Text("积分", "Points")


def sentence(rule: BoardRule) -> Text:
    """The rule in plain words."""
    said = Text(
        "{span}按“{what}”给{who}排名，相同数值并列；{shown}。",
        "{span}, {who} are ranked by “{what}”; equal figures share a place; {shown}.",
    )
    made = said.format(
        span=SPAN[rule.period],
        what=source_label(rule),
        who=WHO[rule.by],
        shown=SHOWN_TO[rule.audience],
    )
    return Text(made.zh, made.en[:1].upper() + made.en[1:])


def check(key: str, definition: Mapping[str, Any]) -> BoardRule:
    """A definition that would hold. Raises Refused with every problem."""
    wrong = [
        Problem(
            "no_such_option",
            Text("“{v}”不是可选项。", "“{v}” is not one of the options.").format(
                v=definition.get(name)
            ),
            Text("可选：{all}。", "Options: {all}.").format(all=", ".join(options)),
            field=name,
            value=definition.get(name),
        )
        for name, options in OPTIONS.items()
        if definition.get(name) not in options
    ]
    label = Text.of(definition.get("label") or "")
    if not label.zh:
        wrong.append(
            Problem("required", Text("请填写榜名。", "Give the board a name."), field="label")
        )
    if wrong:
        raise Refused(*wrong)
    rule = read(Rule(SECTION, key, label, definition, date(2000, 1, 1), True))
    unfit = _source_problem(rule)
    if unfit is not None:
        raise Refused(unfit)
    return rule


def _source_problem(rule: BoardRule) -> Problem | None:
    there = True
    if rule.source == "metric":
        there = rule.of in dictionary().metrics
    elif rule.source == "scorecard":
        there = rule.of in {c.key for c in scorecards.cards()}
    if there and rule.by == "team" and rule.source != "metric":
        return Problem(
            "teams_by_metric_only",
            Text("团队榜只能按指标排名。", "Teams are ranked by a metric only."),
            field="by",
            value=rule.by,
        )
    if there:
        return None
    return Problem(
        "no_such_source",
        Text("没有“{of}”。", "There is no “{of}”.").format(of=rule.of),
        Text("选择一个现有的指标或评分卡。", "Choose a metric or scorecard that exists."),
        field="of",
        value=rule.of,
    )
