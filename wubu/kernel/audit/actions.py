"""Appending to the one log. Nothing here changes a row that is already written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from wubu.kernel import bulk
from wubu.kernel.audit import causes
from wubu.kernel.audit.models import Batch, Change
from wubu.kernel.types import Actor, Origin, must_write

TABLE = Change._meta.db_table
COLUMNS = (
    "at",
    "actor_id",
    "entrance",
    "actor_kind",
    "actor_name",
    "object_key",
    "record_id",
    "action",
    "before",
    "after",
    "batch_id",
    "file",
    "sheet",
    "line",
)
CAUSE = ("cause_id", "caused_by", "depth")  # the defaults say that a person did it


def append(
    *,
    actor: Actor,
    at: datetime,
    object_key: str,
    action: str,
    rows: Iterable[tuple[int, dict[str, Any] | None, dict[str, Any] | None, int | None]],
    origin: Origin | None = None,
) -> None:
    """Log one action on many records of an object: rows of (record id, before, after, source line).

    ``before`` and ``after`` are JSON forms. Must run in the transaction that writes the records.
    """
    must_write(actor)
    origin = origin or Origin()
    when = Change._meta.get_field("at").get_db_prep_save(at, connection)
    who = (actor.member_id, actor.entrance, actor.kind, actor.name[:120])
    head = (when, *who, object_key)
    tail = (origin.batch, origin.file, origin.sheet)
    cause = causes.current()
    why = (cause.change_id, cause.by, cause.depth) if cause else ()
    dumps = orjson.dumps
    bulk.insert(
        TABLE,
        (*COLUMNS, *CAUSE) if cause else COLUMNS,
        [
            (
                *head,
                record_id,
                action,
                None if before is None else dumps(before).decode(),
                None if after is None else dumps(after).decode(),
                *tail,
                origin.line if line is None else line,
                *why,
            )
            for record_id, before, after, line in rows
        ],
    )


def open_batch(*, actor: Actor, kind: str, at: datetime, note: str = "") -> int:
    """Start a batch and return its number, to be carried in ``Origin.batch`` of the writes."""
    return Batch.objects.create(at=at, actor_id=actor.member_id, kind=kind, note=note[:255]).pk


def mark_undone(*, batch_id: int, at: datetime) -> None:
    """Remember that a batch was taken back."""
    Batch.objects.filter(pk=batch_id).update(undone_at=at)
