"""Working days as Monday to Friday with exceptions: what PostgreSQL is told and SQLite asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from chinese_calendar.constants import holidays, workdays

from wubu.kernel.calendar.types import DayNote
from wubu.kernel.formula.handles import Handle

DAYS_AT_ONCE = 2_000  # working days added at once
SLACK = 60  # days searched beyond twice as many as wanted; further off there is no working day
CACHE_SIZE = 64


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Days that are not as their weekday says: ``worked`` weekends and ``free`` weekdays."""

    worked: tuple[date, ...]
    free: tuple[date, ...]


@lru_cache(maxsize=1)
def _public() -> dict[date, bool]:
    """China's public calendar where it differs from Monday to Friday."""
    said = {day: True for day in workdays if day.weekday() > 4}
    return said | {day: False for day in holidays if day.weekday() < 5 and day not in workdays}


def exceptions(own: Iterable[DayNote]) -> Exceptions:
    """The public calendar and, before it, the company's own days."""
    return _exceptions(tuple((note.day, note.working) for note in own))


@lru_cache(maxsize=CACHE_SIZE)
def _exceptions(own: tuple[tuple[date, bool], ...]) -> Exceptions:
    said = {**_public(), **dict(own)}
    return Exceptions(
        tuple(sorted(d for d, worked in said.items() if worked and d.weekday() > 4)),
        tuple(sorted(d for d, worked in said.items() if not worked and d.weekday() < 5)),
    )


def _is_in(day: date, days: tuple[date, ...]) -> bool:
    at = bisect_left(days, day)
    return at < len(days) and days[at] == day


def is_worked(days: Exceptions, day: date) -> bool:
    """Whether a day is worked."""
    return _is_in(day, days.worked) if day.weekday() > 4 else not _is_in(day, days.free)


def add(days: Exceptions, day: date, count: int) -> date | None:
    """The ``count``-th working day after a day, before it if negative; 0 gives the day."""
    if not -DAYS_AT_ONCE <= count <= DAYS_AT_ONCE:
        return None
    left = abs(count)
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(2 * left + SLACK if left else 0):
        if day == (date.max if count > 0 else date.min):
            return None
        day += step
        left -= is_worked(days, day)
        if not left:
            break
    return None if left else day


def _weekdays(ordinal: int) -> int:
    """Mondays to Fridays before a day, from the Monday 0001-01-01."""
    return ordinal // 7 * 5 + min(ordinal % 7, 5)


def between(days: Exceptions, start: date, end: date) -> int:
    """Working days from one day to another, both counted; negative when backwards."""
    low, high = min(start, end), max(start, end)
    first, after = low.toordinal() - 1, high.toordinal()
    found = _weekdays(after) - _weekdays(first)
    for some, sign in ((days.worked, 1), (days.free, -1)):
        upto = len(some) if high == date.max else bisect_left(some, high + timedelta(days=1))
        found += sign * (upto - bisect_left(some, low))
    return found if start <= end else -found


@lru_cache(maxsize=CACHE_SIZE)
def handle(days: Exceptions) -> Handle:
    """By which SQLite's functions find these exceptions."""
    return Handle(days)
