"""Handing events to a handler so that one bad record does not hold up the others."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from wubu.kernel.events.registry import Consumer
from wubu.kernel.events.types import Event
from wubu.kernel.types import Refused
from wubu.kernel.workspace import forget

log = logging.getLogger(__name__)
LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that was not handled. Without ``error`` it waits behind one of its record.

    ``final``: it was refused, and trying again by itself would be refused again.
    """

    event: Event
    error: str = ""
    final: bool = False


def hand_over(consumer: Consumer, events: Sequence[Event]) -> list[Failure]:
    """Have the events handled, all at once where that works; those that failed, in order.

    A failing batch is halved by records until the faulty ones are alone, so ``n`` faulty records
    among ``m`` cost about ``n * log2(m)`` more calls.
    """
    if not events:
        return []
    failed = _attempt(consumer, events)
    if failed is None:
        return []
    if len(events) == 1:
        return [failed]
    records = list(dict.fromkeys(event.record for event in events))
    if len(records) == 1:
        return _one_by_one(consumer, events)
    first = set(records[: len(records) // 2])
    return [
        *hand_over(consumer, [e for e in events if e.record in first]),
        *hand_over(consumer, [e for e in events if e.record not in first]),
    ]


def _one_by_one(consumer: Consumer, events: Sequence[Event]) -> list[Failure]:
    """The events of one record: those before the faulty one are done, those after it wait."""
    for at, event in enumerate(events):
        failed = _attempt(consumer, [event])
        if failed is not None:
            return [failed, *(Failure(later) for later in events[at + 1 :])]
    return []


def _attempt(consumer: Consumer, events: Sequence[Event]) -> Failure | None:
    deepest = max(events, key=lambda event: event.depth)
    try:
        with transaction.atomic(), deepest.answered_by(consumer.name):
            consumer.handle(events)
    except Exception as error:
        forget()  # what was remembered may have been taken back
        if len(events) == 1:
            log.warning("Consumer %s failed on change %s", consumer.name, deepest.id, exc_info=True)
        return Failure(deepest, _said(error), isinstance(error, Refused))
    return None


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
