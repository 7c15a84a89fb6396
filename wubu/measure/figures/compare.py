"""A figure over time: beside the period before and last year's, and as a series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from wubu.kernel.calendar.queries import today
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Actor
from wubu.measure.figures.totals import figures
from wubu.measure.metrics.types import Cell, Compared


def compare(
    actor: Actor,
    metrics: Sequence[str],
    period: Period,
    *,
    members: Iterable[int] | None = None,
    teams: Iterable[int] | None = None,
    as_of: date | None = None,
) -> tuple[Compared, ...]:
    """Each figure beside the previous period's and the same period's of last year (环比、同比).

    While the period lasts, like is compared with like: as many days of each as have gone by
    ``as_of`` (today unless given).
    """
    day = as_of or today()
    partial = day in period and day < period.last
    gone = (day - period.start).days + 1
    spans = [period, period.previous(), period.year_ago()]
    if partial:
        spans = [_head(span, gone) for span in spans]
    members = None if members is None else list(members)
    teams = None if teams is None else list(teams)
    now, before, ago = (
        figures(actor, metrics, span, "company", members=members, teams=teams) for span in spans
    )
    return tuple(
        Compared(
            metric=info,
            period=spans[0],
            now=now.total.cells[info.key],
            previous_period=spans[1],
            previous=before.total.cells[info.key],
            previous_change=change(now.total.cells[info.key], before.total.cells[info.key]),
            year_ago_period=spans[2],
            year_ago=ago.total.cells[info.key],
            year_ago_change=change(now.total.cells[info.key], ago.total.cells[info.key]),
            partial=partial,
        )
        for info in now.metrics
    )


def change(now: Cell, then: Cell) -> Decimal | None:
    """(now − then) ÷ |then|, a ratio; None when there is nothing to compare with."""
    if now.value is None or not then.value:
        return None
    return (Decimal(now.value) - Decimal(then.value)) / abs(Decimal(then.value))


def series(
    actor: Actor,
    metrics: Sequence[str],
    periods: Sequence[Period],
    *,
    members: Iterable[int] | None = None,
    teams: Iterable[int] | None = None,
) -> tuple[tuple[Period, dict[str, Cell]], ...]:
    """Figures of several periods, for a chart.

    Months in a row are one query; other periods one each.
    """
    members = None if members is None else list(members)
    teams = None if teams is None else list(teams)
    if periods and all(p.kind == "month" for p in periods):
        whole = Period.custom(periods[0].start, periods[-1].end)
        found = figures(actor, metrics, whole, "month", members=members, teams=teams)
        rows = {row.key: row.cells for row in found.rows}
        return tuple((p, dict(rows[p.start])) for p in periods)
    return tuple(
        (
            p,
            dict(figures(actor, metrics, p, "company", members=members, teams=teams).total.cells),
        )
        for p in periods
    )


def _head(period: Period, days: int) -> Period:
    """The first so many days of a period."""
    return Period.custom(period.start, min(period.start + timedelta(days=days), period.end))
