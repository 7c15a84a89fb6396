"""What the ledger hands out. All immutable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Actor


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of balances: ``value`` in stored form, ``count`` of entries."""

    value: int = 0
    count: int = 0

    def __add__(self, other: Total) -> Total:
        return Total(self.value + other.value, self.count + other.count)


@dataclass(frozen=True, slots=True)
class Posted:
    """One entry as it stands in the ledger."""

    id: int
    metric_id: int
    object_key: str
    record_id: int
    part: int
    day: date
    member_id: int
    team_id: int
    value: int
    kind: str
    of_day: date | None
    note: str | None
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """A month that was closed; ``reopened_at`` is set when it was opened again, with the reason."""

    id: int
    month: Period
    closed_at: datetime
    closed_by: int | None
    note: str | None
    reopened_at: datetime | None
    reopened_by: int | None
    reason: str | None
    months: tuple[Period, ...] = ()  # told to subscribers: what this closing closes or reopens

    @property
    def is_closed(self) -> bool:
        return self.reopened_at is None


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One balance of a month as it stood when that was closed."""

    month: date
    metric_id: int
    member_id: int
    team_id: int
    value: int
    count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What is posted of a record is not what the rule yields of it now."""

    metric_id: int
    record_id: int
    posted: int
    yielded: int


@dataclass(frozen=True, slots=True)
class ClosedDifference:
    """A balance of a closed month is not what closing kept of it."""

    metric_id: int
    month: date
    member_id: int
    team_id: int
    kept: int
    now: int


Subscriber = Callable[[Closing, Actor], None]
