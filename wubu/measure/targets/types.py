"""What the room takes and hands out. All immutable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from wubu.kernel.calendar.types import Period, TimeProgress
from wubu.kernel.types import Text
from wubu.measure.metrics.types import Cell, MetricInfo

Number = int | Decimal
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TargetDraft:
    """A target as someone wants it.

    ``value`` is whole, in the metric's stored form (see ``queries.scale``): fen for money, basis
    points for a ratio, tenths of a day, hundredths of a point. None takes the target away.
    """

    metric: str
    month: Period
    member_id: int
    value: int | None


@dataclass(frozen=True, slots=True)
class TargetsSet:
    """What setting targets did."""

    created: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class TargetVersion:
    """One time that a target was set; it held from ``valid_from`` until the next one."""

    metric: str
    month: date
    member_id: int
    value: int | None
    valid_from: date
    reason: str | None
    set_at: datetime
    set_by: int | None


@dataclass(frozen=True, slots=True)
class Attained:
    """A target beside what was reached.

    Figures are in the form of ``Cell.value``: stored ints for sums and counts, Decimals for ratios
    and averages. ``attainment`` is a ratio and is never capped; None without a target or without a
    figure.

    ``gap`` is what is still missing (negative: surpassed); ``expected`` what time alone would ask
    for by now; ``daily_need`` the gap by remaining working day, None when none remains or nothing
    is missing.
    """

    metric: str
    actual: Cell
    target: Number | None
    attainment: Decimal | None
    gap: Number | None
    expected: Number | None
    daily_need: Decimal | None

    @property
    def on_pace(self) -> bool | None:
        """Is as much reached as time asks for? None where that cannot be said."""
        if self.gap is None:
            return None
        if self.expected is None:
            return self.gap <= 0
        return self.actual.value is not None and self.actual.value >= self.expected


class Later(Mapping[str, T]):
    """A mapping that is worked out when it is first looked into: few readers do."""

    def __init__(self, make: Callable[[], Mapping[str, T]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, T]:
        return self._make()

    def __getitem__(self, key: str) -> T:
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


@dataclass(frozen=True, slots=True)
class AttainedRow:
    """One member, team or the whole; ``lacking`` are the members without a target, by metric."""

    key: int
    label: Text
    lines: Mapping[str, Attained]
    lacking: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Attainment:
    """Targets beside figures over a period. ``total`` is of everybody that the actor may see."""

    metrics: tuple[MetricInfo, ...]
    period: Period
    progress: TimeProgress
    rows: tuple[AttainedRow, ...]
    total: AttainedRow
    lacking: Mapping[str, tuple[int, ...]]
    as_of: date | None = None
