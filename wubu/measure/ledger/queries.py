"""Reading the ledger: balances summed, entries paged, which months are closed.

Permission is the caller's matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import Count, DateField, Q, QuerySet, Sum

from wubu.kernel.bulk import ArrayParam
from wubu.kernel.calendar.types import Period, add_months
from wubu.kernel.people import queries as people
from wubu.kernel.prepared import Param, PreparedQuery, compiled
from wubu.kernel.workspace import remember
from wubu.measure.ledger.models import (
    DayBalance,
    Entry,
    MonthBalance,
    PeriodClose,
    PeriodSnapshot,
    StockPhoto,
)
from wubu.measure.ledger.types import Closing, Posted, SnapshotRow, Total

Axis = Literal["member_id", "team_id", "day", "month", "none"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose balances: of these members, in these teams and those below.

    ``members`` None is everybody; ``teams`` None is any team.

    ``teams_too`` are teams whose balances, and those of the teams below, are seen whoever earned
    them. What is below a team is asked of each day: it is the tree of that day that counts.
    """

    members: frozenset[int] | None = None
    teams: frozenset[int] | None = None
    teams_too: frozenset[int] = frozenset()

    def on(self, day: date) -> Q:
        """Whose balances of a day."""
        found = Q()
        if self.members is not None:
            found = Q(member_id__in=self.members)
            if self.teams_too:
                found |= Q(team_id__in=people.subtrees(self.teams_too, day))
        if self.teams is None:
            return found
        return found & Q(team_id__in=people.subtrees(self.teams, day))

    def stretches(self, start: date, end: date) -> tuple[tuple[date, date], ...]:
        """The days from ``start`` (in) to ``end`` (out) in pieces on which they are the same."""
        if self.teams is None and (self.members is None or not self.teams_too):
            return ((start, end),)
        return people.stretches(start, end)

    def within(self, start: date, end: date) -> Q:
        """Whose entries of these days, with the days."""
        found = Q()
        for first, after in self.stretches(start, end):
            found |= Q(day__gte=first, day__lt=after) & self.on(first)
        return found


EVERYBODY = Scope()
OPENED = "ledger.open_from"


def totals(
    metric_ids: Iterable[int], start: date, end: date, by: Axis, scope: Scope
) -> dict[tuple[int, Any], Total]:
    """Sums by (metric id, member, team, day or month).

    Over the days from ``start`` (in) to ``end`` (out). At most three queries, and as many for each
    day on which teams that matter here moved.

    Months are read from month balances, and of a month that is wanted in part the days are added or
    those beyond are taken off, whichever are fewer. Without ``by`` the key's second part is None.
    """
    ids = list(metric_ids)
    found: dict[tuple[int, Any], Total] = {}
    for first, after in scope.stretches(start, end):
        for at, total in _stretch(ids, first, after, by, scope):
            found[at] = found[at] + total if at in found else total
    return {at: total for at, total in found.items() if total.value or total.count}


def _stretch(
    ids: list[int], start: date, end: date, by: Axis, scope: Scope
) -> Iterator[tuple[tuple[int, Any], Total]]:
    """The same, of days on which the tree of teams is one."""
    spans = Spans(days=((start, end),)) if by == "day" else spans_of(start, end)
    for model, column, ranges, sign in (
        (MonthBalance, "month", spans.months, 1),
        (DayBalance, "day", spans.days, 1),
        (DayBalance, "day", spans.beyond, -1),
    ):
        if not ranges:
            continue
        for *place, value, count in _summed(model, column, ranges, ids, by, scope):
            key: Any = place[1] if by != "none" else None
            if by == "month":
                key = key.replace(day=1)
            yield (place[0], key), Total(sign * int(value), sign * int(count))


