"""What day it is here, which days are worked, and which period a day falls in."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from chinese_calendar.constants import holidays, workdays
from django.conf import settings as program
from django.db.models import QuerySet
from django.utils import timezone

from wubu.kernel.calendar.models import CalendarSetting, DayOverride
from wubu.kernel.calendar.types import CalendarSettings, DayNote, Kind, Period, TimeProgress
from wubu.kernel.prepared import compiled
from wubu.kernel.types import Text
from wubu.kernel.workspace import remember

log = logging.getLogger(__name__)
KNOWN_YEARS = range(
    min(d.year for d in holidays), max(d.year for d in holidays) + 1
)  # what the public calendar was told


def settings() -> CalendarSettings:
    """The workspace's calendar settings; the program's time zone until someone set one."""

    def read() -> CalendarSettings:
        rows = compiled(CalendarSetting, "first", _first).rows()
        return CalendarSettings(*rows[0]) if rows else CalendarSettings(program.TIME_ZONE)

    return remember("calendar.settings", read)


def _first() -> QuerySet[CalendarSetting, Any]:
    rows = CalendarSetting.objects.order_by("id")
    return rows.values_list("time_zone", "fiscal_start_month")[:1]


def zone() -> ZoneInfo:
    """The workspace's time zone."""
    return ZoneInfo(settings().time_zone)


def now() -> datetime:
    """This instant, aware, in UTC."""
    return timezone.now().astimezone(UTC)


def today() -> date:
    """The date in the workspace's time zone."""
    return day_of(now())


def day_of(instant: datetime) -> date:
    """The workspace's date at an aware instant."""
    return instant.astimezone(zone()).date()


def start_of(day: date) -> datetime:
    """The aware instant, in UTC, at which a day begins in the workspace's time zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone()).astimezone(UTC)


def overrides() -> tuple[DayNote, ...]:
    """The days the company declared itself, in order."""
    return tuple(
        DayNote(*row)
        for row in DayOverride.objects.order_by("day").values_list("day", "working", "name")
    )


def _own_days() -> Mapping[date, bool]:
    def read() -> Mapping[date, bool]:
        return dict(DayOverride.objects.values_list("day", "working"))

    return remember("calendar.overrides", read)


@lru_cache(maxsize=64)
def _warn_unknown(year: int) -> None:
    log.warning(
        "The public holiday calendar knows %s to %s; %s counts Monday to Friday as worked.",
        KNOWN_YEARS[0],
        KNOWN_YEARS[-1],
        year,
    )


def _public_working_day(day: date) -> bool:
    if day.year not in KNOWN_YEARS:
        _warn_unknown(day.year)
        return day.weekday() < 5
    return day in workdays or (day.weekday() < 5 and day not in holidays)


def is_working_day(day: date) -> bool:
    """Is it worked: the company's own word first, then the Chinese public calendar.

    For years that the public calendar does not know, Monday to Friday; see ``calendar_warnings``.
    """
    own = _own_days().get(day)
    return _public_working_day(day) if own is None else own


def working_days(start: date, end: date) -> int:
    """How many days from ``start`` (in) to ``end`` (out) are worked; 0 when backwards."""
    own = _own_days()
    days = (start + timedelta(days=n) for n in range((end - start).days))
    return sum(own[d] if d in own else _public_working_day(d) for d in days)


def add_working_days(day: date, count: int) -> date:
    """The ``count``-th working day after ``day`` (before, if negative); 0 gives ``day``."""
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def period_of(kind: Kind, day: date) -> Period:
    """The day, week, month, quarter or (fiscal) year that holds ``day``."""
    return Period.of(kind, day, settings().fiscal_start_month)


def current(kind: Kind) -> Period:
    """The period of a kind that today is in."""
    return period_of(kind, today())


def parse_period(text: str) -> Period:
    """A period from its key, in this workspace's fiscal year. Raises Refused."""
    return Period.parse(text, settings().fiscal_start_month)


def time_progress(period: Period, on: date | None = None) -> TimeProgress:
    """时间进度 of a period in working days, ``on`` (today unless given) counted as gone."""
    upto = min(max((on or today()) + timedelta(days=1), period.start), period.end)
    return TimeProgress(working_days(period.start, upto), working_days(period.start, period.end))


def calendar_warnings(period: Period) -> list[Text]:
    """What a reader should know before trusting the working days of a period."""
    own = {d.year for d in _own_days()}
    return [
        Text(
            "{y} 年的法定节假日安排尚未收录，暂按周一至周五为工作日计算；请在设置中补充。",
            "Public holidays of {y} are not known yet: Monday to Friday count as worked. "
            "Add the company's holidays in the settings.",
        ).format(y=year)
        for year in range(period.start.year, period.last.year + 1)
        if year not in KNOWN_YEARS and year not in own
    ]
