"""Metrics that this release compiles otherwise than the one that posted their entries.

With every rebuild of a metric the ledger notes a fingerprint of the SQL that its rules compile to.
A change of the company's own (a new rule, another catalog) rebuilds the metric and notes the new
one, so a fingerprint that differs when the program starts comes of a new release.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Sum

from wubu.kernel import hooks
from wubu.kernel.calendar.queries import now
from wubu.kernel.types import SYSTEM, Text
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger import store
from wubu.measure.ledger.checking import differs
from wubu.measure.ledger.fingerprints import fingerprint, note, noted
from wubu.measure.ledger.models import MonthBalance
from wubu.measure.ledger.rebuild import rebuild_metric
from wubu.measure.ledger.types import Total
from wubu.measure.metrics.compiler import Select
from wubu.measure.metrics.dictionary import dictionary

Progress = Callable[[int, int, str], None]  # done, total, what
Place = tuple[date, int, int]  # month, member, team


@dataclass(frozen=True, slots=True)
class Recompiled:
    """A metric to be looked at.

    ``known`` false: what posted its entries is not on record, so they are compared with what the
    rules yield, and rebuilt where they differ.
    """

    metric_id: int
    key: str
    label: Text
    known: bool
    entries: int


@dataclass(frozen=True, slots=True)
class MovedMonth:
    """A month of a metric, in stored units, as it was and as it is.

    ``places`` are the people and teams whose figure moved, so they may be more than 0 where the
    company's did not.
    """

    month: date
    before: Total
    after: Total
    places: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A metric that was rebuilt, with the months whose figures moved."""

    metric: Recompiled
    months: tuple[MovedMonth, ...]


def recompiled() -> tuple[Recompiled, ...]:
    """The metrics whose fingerprint differs or is not on record. Nothing is written."""
    known = noted()
    found = []
    for metric_id, selects in _by_metric().items():
        was = known.get(metric_id)
        if was != fingerprint(selects):
            key = selects[0].spec.metric
            found.append((metric_id, key, dictionary().metric(key).label, was is not None))
    if not found:
        return ()
    counts = _counts([f[0] for f in found])
    return tuple(Recompiled(*f, counts.get(f[0], 0)) for f in found)


def rebuild_recompiled(progress: Progress | None = None) -> tuple[Rebuilt, ...]:
    """Rebuild the open days of these metrics, each in a unit of work of its own.

    What is interrupted goes on behind the last whole metric. Returns those that were rebuilt.

    Call it outside of a unit of work, which on PostgreSQL is one transaction. Closed months are not
    rewritten: differences of theirs are adjusting entries on the first open day. Metrics whose
    figures moved are noted in the log of changes.
    """
    with unit_of_work():
        found = recompiled()
    done = []
    for number, metric in enumerate(found):
        if progress:
            progress(number, len(found), str(metric.label))
        with unit_of_work(), transaction.atomic():
            rebuilt = _rebuild(metric)
        if rebuilt:
            done.append(rebuilt)
    return tuple(done)


def _rebuild(metric: Recompiled) -> Rebuilt | None:
    selects = _by_metric()[metric.metric_id]
    store.acquire_lock(against_posting=True)
    if not metric.known and not differs(selects):
        note(metric.metric_id, selects, now())
        return None
    before = _places(metric.metric_id)
    rebuild_metric(selects, store.open_from(), now())
    months = _moved(before, _places(metric.metric_id))
    _log(metric, months)
    return Rebuilt(metric, months)


def _by_metric() -> Mapping[int, list[Select]]:
    found: dict[int, list[Select]] = defaultdict(list)
    for select in dictionary().selects:
        found[select.spec.metric_id].append(select)
    return found


def _counts(metric_ids: list[int]) -> dict[int, int]:
    rows = MonthBalance.objects.filter(metric_id__in=metric_ids).values("metric_id")
    return dict(rows.annotate(entries=Sum("count")).values_list("metric_id", "entries"))


def _places(metric_id: int) -> dict[Place, Total]:
    rows = MonthBalance.objects.filter(metric_id=metric_id)
    return {
        (month, member, team): Total(value, count)
        for month, member, team, value, count in rows.values_list(
            "month", "member_id", "team_id", "value", "count"
        )
    }


def _moved(before: Mapping[Place, Total], after: Mapping[Place, Total]) -> tuple[MovedMonth, ...]:
    nothing = Total()
    sums: dict[date, tuple[Total, Total]] = {}
    places: dict[date, int] = defaultdict(int)
    for place in before.keys() | after.keys():
        was, is_now = before.get(place, nothing), after.get(place, nothing)
        so_far = sums.get(place[0], (nothing, nothing))
        sums[place[0]] = (so_far[0] + was, so_far[1] + is_now)
        places[place[0]] += was != is_now
    moved = sorted(month for month, count in places.items() if count)
    return tuple(MovedMonth(month, *sums[month], places[month]) for month in moved)


def _log(metric: Recompiled, months: tuple[MovedMonth, ...]) -> None:
    if not months:
        return
    images = [
        {str(m.month)[:7]: [t.value, t.count] for m in months for t in [getattr(m, which)]}
        for which in ("before", "after")
    ]
    hooks.record(SYSTEM, "metric", metric.metric_id, "recompile", images[0], images[1])