def _summed(
    model: Any,
    column: str,
    ranges: Sequence[tuple[date, date]],
    ids: list[int],
    by: Axis,
    scope: Scope,
) -> list[tuple[Any, ...]]:
    """The place, value and count of each sum."""

    def make() -> QuerySet[Any]:
        within = Q()
        for n in range(len(ranges)):
            first, last = Param(f"first{n}", DateField()), Param(f"last{n}", DateField())
            within |= Q(**{f"{column}__gte": first, f"{column}__lt": last})
        rows: QuerySet[Any] = model.objects.filter(
            scope.on(ranges[0][0]), within, metric_id__among=ArrayParam("metrics")
        )
        axis = {"day": "day", "month": column}.get(by, by)
        names = ["metric_id"] + ([] if by == "none" else [axis])
        placed = rows.order_by().values_list(*names)
        summed: QuerySet[Any] = placed.annotate(v=Sum("value"), n=Sum("count"))
        return summed

    # Whose they are is said in ids, which are others for everybody who asks.
    kept = compiled(model, ("sums", len(ranges), by), make) if scope == EVERYBODY else None
    days = {f"first{n}": first for n, (first, _) in enumerate(ranges)}
    days |= {f"last{n}": last for n, (_, last) in enumerate(ranges)}
    return (kept or PreparedQuery(make())).rows(metrics=ids, **days)


@dataclass(frozen=True, slots=True)
class Spans:
    """Whole months, days beside them, and days that are too many; each from (in) to (out)."""

    months: tuple[tuple[date, date], ...] = ()
    days: tuple[tuple[date, date], ...] = ()
    beyond: tuple[tuple[date, date], ...] = ()


def spans_of(start: date, end: date) -> Spans:
    """The days from ``start`` (in) to ``end`` (out) with as few single days as can be."""
    first, whole = start.replace(day=1), end.replace(day=1)
    if end <= start:
        return Spans()
    if first == whole:  # within one month
        after = add_months(first, 1)
        if (end - start).days <= (after - first).days - (end - start).days:
            return Spans(days=((start, end),))
        beyond = [(first, start), (end, after)]
        return Spans(((first, after),), (), tuple(r for r in beyond if r[0] < r[1]))
    days, beyond = [], []
    low, high = first, whole  # the whole months
    if start > first:
        next_ = add_months(first, 1)
        if (next_ - start).days <= (start - first).days:
            days.append((start, next_))
            low = next_
        else:
            beyond.append((first, start))
    if end > whole:
        next_ = add_months(whole, 1)
        if (end - whole).days <= (next_ - end).days:
            days.append((whole, end))
        else:
            beyond.append((end, next_))
            high = next_
    return Spans(((low, high),) if low < high else (), tuple(days), tuple(beyond))


def member_teams(
    metric_ids: Iterable[int], start: date, end: date
) -> dict[tuple[int, int, int], Total]:
    """Sums by (metric id, member, team). One query."""
    months = start.day == 1 and end.day == 1
    rows: QuerySet[Any] = MonthBalance.objects.all() if months else DayBalance.objects.all()
    day = "month" if months else "day"
    rows = rows.filter(
        **{"metric_id__in": list(metric_ids), f"{day}__gte": start, f"{day}__lt": end}
    )
    summed = rows.order_by().values_list("metric_id", "member_id", "team_id")
    return {
        (m, member, team): Total(int(v), int(n))
        for m, member, team, v, n in summed.annotate(v=Sum("value"), n=Sum("count"))
    }


def photo(metric_ids: Iterable[int], on: date, scope: Scope) -> dict[tuple[int, int], Total]:
    """Stock figures by (metric id, member) as photographed at the end of a day.

    Empty without a photograph.
    """
    rows = StockPhoto.objects.filter(scope.on(on), metric_id__in=list(metric_ids), day=on)
    return {
        (m, member): Total(int(v), int(n))
        for m, member, v, n in rows.order_by()
        .values_list("metric_id", "member_id")
        .annotate(v=Sum("value"), n=Sum("count"))
    }


def photographed(on: date) -> bool:
    return StockPhoto.objects.filter(day=on).exists()


