# ruff: noqa: S608 (the names are this room's own; values are parameters)
"""The ledger's SQL: writing entries and moving balances, many rows at a time, on both databases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from wubu.kernel import bulk
from wubu.kernel.calendar.types import add_months
from wubu.kernel.prepared import compiled
from wubu.kernel.workspace import workspace_key
from wubu.measure.ledger.models import (
    ADJUSTING,
    NORMAL,
    DayBalance,
    Entry,
    MonthBalance,
    PeriodClose,
)
from wubu.measure.metrics.compiler import Select, among, pack

ENTRY, DAY, MONTH = (m._meta.db_table for m in (Entry, DayBalance, MonthBalance))
COLUMNS = (
    "metric_id", "object_key", "record_id", "part", "day", "member_id", "team_id", "value", "kind",
    "of_day", "posted_at",
)  # fmt: skip
BalanceKey = tuple[int, date, int, int]  # metric, day, member, team


MANY = 200  # records compared again at once; more of them hold up everybody who compares


def acquire_lock(
    *, against_posting: bool = False, compared: Mapping[str, Iterable[int]] | None = None
) -> None:
    """Until the transaction ends, keep closing and rebuilding apart from posting.

    PostgreSQL only: on SQLite there is one writer at a time. Postings hold a lock that they share.
    ``compared`` are records, by object, whose entries are compared with what they yield: a contract
    and its shares may be written by two people at once, and the second must see what the first one
    posted.
    """
    if connection.vendor == "postgresql":
        mode = "SHARE ROW EXCLUSIVE" if against_posting else "ROW EXCLUSIVE"
        with connection.cursor() as cursor:
            # Compiling such a statement takes longer than running it.
            cursor.execute(f"{_lock_sql(mode)}{_alone(compared or {})}")


def _lock_sql(mode: str) -> str:
    return f"SET LOCAL jit = off; LOCK TABLE {ENTRY} IN {mode} MODE"


def lock_and_open_from(compared: Mapping[str, Iterable[int]]) -> date | None:
    """``hold`` for posting, then ``open_from``: on PostgreSQL in one message."""
    if connection.vendor != "postgresql":
        return open_from()
    requested = compiled(PeriodClose, "last", _last_closed)
    with connection.cursor() as cursor:
        cursor.execute(f"{_lock_sql('ROW EXCLUSIVE')}{_alone(compared)}; {requested.sql}")
        while cursor.nextset():
            pass
        last = cursor.fetchone()
    return add_months(last[0], 1) if last else None


def _alone(compared: Mapping[str, Iterable[int]]) -> str:
    """Advisory locks, in one order always: of each record, or of the whole ledger for many."""
    every = sorted({_lock(o, id_) for o, ids in compared.items() for id_ in ids})
    if not every:
        return ""
    ledger = _lock("", 0)
    if len(every) > MANY:
        return f"; SELECT pg_advisory_xact_lock({ledger})"
    listed = ", ".join(map(str, every))
    return (
        f"; SELECT pg_advisory_xact_lock_shared({ledger})"
        f"; SELECT pg_advisory_xact_lock(n) FROM unnest(ARRAY[{listed}]::bigint[]) n"
    )


def _lock(object_key: str, record_id: int) -> int:
    """The number of a lock. They are the whole database's, so the workspace is part of it."""
    name = f"{workspace_key()} ledger {object_key} {record_id}"
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


def open_from() -> date | None:
    """The first day that is not closed; None while nothing was ever closed."""
    last = compiled(PeriodClose, "last", _last_closed).rows()
    return add_months(last[0][0], 1) if last else None


def _last_closed() -> QuerySet[PeriodClose, Any]:
    rows = PeriodClose.objects.filter(reopened_at__isnull=True)
    return rows.order_by("-month").values_list("month")[:1]


def as_date(value: date) -> Any:
    """A day as the driver takes it."""
    return connection.ops.adapt_datefield_value(value)


