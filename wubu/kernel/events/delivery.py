"""Delivery: each consumer's changes since its cursor, by whichever worker has its lease.

The handler's writes, what was set aside and the cursor are committed together. The cursor only
moves from where it was read: a worker that lost its lease takes back all it did.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q

from wubu.kernel.audit import queries as audit
from wubu.kernel.audit.sealing import horizon
from wubu.kernel.calendar.queries import now
from wubu.kernel.events import asides
from wubu.kernel.events.handing import hand_over
from wubu.kernel.events.models import Cursor
from wubu.kernel.events.registry import CONSUMERS, Consumer
from wubu.kernel.events.types import Event
from wubu.kernel.jobs.running import committed
from wubu.kernel.jobs.worker import alive
from wubu.kernel.workspace import unit_of_work

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)  # longer than a batch takes
FIELDS = tuple(Event.__dataclass_fields__)
MOST_BATCHES = 20  # of one consumer in one turn, so that the others have theirs


class _Lost(Exception):
    """Another worker moved the cursor meanwhile; what this one did is taken back."""


def run_due(worker: str, upto: int | None = None) -> int:
    """Deliver what is due to every consumer; how many events were handled or set aside.

    ``upto`` is the last change to deliver where the caller knows that no lower one can appear.
    """
    with unit_of_work():
        there = dict(Cursor.objects.values_list("name", "position"))
        newest = audit.latest_id()
        retrying = asides.due(now())
    if CONSUMERS.keys() - there.keys():
        _start(CONSUMERS.keys() - there.keys(), upto)
    count = 0
    for name in tuple(CONSUMERS):
        if there.get(name, newest) < newest or name in retrying:
            count += _turn(CONSUMERS[name], worker, upto)
    return count


def drain() -> int:
    """Deliver everything that is written, here and now: for commands and tests on their own."""
    count = 0
    while did := run_due("drain", audit.latest_id()):
        count += did
    return count


def _start(names: set[str], upto: int | None) -> None:
    """New consumers begin behind what can no longer change."""
    with committed():
        position = horizon() if upto is None else upto
        rows = [Cursor(name=name, position=position) for name in sorted(names)]
        Cursor.objects.bulk_create(rows, ignore_conflicts=True)


def _turn(consumer: Consumer, worker: str, upto: int | None) -> int:
    if not _lease(consumer.name, worker):
        return 0
    count = 0
    try:
        with committed():
            last = horizon() if upto is None else upto
        with committed():
            count = asides.retry_due(consumer, now())
        for _ in range(MOST_BATCHES):
            with committed():
                did = _batch(consumer, worker, last)
            count += did
            if not did:
                break
    except _Lost:
        log.warning("Consumer %s was taken over by another worker", consumer.name)
    except Exception as error:
        log.exception("Delivery to %s stopped", consumer.name)
        with committed():
            _note_error(consumer.name, f"{type(error).__name__}: {error}")
    finally:
        with committed():
            held = Cursor.objects.filter(name=consumer.name, holder=worker)
            held.update(holder="", held_until=None)
    return count


def _lease(name: str, worker: str) -> bool:
    """Have the consumer for a while, unless a living worker has it. One update decides."""
    at = now()
    with committed():
        row = Cursor.objects.get(name=name)
        free = Q(holder="") | Q(held_until__lt=at)
        if row.holder and alive_or_unseen(row.holder) is False:
            free |= Q(holder=row.holder)
        mine = Cursor.objects.filter(free, name=name)
        return bool(mine.update(holder=worker, held_until=at + LEASE))


def alive_or_unseen(worker: str) -> bool | None:
    """Whether a worker lives; None where that cannot be seen from here."""
    return alive(worker) if worker.count(":") == 3 else None


def _batch(consumer: Consumer, worker: str, last: int) -> int:
    row = Cursor.objects.get(name=consumer.name)
    events = after(row.position, last, consumer.batch)
    if not events:
        return 0
    blocked = asides.blocked(consumer.name, events)
    failures = hand_over(consumer, [e for e in events if e.record not in blocked])
    asides.put_aside(consumer.name, failures, [e for e in events if e.record in blocked], now())
    mine = Cursor.objects.filter(pk=row.pk, holder=worker, position=row.position)
    moved = mine.update(position=events[-1].id, delivered_at=now(), held_until=now() + LEASE)
    if not moved:
        raise _Lost
    if failures:
        _note_error(consumer.name, next(f.error for f in failures if f.error))
    return len(events)


def after(position: int, last: int, limit: int) -> Sequence[Event]:
    """The changes behind a position up to ``last``, in order."""
    rows = audit.columns_between(FIELDS, after_id=position, upto=last, limit=limit)
    return [Event(*row) for row in rows]


def _note_error(name: str, error: str) -> None:
    Cursor.objects.filter(name=name).update(error=error[:2000], failed_at=now())