def entries(
    metric_ids: Iterable[int],
    start: date,
    end: date,
    scope: Scope,
    *,
    after: tuple[date, int] | None = None,
    limit: int | None = 50,
    largest_first: bool = False,
) -> list[Posted]:
    """Entries of a period, the newest day first.

    ``after`` is (day, id) of the last one of the page before.
    """
    rows = Entry.objects.filter(scope.within(start, end), metric_id__in=list(metric_ids))
    if after is not None:
        day, entry_id = after
        rows = rows.filter(Q(day__lt=day) | Q(day=day, id__lt=entry_id))
    rows = rows.order_by("-value", "-id") if largest_first else rows.order_by("-day", "-id")
    return [Posted(*row) for row in rows.values_list(*Posted.__slots__)[:limit]]


def of_record(metric_ids: Iterable[int], object_key: str, record_id: int) -> list[Posted]:
    """Everything that a record counts for, by metric and day.

    The metrics are named because entries are found by metric and record; they are put in order
    here, as a sort by metric and day would tempt the database to walk all days of each metric.
    """
    rows = Entry.objects.filter(
        metric_id__in=list(metric_ids), record_id=record_id, object_key=object_key
    )
    found = [Posted(*row) for row in rows.order_by().values_list(*Posted.__slots__)]
    return sorted(found, key=lambda entry: (entry.metric_id, entry.day, entry.id))


def record_ids(metric_ids: Iterable[int], start: date, end: date, scope: Scope) -> QuerySet[Any]:
    """The (object, record) pairs behind a figure, each once for every entry."""
    return (
        Entry.objects.filter(scope.within(start, end), metric_id__in=list(metric_ids))
        .order_by()
        .values_list("object_key", "record_id")
    )


def adjusted(metric_ids: Iterable[int], start: date, end: date, scope: Scope) -> dict[int, Total]:
    """By metric id, how much of a period's figure are corrections of closed days."""
    rows = Entry.objects.filter(
        scope.within(start, end), metric_id__in=list(metric_ids), of_day__isnull=False
    )
    summed = rows.order_by().values_list("metric_id")
    return {m: Total(int(v), n) for m, v, n in summed.annotate(v=Sum("value"), n=Count("id"))}


def open_from() -> date | None:
    """The first day that is not closed; None while nothing was ever closed.

    Asked once per unit of work; who posts asks ``store`` under its lock.
    """

    def read() -> date | None:
        rows = PeriodClose.objects.filter(reopened_at__isnull=True).order_by("-month")
        last = rows.values_list("month", flat=True).first()
        return add_months(last, 1) if last else None

    return remember(OPENED, read)


def is_closed(day: date) -> bool:
    """Was the month of a day closed? Everything before a closed month counts as closed too."""
    opened = open_from()
    return opened is not None and day < opened


def closings(month: Period | None = None) -> tuple[Closing, ...]:
    """Every closing, the newest month first, reopened ones included."""
    rows = PeriodClose.objects.order_by("-month", "-id")
    if month is not None:
        rows = rows.filter(month=month.start)
    return tuple(closing(row) for row in rows)


def closing(row: PeriodClose) -> Closing:
    return Closing(
        id=row.pk,
        month=Period.month(row.month.year, row.month.month),
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        note=row.note,
        reopened_at=row.reopened_at,
        reopened_by=row.reopened_by,
        reason=row.reason,
    )


def snapshot(close_id: int) -> tuple[SnapshotRow, ...]:
    """The balances of the months that were closed together, as they stood then."""
    rows = PeriodSnapshot.objects.filter(close_id=close_id)
    rows = rows.order_by("month", "metric_id", "member_id", "team_id")
    return tuple(SnapshotRow(*row) for row in rows.values_list(*SnapshotRow.__slots__))


def busy_members(metric_ids: Sequence[int], start: date, end: date) -> frozenset[int]:
    """Members with any entry in a period."""
    found = member_teams(metric_ids, start, end)
    return frozenset(member for _, member, _ in found)
