"""Events that were set aside: tried again by themselves a few times, then by a person.

Later events of the same record wait behind, so that each record keeps its order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count, Q

from wubu.kernel.audit import queries as audit
from wubu.kernel.events.handing import Failure, hand_over
from wubu.kernel.events.models import SetAside
from wubu.kernel.events.registry import Consumer
from wubu.kernel.events.types import Event
from wubu.kernel.jobs.running import back_off

ATTEMPTS = 5  # with waits of 30 s, 2 min, 8 min and 32 min between them
AT_ONCE = 200  # records in one go


def pending() -> Q:
    return Q(dismissed_at__isnull=True)


def due(at: datetime) -> set[str]:
    """The consumers that have something to try again."""
    rows = SetAside.objects.filter(pending(), next_at__lte=at)
    return set(rows.values_list("consumer", flat=True).distinct())


def blocked(consumer: str, events: Sequence[Event]) -> set[tuple[str, int]]:
    """The records among these of which something is set aside already."""
    if not SetAside.objects.filter(pending(), consumer=consumer).exists():
        return set()
    ids = {event.record_id for event in events}
    rows = SetAside.objects.filter(pending(), consumer=consumer, record_id__in=ids)
    return set(rows.values_list("object_key", "record_id"))


def put_aside(
    consumer: str, failures: Sequence[Failure], behind: Iterable[Event], at: datetime
) -> None:
    """Set aside what failed, and what waits behind earlier events of its record."""
    rows = [
        SetAside(
            consumer=consumer,
            change_id=failure.event.id,
            object_key=failure.event.object_key,
            record_id=failure.event.record_id,
            attempts=1 if failure.error else 0,
            error=failure.error,
            at=at,
            next_at=_next(failure, 1, at),
        )
        for failure in (*failures, *(Failure(event) for event in behind))
    ]
    SetAside.objects.bulk_create(rows, batch_size=500)


def _next(failure: Failure, attempts: int, at: datetime) -> datetime | None:
    if not failure.error or failure.final or attempts >= ATTEMPTS:
        return None
    return at + back_off(attempts)


def retry_due(consumer: Consumer, at: datetime) -> int:
    """Try again what is due, each record's events in order. How many were handled.

    Must run in the transaction that commits what the handler writes.
    """
    ready = SetAside.objects.filter(pending(), consumer=consumer.name, next_at__lte=at)
    records = set(ready.order_by("id").values_list("object_key", "record_id")[:AT_ONCE])
    if not records:
        return 0
    ids = {record_id for _, record_id in records}
    found = SetAside.objects.select_for_update().filter(
        pending(), consumer=consumer.name, record_id__in=ids
    )
    rows = {r.change_id: r for r in found if (r.object_key, r.record_id) in records}
    changes = audit.columns_of(tuple(Event.__dataclass_fields__), rows)
    failures = hand_over(consumer, [Event(*change) for change in changes])
    left = {failure.event.id for failure in failures}
    for failure in failures:
        row = rows[failure.event.id]
        row.attempts += 1 if failure.error else 0
        row.error = failure.error
        row.next_at = _next(failure, row.attempts, at)
    SetAside.objects.bulk_update(
        [rows[i] for i in sorted(left)], ["attempts", "error", "next_at"], batch_size=200
    )
    over = [row.pk for change_id, row in rows.items() if change_id not in left]
    SetAside.objects.filter(pk__in=over).delete()
    return len(over)


def counts() -> dict[str, int]:
    """How many events of each consumer are set aside."""
    rows = SetAside.objects.filter(pending()).values_list("consumer")
    return dict(rows.annotate(number=Count("id")))
