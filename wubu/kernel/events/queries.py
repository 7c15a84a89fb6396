"""How delivery stands. Only who may set up the log sees it."""

from __future__ import annotations

from wubu.kernel import hooks
from wubu.kernel.audit import queries as audit
from wubu.kernel.events import asides
from wubu.kernel.events.models import Cursor, SetAside
from wubu.kernel.events.registry import CONSUMERS
from wubu.kernel.events.types import ConsumerView, SetAsideView
from wubu.kernel.types import Actor

AREA = "logs"
SHOWN = 200


def consumers(actor: Actor) -> list[ConsumerView]:
    """Every registered consumer with its lag, by name. Raises Forbidden."""
    hooks.require_setup(actor, AREA)
    rows = {row.name: row for row in Cursor.objects.all()}
    aside = asides.counts()
    found = []
    for name in sorted(CONSUMERS):
        row = rows.get(name)
        found.append(
            ConsumerView(
                name=name,
                lag=audit.number_after(row.position) if row else 0,
                delivered_at=row.delivered_at if row else None,
                error=row.error if row else "",
                failed_at=row.failed_at if row else None,
                set_aside=aside.get(name, 0),
            )
        )
    return found


def set_aside(actor: Actor, consumer: str = "") -> list[SetAsideView]:
    """The events that wait to be tried again or dismissed, the oldest first. Raises Forbidden."""
    hooks.require_setup(actor, AREA)
    rows = SetAside.objects.filter(asides.pending()).order_by("change_id", "id")
    if consumer:
        rows = rows.filter(consumer=consumer)
    names = tuple(SetAsideView.__dataclass_fields__)
    return [SetAsideView(*row) for row in rows.values_list(*names)[:SHOWN]]
