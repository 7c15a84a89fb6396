"""Upper siblings listen here to metrics that count anew, inside the transaction."""

from __future__ import annotations

from collections.abc import Callable

_subscribers: list[Callable[[str], object]] = []


def subscribe(fn: Callable[[str], object]) -> None:
    """Call ``fn(key)`` when the open days of a metric are to be made anew from the records."""
    if fn not in _subscribers:
        _subscribers.append(fn)


def emit(key: str) -> None:
    for fn in tuple(_subscribers):
        fn(key)
