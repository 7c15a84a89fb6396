"""Periods: half-open spans of days ``[start, end)`` that know what came before and a year ago."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from wubu.kernel.types import Lang, Problem, Refused, Text, language

Kind = Literal["day", "week", "month", "quarter", "year", "custom"]
KINDS: tuple[Kind, ...] = ("day", "week", "month", "quarter", "year", "custom")
MONTH_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
FIRST_YEAR, LAST_YEAR, LONGEST_YEARS = 1900, 2200, 50
_ONE_DAY = timedelta(days=1)
_KEY = re.compile(
    r"(?P<y>\d{4})(?:-(?:Q(?P<q>[1-4])|W(?P<w>\d\d)|(?P<m>\d\d)(?:-(?P<d>\d\d))?))?", re.ASCII
)


def add_months(day: date, months: int) -> date:
    """The same day so many months on; the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - _ONE_DAY).day
    return date(year, month + 1, min(day.day, last))


def _day_text(day: date, lang: Lang) -> str:
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def _known(first: int, last: int) -> None:
    """Raises ValueError for years in which nobody works, and for longer than anybody looks back."""
    if first < FIRST_YEAR or last > LAST_YEAR or last - first > LONGEST_YEARS:
        raise ValueError(f"{first} to {last}")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of whole days. ``start`` is in, ``end`` is not.

    ``fiscal_start`` is the month in which the fiscal year begins; only quarters and
    years mind it.
    """

    start: date
    end: date
    kind: Kind = "custom"
    fiscal_start: int = 1

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise Refused(
                Problem(
                    "period_backwards",
                    Text("结束日期必须晚于开始日期。", "A period must end after it starts."),
                )
            )

    @classmethod
    def day(cls, day: date) -> Period:
        return cls(day, day + _ONE_DAY, "day")

    @classmethod
    def week(cls, day: date) -> Period:
        """The week, Monday to Sunday, that holds ``day``."""
        monday = day - timedelta(days=day.weekday())
        return cls(monday, monday + timedelta(days=7), "week")

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        start = date(year, month, 1)
        return cls(start, add_months(start, 1), "month")

    @classmethod
    def quarter(cls, year: int, quarter: int, fiscal_start: int = 1) -> Period:
        """Quarter 1 to 4 of the fiscal year that begins in ``year``."""
        start = add_months(date(year, fiscal_start, 1), 3 * (quarter - 1))
        return cls(start, add_months(start, 3), "quarter", fiscal_start)

    @classmethod
    def year(cls, year: int, fiscal_start: int = 1) -> Period:
        """The fiscal year that begins in ``year``; a calendar year when it begins in January."""
        start = date(year, fiscal_start, 1)
        return cls(start, add_months(start, 12), "year", fiscal_start)

    @classmethod
    def custom(cls, start: date, end: date) -> Period:
        """From ``start`` up to but not including ``end``."""
        return cls(start, end, "custom")

    @classmethod
    def of(cls, kind: Kind, day: date, fiscal_start: int = 1) -> Period:
        """The period of a kind that holds ``day``."""
        if kind == "day":
            return cls.day(day)
        if kind == "week":
            return cls.week(day)
        if kind == "month":
            return cls.month(day.year, day.month)
        year = day.year - (day.month < fiscal_start)
        if kind == "quarter":
            quarter = (day.month - fiscal_start) % 12 // 3 + 1
            return cls.quarter(year, quarter, fiscal_start)
        if kind == "year":
            return cls.year(year, fiscal_start)
        raise ValueError("a custom period is not found by one day")

    @classmethod
    def parse(cls, text: str, fiscal_start: int = 1) -> Period:
        """Read what ``key`` writes.

        2026, 2026-Q1, 2026-03, 2026-W09, 2026-03-05 or 2026-03-01..2026-03-15, whose last day
        is in. Raises Refused.
        """
        try:
            if ".." in text:
                first, last = map(date.fromisoformat, text.split("..", 1))
                _known(first.year, last.year)
                return cls.custom(first, last + _ONE_DAY)
            found = _KEY.fullmatch(text.strip())
            if found is None:
                raise ValueError(text)
            y, q, w, m, d = found.group("y", "q", "w", "m", "d")
            _known(int(y), int(y))
            if q:
                return cls.quarter(int(y), int(q), fiscal_start)
            if w:
                return cls.week(date.fromisocalendar(int(y), int(w), 1))
            if d:
                return cls.day(date(int(y), int(m), int(d)))
            return cls.month(int(y), int(m)) if m else cls.year(int(y), fiscal_start)
        except (ValueError, OverflowError) as error:
            raise Refused(
                Problem(
                    "not_a_period",
                    Text("无法识别的期间“{t}”。", "“{t}” is not a period.").format(t=text),
                    hint=Text(
                        "可以写 2026、2026-Q1、2026-03、2026-W09 或 2026-03-01..2026-03-15。",
                        "Write 2026, 2026-Q1, 2026-03, 2026-W09 or 2026-03-01..2026-03-15.",
                    ),
                    value=text,
                )
            ) from error

    @property
    def key(self) -> str:
        """A short name for addresses and stores, read back by ``parse``."""
        if self.kind == "year":
            return f"{self.start.year:04}"
        if self.kind == "quarter":
            return f"{self._fiscal_year:04}-Q{self._quarter}"
        if self.kind == "month":
            return f"{self.start:%Y-%m}"
        if self.kind == "week":
            iso = self.start.isocalendar()
            return f"{iso.year:04}-W{iso.week:02}"
        if self.kind == "day":
            return self.start.isoformat()
        return f"{self.start.isoformat()}..{self.last.isoformat()}"

    @property
    def last(self) -> date:
        """The last day that is in."""
        return self.end - _ONE_DAY

    @property
    def days(self) -> int:
        """How many days, working or not."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def contains(self, day: date) -> bool:
        return day in self

    def each_day(self) -> Iterator[date]:
        return (self.start + timedelta(days=n) for n in range(self.days))

    def months(self) -> tuple[Period, ...]:
        """Every month that the period touches, in order."""
        found, first = [], self.start.replace(day=1)
        while first < self.end:
            found.append(Period.month(first.year, first.month))
            first = add_months(first, 1)
        return tuple(found)

    @property
    def whole_months(self) -> bool:
        """Does it begin and end with a month, so that months add up to it exactly?"""
        return self.start.day == 1 and self.end.day == 1

    def previous(self) -> Period:
        """The period just before, as long as this one; counted in months when this one is."""
        if self.whole_months and self.kind != "day":
            return Period(
                add_months(self.start, -self._month_count),
                self.start,
                self.kind,
                self.fiscal_start,
            )
        return Period(self.start - (self.end - self.start), self.start, self.kind)

    def next(self) -> Period:
        """The period just after, as long as this one."""
        if self.whole_months and self.kind != "day":
            return Period(
                self.end, add_months(self.end, self._month_count), self.kind, self.fiscal_start
            )
        return Period(self.end, self.end + (self.end - self.start), self.kind)

    def year_ago(self) -> Period:
        """The same period a year before (同期). A week goes back 52 weeks, so weekdays agree."""
        if self.kind == "week":
            return Period.week(self.start - timedelta(days=364))
        if self.whole_months and self.kind != "day":
            start, end = add_months(self.start, -12), add_months(self.end, -12)
        else:
            start, end = add_months(self.start, -12), add_months(self.last, -12) + _ONE_DAY
        return Period(start, end, self.kind, self.fiscal_start)

    def label(self, lang: Lang | None = None) -> str:
        """As people say it: 2026年3月 / Mar 2026."""
        lang, start = lang or language(), self.start
        if self.kind == "year":
            return self._year_text(lang)
        if self.kind == "quarter":
            year = self._year_text(lang)
            return f"{year}第{self._quarter}季度" if lang == "zh" else f"Q{self._quarter} {year}"
        if self.kind == "month":
            if lang == "zh":
                return f"{start.year}年{start.month}月"
            return f"{MONTH_NAMES[start.month - 1]} {start.year}"
        if self.kind == "week":
            iso = start.isocalendar()
            return f"{iso.year}年第{iso.week}周" if lang == "zh" else f"Week {iso.week}, {iso.year}"
        if self.kind == "day":
            return _day_text(start, lang)
        to = "至" if lang == "zh" else " – "
        return f"{_day_text(start, lang)}{to}{_day_text(self.last, lang)}"

    def __str__(self) -> str:
        return self.label()

    @property
    def _month_count(self) -> int:
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month

    @property
    def _fiscal_year(self) -> int:
        return self.start.year - (self.start.month < self.fiscal_start)

    @property
    def _quarter(self) -> int:
        return (self.start.month - self.fiscal_start) % 12 // 3 + 1

    def _year_text(self, lang: Lang) -> str:
        year = self._fiscal_year
        if self.fiscal_start == 1:
            return f"{year}年" if lang == "zh" else str(year)
        span = f"{year}/{(year + 1) % 100:02}"
        return f"{span}财年" if lang == "zh" else f"FY {span}"


@dataclass(frozen=True, slots=True)
class TimeProgress:
    """时间进度: how much of a period's working time has gone, today included."""

    elapsed: int  # working days up to and including the day asked about
    total: int  # working days of the whole period

    @property
    def remaining(self) -> int:
        return self.total - self.elapsed

    @property
    def share(self) -> Decimal | None:
        """A ratio from 0 to 1; None where the period has no working day."""
        return Decimal(self.elapsed) / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class CalendarSettings:
    """The workspace's time zone (IANA name) and the month 1–12 in which its fiscal year begins."""

    time_zone: str = "Asia/Shanghai"
    fiscal_start_month: int = 1


@dataclass(frozen=True, slots=True)
class DayNote:
    """A day that the company itself declared: ``working`` or off, and why."""

    day: date
    working: bool
    name: str
