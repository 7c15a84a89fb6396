"""Who wants to know when people move: called in the same transaction, after the writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from wubu.kernel.types import Actor
from wubu.kernel.workspace import forget


@dataclass(frozen=True, slots=True)
class PeopleChange:
    """``moved``: team membership changed from ``from_day`` (in) to ``until`` (out)."""

    kind: Literal["member", "team", "moved", "manager"]
    actor: Actor
    member_id: int | None = None
    team_id: int | None = None
    from_day: date | None = None
    until: date | None = None


Subscriber = Callable[[PeopleChange], None]
_subscribers: list[Subscriber] = []


def subscribe(fn: Subscriber) -> None:
    """Call ``fn`` at every change; subscribing the same function twice does nothing."""
    if fn not in _subscribers:
        _subscribers.append(fn)


def emit(change: PeopleChange) -> None:
    forget("people.members")
    for fn in _subscribers:
        fn(change)
