"""Sealing the log: blocks of changes under a chain of hashes, made behind the writers' backs.

Writers do nothing for it. A job seals what can no longer change: on SQLite, where one writes at a
time, everything; on PostgreSQL ids are taken before they are committed, so a lower one may appear
after a higher one. There each run leaves a mark (the newest id, and who was writing then), and a
later run seals up to a mark whose writers have all ended.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from wubu.kernel.audit.models import Block, Change, Mark
from wubu.kernel.audit.queries import FIELDS
from wubu.kernel.audit.types import ChangeRow, Seal
from wubu.kernel.calendar.queries import now

PER_BLOCK = 2_000
NOTHING_BEFORE = "0" * 64


def digest(row: ChangeRow) -> str:
    """128 bits over everything that a change says, the same on both databases.

    Rows of the first release, which did not say what kind of actor wrote them, keep the digest that
    they had.
    """
    names = FIELDS if row.actor_kind else FIELDS[: FIELDS.index("actor_kind")]
    said = [getattr(row, name) for name in names]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_iso)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def line(row: ChangeRow) -> str:
    """A change as its block remembers it."""
    record = f"{row.object_key} {row.record_id}"
    return f"{row.id} {digest(row)} {_iso(row.at)} {record}"


def chained(number: int, previous: str, lines: Sequence[str]) -> str:
    """The hash of a block."""
    text = "\n".join([f"wubu {number} {previous}", *lines])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def pack(lines: Sequence[str]) -> bytes:
    return zlib.compress("\n".join(lines).encode())


def unpack(entries: Any) -> list[str]:
    """Raises zlib.error for what was never packed."""
    text = zlib.decompress(bytes(entries)).decode()
    return text.split("\n") if text else []


def rows_between(first: int, last: int) -> Iterator[ChangeRow]:
    """The changes with ids from ``first`` to ``last``, both included, in order."""
    found = Change.objects.filter(id__gte=first, id__lte=last).order_by("id")
    return (ChangeRow(*row) for row in found.values_list(*FIELDS).iterator(chunk_size=PER_BLOCK))


def latest() -> Seal | None:
    """The newest seal; None before the first."""
    row = Block.objects.order_by("-number").values_list("number", "hash", "last_id", "sealed_at")
    found = row.first()
    return Seal(*found) if found else None


# Whoever takes an id from the log holds this lock until its transaction ends: an INSERT locks the
# table before it asks the sequence. Nobody else does, in this database or another.
WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
  AND relation = %s::regclass
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND pid IS DISTINCT FROM pg_backend_pid()
"""


def horizon() -> int:
    """The id up to which no change can appear any more. Leaves a mark for the next time.

    What the caller's own transaction wrote counts as written: it ends together with the answer.
    """
    # The order matters: who took an id up to this one and has not ended is seen among the writers.
    newest = Change.objects.order_by("-id").values_list("id", flat=True).first() or 0
    if connection.vendor != "postgresql":
        return newest
    with connection.cursor() as cursor:
        cursor.execute(WRITERS, [Change._meta.db_table])
        writers = {row[0] for row in cursor.fetchall()}
    if not writers:
        return newest
    marks = Mark.objects.order_by("-last_id").values_list("last_id", "writers")
    safe = next((last for last, then in marks if writers.isdisjoint(then)), 0)
    Mark.objects.filter(last_id__lt=safe).delete()
    if not Mark.objects.filter(last_id=newest).exists():
        Mark.objects.create(at=now(), last_id=newest, writers=sorted(writers))
    return safe


def seal(upto: int | None = None) -> int:
    """Put everything that can no longer change under seals; how many changes that were.

    ``upto`` says the last id where the caller knows it. Two at once is no harm: the number of a
    block is unique, so the later one fails as a whole.
    """
    with transaction.atomic():
        last = horizon() if upto is None else upto
        before = latest()
        at = before.last_id if before else 0
        sealed = 0
        while at < last:
            rows = Change.objects.filter(id__gt=at, id__lte=last).order_by("id")
            some = [ChangeRow(*row) for row in rows.values_list(*FIELDS)[:PER_BLOCK]]
            if not some:
                break
            before = _block(before, at + 1, some)
            at = before.last_id
            sealed += len(some)
    return sealed


def _block(before: Seal | None, first: int, rows: Sequence[ChangeRow]) -> Seal:
    number = before.number + 1 if before else 1
    previous = before.hash if before else NOTHING_BEFORE
    lines = [line(row) for row in rows]
    made = Block.objects.create(
        number=number,
        first_id=first,
        last_id=rows[-1].id,
        count=len(rows),
        entries=pack(lines),
        previous=previous,
        hash=chained(number, previous, lines),
        sealed_at=now(),
    )
    return Seal(made.number, made.hash, made.last_id, made.sealed_at)
