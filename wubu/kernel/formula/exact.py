"""Exact arithmetic on scaled integers and days: the same functions serve Python values and SQLite.

A number is an int times ten to its scale. Results of 10**18 or more, divisions by zero and days
outside the years 1 to 9999 are missing (None), on every database alike.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import isqrt
from zoneinfo import ZoneInfo

LIMIT = 10**18  # exclusive bound of a scaled number
MAX_SCALE = 6
MAX_DAYS = 1_000_000  # exclusive bound of days added at once
MAX_MONTHS = 30_000  # and of months


def within(value: int | None) -> int | None:
    """The value, or missing when it is too large to keep."""
    return value if value is not None and -LIMIT < value < LIMIT else None


def half_away(value: int, divisor: int) -> int:
    """value ÷ divisor (positive) to the nearest whole, halves away from zero."""
    quotient, rest = divmod(abs(value), divisor)
    quotient += 2 * rest >= divisor
    return quotient if value >= 0 else -quotient


def rescale(value: int | None, up: int) -> int | None:
    """More decimals (``up`` positive) or fewer, rounding."""
    if value is None:
        return None
    return within(value * 10**up) if up >= 0 else half_away(value, 10**-up)


def times(a: int | None, b: int | None, drop: int) -> int | None:
    """a × b with ``drop`` decimals rounded away."""
    return None if a is None or b is None else within(half_away(a * b, 10**drop))


def over(a: int | None, b: int | None, lift: int) -> int | None:
    """a × 10**lift ÷ b, rounded; missing when b is zero."""
    if a is None or b is None or b == 0:
        return None
    return within(half_away(a * 10**lift if b > 0 else -a * 10**lift, abs(b)))


def rounded(value: int | None, drop: int, back: int) -> int | None:
    """``drop`` decimals rounded away, then ``back`` zeros put again."""
    return None if value is None else within(half_away(value, 10**drop) * 10**back)


def floor(value: int | None, drop: int) -> int | None:
    """The next whole at or below."""
    return None if value is None else value // 10**drop


def ceiling(value: int | None, drop: int) -> int | None:
    """The next whole at or above."""
    return None if value is None else -(-value // 10**drop)


def away(value: int, divisor: int) -> int:
    """value ÷ divisor (positive) to the next whole away from zero."""
    return -(-value // divisor) if value >= 0 else value // divisor


def toward(value: int, divisor: int) -> int:
    """value ÷ divisor (positive) to the next whole toward zero."""
    return value // divisor if value >= 0 else -(-value // divisor)


def rounded_up(value: int | None, drop: int, back: int) -> int | None:
    """As ``rounded``, away from zero."""
    return None if value is None else within(away(value, 10**drop) * 10**back)


def rounded_down(value: int | None, drop: int, back: int) -> int | None:
    """As ``rounded``, toward zero."""
    return None if value is None else within(toward(value, 10**drop) * 10**back)


def floor_to(value: int | None, step: int | None) -> int | None:
    """The next multiple of a positive step at or below."""
    if value is None or step is None or step <= 0:
        return None
    return within(value // step * step)


def ceiling_to(value: int | None, step: int | None) -> int | None:
    """The next multiple of a positive step at or above."""
    if value is None or step is None or step <= 0:
        return None
    return within(-(-value // step) * step)


def mod(value: int | None, divisor: int | None) -> int | None:
    """What is left after dividing, with the divisor's sign; missing for a divisor of 0."""
    return None if value is None or not divisor else value % divisor


def root(value: int | None, scale: int) -> int | None:
    """The square root of value × 10**-scale, times 10**6, rounded; missing below zero."""
    if value is None or value < 0:
        return None
    square: int = value * 10 ** (12 - scale)
    found = isqrt(square)
    return found + (square - found * found > found)


def power(value: int | None, times: int, drop: int) -> int | None:
    """value ** times with ``drop`` decimals rounded away."""
    raised: int = 0 if value is None else value**times
    return None if value is None else within(half_away(raised, 10**drop))


def total(*values: int | None) -> int | None:
    """The sum of those that are there; 0 of nothing."""
    return within(sum(v for v in values if v is not None))


def mean(lift: int, *values: int | None) -> int | None:
    """The average of those that are there, with ``lift`` more decimals, rounded."""
    there = [v for v in values if v is not None]
    return over(sum(there), len(there), lift) if there else None


def decimal_text(value: int | None, scale: int) -> str | None:
    """The number as digits with exactly ``scale`` decimals."""
    if value is None:
        return None
    sign, digits = "-" if value < 0 else "", str(abs(value)).rjust(scale + 1, "0")
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else sign + digits


def make_date(year: int | None, month: int | None, day: int | None) -> date | None:
    """Months and days beyond their range roll on, as in a spreadsheet: month 13 is next January."""
    if year is None or month is None or day is None or not 1 <= year <= 9999:
        return None
    if not -MAX_MONTHS < month < MAX_MONTHS:
        return None
    return add_days(add_months(date(year, 1, 1), month - 1), day - 1)


def add_days(day: date | None, days: int | None) -> date | None:
    """So many days later."""
    if day is None or days is None or not -MAX_DAYS < days < MAX_DAYS:
        return None
    ordinal = day.toordinal() + days
    return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None


def add_months(day: date | None, months: int | None) -> date | None:
    """So many months later, the last of the month where the day does not exist."""
    if day is None or months is None or not -MAX_MONTHS <= months < MAX_MONTHS:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def start_of(day: date | None, unit: str) -> date | None:
    """The first day of the day's ``week`` (Monday), ``month``, ``quarter`` or ``year``."""
    if day is None:
        return None
    if unit == "week":
        return day - timedelta(days=day.weekday())
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    return date(day.year, month, 1)


def month_end(day: date | None) -> date | None:
    """The last day of the day's month."""
    if day is None:
        return None
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_time(when: datetime | None, days: int | None) -> datetime | None:
    """So many times 24 hours later."""
    if when is None or days is None or add_days(when.date(), days) is None:
        return None
    return when + timedelta(days=days)


def hours(later: datetime | None, earlier: datetime | None) -> int | None:
    """Hundredths of an hour between two instants, rounded."""
    if later is None or earlier is None:
        return None
    microseconds = (later - earlier) // timedelta(microseconds=1)
    return half_away(microseconds * 100, 3_600_000_000)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_day(instant: datetime | None, zone_name: str) -> date | None:
    """The day at an aware instant in a time zone."""
    if instant is None:
        return None
    try:
        return instant.astimezone(zone(zone_name)).date()
    except OverflowError:  # the last hours of the year 9999, somewhere already in the next
        return None


def day_begins(day: date, zone_name: str) -> datetime:
    """The aware instant, in UTC, at which a day begins in a time zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone(zone_name)).astimezone(UTC)


def clock(instant: datetime | None, zone_name: str, field: str) -> int | None:
    """The ``hour`` or ``minute`` of an aware instant in a time zone."""
    if instant is None:
        return None
    try:
        local = instant.astimezone(zone(zone_name))
    except OverflowError:
        return None
    return local.hour if field == "hour" else local.minute


def date_difference(start: date | None, end: date | None, unit: str) -> int | None:
    """Full years (``y``), months (``m``) or days (``d``); missing if the end comes first."""
    if start is None or end is None or end < start:
        return None
    if unit == "d":
        return (end - start).days
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return months if unit == "m" else months // 12