def as_moment(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


def month_sql(day: str) -> str:
    if connection.vendor == "postgresql":
        return f"CAST(date_trunc('month', {day}) AS date)"
    return f"(substr({day}, 1, 8) || '01')"


def entries_sql(
    select: Select, ids: Sequence[int] | None, opened: date | None, at: datetime
) -> tuple[str, list[Any]]:
    """A SELECT of the ledger's columns.

    What falls on a closed day becomes an adjusting entry on the first open one.
    """
    rows, params = select.prepared(ids)
    day, kind, of_day = "x.day", f"'{NORMAL}'", "NULL"
    marks: list[Any] = []
    if opened and not select.spec.stock:
        first = as_date(opened)
        day = "CASE WHEN x.day < %s THEN %s ELSE x.day END"
        kind = f"CASE WHEN x.day < %s THEN '{ADJUSTING}' ELSE '{NORMAL}' END"
        of_day = "CASE WHEN x.day < %s THEN x.day END"
        marks = [first] * 4
    number, text, moment = "%s", "%s", "%s"
    if connection.vendor == "postgresql":
        number, text, moment = "%s::bigint", "%s::varchar", "%s::timestamptz"
        of_day = f"({of_day})::date"
    sql = (
        f"SELECT {number}, {text}, x.record_id, x.part, {day}, x.member_id, x.team_id, x.value, "
        f"{kind}, {of_day}, {moment} FROM ({rows}) x"
    )
    head = [select.spec.metric_id, select.spec.object]
    if not marks:
        return sql, [*head, as_moment(at), *params]
    sql += " WHERE x.day >= %s OR x.value <> 0"  # a correction of nothing is none
    return sql, [*head, *marks, as_moment(at), *params, marks[0]]


def insert_selected(
    selects: Sequence[Select], ids: Sequence[int] | None, opened: date | None, at: datetime
) -> None:
    """Post what the SELECTs yield, in one statement; balances are not moved."""
    with connection.cursor() as cursor:
        cursor.execute(*_insertion(selects, ids, opened, at))


def post_selected(
    selects: Sequence[Select], ids: Sequence[int], opened: date | None, at: datetime
) -> None:
    """Post what the SELECTs yield of new records, and move the balances."""
    sql, params = _insertion(selects, ids, opened, at)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_posting(sql), params)
            return
        # SQLite sorts to group, which takes longer than adding up here.
        cursor.execute(f"{sql} RETURNING value, metric_id, day, member_id, team_id", params)
        moves: dict[tuple[Any, ...], list[int]] = {}
        for value, *where in cursor.fetchall():
            place = tuple(where)
            move = moves.get(place)
            if move is None:
                moves[place] = [value, 1]
            else:
                move[0] += value
                move[1] += 1
    _move(moves)


def _posting(insertion: str) -> str:
    """Entries, days and months in one statement.

    The days go before the months, each in the order of ``_move``: two writers meet in the same one.
    """
    where = "metric_id, {}, member_id, team_id"
    day, month = where.format("day"), where.format(month_sql("day"))
    into = "INSERT INTO {} ({}, value, count)"
    return (
        f"WITH fresh AS ({insertion} RETURNING {day}, value), "
        f"moves AS MATERIALIZED (SELECT {day}, SUM(value)::bigint AS value, COUNT(*) AS count "
        f"FROM fresh GROUP BY {day} ORDER BY {day}), "
        f"days AS ({into.format(DAY, day)} SELECT * FROM moves {_add(DAY, 'day')} RETURNING 1) "
        f"{into.format(MONTH, where.format('month'))} "
        f"SELECT {month}, SUM(value)::bigint, SUM(count)::bigint FROM moves "
        f"WHERE (SELECT COUNT(*) FROM days) > 0 GROUP BY {month} ORDER BY {month} "
        f"{_add(MONTH, 'month')}"
    )


def _insertion(
    selects: Sequence[Select], ids: Sequence[int] | None, opened: date | None, at: datetime
) -> tuple[str, list[Any]]:
    texts, params = [], []
    for select in selects:
        sql, arguments = entries_sql(select, ids, opened, at)
        texts.append(sql)
        params += arguments
    return f"INSERT INTO {ENTRY} ({', '.join(COLUMNS)}) {' UNION ALL '.join(texts)}", params


