"""工作台 Today: what needs me now.

Each section is a function; one that has nothing to say gives None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.calendar.queries import is_working_day, now, today
from wubu.kernel.types import Text
from wubu.web.ui import Page, PageRequest, show

Section = Callable[[PageRequest], Any]
SECTIONS: tuple[Section, ...] = ()
WEEKDAYS = (
    Text("星期一", "Monday"),
    Text("星期二", "Tuesday"),
    Text("星期三", "Wednesday"),
    Text("星期四", "Thursday"),
    Text("星期五", "Friday"),
    Text("星期六", "Saturday"),
    Text("星期日", "Sunday"),
)


def page(request: HttpRequest) -> HttpResponse:
    asked = cast(PageRequest, request)
    body = [part for section in SECTIONS if (part := section(asked)) is not None]
    return Page(_greeting(asked.user.name), body, step="today", subtitle=_day()).response(asked)


def _greeting(name: str) -> Text:
    hour = show.local(now()).hour
    if hour < 11:
        words = Text("{n},早上好", "Good morning, {n}")
    elif hour < 13:
        words = Text("{n},中午好", "Good day, {n}")
    elif hour < 18:
        words = Text("{n},下午好", "Good afternoon, {n}")
    else:
        words = Text("{n},晚上好", "Good evening, {n}")
    return words.format(n=name)


def _day() -> Text:
    day = today()
    rest = Text("", "") if is_working_day(day) else Text(" · 休息日", " · day off")
    return Text("{d} {w}{r}", "{w}, {d}{r}").format(
        d=show.date(day), w=WEEKDAYS[day.weekday()], r=rest
    )


urlpatterns = [path("", page, name="today")]
