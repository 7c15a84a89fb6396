"""Targets as they stand or stood on a day, and how far they are reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from django.db.models import QuerySet

from wubu.kernel.calendar.queries import time_progress
from wubu.kernel.calendar.types import Period, TimeProgress
from wubu.kernel.people import queries as people
from wubu.kernel.prepared import PreparedQuery
from wubu.kernel.types import Actor, Text
from wubu.kernel.workspace import remember
from wubu.measure.figures import queries as metrics
from wubu.measure.metrics.types import UNIT_SCALE, Cell, Figures, MetricInfo
from wubu.measure.targets.models import Target
from wubu.measure.targets.types import (
    Attained,
    AttainedRow,
    Attainment,
    Later,
    Number,
    TargetVersion,
)

Place = tuple[int, int, date]  # metric id, member, month
By = Literal["member", "team", "company"]


def scale(info: MetricInfo) -> int:
    """Digits after the point in a stored target.

    Those of the metric's values, or of its unit when it is derived.
    """
    return UNIT_SCALE[info.unit] if metrics.is_derived(info) else info.scale


def targets(
    keys: Sequence[str], period: Period, as_of: date | None = None
) -> dict[tuple[str, int, date], int]:
    """By metric key, member and month.

    The targets of the months of a period, as they stood on a day (now unless given).
    """
    infos = {i.id: i for i in (metrics.metric(k) for k in keys)}
    return {
        (infos[metric_id].key, member, month): value
        for (metric_id, member, month), value in _read(list(infos), period, as_of).items()
    }


def _read(metric_ids: Sequence[int], period: Period, as_of: date | None) -> dict[Place, int]:
    found: dict[Place, int | None] = {}
    rows = _standing(metric_ids, period, as_of, None).order_by("valid_from", "id")
    names = ("metric_id", "member_id", "month", "value")
    for metric_id, member, month, value in PreparedQuery(rows.values_list(*names)).rows():
        found[metric_id, member, month] = value
    return {place: value for place, value in found.items() if value is not None}


def _by_member(
    metric_ids: Sequence[int], period: Period, as_of: date | None, members: frozenset[int] | None
) -> dict[tuple[int, int], list[int]]:
    """By metric id and member, the targets of the months of a period in their order."""
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    rows = _standing(metric_ids, period, as_of, members)
    if as_of is None:  # of each month one
        rows = rows.filter(value__isnull=False).order_by("metric_id", "month", "member_id")
        names = ("metric_id", "member_id", "value")
        for metric_id, member, value in PreparedQuery(rows.values_list(*names)).rows():
            found[metric_id, member].append(value)
        return found
    for (metric_id, member, _), value in sorted(_read(metric_ids, period, as_of).items()):
        if members is None or member in members:
            found[metric_id, member].append(value)
    return found


def _standing(
    metric_ids: Sequence[int], period: Period, as_of: date | None, members: frozenset[int] | None
) -> QuerySet[Target]:
    rows = Target.objects.filter(
        metric_id__in=metric_ids,
        month__gte=period.start.replace(day=1),
        month__lt=period.end,
    )
    if members is not None:
        rows = rows.filter(member_id__in=members)
    held: dict[str, Any] = {"current": True} if as_of is None else {"valid_from__lte": as_of}
    return rows.filter(**held)


def history(metric: str, month: Period, member_id: int) -> tuple[TargetVersion, ...]:
    """Every time a member's target of a month was set, oldest first."""
    info = metrics.metric(metric)
    rows = Target.objects.filter(metric_id=info.id, month=month.start, member_id=member_id)
    return tuple(
        TargetVersion(
            metric, r.month, r.member_id, r.value, r.valid_from, r.reason, r.set_at, r.set_by
        )
        for r in rows.order_by("id")
    )


