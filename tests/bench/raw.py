"""The floor: the same answers by hand-written SQL over the bare driver, without the program.

Statements run on both databases; ``%s`` marks parameters. Dates are given as text.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import psycopg

from tests.bench.places import Place
from tests.bench.timing import Busy, own_busy, with_backends

PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"
    "PRAGMA temp_store=MEMORY;"
)
Answer = list[Any]
OPEN = "('prospecting', 'engaging', 'proposal', 'negotiation')"
CARD = (
    "SELECT o.id, o.name, c.name, o.stage, o.amount, o.expected_close, o.last_follow_up, m.name "
    "FROM o_opportunity o LEFT JOIN o_customer c ON c.id = o.customer_id "
    "LEFT JOIN wubu_people_member m ON m.id = o.owner_id "
)


class Raw:
    """One bare connection."""

    def __init__(self, place: Place) -> None:
        self.sqlite = place.vendor == "sqlite"
        self.link: Any
        if self.sqlite:
            self.link = sqlite3.connect(
                place.path, isolation_level=None, timeout=60, check_same_thread=False
            )
            self.link.executescript(PRAGMAS)
        else:
            self.link = psycopg.connect(place.url, autocommit=True)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Any]:
        text = sql.replace("%s", "?") if self.sqlite else sql
        return list(self.link.execute(text, params).fetchall())

    def each(self, sql: str) -> Iterator[Any]:
        """One row after the other, for more than memory should hold."""
        if self.sqlite:
            yield from self.link.execute(sql)
            return
        with self.link.transaction(), self.link.cursor(name="each") as cursor:
            cursor.itersize = 20_000
            yield from cursor.execute(sql)

    def one(self, sql: str, params: Sequence[Any] = ()) -> Any:
        return self.rows(sql, params)[0][0]

    def run(self, sql: str, params: Sequence[Any] = ()) -> None:
        self.link.execute(sql.replace("%s", "?") if self.sqlite else sql, params)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Several statements as one."""
        if not self.sqlite:
            with self.link.transaction():
                yield
            return
        self.link.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.link.execute("ROLLBACK")
            raise
        self.link.execute("COMMIT")

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """One statement for many rows."""
        if self.sqlite:
            self.link.executemany(sql.replace("%s", "?"), rows)
            return
        with self.link.cursor() as cursor:
            cursor.executemany(sql, rows)

    def next_ids(self, table: str, count: int) -> list[int]:
        """Numbers for new rows of a table, within the transaction that writes them."""
        if self.sqlite:
            found = self.rows("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            last = found[0][0] if found else 0
            return list(range(last + 1, last + count + 1))
        return [
            row[0]
            for row in self.rows(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
        ]

    def insert(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """New records in one transaction, as fast as the driver can."""
        names = (*columns.split(), "version", "created_at", "updated_at")
        tail = (1, "2026-01-01 00:00:00", "2026-01-01 00:00:00")
        listed = ", ".join(names)
        if self.sqlite:
            marks = ", ".join("?" * len(names))
            self.link.execute("BEGIN IMMEDIATE")
            self.link.executemany(
                f"INSERT INTO {table} ({listed}) VALUES ({marks})", [(*r, *tail) for r in rows]
            )
            self.link.execute("COMMIT")
            return
        with self.link.cursor().copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, *tail))

    def busy(self) -> Busy:
        """Counts the processor time of this process and of the database's for it."""
        if self.sqlite:
            return own_busy
        pids = self.rows("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return with_backends([pid for (pid,) in pids])

    def close(self) -> None:
        self.link.close()

    # The answers

    def newest(self, owners: Sequence[int] = ()) -> Answer:
        """The first page of the list of deals."""
        among = f"AND o.owner_id IN ({', '.join(map(str, owners))}) " if owners else ""
        return self.rows(f"{CARD} WHERE o.archived_at IS NULL {among} ORDER BY o.id DESC LIMIT 50")

    def largest(self, below: tuple[int, int] | None = None) -> Answer:
        """Open deals by amount, from a place in that order on."""
        beyond, params = "", ()
        if below:
            beyond = "AND o.amount <= %s AND (o.amount < %s OR o.id < %s)"
            params = (below[0], below[0], below[1])
        return self.rows(
            f"{CARD} WHERE o.archived_at IS NULL AND o.stage IN {OPEN} AND o.amount IS NOT NULL "
            f"{beyond} ORDER BY o.amount DESC, o.id DESC LIMIT 50",
            params,
        )

    def board(self, owners: Sequence[int] = ()) -> Answer:
        """Count and sum per stage, and its newest twenty."""
        among = f"AND owner_id IN ({', '.join(map(str, owners))}) " if owners else ""
        stages = self.rows(
            "SELECT stage, COUNT(*), SUM(amount) FROM o_opportunity "
            f"WHERE archived_at IS NULL {among} GROUP BY stage"
        )
        cards = []
        for stage, _, _ in stages:
            cards += self.rows(
                f"{CARD} WHERE o.archived_at IS NULL AND o.stage = %s "
                f"{among.replace('owner_id', 'o.owner_id')} ORDER BY o.id DESC LIMIT 20",
                [stage],
            )
        return [*stages, *cards]

    def cockpit(self, month: date, members: int) -> Answer:
        """Sums of the month, the month before and the year before; thirteen months; by person."""
        back, found = _months_back(month, 12), []
        for table, value, day in (
            ("o_contract", "SUM(amount)", "signed_on"),
            ("o_payment", "SUM(amount)", "paid_on"),
            ("o_follow_up", "COUNT(*)", "happened_at"),
            ("o_survey", "SUM(score)", "surveyed_on"),
        ):
            found += self.rows(
                f"SELECT owner_id, {value} FROM {table} WHERE archived_at IS NULL "
                f"AND {day} >= %s GROUP BY owner_id ORDER BY 2 DESC LIMIT {members}",
                [month.isoformat()],
            )
            for start in (_months_back(month, 1), back):
                end = _months_back(start, -1)
                found += self.rows(
                    f"SELECT {value} FROM {table} WHERE archived_at IS NULL "
                    f"AND {day} >= %s AND {day} < %s",
                    [start.isoformat(), end.isoformat()],
                )
        for table, day in (("o_contract", "signed_on"), ("o_payment", "paid_on")):
            key = f"substr({day}, 1, 7)" if self.sqlite else f"to_char({day}, 'YYYY-MM')"
            found += self.rows(
                f"SELECT {key}, SUM(amount) FROM {table} WHERE archived_at IS NULL "
                f"AND {day} >= %s GROUP BY {key}",
                [back.isoformat()],
            )
        return found + self.rows(
            "SELECT stage, COUNT(*), SUM(amount) FROM o_opportunity "
            "WHERE archived_at IS NULL GROUP BY stage"
        )

    def leaders(self, month: date) -> Answer:
        """Signed this month and the month before, by person."""
        found = []
        for start in (month, _months_back(month, 1)):
            found += self.rows(
                "SELECT c.owner_id, m.name, SUM(c.amount) FROM o_contract c "
                "JOIN wubu_people_member m ON m.id = c.owner_id WHERE c.archived_at IS NULL "
                "AND c.signed_on >= %s AND c.signed_on < %s GROUP BY c.owner_id, m.name "
                "ORDER BY 3 DESC",
                [start.isoformat(), _months_back(start, -1).isoformat()],
            )
        return found

    def score(self, member: int, month: date) -> None:
        """What one person signed, followed up and was scored, and the targets."""
        for table, value, day in (
            ("o_contract", "SUM(amount)", "signed_on"),
            ("o_follow_up", "COUNT(*)", "happened_at"),
            ("o_survey", "AVG(score)", "surveyed_on"),
        ):
            self.rows(
                f"SELECT {value} FROM {table} "
                f"WHERE archived_at IS NULL AND owner_id = %s AND {day} >= %s",
                [member, month.isoformat()],
            )
        self.rows(
            "SELECT metric_id, value FROM wubu_targets_target WHERE member_id = %s AND month = %s",
            [member, month.isoformat()],
        )

    def search(self, tokens: Sequence[str]) -> None:
        """The full-text index alone, and the names behind the hits."""
        if self.sqlite:
            asked = " AND ".join(f'"{t}"*' for t in tokens)
            found = self.rows(
                "SELECT rowid FROM wubu_records_search WHERE wubu_records_search MATCH %s "
                "ORDER BY rowid DESC LIMIT 40",
                [asked],
            )
            ids = [r[0] & (2**40 - 1) for r in found]
        else:
            asked = " & ".join(f"'{t}':*" for t in tokens)
            found = self.rows(
                "SELECT record_id FROM wubu_records_search WHERE tokens @@ %s::tsquery LIMIT 40",
                [asked],
            )
            ids = [r[0] for r in found]
        if ids:
            self.rows(f"SELECT name FROM o_customer WHERE id IN ({', '.join(map(str, ids))})")


def _months_back(month: date, n: int) -> date:
    index = month.year * 12 + month.month - 1 - n
    return date(index // 12, index % 12 + 1, 1)
