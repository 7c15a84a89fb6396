"""What Today says about the month: own and team targets, the rank, the pipeline.

All of it is read from balances and kept totals, so that the page costs the same at any size.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wubu.control.boards import queries as boards
from wubu.kernel.calendar.queries import period_of, today
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.types import Forbidden, Missing, Text
from wubu.measure.metrics.types import MetricInfo
from wubu.measure.targets.queries import attainment
from wubu.measure.targets.types import Attained, AttainedRow, Attainment, Number
from wubu.motivate.leaderboards import queries as leaderboards
from wubu.motivate.leaderboards.types import Leaderboard, Place
from wubu.web import figures
from wubu.web.pages.control.pipeline_parts import pipeline
from wubu.web.pages.measure.cockpit import headlines, live
from wubu.web.ui import Action, Bar, Empty, PageRequest, Panel, Raw, show

NEIGHBOURS = 1  # places shown before and after one's own
MOST_TEAM = 12
WITHOUT = Text("没有目标", "no target")


def own_targets(request: PageRequest) -> Panel | None:
    """The reader's own targets of this month: reached, where time is, and what a day needs."""
    shown, month = headlines(), period_of("month", today())
    me = request.actor.member_id
    if not shown or not me:
        return None
    keys = tuple(m.key for m in shown)
    found = attainment(request.actor, keys, month, "member", members=[me])
    row = next((r for r in found.rows if r.key == me), None)
    goals = _goals(row, shown, found, month, member=me) if row else []
    if not goals:
        return None
    return Panel(
        Text("我的本月目标", "My targets this month"),
        Raw("parts/shell/goals.html", goals=goals),
        key="goals",
        note=_left(found),
        flush=True,
        live=live(),
    )


def team_targets(request: PageRequest) -> Panel | None:
    """For whoever answers for others: the whole, then each team or person of the lead metric."""
    if not answers_for_others(request):
        return None
    shown, month = headlines(), period_of("month", today())
    if not shown:
        return None
    found = attainment(request.actor, tuple(m.key for m in shown), month, "member")
    goals = _goals(found.total, shown, found, month)
    if not goals:
        return _no_targets(request)
    lead = next(m for m in shown if found.total.lines[m.key].target is not None)
    return Panel(
        Text("团队本月目标", "Team targets this month"),
        Raw(
            "parts/shell/goals.html",
            goals=goals,
            lead=lead,
            rows=_each(request, lead, found, month),
        ),
        key="team-goals",
        note=_left(found),
        flush=True,
        live=live(),
    )


def _no_targets(request: PageRequest) -> Panel | None:
    if not request.policy.may_setup("targets"):
        return None
    return Panel(
        Text("团队本月目标", "Team targets this month"),
        Empty(
            Text("本月还没有目标", "No targets this month yet"),
            Text(
                "有了目标，这里会显示进度、差距和每天需要多少。",
                "Once targets are set, progress, the gap and the daily need are shown here.",
            ),
            icon="target",
            actions=[Action(Text("设定目标", "Set targets"), "/targets", icon="target")],
            small=True,
        ),
        key="team-goals",
    )


def answers_for_others(request: PageRequest) -> bool:
    """Whether the reader sees anybody's performance but the own."""
    seen = request.policy.members("view")
    return seen == "all" or any(member != request.actor.member_id for member in seen)


def _left(found: Attainment) -> Text | str:
    progress = found.progress
    if progress.share is None:
        return ""
    return Text("时间 {s} · 剩 {n} 个工作日", "{s} of the time · {n} days left").format(
        s=show.percent(progress.share, 0), n=progress.remaining
    )


def _goals(
    row: AttainedRow,
    shown: list[MetricInfo],
    found: Attainment,
    month: Period,
    member: int | None = None,
) -> list[dict[str, Any]]:
    made = []
    for metric in shown:
        line = row.lines[metric.key]
        if line.target is not None:
            made.append(
                {
                    "label": metric.label,
                    "unit": figures.unit(metric),
                    "actual": figures.shown(metric, line.actual.value, short=True),
                    "target": figures.shown(metric, line.target, short=True),
                    "bar": _bar(line, found, metric.label),
                    "behind": line.on_pace is False,
                    "rest": _rest(metric, line),
                    "url": figures.link(metric.key, month, member=member),
                }
            )
    return made


def _bar(line: Attained, found: Attainment, label: Text | str) -> Bar:
    return Bar(line.attainment, found.progress.share if line.expected is not None else None, label)


def _rest(metric: MetricInfo, line: Attained) -> Text | str:
    """What is still missing, and by how much each remaining working day has to bring."""
    if line.gap is None:
        return Text("本月还没有数据", "nothing yet this month")
    if line.gap <= 0:
        return Text("已达成", "reached")
    gap = figures.shown(metric, line.gap, short=True)
    if line.daily_need is None:
        return Text("还差 {g}", "{g} to go").format(g=gap)
    words = Text("还差 {g} · 每个工作日 {d}", "{g} to go · {d} a working day")
    return words.format(g=gap, d=_daily(metric, line))


def _daily(metric: MetricInfo, line: Attained) -> str:
    need = line.daily_need or 0
    if metric.unit == "count":
        return show.number(need, 1)
    return figures.shown(metric, need, short=True)


