"""Targets as they stand or stood on a day, and how far they are reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from wubu.kernel.calendar.queries import time_progress
from wubu.kernel.calendar.types import Period, TimeProgress
from wubu.kernel.people import queries as people
from wubu.kernel.types import Actor, Text
from wubu.measure.metrics import queries as metrics
from wubu.measure.metrics.types import UNIT_SCALE, Cell, Figures, MetricInfo
from wubu.measure.targets.models import Target
from wubu.measure.targets.types import Attained, AttainedRow, Attainment, Number, TargetVersion

Place = tuple[int, int, date]  # metric id, member, month
By = Literal["member", "team", "company"]


def scale(info: MetricInfo) -> int:
    """Digits after the point in a stored target:

    those of the metric's values, or of its unit when it is derived.
    """
    return UNIT_SCALE[info.unit] if metrics.is_derived(info) else info.scale


def targets(
    keys: Sequence[str], period: Period, as_of: date | None = None
) -> dict[tuple[str, int, date], int]:
    """By metric key, member and month:

    the targets of the months of a period, as they stood on a day (now unless given).
    """
    infos = {i.id: i for i in (metrics.metric(k) for k in keys)}
    return {
        (infos[metric_id].key, member, month): value
        for (metric_id, member, month), value in _read(list(infos), period, as_of).items()
    }


def _read(metric_ids: Sequence[int], period: Period, as_of: date | None) -> dict[Place, int]:
    rows = Target.objects.filter(
        metric_id__in=metric_ids,
        month__gte=period.start.replace(day=1),
        month__lt=period.end,
    )
    held: dict[str, Any] = {"current": True} if as_of is None else {"valid_from__lte": as_of}
    rows = rows.filter(**held)
    found: dict[Place, int | None] = {}
    for metric_id, member, month, value in rows.order_by("valid_from", "id").values_list(
        "metric_id", "member_id", "month", "value"
    ):
        found[metric_id, member, month] = value
    return {place: value for place, value in found.items() if value is not None}


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
    people_of = metrics.figures(actor, keys, period, "member", members=members, teams=teams)
    infos = people_of.metrics
    book = _Book(actor, infos, period, as_of, people_of, members, teams)
    progress = time_progress(period)
    if by == "member":
        rows = tuple(
            book.row(int_key(r.key), r.label, r.cells, frozenset({int_key(r.key)}), progress)
            for r in people_of.rows
        )
        total = people_of.total
    else:
        found = metrics.figures(actor, keys, period, by, members=members, teams=teams)
        total = found.total
        rows = tuple(
            book.row(int_key(r.key), r.label, r.cells, book.inside(int_key(r.key)), progress)
            for r in found.rows
        )
    everybody = book.everybody
    return Attainment(
        metrics=infos,
        period=period,
        progress=progress,
        rows=rows,
        total=book.row(0, total.label, total.cells, everybody, progress),
        lacking=book.lacking(everybody),
        as_of=as_of,
    )


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


class _Book:
    """The targets of a period as one reading needs them: who has which, who is in which team."""

    def __init__(
        self,
        actor: Actor,
        infos: Sequence[MetricInfo],
        period: Period,
        as_of: date | None,
        figures: Figures,
        members: Sequence[int] | None,
        teams: Sequence[int] | None,
    ) -> None:
        self.infos = infos
        self.figures = {int_key(r.key): r.cells for r in figures.rows}
        self.homes = _homes(period)
        sight = metrics.sees(actor)
        within = None if teams is None else people.subtrees(teams)
        self.values: dict[tuple[int, int], list[int]] = defaultdict(list)
        read = _read([i.id for i in infos], period, as_of)
        for (metric_id, member, _), value in sorted(read.items()):
            home = self.homes.get(member)
            if (
                sight.member(member, home)
                and (members is None or member in members)
                and (within is None or home in within)
            ):
                self.values[metric_id, member].append(value)
        self.everybody = frozenset(m for _, m in self.values) | frozenset(
            k for k in self.figures if k
        )

    def inside(self, team_id: int) -> frozenset[int]:
        below = people.subtree(team_id)
        return frozenset(m for m in self.everybody if self.homes.get(m) in below)

    def row(
        self,
        key: int,
        label: Text,
        cells: Mapping[str, Cell],
        who: frozenset[int],
        progress: TimeProgress,
    ) -> AttainedRow:
        lines = {
            info.key: attained(info, cells[info.key], self.target(info, who), progress)
            for info in self.infos
        }
        return AttainedRow(key, label, lines, self.lacking(who))

    def target(self, info: MetricInfo, who: Iterable[int]) -> Number | None:
        """What these people are to reach together; None when none of them has a target."""
        given = {m: v for m in who if (v := self.values.get((info.id, m)))}
        if not given:
            return None
        if not metrics.is_derived(info):
            return sum(sum(values) for values in given.values())
        means = {m: Decimal(sum(v)) / len(v) for m, v in given.items()}
        weights = {m: self._weight(info, m) for m in means}
        whole = sum(weights.values())
        if whole == 0:
            return (sum(means.values(), Decimal()) / len(means)).scaleb(-scale(info))
        weighted = sum((means[m] * weights[m] for m in means), Decimal())
        return (weighted / whole).scaleb(-scale(info))

    def _weight(self, info: MetricInfo, member: int) -> int:
        cells = self.figures.get(member)
        return (cells[info.key].denominator or 0) if cells else 0

    def lacking(self, who: Iterable[int]) -> dict[str, tuple[int, ...]]:
        """Who has no target though they have figures, or a colleague of their team has one."""
        who = sorted(who)
        found: dict[str, tuple[int, ...]] = {}
        for info in self.infos:
            having = {m for metric_id, m in self.values if metric_id == info.id}
            teams = {self.homes[m] for m in having if m in self.homes}
            without = [m for m in who if m and m not in having]
            found[info.key] = tuple(
                m for m in without if self.homes.get(m) in teams or self._busy(info, m)
            )
        return found

    def _busy(self, info: MetricInfo, member: int) -> bool:
        cells = self.figures.get(member)
        return bool(cells and cells[info.key].count)


def _homes(period: Period) -> dict[int, int]:
    """The team a person's target belongs to:

    where they are on the last day of the period, else where they were last.
    """
    found: dict[int, int] = {}
    for stay in people.stays_during(period.start, period.end):
        found[stay.member_id] = stay.team_id  # in order of the days they began
    return found


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
