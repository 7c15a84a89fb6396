"""A plan of what is collected, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from wubu.kernel.types import Text

Rhythm = Literal["daily", "weekly", "monthly", "event"]


@dataclass(frozen=True, slots=True)
class Plan:
    """``fields`` are what a record of ``object_key`` should carry, ``roles`` who enters it.

    ``rhythm`` says how often each of them is expected to enter one; ``event`` is whenever there is
    something to enter. ``when`` is the field that says when it happened; empty: when entered.
    """

    key: str
    label: Text
    object_key: str
    fields: tuple[str, ...]
    roles: tuple[str, ...]
    rhythm: Rhythm
    when: str
    purpose: Text
    valid_from: date
    active: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """How many of the records looked at carry a field."""

    field: str
    label: Text
    filled: int
    of: int

    @property
    def missing(self) -> int:
        return self.of - self.filled

    @property
    def share(self) -> Decimal | None:
        """A ratio 0–1; None where there is nothing to look at."""
        return Decimal(self.filled) / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Entered:
    """What one person entered in the window of the rhythm, as owner where records have one.

    ``last`` is a day or a moment, of the records looked at.
    """

    member_id: int
    name: str
    count: int
    last: date | datetime | None
    expected: bool


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """How a plan stands, of the newest records that the reader may see.

    ``since`` is the first day of the window; ``looked_at`` how many records were looked at.
    """

    plan: Plan
    since: date
    looked_at: int
    entries: int
    fields: tuple[Filled, ...]
    people: tuple[Entered, ...]

    @property
    def silent(self) -> tuple[Entered, ...]:
        """Who was expected to enter something and did not."""
        return tuple(p for p in self.people if p.expected and not p.count)

    @property
    def share(self) -> Decimal | None:
        """Cells filled ÷ cells wanted, a ratio 0–1."""
        wanted = sum(f.of for f in self.fields)
        return Decimal(sum(f.filled for f in self.fields)) / wanted if wanted else None
