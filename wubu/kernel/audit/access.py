"""Who took records out, and who saw what is sensitive: one row for a page or a call.

The door tells what it read while the unit of work goes on; at its end whoever serves the request
writes it down, in the same transaction. Where SQLite is busy with somebody else's write, nobody
waits for that: the rows go along with the next ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from wubu.kernel.audit.models import Access
from wubu.kernel.audit.types import AccessRow
from wubu.kernel.calendar.queries import now
from wubu.kernel.types import Actor
from wubu.kernel.workspace import remember, workspace_key

SEEN = "audit.seen"
MOST_IDS = 1_000  # records named in one row; beyond that only their number is kept
_waiting: deque[tuple[str, Access]] = deque(maxlen=10_000)

SensitiveReads = dict[tuple[Actor, str], tuple[set[int], set[str]]]


def _sensitive_reads() -> SensitiveReads:
    made: SensitiveReads = remember(SEEN, dict)
    return made


def saw(actor: Actor, object_key: str, ids: Iterable[int], fields: Iterable[str]) -> None:
    """These sensitive fields of these records were read for the actor in this unit of work."""
    held, named = _sensitive_reads().setdefault((actor, object_key), (set(), set()))
    held.update(ids)
    named.update(fields)


def seen() -> Mapping[tuple[Actor, str], tuple[set[int], set[str]]]:
    """What was read so far in this unit of work."""
    return _sensitive_reads()


def log_sensitive_reads(*, kind: str, place: str) -> None:
    """Write down what was seen in this unit of work, if anything was, and begin anew."""
    sights = _sensitive_reads()
    if not sights:
        return
    rows = [
        Access(
            at=now(),
            actor_id=actor.viewer_id or actor.member_id,
            entrance=actor.entrance,
            kind=kind,
            object_key=object_key,
            fields=sorted(fields),
            ids=_joined(ids),
            number=len(ids),
            place=place[:500],
        )
        for (actor, object_key), (ids, fields) in sights.items()
        if ids and fields
    ]
    sights.clear()
    _write(rows)


def took(
    actor: Actor,
    *,
    kind: str,
    object_key: str,
    fields: Sequence[str],
    number: int,
    ids: Iterable[int] = (),
    place: str = "",
    filter: str = "",
) -> None:
    """Records left the program (``export``) or were printed (``print``).

    It takes the place of what was noted of their reading.
    """
    _sensitive_reads().pop((actor, object_key), None)
    row = Access(
        at=now(),
        actor_id=actor.viewer_id or actor.member_id,
        entrance=actor.entrance,
        kind=kind,
        object_key=object_key,
        fields=list(fields),
        ids=_joined(ids),
        number=number,
        place=place[:500],
        filter=filter[:2000],
    )
    _write([row])


def _joined(ids: Iterable[int]) -> str:
    some = sorted(ids)[:MOST_IDS]
    return f",{','.join(map(str, some))}," if some else ""


def _write(rows: list[Access]) -> None:
    here = workspace_key()
    old = [row for key, row in _waiting if key == here]
    every = [*old, *rows]
    if not every:
        return
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        Access.objects.bulk_create(every)
    elif not _without_waiting(every):
        _waiting.extend((here, row) for row in rows)
        return
    for _ in range(len(_waiting)):
        key, row = _waiting.popleft()
        if key != here:
            _waiting.append((key, row))


def _without_waiting(rows: list[Access]) -> bool:
    """On SQLite: write now or not at all; a page never stands in line for the log of who saw it."""
    with connection.cursor() as cursor:
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 40")
        try:
            with transaction.atomic():
                Access.objects.bulk_create(rows)
        except OperationalError:
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
    return True


def access(
    *,
    object_key: str = "",
    record_id: int | None = None,
    actor_id: int | None = None,
    kind: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> list[AccessRow]:
    """The access log, newest first; every condition given must hold. ``until`` is out.

    Permission is the caller's matter.
    """
    rows = Access.objects.order_by("-id")
    given: dict[str, Any] = {
        "object_key": object_key or None,
        "actor_id": actor_id,
        "kind": kind or None,
        "at__gte": since,
        "at__lt": until,
        "id__lt": before_id,
        "ids__contains": f",{int(record_id)}," if record_id is not None else None,
    }
    rows = rows.filter(**{k: v for k, v in given.items() if v is not None})
    names = tuple(AccessRow.__dataclass_fields__)
    return [_row(values) for values in rows.values_list(*names)[:limit]]


def _row(values: tuple[Any, ...]) -> AccessRow:
    id_, at, actor_id, entrance, kind, object_key, fields, ids, *rest = values
    held = tuple(int(i) for i in ids.split(",") if i)
    return AccessRow(id_, at, actor_id, entrance, kind, object_key, tuple(fields), held, *rest)


def forget_before(day: datetime) -> int:
    """Drop rows older than a moment; how many. The log of changes is never dropped."""
    return Access.objects.filter(at__lt=day).delete()[0]
