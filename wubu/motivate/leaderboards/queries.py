"""Who leads, with the working of each place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wubu.kernel.calendar.queries import period_of, today
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import holders, policy
from wubu.kernel.types import SYSTEM, Actor, Missing, Problem, Text
from wubu.measure.ledger import queries as ledger
from wubu.measure.metrics import queries as metrics
from wubu.measure.metrics.queries import dictionary, sees
from wubu.measure.metrics.types import UNASSIGNED
from wubu.measure.scorecards import queries as scorecards
from wubu.measure.targets import queries as targets
from wubu.measure.targets.queries import attainment
from wubu.measure.targets.types import Attained
from wubu.motivate.leaderboards import rules
from wubu.motivate.leaderboards.ranking import Number, ranks, share_of_best
from wubu.motivate.leaderboards.types import BoardRule, Leaderboard, Place
from wubu.motivate.points import queries as points


@dataclass(frozen=True, slots=True)
class _Line:
    """One candidate before ranking."""

    name: str
    value: Number | None
    target: Number | None = None
    attainment: Decimal | None = None
    working: Mapping[str, Any] = field(default_factory=dict)


def leaderboards() -> tuple[BoardRule, ...]:
    """The leaderboards that hold today."""
    return rules.current()


def leaderboard(actor: Actor, key: str, period: Period | None = None) -> Leaderboard:
    """One leaderboard over a period (the current one unless said), live from the ledger.

    A board for everyone is worked out from all figures, otherwise from those that the actor may
    see; what is behind a line opens only for those who may see that member's or team's figures.
    Raises Missing.
    """
    at = period or period_of("month", today())
    rule = _rule(key, at)
    if period is None:
        at = period_of(rule.period, today())
    reader = SYSTEM if rule.audience == "everyone" else actor
    lines = _lines(reader, rule, at)
    nobody = lines.pop(UNASSIGNED, None)
    better = dictionary().metric(rule.of).better if rule.source == "metric" else "up"
    placed = ranks({i: line.value for i, line in lines.items()}, better=better)
    were = ranks(_values(reader, rule, at.previous()), better=better)
    places = _places(actor, rule, at, lines, placed, were)
    return Leaderboard(
        rule=rule,
        period=at,
        metric=dictionary().metric(rule.of) if rule.source == "metric" else None,
        places=places,
        left_out=sum(p.rank is None for p in places),
        unassigned=nobody.value if nobody else None,
        closed=at.kind == "month" and ledger.is_closed(at.start),
    )


def _places(
    actor: Actor,
    rule: BoardRule,
    at: Period,
    lines: Mapping[int, _Line],
    placed: Mapping[int, int],
    were: Mapping[int, int],
) -> tuple[Place, ...]:
    sight = sees(actor)
    homes: dict[int, int] = {}
    if rule.by == "member":
        homes = people.team_on(lines, min(max(today(), at.start), at.last))
    names = {t.id: t.name for t in people.tree(active=None)}
    scored = [line.value for line in lines.values() if line.value is not None]
    best = Decimal(max(scored, default=0))
    made = []
    for id_, line in lines.items():
        opens = (
            sight.member(id_, homes.get(id_)) if rule.by == "member" else _team_opens(actor, id_)
        )
        rank, was = placed.get(id_), were.get(id_)
        made.append(
            Place(
                rank=rank,
                id=id_,
                name=line.name,
                team=names.get(homes.get(id_, 0), ""),
                value=line.value,
                share=share_of_best(line.value, [best]),
                moved=was - rank if rank is not None and was is not None else None,
                open=opens,
                working=line.working if opens else {},
                target=line.target if opens else None,
                attainment=line.attainment if opens else None,
            )
        )
    made.sort(key=lambda p: (p.rank is None, p.rank or 0, p.name))
    return tuple(made)


def _team_opens(actor: Actor, team_id: int) -> bool:
    teams = policy(actor).teams()
    return teams == "all" or team_id in teams


def _lines(reader: Actor, rule: BoardRule, at: Period) -> dict[int, _Line]:
    if rule.source == "scorecard":
        found_ = scorecards.ranked_scores(reader, rule.of, at)
        return {i: _Line(str(s.label), s.score, working=s.working) for i, s in found_.items()}
    if rule.source == "points":
        return {
            r.member_id: _Line(
                r.name,
                r.points,
                working={
                    "lines": [
                        {
                            "rule": line.rule.key,
                            "label": line.rule.label.as_dict(),
                            "month": line.month.isoformat(),
                            "value": str(line.value),
                            "parts": line.parts,
                            "points": line.points,
                            "capped": line.capped,
                        }
                        for line in r.lines
                    ]
                },
            )
            for r in points.points(reader, at).rows
        }
    found = attainment(reader, (rule.of,), at, rule.by)
    here = _holders(rule)
    return {
        row.key: _Line(
            str(row.label),
            (line := row.lines[rule.of]).actual.value,
            line.target,
            line.attainment,
            {"count": line.actual.count},
        )
        for row in found.rows
        if _ranked(row.key, row.lines[rule.of], here)
        # Part of a team's figure is not the team's: who may not see it whole sees no line of it.
        and (rule.by == "member" or _team_opens(reader, row.key))
    }


def _values(reader: Actor, rule: BoardRule, at: Period) -> dict[int, Number | None]:
    """Only what everybody is ranked by, of another period."""
    if rule.source != "metric":
        lines = _lines(reader, rule, at)
        lines.pop(UNASSIGNED, None)
        return {id_: line.value for id_, line in lines.items()}
    found = metrics.figures(reader, (rule.of,), at, rule.by)
    here = _holders(rule)
    having: set[int] = set()
    if here is not None:
        having = {member for _, member, _ in targets.targets((rule.of,), at)}
    return {
        key: row.cells[rule.of].value
        for row in found.rows
        if (key := targets.int_key(row.key)) != UNASSIGNED
        and (here is None or key in here or key in having or row.cells[rule.of].count)
        and (rule.by == "member" or _team_opens(reader, key))
    }


def _holders(rule: BoardRule) -> frozenset[int] | None:
    """Who is ranked also without a figure; None is everybody."""
    if rule.by == "team" or not rule.roles:
        return None
    return frozenset().union(*(holders(role) for role in rule.roles))


def _ranked(key: int, line: Attained, here: frozenset[int] | None) -> bool:
    return here is None or key in here or bool(line.actual.count or line.target)


def _rule(key: str, at: Period) -> BoardRule:
    """The rule as it held at the end of the period, or today."""
    for rule in rules.current(min(at.last, today())):
        if rule.key == key:
            return rule
    raise Missing(
        Problem(
            "no_such_board",
            Text("没有这个排行榜。", "There is no such leaderboard."),
            value=key,
        )
    )
