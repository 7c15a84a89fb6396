"""Leaderboards as rules: read, checked, and said in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from wubu.kernel.definitions.base import Values, When
from wubu.kernel.definitions.definition import Check, Definition
from wubu.kernel.definitions.kinds import DatedKind
from wubu.kernel.definitions.nested import ListOf
from wubu.kernel.definitions.plain import Choice, Words
from wubu.kernel.definitions.references import OneOf, Ref
from wubu.kernel.people import queries as people
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Problem, Text
from wubu.measure.figures.queries import dictionary
from wubu.measure.scorecards import queries as scorecards
from wubu.motivate.leaderboards.types import BoardRule

SECTION = "leaderboards"
# kind: whom a board ranks, not a type of field
WHO = {"member": Text("个人", "people"), "team": Text("团队", "teams")}
LEVELS = {
    "leaves": Text("最基层团队", "teams without teams below"),
    "1": Text("第一级（最高）", "the top level"),
    "2": Text("第二级", "the second level"),
    "3": Text("第三级", "the third level"),
    "chosen": Text("指定团队", "chosen teams"),
}
SPAN = {
    "month": Text("每月", "each month"),
    "quarter": Text("每季度", "each quarter"),
    "year": Text("每年", "each year"),
}
SHOWN_TO = {
    "everyone": Text("向全员公开", "shown to everybody"),
    "permitted": Text("只看到有权限的人", "each sees those they may see"),
}


def _teams_by_metric(d: Values) -> Iterator[Problem]:
    if d.get("by") == "team" and d["source"] != "metric":
        said = Text("团队榜只能按指标排名。", "Teams are ranked by a metric only.")
        hint = Text("换一个指标，或改为给个人排名。", "Choose a metric, or rank people.")
        yield Problem("teams_by_metric_only", said, hint, field="by", value=d["by"])


def _one_level(d: Values) -> Iterator[Problem]:
    if d.get("by") != "team":
        return
    chosen = [int(t) for t in d.get("teams") or () if str(t).isdigit()]
    if d.get("level") != "chosen":
        return
    if not chosen:
        said = Text("请选择参与排名的团队。", "Choose the teams that are ranked.")
        yield Problem("required", said, field="teams")
    for team in chosen:
        above = set(people.ancestors(team)) - {team}
        if above & set(chosen):
            said = Text(
                "“{t}”在另一个所选团队之下，整体与部分不能同榜。",
                "“{t}” is below another chosen team: a whole is not ranked beside its parts.",
            ).format(t=people.team(team).name)
            hint = Text("只保留其中一个。", "Keep one of the two.")
            yield Problem("whole_and_part", said, hint, field="teams", value=str(team))


DEFINITION = Definition(
    name=SECTION,
    label=Text("排行榜", "Leaderboard"),
    fields=(
        Words(name="label", label=Text("名称", "Name"), naming=True, required=True, most=200),
        OneOf(
            name="source",
            of="of",
            asks="what",
            label=Text("按什么排", "Ranked by"),
            kinds={
                "metric": (Text("指标", "Metric"), "metric"),
                "scorecard": (Text("评分卡", "Scorecard"), "scorecard"),
                "points": (Text("积分", "Points"), ""),
            },
            required=True,
            example="points",
        ),
        Choice(
            name="by",
            label=Text("排谁", "Whom"),
            options=WHO,
            required=True,
            default="member",
        ),
        Choice(
            name="level",
            label=Text("哪一级团队", "Which teams"),
            help=Text(
                "同一级团队互相比较，上级与下级不混排。", "Teams are ranked beside their equals."
            ),
            options=LEVELS,
            default="leaves",
            when=When("by", ("team",)),
        ),
        ListOf(
            name="teams",
            label=Text("参与排名的团队", "Teams that are ranked"),
            help=Text("选“指定团队”时填写。", "For “chosen teams”."),
            of=Ref(name="team", label=Text("团队", "team"), kind="team"),
            most=200,
            wide=True,
            when=When("by", ("team",)),
        ),
        Choice(
            name="period",
            label=Text("周期", "Period"),
            options=SPAN,
            required=True,
            default="month",
        ),
        Choice(
            name="audience",
            label=Text("谁能看", "Who sees it"),
            options=SHOWN_TO,
            required=True,
            default="permitted",
        ),
        ListOf(
            name="roles",
            label=Text("参与排名的角色", "Roles that are ranked"),
            help=Text(
                "不选即所有人；其他人有数字或目标时也会列出。",
                "None: everybody. Others are listed once they have a figure or a target.",
            ),
            of=Ref(name="role", label=Text("角色", "role"), kind="role"),
            most=50,
            wide=True,
        ),
    ),
    checks=(
        Check(("source", "of", "by"), _teams_by_metric),
        Check(("by", "level", "teams"), _one_level),
    ),
)


def current(day: date | None = None, *, with_disabled: bool = False) -> tuple[BoardRule, ...]:
    """The leaderboards that hold on a day (today unless said) and whose source is still there."""
    found = (read(r) for r in dated.rules(SECTION, day, with_disabled=with_disabled))
    return tuple(r for r in found if _there(r))


def read(rule: Rule) -> BoardRule:
    d = DEFINITION.filled(rule.definition)
    return BoardRule(
        key=rule.key,
        label=rule.label,
        source=d["source"],
        of=d.get("of", ""),
        by=d["by"],
        period=d["period"],
        audience=d["audience"],
        roles=tuple(d.get("roles", ())),
        level=d.get("level") or "leaves",
        teams=tuple(d.get("teams") or ()),
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


def _who(rule: BoardRule) -> Text:
    if rule.by == "member":
        return WHO["member"]
    if rule.level != "chosen":
        said = Text("团队（{l}）", "teams ({l})")
        return said.format(l=LEVELS[rule.level])
    names = [t.name for t in people.tree() if str(t.id) in rule.teams]
    return Text("、".join(names) or "团队", ", ".join(names) or "teams")


def sentence(rule: BoardRule) -> Text:
    """The rule in plain words."""
    said = Text(
        "{span}按“{what}”给{who}排名，相同数值并列；{shown}。",
        "{span}, {who} are ranked by “{what}”; equal figures share a place; {shown}.",
    )
    made = said.format(
        span=SPAN[rule.period],
        what=source_label(rule),
        who=_who(rule),
        shown=SHOWN_TO[rule.audience],
    )
    return Text(made.zh, made.en[:1].upper() + made.en[1:])


def _there(rule: BoardRule) -> bool:
    """Whether what is ranked is still there."""
    if rule.source == "metric":
        return rule.of in dictionary().metrics
    if rule.source == "scorecard":
        return rule.of in {c.key for c in scorecards.cards()}
    return True


KIND = DatedKind(
    definition=DEFINITION,
    area="points",
    read=read,
    sentence=sentence,
    label=Text("排行榜", "Leaderboards"),
    new=Text("新增排行榜", "New leaderboard"),
    stem="board",
    base="/setup/motivation/boards",
    breaks=False,
)
check = KIND.check
