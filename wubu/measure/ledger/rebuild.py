# ruff: noqa: S608 (the names are this room's own; values are parameters)
"""Rebuilding: the open days of the ledger made anew from the records, set by set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.db import connection

from wubu.measure.ledger import fingerprints, store
from wubu.measure.ledger.models import ADJUSTING, DayBalance, Entry, MonthBalance
from wubu.measure.metrics.compiler import Select

Progress = Callable[[int, int, str], None]  # done, total, what


def rebuild_metric(selects: Sequence[Select], opened: date | None, at: datetime) -> int:
    """One metric's open entries and all its balances.

    Closed entries stay as they are. Returns the entries it has.
    """
    metric_id = selects[0].spec.metric_id
    closing = opened if opened and not selects[0].spec.stock else None
    gone = Entry.objects.filter(metric_id=metric_id)
    (gone.filter(day__gte=closing) if closing else gone)._raw_delete(gone.db)
    if closing is None:
        store.insert_selected(selects, None, None, at)
    else:
        _insert_open(selects, closing, at)
        _insert_differences(selects, closing, at)
    for model in (DayBalance, MonthBalance):
        rows = model.objects.filter(metric_id=metric_id)
        rows._raw_delete(rows.db)
    store.sum_balances(metric_id)
    fingerprints.note(metric_id, selects, at)
    return Entry.objects.filter(metric_id=metric_id).count()


def _insert_open(selects: Sequence[Select], opened: date, at: datetime) -> None:
    with connection.cursor() as cursor:
        for select in selects:
            sql, params = store.entries_sql(select, None, None, at)
            cursor.execute(
                f"INSERT INTO {store.ENTRY} ({', '.join(store.COLUMNS)}) {sql} WHERE x.day >= %s",
                [*params, store.as_date(opened)],
            )


def _insert_differences(selects: Sequence[Select], opened: date, at: datetime) -> None:
    """What records yield for closed days, less what stands there.

    One adjusting entry for each difference.
    """
    parts, params = [], []
    first = store.as_date(opened)
    for select in selects:
        sql, arguments = select.prepared(None)
        parts.append(
            "SELECT x.record_id, x.part, x.day, x.member_id, x.team_id, x.value "
            f"FROM ({sql}) x WHERE x.day < %s"
        )
        params += [*arguments, first]
    parts.append(
        "SELECT record_id, part, COALESCE(of_day, day), member_id, team_id, -value "
        f"FROM {store.ENTRY} WHERE metric_id = %s AND day < %s"
    )
    spec = selects[0].spec
    params += [spec.metric_id, first]
    number, text, day, moment = "%s", "%s", "%s", "%s"
    if connection.vendor == "postgresql":
        number, text, day, moment = "%s::bigint", "%s::varchar", "%s::date", "%s::timestamptz"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {store.ENTRY} ({', '.join(store.COLUMNS)}) "
            f"SELECT {number}, {text}, y.record_id, y.part, {day}, y.member_id, y.team_id, "
            f"SUM(y.value), '{ADJUSTING}', y.day, {moment} FROM ({' UNION ALL '.join(parts)}) y "
            "GROUP BY y.record_id, y.part, y.day, y.member_id, y.team_id HAVING SUM(y.value) <> 0",
            [spec.metric_id, spec.object, first, store.as_moment(at), *params],
        )
