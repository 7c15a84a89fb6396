"""What a person does with events that were set aside."""

from __future__ import annotations

from django.db import transaction

from wubu.kernel import hooks
from wubu.kernel.calendar.queries import now
from wubu.kernel.events import asides
from wubu.kernel.events.models import SetAside
from wubu.kernel.events.queries import AREA
from wubu.kernel.types import Actor, Missing, Problem, Text


def retry(*, actor: Actor, id: int) -> None:
    """Try an event again within seconds, with all that waits before and behind it in its record.

    Raises Missing, Forbidden.
    """
    hooks.require_setup(actor, AREA)
    with transaction.atomic():
        row = _row(id)
        _first_of_record(row)
        _record(actor, row, "retry")


def dismiss(*, actor: Actor, id: int) -> None:
    """Give an event up: its consumer never handles it. What waited behind it is tried.

    Raises Missing, Forbidden.
    """
    hooks.require_setup(actor, AREA)
    with transaction.atomic():
        row = _row(id)
        row.dismissed_at, row.dismissed_by_id = now(), actor.member_id
        row.save(update_fields=["dismissed_at", "dismissed_by_id"])
        _first_of_record(row)
        _record(actor, row, "dismiss")


def _row(id: int) -> SetAside:
    row = SetAside.objects.select_for_update().filter(asides.pending(), pk=id).first()
    if row is None:
        raise Missing(
            Problem(
                "event_not_set_aside",
                Text("没有编号为 {id} 的待处理事件。", "No event {id} is set aside.").format(id=id),
                Text("它可能已处理或已忽略，请刷新列表。", "It may be done or dismissed: reload."),
            )
        )
    return row


def _first_of_record(row: SetAside) -> None:
    """The oldest pending event of the record is due now; the others follow it."""
    rows = SetAside.objects.filter(
        asides.pending(),
        consumer=row.consumer,
        object_key=row.object_key,
        record_id=row.record_id,
    )
    first = rows.order_by("change_id").first()
    if first is not None:
        first.next_at = now()
        first.save(update_fields=["next_at"])


def _record(actor: Actor, row: SetAside, action: str) -> None:
    said = {"consumer": row.consumer, "change": row.change_id, "error": row.error}
    hooks.record(actor, "event", row.pk, action, said, {})
