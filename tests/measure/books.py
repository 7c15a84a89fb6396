"""What stands in the ledger, read by hand-written SQL, and a quick way to make records."""

from __future__ import annotations

from typing import Any

from django.db import connection

from wubu.kernel.records import actions as records
from wubu.kernel.types import SYSTEM
from wubu.measure.ledger.actions import rebuild

Rows = list[tuple[Any, ...]]


def rows(sql: str, *params: object) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def entries(metric: str) -> Rows:
    """record, part, day, member, team, value, kind, of day."""
    return rows(
        "SELECT e.record_id, e.part, CAST(e.day AS varchar), e.member_id, e.team_id, e.value, "
        "e.kind, CAST(e.of_day AS varchar) FROM wubu_ledger_entry e "
        "JOIN wubu_metrics_metric m ON m.id = e.metric_id "
        "WHERE m.key = %s ORDER BY e.day, e.record_id, e.part, e.of_day, e.value",
        metric,
    )


def total(metric: str) -> int:
    return int(
        rows(
            "SELECT COALESCE(SUM(e.value), 0) FROM wubu_ledger_entry e "
            "JOIN wubu_metrics_metric m ON m.id = e.metric_id WHERE m.key = %s",
            metric,
        )[0][0]
    )


def whole() -> tuple[Rows, Rows, Rows]:
    """Every entry and every balance that is not nothing, without ids and times of posting."""
    posted = rows(
        "SELECT metric_id, object_key, record_id, part, CAST(day AS varchar), member_id, team_id, "
        "value, kind, CAST(of_day AS varchar) FROM wubu_ledger_entry"
    )
    days = rows(
        "SELECT metric_id, CAST(day AS varchar), member_id, team_id, value, count "
        "FROM wubu_ledger_day WHERE count <> 0 OR value <> 0"
    )
    months = rows(
        "SELECT metric_id, CAST(month AS varchar), member_id, team_id, value, count "
        "FROM wubu_ledger_month WHERE count <> 0 OR value <> 0"
    )
    return (
        sorted(posted, key=str),
        sorted(days, key=str),
        sorted(months, key=str),
    )


def summed() -> tuple[Rows, Rows]:
    """The balances as the entries say they should be."""
    days = rows(
        "SELECT metric_id, CAST(day AS varchar), member_id, team_id, CAST(SUM(value) AS bigint), "
        "COUNT(*) FROM wubu_ledger_entry GROUP BY metric_id, day, member_id, team_id"
    )
    month = "substr(CAST(day AS varchar), 1, 7) || '-01'"
    months = rows(
        f"SELECT metric_id, {month}, member_id, team_id, CAST(SUM(value) AS bigint), COUNT(*) "
        f"FROM wubu_ledger_entry GROUP BY metric_id, {month}, member_id, team_id"
    )
    return sorted(days, key=str), sorted(months, key=str)


def assert_rebuilt_is_posted() -> None:
    """Rebuilding changes nothing, and the balances are the sums of the entries."""
    posted = whole()
    rebuild()
    rebuilt = whole()
    for was, now in zip(posted, rebuilt, strict=True):
        assert [r for r in was if r not in now] == [r for r in now if r not in was]
        assert was == now
    assert summed() == (rebuilt[1], rebuilt[2])


def make(object_key: str, **values: Any) -> int:
    return records.create(actor=SYSTEM, object_key=object_key, values=values).id


def change(object_key: str, id: int, **values: Any) -> None:
    records.update(actor=SYSTEM, object_key=object_key, id=id, values=values)
