"""The tree of teams as it is on a day: parent, name, leader and activity hold from a day on.

All versions are read at once and asked in Python: a company has hundreds of teams, not thousands.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from itertools import pairwise

from wubu.kernel.calendar.queries import today
from wubu.kernel.people.models import Team, TeamVersion
from wubu.kernel.people.types import TeamNode, TeamPeriod
from wubu.kernel.types import Missing, Problem, Text
from wubu.kernel.workspace import forget as _forget
from wubu.kernel.workspace import remember

_KEY = "people.teams"


class _Forest:
    """Every version of every team, and the tree of any day made of them once."""

    def __init__(self) -> None:
        self.positions = dict(Team.objects.order_by("position", "id").values_list("id", "position"))
        self.spans: dict[int, list[TeamPeriod]] = {id_: [] for id_ in self.positions}
        fields = ("team_id", "from_day", "to_day", "name", "parent_id", "leader_id", "is_active")
        for row in TeamVersion.objects.order_by("from_day").values_list(*fields):
            self.spans[row[0]].append(TeamPeriod(*row))
        self._trees: dict[date, tuple[TeamNode, ...]] = {}

    @cached_property
    def changes(self) -> list[date]:
        """The days on which anything about a team changed."""
        return sorted({s.from_day for spans in self.spans.values() for s in spans})

    @cached_property
    def moves(self) -> list[date]:
        """The days on which a team was placed under another one."""
        return sorted(
            {
                after.from_day
                for spans in self.spans.values()
                for before, after in pairwise(spans)
                if before.parent_id != after.parent_id
            }
        )

    def tree(self, day: date) -> tuple[TeamNode, ...]:
        """The tree of a day: the same for all days between two changes."""
        at = bisect_right(self.changes, day)
        begins = self.changes[at - 1] if at else date.min
        if begins not in self._trees:
            self._trees[begins] = self._grown(day)
        return self._trees[begins]

    def _grown(self, day: date) -> tuple[TeamNode, ...]:
        below: dict[int | None, list[TeamPeriod]] = defaultdict(list)
        for spans in self.spans.values():
            span = next((s for s in reversed(spans) if s.from_day <= day), None)
            if span is not None:
                below[span.parent_id].append(span)
        found: list[TeamNode] = []

        def walk(parent: int | None, path: tuple[str, ...]) -> None:
            for span in below[parent]:
                here = (*path, span.name)
                found.append(
                    TeamNode(
                        span.team_id,
                        span.name,
                        span.parent_id,
                        span.leader_id,
                        self.positions[span.team_id],
                        span.is_active,
                        len(path),
                        here,
                    )
                )
                walk(span.team_id, here)

        walk(None, ())
        return tuple(found)


def _forest() -> _Forest:
    return remember(_KEY, _Forest)


def forget() -> None:
    """Read the teams again next time."""
    _forget(_KEY)


def tree(*, active: bool | None = True, day: date | None = None) -> tuple[TeamNode, ...]:
    """Every team as of a day (today unless given).

    Each comes after its parent, sisters in their order.
    """
    nodes = _forest().tree(day or today())
    return nodes if active is None else tuple(n for n in nodes if n.is_active is active)


def team(team_id: int, day: date | None = None) -> TeamNode:
    """One team as it is on a day. Raises Missing."""
    for node in tree(active=None, day=day):
        if node.id == team_id:
            return node
    raise Missing(Problem("no_such_team", Text("没有这个团队。", "There is no such team.")))


def team_history(team_id: int) -> tuple[TeamPeriod, ...]:
    """What a team has been and will be, in order; empty for an unknown team."""
    return tuple(_forest().spans.get(team_id, ()))


def subtree(team_id: int, day: date | None = None) -> frozenset[int]:
    """The team and every team below it on a day."""
    return subtrees([team_id], day)


def subtrees(team_ids: Iterable[int], day: date | None = None) -> frozenset[int]:
    """These teams and every team below any of them on a day."""
    inside = set(team_ids)
    for node in tree(active=None, day=day):  # parents come first
        if node.parent_id in inside:
            inside.add(node.id)
    return frozenset(inside)


def ancestors(team_id: int, day: date | None = None) -> tuple[int, ...]:
    """The team and those above it on a day, nearest first."""
    parents = {n.id: n.parent_id for n in tree(active=None, day=day)}
    found: list[int] = []
    here: int | None = team_id
    while here is not None and here in parents:
        found.append(here)
        here = parents[here]
    return tuple(found)


def stretches(start: date, end: date) -> tuple[tuple[date, date], ...]:
    """A period in pieces within which no team moved.

    The days from ``start`` (in) to ``end`` (out); one piece for most periods.
    """
    cuts = [day for day in _forest().moves if start < day < end]
    return tuple(pairwise([start, *cuts, end]))