def attainment(
    actor: Actor,
    keys: Sequence[str],
    period: Period,
    by: By = "member",
    *,
    members: Iterable[int] | None = None,
    teams: Iterable[int] | None = None,
    as_of: date | None = None,
) -> Attainment:
    """Targets beside figures for members, teams or the company, within what the actor may see.

    A team's target is the sum of its persons' (of whoever was in it at the end of the month, or at
    its start if not). For ratios and averages, several months' target is the mean of the months',
    and several people's is weighted by each one's denominator: it is what the ratio would be if
    everybody just reached their own. ``as_of`` asks for the targets as they stood on that day.
    """
    members = None if members is None else list(members)
    teams = None if teams is None else list(teams)

    def of_people(some: Sequence[str]) -> Figures:
        return metrics.figures(actor, some, period, "member", members=members, teams=teams)

    if by == "member":
        found = of_people(keys)
        book = _Book(actor, found.metrics, period, as_of, lambda _: found, members, teams)
    else:
        found = metrics.figures(actor, keys, period, by, members=members, teams=teams)
        book = _Book(actor, found.metrics, period, as_of, of_people, members, teams)
    progress = time_progress(period)

    def row(key: int, label: Text, cells: Mapping[str, Cell], who: Who) -> AttainedRow:
        lines = {
            info.key: attained(info, cells[info.key], book.target(info, who), progress)
            for info in found.metrics
        }
        return AttainedRow(key, label, lines, Later(lambda: book.lacking(who)))

    inside = book.only if by == "member" else book.inside
    total = row(0, found.total.label, found.total.cells, None)
    return Attainment(
        metrics=found.metrics,
        period=period,
        progress=progress,
        rows=tuple(
            row(int_key(r.key), r.label, r.cells, inside(int_key(r.key))) for r in found.rows
        ),
        total=total,
        lacking=total.lacking,
        as_of=as_of,
    )


def lacking(
    actor: Actor, found: Figures, *, teams: Iterable[int] | None = None
) -> dict[str, tuple[int, ...]]:
    """Of figures by member that the actor asked for (of ``teams``).

    By metric key, who has no target though they have figures, or a colleague of their team has one.
    """
    among = None if teams is None else list(teams)
    book = _Book(actor, found.metrics, found.period, None, lambda _: found, None, among)
    return book.lacking(None)


def targets_of(
    actor: Actor,
    keys: Sequence[str],
    period: Period,
    *,
    members: Iterable[int] | None = None,
    teams: Iterable[int] | None = None,
    as_of: date | None = None,
) -> dict[str, Number | None]:
    """By metric key, what everybody asked for is to reach together; None where nobody has a target.

    In the form of ``Cell.value``, see ``attainment``.
    """
    found = attainment(actor, keys, period, "company", members=members, teams=teams, as_of=as_of)
    return {key: line.target for key, line in found.total.lines.items()}


def int_key(key: int | date) -> int:
    """Rows by member and team are keyed by number."""
    return key if isinstance(key, int) else key.toordinal()


Who = frozenset[int] | None  # whom a row speaks of; None: everybody