def _each(
    request: PageRequest, lead: MetricInfo, found: Attainment, month: Period
) -> list[dict[str, Any]]:
    """The teams when the reader answers for several, else the people; the furthest behind first."""
    teams = request.policy.teams("view")
    leaves = {t.id for t in people.tree()} - {t.parent_id for t in people.tree()}
    below = leaves if teams == "all" else leaves & frozenset(teams)
    if len(below) > 1:
        by_team = attainment(request.actor, (lead.key,), month, "team", teams=below)
        rows = [r for r in by_team.rows if r.key in below]
        return _lines(rows, lead, by_team, month, team=True)
    return _lines([r for r in found.rows if r.key], lead, found, month, team=False)


def _lines(
    rows: list[AttainedRow], lead: MetricInfo, found: Attainment, month: Period, *, team: bool
) -> list[dict[str, Any]]:
    rows = [r for r in rows if r.lines[lead.key].target is not None]
    rows.sort(key=lambda r: r.lines[lead.key].attainment or 0)
    return [
        {
            "name": str(row.label),
            "person": not team,
            "bar": _bar(row.lines[lead.key], found, row.label),
            "behind": row.lines[lead.key].on_pace is False,
            "url": figures.link(
                lead.key,
                month,
                team=row.key if team else None,
                member=None if team else row.key,
            ),
        }
        for row in rows[:MOST_TEAM]
    ]


def rank(request: PageRequest) -> Panel | None:
    """The reader's place on the leaderboard of the lead metric, between the next two."""
    rules = [b for b in leaderboards.leaderboards() if b.by == "member"]
    lead = next((m.key for m in headlines()), "")
    rule = next((b for b in rules if b.source == "metric" and b.of == lead), None)
    if rule is None:
        return None
    board = leaderboards.leaderboard(request.actor, rule.key)
    ranked = [p for p in board.places if p.rank is not None]
    at = next((n for n, p in enumerate(ranked) if p.id == request.actor.member_id), None)
    if at is None:
        return None
    first = max(0, min(at - NEIGHBOURS, len(ranked) - 2 * NEIGHBOURS - 1))
    near = ranked[first : first + 2 * NEIGHBOURS + 1]
    return Panel(
        rule.label,
        Raw(
            "parts/shell/rank.html",
            mine=ranked[at],
            of=len(ranked),
            near=[_place(board, p, request.actor.member_id) for p in near],
            ahead=_ahead(board, ranked, at),
        ),
        key="rank",
        live=live(),
        flush=True,
        actions=[
            Action(Text("看全榜", "All places"), f"/leaderboard?board={rule.key}", style="ghost")
        ],
    )


def _place(board: Leaderboard, place: Place, me: int | None) -> dict[str, Any]:
    value = place.value if board.metric is None else figures.shown(board.metric, place.value)
    return {"rank": place.rank, "name": place.name, "value": value, "me": place.id == me}


def _ahead(board: Leaderboard, ranked: list[Place], at: int) -> Text | str:
    """How far it is to the next place up."""
    mine = ranked[at]
    above = next((p for p in reversed(ranked[:at]) if (p.rank or 0) < (mine.rank or 0)), None)
    if above is None or board.metric is None or above.value is None or mine.value is None:
        return ""
    gap = figures.shown(board.metric, _between(above.value, mine.value), short=True)
    return Text("距第 {r} 名 {g}", "{g} behind place {r}").format(r=above.rank, g=gap)


def _between(one: Number, other: Number) -> Number:
    if isinstance(one, int) and isinstance(other, int):
        return abs(one - other)
    return abs(Decimal(one) - Decimal(other))


def own_pipeline(request: PageRequest) -> Panel | None:
    """What the reader has open, stage by stage."""
    spec = pipeline(request)
    if spec is None or spec.role("owner") is None:
        return None
    try:
        totals = boards.figures(request.actor, spec.key, mine=True)
    except (Forbidden, Missing):
        return None
    stage, amount = spec.role("stage"), spec.role("amount")
    steps = [c for c in (stage.choices if stage else ()) if not c.outcome]
    there = [(c, totals[c.key]) for c in steps if c.key in totals]
    if not there or stage is None:
        return None
    most = max((f.amount or 0) for _, f in there) or 1
    mine = f"{{{spec.roles['owner']}}} = ME()"
    return Panel(
        Text("我的在谈{o}", "My open {o}").format(o=spec.plural),
        Raw(
            "parts/shell/own_pipeline.html",
            count=sum(f.count for _, f in there),
            amount=sum(f.amount or 0 for _, f in there),
            has_amount=amount is not None,
            rows=[
                {
                    "choice": c,
                    "count": f.count,
                    "amount": f.amount,
                    "share": f"{(f.amount or 0) / most:.4f}",
                    "where": f'{mine} AND {{{stage.key}}} = "{c.key}"',
                }
                for c, f in there
            ],
            spec=spec,
        ),
        key="pipeline",
        live=spec.key,
        flush=True,
        actions=[Action(Text("看板", "Board"), f"/o/{spec.key}/board?f={mine}", style="ghost")],
    )
