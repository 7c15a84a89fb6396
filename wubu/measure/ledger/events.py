"""Upper rooms listen here to months being closed and reopened, inside the transaction."""

from __future__ import annotations

from wubu.kernel.types import Actor
from wubu.measure.ledger.types import Closing, Subscriber

_subscribers: list[Subscriber] = []


def subscribe(fn: Subscriber) -> Subscriber:
    """Call ``fn(closing, actor)`` when a month is closed or, ``is_closed`` false, reopened."""
    if fn not in _subscribers:
        _subscribers.append(fn)
    return fn


def emit(closing: Closing, actor: Actor) -> None:
    for fn in tuple(_subscribers):
        fn(closing, actor)
