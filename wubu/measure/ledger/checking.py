# ruff: noqa: S608 (the names are this room's own; values are parameters)
"""The ledger checked against the records: does what is posted add up to what they yield?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection

from wubu.measure.ledger import store
from wubu.measure.ledger.models import MonthBalance, PeriodClose, PeriodSnapshot
from wubu.measure.ledger.types import ClosedDifference, Difference
from wubu.measure.metrics.compiler import Select
from wubu.measure.metrics.dictionary import dictionary

FOUND = 100  # differences told of one metric


def verify(metric: str | None = None) -> tuple[Difference, ...]:
    """Records whose entries, corrections included, are not what their rules yield now.

    Empty is what it should be; whatever is found, ``rebuild`` mends. Nothing is written. Raises
    Missing for an unknown metric.
    """
    book = dictionary()
    if metric is not None:
        book.metric(metric)
    by_metric: dict[str, list[Select]] = defaultdict(list)
    for select in book.selects:
        if metric in (None, select.spec.metric):
            by_metric[select.spec.metric].append(select)
    return tuple(d for selects in by_metric.values() for d in _differences(selects))


def differs(selects: Sequence[Select]) -> bool:
    """Whether any record's entries of one metric are not what its rules yield now."""
    return bool(_differences(selects, 1))


def _differences(selects: Sequence[Select], most: int = FOUND) -> list[Difference]:
    key = "record_id, part, day, member_id, team_id"
    parts: list[str] = []
    params: list[Any] = []
    for select in selects:
        sql, arguments = select.prepared(None)
        parts.append(f"SELECT {key}, 0 AS posted, value AS yielded FROM ({sql}) x")
        params += arguments
    parts.append(
        "SELECT record_id, part, COALESCE(of_day, day), member_id, team_id, value, 0 "
        f"FROM {store.ENTRY} WHERE metric_id = %s"
    )
    metric_id = selects[0].spec.metric_id
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT record_id, CAST(SUM(posted) AS bigint), CAST(SUM(yielded) AS bigint) "
            f"FROM ({' UNION ALL '.join(parts)}) y GROUP BY {key} "
            f"HAVING SUM(posted) <> SUM(yielded) ORDER BY record_id LIMIT {most}",
            [*params, metric_id],
        )
        return [Difference(metric_id, *row) for row in cursor.fetchall()]


def verify_closed() -> tuple[ClosedDifference, ...]:
    """Balances of closed months that differ from what closing kept.

    By metric, month, member and team. Empty is what it should be. Two queries.
    """
    closed = PeriodClose.objects.filter(reopened_at__isnull=True)
    kept = PeriodSnapshot.objects.filter(close__in=closed)
    place = ("metric_id", "month", "member_id", "team_id")
    was = {row[:-1]: row[-1] for row in kept.values_list(*place, "value") if row[-1]}
    months = kept.values("month").distinct()
    rows = MonthBalance.objects.filter(month__in=months).values_list(*place, "value")
    now = {row[:-1]: row[-1] for row in rows if row[-1]}
    return tuple(
        ClosedDifference(
            metric_id=metric_id,
            month=month,
            member_id=member,
            team_id=team,
            kept=was.get(key, 0),
            now=now.get(key, 0),
        )
        for key in sorted(was.keys() | now.keys())
        for metric_id, month, member, team in [key]
        if was.get(key, 0) != now.get(key, 0)
    )
