"""When business happens: the months of an industrial year, the weeks around Spring Festival."""

from __future__ import annotations

import bisect
import random
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate

from chinese_calendar.constants import holidays

from wubu.kernel.calendar.queries import is_working_day, zone

# January … December: budgets open in March, half-year and year-end rushes.
MONTHS = (0.75, 0.55, 1.1, 1.1, 1.0, 1.25, 0.85, 0.9, 1.1, 0.95, 1.2, 1.3)
# First day of the lunar year where the public calendar does not reach yet.
LATER = {
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
    2031: date(2031, 1, 23),
    2032: date(2032, 2, 11),
    2033: date(2033, 1, 31),
    2034: date(2034, 2, 19),
    2035: date(2035, 2, 8),
}


@cache
def spring_festival(year: int) -> date:
    """The first holiday of Spring Festival in a year."""
    days = [d for d, name in holidays.items() if d.year == year and name == "Spring Festival"]
    return min(days) if days else LATER.get(year, date(year, 2, 5))


def weight(day: date) -> float:
    """How much business a working day brings, around 1; a fifth in the weeks at Spring Festival."""
    away = (day - spring_festival(day.year)).days
    dip = 0.2 if -7 <= away <= 14 else 0.6 if -14 <= away <= 21 else 1.0
    return MONTHS[day.month - 1] * dip


class Days:
    """The working days from ``start`` up to and including ``end``, drawn by season."""

    def __init__(self, start: date, end: date) -> None:
        span = (start + timedelta(days=n) for n in range((end - start).days + 1))
        self.all = [d for d in span if is_working_day(d)]
        self.start, self.end = start, end
        self._sums = list(accumulate(weight(d) for d in self.all))

    def draw(self, rnd: random.Random, first: date | None = None, last: date | None = None) -> date:
        """A working day between the two (both in), likelier in busy seasons."""
        low = bisect.bisect_left(self.all, first) if first else 0
        high = bisect.bisect_right(self.all, last) if last else len(self.all)
        if low >= high:
            return min(max(first or self.start, self.start), self.end)
        under = self._sums[low - 1] if low else 0.0
        at = under + rnd.random() * (self._sums[high - 1] - under)
        return self.all[min(bisect.bisect_left(self._sums, at), high - 1)]

    def after(self, day: date, days: float) -> date:
        """The first working day at least so many days later; past the end, the plain date."""
        later = day + timedelta(days=max(0, round(days)))
        at = bisect.bisect_left(self.all, later)
        return self.all[at] if at < len(self.all) else later

    def soon(self, rnd: random.Random, day: date, days: float) -> date:
        """So many days later, or later still: in quiet weeks little gets decided."""
        later = self.after(day, days)
        while later <= self.end and rnd.random() > weight(later) + 0.25:
            later = self.after(later, rnd.randrange(2, 9))
        return later


def moment(day: date, rnd: random.Random, hours: tuple[int, int] = (9, 18)) -> datetime:
    """A moment of that day within working hours, in UTC."""
    local = datetime.combine(
        day,
        time(rnd.randrange(*hours), rnd.choice((0, 5, 10, 15, 20, 30, 40, 45, 50))),
        zone(),
    )
    return local.astimezone(UTC)
