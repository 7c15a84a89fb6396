"""What a formula may know besides the record: the day, the time zone and who asks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime

from wubu.kernel.calendar import queries as calendar

_asker: ContextVar[tuple[int | None, frozenset[int]]] = ContextVar(
    "wubu_formula_asker", default=(None, frozenset())
)


@dataclass(frozen=True, slots=True)
class Context:
    """``today`` and ``now`` are the workspace's.

    ``me`` is a member id, ``team`` the ids of the members of that member's teams.
    """

    today: date
    now: datetime
    zone: str
    me: int | None = None
    team: frozenset[int] = frozenset()


Asked = Context | Callable[[], Context] | None  # a function is called only if it matters

# For formulas that read nothing but the record: spares them asking for the workspace's settings.
NOWHERE = Context(date.min, datetime.min.replace(tzinfo=UTC), "UTC")


def current() -> Context:
    """Here and now, for whoever is asking."""
    return now_for(*_asker.get())


def now_for(me: int | None, team: frozenset[int] = frozenset()) -> Context:
    """Here and now, for a member."""
    return Context(calendar.today(), calendar.now(), calendar.zone().key, me, team)


@contextlib.contextmanager
def asking(me: int | None, team: frozenset[int] = frozenset()) -> Iterator[None]:
    """Within the block ME() is this member and MYTEAM() these members."""
    token = _asker.set((me, team))
    try:
        yield
    finally:
        _asker.reset(token)