class _Book:
    """The targets of a period as one reading needs them: who has which, who is in which team."""

    def __init__(
        self,
        actor: Actor,
        infos: Sequence[MetricInfo],
        period: Period,
        as_of: date | None,
        figures: Callable[[Sequence[str]], Figures],
        members: Sequence[int] | None,
        teams: Sequence[int] | None,
    ) -> None:
        self.infos = infos
        self._read_figures = figures
        self.homes = _homes(period)
        self.last = period.last
        sight = metrics.sees(actor)
        within = None if teams is None else people.subtrees(teams, period.last)
        among = None if members is None else set(members)
        ids = tuple(i.id for i in infos)
        requested = None if among is None else frozenset(among)
        read = remember(
            ("targets.read", ids, period, as_of, requested),
            lambda: _by_member(ids, period, as_of, requested),
        )
        if sight.members is None and within is None:
            self.values = read
            return
        self.values = {}
        seen: dict[int, bool] = {}
        for (metric_id, member), values in read.items():
            if member not in seen:
                home = self.homes.get(member)
                seen[member] = sight.member(member, home) and (within is None or home in within)
            if seen[member]:
                self.values[metric_id, member] = values

    @cached_property
    def figures(self) -> dict[int, Mapping[str, Cell]]:
        """By member; read when it matters who did what, as it is the most there is to read."""
        return self._figures([info.key for info in self.infos])

    @cached_property
    def weights(self) -> dict[int, Mapping[str, Cell]]:
        """The same, only of those metrics whose targets weigh."""
        if "figures" in self.__dict__:
            return self.figures
        return self._figures(
            [i.key for i in self.infos if metrics.is_derived(i) and self._given[i.id]]
        )

    def _figures(self, keys: Sequence[str]) -> dict[int, Mapping[str, Cell]]:
        return {int_key(r.key): r.cells for r in self._read_figures(keys).rows}

    @cached_property
    def everybody(self) -> frozenset[int]:
        busy = frozenset(k for k in self.figures if k)
        return frozenset(m for _, m in self.values) | busy

    def only(self, key: int) -> Who:
        return frozenset({key})

    def inside(self, team_id: int) -> Who:
        below = people.subtree(team_id, self.last)
        return frozenset(m for m, home in self.homes.items() if home in below)

    def target(self, info: MetricInfo, who: Who) -> Number | None:
        """What these people are to reach together; None when none of them has a target."""
        having = self._given[info.id]
        if who is not None and len(who) == 1:
            (member,) = who
            values = having.get(member)
            if values is None:
                return None
            if not metrics.is_derived(info):
                return sum(values)
            if len(values) == 1:  # weighed with itself
                return Decimal(values[0]).scaleb(-scale(info))
        params = {m: having[m] for m in (having if who is None else who) if m in having}
        if not params:
            return None
        if not metrics.is_derived(info):
            return sum(sum(values) for values in params.values())
        means = {m: Decimal(sum(v)) / len(v) for m, v in params.items()}
        weights = {m: self._weight(info, m) for m in means}
        whole = sum(weights.values())
        if whole == 0:
            return (sum(means.values(), Decimal()) / len(means)).scaleb(-scale(info))
        weighted = sum((means[m] * weights[m] for m in means), Decimal())
        return (weighted / whole).scaleb(-scale(info))

    def _weight(self, info: MetricInfo, member: int) -> int:
        cells = self.weights.get(member)
        return (cells[info.key].denominator or 0) if cells else 0

    def lacking(self, who: Who) -> dict[str, tuple[int, ...]]:
        """Who has no target though they have figures, or a colleague of their team has one."""
        requested = sorted(m for m in self.everybody if m and (who is None or m in who))
        found: dict[str, tuple[int, ...]] = {}
        for info in self.infos:
            having = self._given[info.id]
            teams = {self.homes[m] for m in having if m in self.homes}
            without = [m for m in requested if m not in having]
            found[info.key] = tuple(
                m for m in without if self.homes.get(m) in teams or self._busy(info, m)
            )
        return found

    @cached_property
    def _given(self) -> dict[int, dict[int, list[int]]]:
        """By metric and member, the months' targets."""
        params: dict[int, dict[int, list[int]]] = {info.id: {} for info in self.infos}
        for (metric_id, member), values in self.values.items():
            params[metric_id][member] = values
        return params

    def _busy(self, info: MetricInfo, member: int) -> bool:
        cells = self.figures.get(member)
        return bool(cells and cells[info.key].count)


def _homes(period: Period) -> dict[int, int]:
    """The team a person's target belongs to.

    Where they are on the last day of the period, else where they were last.
    """

    def read() -> dict[int, int]:
        periods = people.memberships_during(period.start, period.end)
        return {s.member_id: s.team_id for s in periods}  # in order of the days they began

    return remember(("targets.homes", period), read)


def attained(
    info: MetricInfo, actual: Cell, target: Number | None, progress: TimeProgress
) -> Attained:
    """A figure beside its target. Where less is better, attainment is target ÷ figure."""
    if target is None:
        return Attained(info.key, actual, None, None, None, None, None)
    value, share = actual.value, progress.share
    flows = not (metrics.is_derived(info) or metrics.is_stock(info))
    expected = Decimal(target) * share if flows and share is not None else None
    if value is None:
        return Attained(info.key, actual, target, None, None, expected, None)
    up = info.better == "up"
    above, below = (value, target) if up else (target, value)
    ratio = Decimal(above) / Decimal(below) if below else None
    gap = target - value if up else value - target
    need = None
    if flows and up and gap > 0 and progress.remaining:
        need = Decimal(gap) / progress.remaining
    return Attained(info.key, actual, target, ratio, gap, expected, need)
