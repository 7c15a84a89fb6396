"""Ranks: competition ranking, equal figures share a place."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
Number = int | Decimal


def ranks(values: Mapping[K, Number | None], *, better: str = "up") -> dict[K, int]:
    """Rank by key, 1 is best; keys without a value have none. ``better`` down: less is better."""
    have = [(k, v) for k, v in values.items() if v is not None]
    have.sort(key=lambda kv: kv[1], reverse=better == "up")
    placed: dict[K, int] = {}
    rank = 0
    last: Number | None = None
    for place, (key, value) in enumerate(have, start=1):
        if value != last:
            rank, last = place, value
        placed[key] = rank
    return placed


def share_of_best(value: Number | None, values: Iterable[Number | None]) -> Decimal:
    """The length of a bar: value ÷ largest, 0–1; nothing below zero is drawn."""
    largest = max((Decimal(v) for v in values if v is not None), default=Decimal(0))
    if value is None or largest <= 0:
        return Decimal(0)
    return max(Decimal(value) / largest, Decimal(0))