def posted(metric_ids: Sequence[int], ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """What is posted of these records: entry id, then the columns but for the time of posting."""
    marks = ", ".join(["%s"] * len(metric_ids))
    # Without statistics SQLite would walk all entries of the metrics.
    hint = "INDEXED BY ledger_entry_record" if connection.vendor == "sqlite" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {', '.join(COLUMNS[:-1])} FROM {ENTRY} {hint} "
            f"WHERE metric_id IN ({marks}) AND {among('record_id')}",
            [*metric_ids, pack(ids)],
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    if connection.vendor == "postgresql":
        return rows
    return [(*r[:5], to_date(r[5]), *r[6:10], r[10] and to_date(r[10])) for r in rows]


def to_date(value: Any) -> date:
    """A day as the driver hands it over: SQLite's is a text."""
    return value if isinstance(value, date) else _parsed(value)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> date:
    return date.fromisoformat(text)


def sum_balances(metric_id: int) -> None:
    """Balances of a metric that has none, from its entries."""
    where, params = "metric_id = %s", [metric_id]
    with connection.cursor() as cursor:
        for table, name, day in ((DAY, "day", "day"), (MONTH, "month", month_sql("day"))):
            cursor.execute(
                f"INSERT INTO {table} (metric_id, {name}, member_id, team_id, value, count) "
                f"SELECT metric_id, {day}, member_id, team_id, SUM(value), COUNT(*) FROM {ENTRY} "
                f"WHERE {where} GROUP BY metric_id, {day}, member_id, team_id "
                f"ORDER BY metric_id, {day}, member_id, team_id",
                params,
            )


def _add(table: str, name: str) -> str:
    return (
        f"ON CONFLICT (metric_id, {name}, member_id, team_id) DO UPDATE SET "
        f"value = {table}.value + excluded.value, count = {table}.count + excluded.count"
    )


def add_balances(moves: Mapping[BalanceKey, Sequence[int]]) -> None:
    """Move balances by (value, count)."""
    _move({(m, as_date(day), who, team): v for (m, day, who, team), v in moves.items()})


def _move(moves: Mapping[tuple[Any, ...], Sequence[int]]) -> None:
    """The same with days as the driver takes them.

    In one order always, so that two writers cannot lock each other out.
    """
    days = [(*place, *move) for place, move in moves.items() if any(move)]
    months: dict[tuple[Any, ...], list[int]] = {}
    for metric, day, member, team, value, count in days:
        place = (metric, _month(day), member, team)
        move = months.get(place)
        if move is None:
            months[place] = [value, count]
        else:
            move[0] += value
            move[1] += count
    if days:
        _add_rows(DAY, "day", sorted(days))
        _add_rows(MONTH, "month", sorted((*k, *v) for k, v in months.items() if any(v)))


@lru_cache(maxsize=4096)
def _month(day: Any) -> Any:
    return f"{day[:8]}01" if isinstance(day, str) else day.replace(day=1)


def _add_rows(table: str, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    into = f"INSERT INTO {table} (metric_id, {name}, member_id, team_id, value, count)"
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.executemany(f"{into} VALUES (%s, %s, %s, %s, %s, %s) {_add(table, name)}", rows)
            return
        cursor.execute(
            f"{into} SELECT * FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[], "
            f"%s::bigint[], %s::bigint[]) {_add(table, name)}",
            [list(column) for column in zip(*rows, strict=True)],
        )


def insert_rows(rows: Iterable[Sequence[Any]], at: datetime) -> None:
    """Write entries given as tuples in the order of ``COLUMNS``, but for the time of posting."""
    moment = as_moment(at)
    bulk.insert(
        ENTRY,
        COLUMNS,
        [
            (*row[:4], as_date(row[4]), *row[5:9], row[9] and as_date(row[9]), moment)
            for row in rows
        ],
    )


def delete(ids: Sequence[int]) -> None:
    """Take entries of open days out."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {ENTRY} WHERE {among('id')}", [pack(ids)])
