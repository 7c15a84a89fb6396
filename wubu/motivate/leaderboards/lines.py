"""The candidates of a board with their figures, live from the ledger: before anybody is ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import holders, policy
from wubu.kernel.types import Actor
from wubu.measure.figures import queries as metrics
from wubu.measure.figures.queries import dictionary, is_derived
from wubu.measure.figures.totals import day_of
from wubu.measure.metrics.types import UNASSIGNED
from wubu.measure.scorecards import queries as scorecards
from wubu.measure.targets.queries import attainment, int_key
from wubu.measure.targets.types import Attained
from wubu.motivate.leaderboards.ranking import Number
from wubu.motivate.leaderboards.types import BoardRule
from wubu.motivate.points import queries as points


@dataclass(frozen=True, slots=True)
class Line:
    """One candidate.

    ``team`` is the member's on the last day of the period, 0 for none; without ``started`` there is
    no figure and no activity, and nobody is ranked by that.
    """

    name: str
    value: Number | None
    target: Number | None = None
    attainment: Decimal | None = None
    working: Mapping[str, Any] = field(default_factory=dict)
    started: bool = True
    team: int = 0
    team_name: str = ""


def values(reader: Actor, rule: BoardRule, at: Period) -> dict[int, Line]:
    """Only what is ranked, of those who started: for the places of another period."""
    if rule.source != "metric":
        return SOURCES[rule.source](reader, rule, at)
    derived = is_derived(dictionary().metric(rule.of))
    level = _level(rule, at) if rule.by == "team" else None
    found = metrics.figures(reader, (rule.of,), at, rule.by)
    return {
        key: Line(str(row.label), cell.value)
        for row in found.rows
        if ((cell := row.cells[rule.of]).count or derived)
        and (key := int_key(row.key)) != UNASSIGNED
        and (level is None or (key in level and sees_team(reader, key)))
    }


def lines(reader: Actor, rule: BoardRule, at: Period) -> dict[int, Line]:
    """Everybody that the reader may see on a board, what belongs to nobody under ``UNASSIGNED``."""
    found = SOURCES[rule.source](reader, rule, at)
    if rule.by == "team":
        return found
    homes = people.team_on(found, day_of(at))
    names = {t.id: t.name for t in people.tree(active=None, day=day_of(at))}
    return {
        i: replace(line, team=homes.get(i, 0), team_name=names.get(homes.get(i, 0), ""))
        for i, line in found.items()
    }


def sees_team(reader: Actor, team_id: int) -> bool:
    """Part of a team's figure is not the team's: who may not see it whole sees no line of it."""
    teams = policy(reader).teams()
    return teams == "all" or team_id in teams


def _scores(reader: Actor, rule: BoardRule, at: Period) -> dict[int, Line]:
    found = scorecards.ranked_scores(reader, rule.of, at)
    return {i: Line(str(s.label), s.score, working=s.working) for i, s in found.items()}


def _points(reader: Actor, rule: BoardRule, at: Period) -> dict[int, Line]:
    return {
        r.member_id: Line(
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
            started=any(line.value for line in r.lines),
        )
        for r in points.points(reader, at).rows
    }


def _figures(reader: Actor, rule: BoardRule, at: Period) -> dict[int, Line]:
    found = attainment(reader, (rule.of,), at, rule.by)
    derived = is_derived(dictionary().metric(rule.of))
    here = _holders(rule)
    level = _level(rule, at) if rule.by == "team" else None
    made = {}
    for row in found.rows:
        figure = row.lines[rule.of]
        started = bool(figure.actual.count) or (derived and figure.actual.value is not None)
        if row.key == UNASSIGNED or _stands(reader, rule, row.key, figure, here, level):
            made[row.key] = Line(
                str(row.label),
                figure.actual.value,
                figure.target,
                figure.attainment,
                {"count": figure.actual.count},
                started,
            )
    return made


SOURCES = {"metric": _figures, "scorecard": _scores, "points": _points}


def _stands(
    reader: Actor,
    rule: BoardRule,
    key: int,
    figure: Attained,
    here: frozenset[int] | None,
    level: frozenset[int] | None,
) -> bool:
    """Whether somebody has a line.

    Those whose roles are ranked, and whoever has figure or target; of teams those of the level,
    supporting ones without the metric left out.
    """
    concerned = bool(figure.actual.count or figure.target)
    if level is not None:
        chosen = key in level and (concerned or rule.level == "chosen")
        return chosen and sees_team(reader, key)
    return here is None or key in here or concerned


def _holders(rule: BoardRule) -> frozenset[int] | None:
    """Who is ranked also without a figure; None is everybody."""
    if rule.by == "team" or not rule.roles:
        return None
    return frozenset().union(*(holders(role) for role in rule.roles))


def _level(rule: BoardRule, at: Period) -> frozenset[int]:
    """The teams that are ranked, by the tree of the period: never a whole beside its parts."""
    tree = people.tree(day=day_of(at))
    if rule.level == "chosen":
        wanted = {int(t) for t in rule.teams if t.isdigit()}
        above = {t: set(people.ancestors(t, day_of(at))) - {t} for t in wanted}
        return frozenset(t for t in wanted if not above[t] & wanted)
    if rule.level == "leaves":
        parents = {t.parent_id for t in tree}
        return frozenset(t.id for t in tree if t.id not in parents)
    return frozenset(t.id for t in tree if t.depth + 1 == int(rule.level))
