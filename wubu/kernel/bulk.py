# ruff: noqa: S608 (table and column names come from the code or the catalog and are quoted)
"""Many rows at once, on SQLite and PostgreSQL: the plain SQL under every set-based writer.

Values are what the driver takes; nothing here checks or converts them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from django.db import DatabaseError, connection
from django.db.models import Field, ForeignKey, Lookup

if TYPE_CHECKING:
    AnyLookup = Lookup[Any]
else:
    AnyLookup = Lookup

CACHE_AT_LENGTH = -49_152  # KiB
CHECKPOINT_AT_LENGTH = 32_000  # pages of 4 KiB
COPY_FROM = 40  # below this many rows one INSERT is quicker than starting a COPY


@contextlib.contextmanager
def at_length() -> Iterator[None]:
    """While much is written.

    SQLite keeps more pages at hand, and carries them over to its file less often. PostgreSQL needs
    no telling. Call it outside of transactions.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA wal_autocheckpoint")
        every = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA cache_size = {CACHE_AT_LENGTH}")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_AT_LENGTH}")
    try:
        yield
    finally:
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute(f"PRAGMA wal_autocheckpoint = {int(every)}")
            cursor.execute(f"PRAGMA cache_size = {int(pages)}")
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


def reserve_ids(table: str, count: int) -> list[int]:
    """``count`` fresh ids of a table, ascending. Call inside the transaction that uses them."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        start = row[0] if row else 0
        return list(range(start + 1, start + count + 1))


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert the rows: COPY on PostgreSQL when there are many, else one statement."""
    if not rows:
        return
    quote = connection.ops.quote_name
    names = ", ".join(quote(c) for c in columns)
    one = "(" + ", ".join(["%s"] * len(columns)) + ")"
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES {one}", rows)
        elif len(rows) < COPY_FROM:
            every = ", ".join([one] * len(rows))
            values = [v for row in rows for v in row]
            cursor.execute(f"INSERT INTO {quote(table)} ({names}) VALUES {every}", values)
        else:
            with (
                connection.wrap_database_errors,
                cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy,
            ):
                for row in rows:
                    copy.write_row(row)


def update(
    table: str,
    columns: Sequence[str],
    types: Sequence[str],
    ids: Sequence[int],
    rows: Sequence[Sequence[Any]],
    *,
    also: str = "",
) -> None:
    """Set ``columns`` of each id to its row.

    ``types`` are PostgreSQL types; ``also`` is more SET, with no values.
    """
    if not ids:
        return
    quote = connection.ops.quote_name
    more = f", {also}" if also else ""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            sets = ", ".join(f"{quote(c)} = %s" for c in columns)
            cursor.executemany(
                f"UPDATE {quote(table)} SET {sets}{more} WHERE id = %s",
                [(*row, id_) for id_, row in zip(ids, rows, strict=True)],
            )
            return
        sets = ", ".join(f"{quote(c)} = v.{quote(c)}" for c in columns)
        arrays = ", ".join(f"%s::{_wide(t)}[]" for t in types)
        names = ", ".join(quote(c) for c in columns)
        cursor.execute(
            f"UPDATE {quote(table)} AS t SET {sets}{more} "
            f"FROM unnest(%s::bigint[], {arrays}) AS v(v_id, {names}) WHERE t.id = v.v_id",
            [list(ids), *(list(column) for column in zip(*rows, strict=True))],
        )


def _wide(kind: str) -> str:
    """An array of varchar(20) would silently cut its items; text complains when they are stored."""
    return "text" if kind.startswith(("varchar", "char")) else kind


class Values:
    """Many ids or texts for the ``among`` look-up: ``filter(id__among=Values(ids))``."""

    __slots__ = ("items",)

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = list(items)


class ArrayParam:
    """Such values by a name, to be given later: see ``kernel.statements``."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def packed(items: Iterable[Any]) -> Any:
    """Many values as the one parameter that ``among`` takes."""
    every = list(items)
    return every if connection.vendor == "postgresql" else orjson.dumps(every).decode()


@ForeignKey.register_lookup  # links do not inherit the look-ups of fields
@Field.register_lookup
class Among(AnyLookup):
    """``in`` for thousands of values: one parameter instead of one each."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, params = self.process_lhs(compiler, connection)
        items = self.rhs if self.rhs.__class__ is ArrayParam else packed(self.rhs.items)
        if connection.vendor == "postgresql":
            return f"{left} = ANY(%s)", [*params, items]
        return f"{left} IN (SELECT value FROM json_each(%s))", [*params, items]
