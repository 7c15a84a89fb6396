"""设置 A reminder: which day falls due, for which records, and what ticks it off."""

from __future__ import annotations

from typing import Any

from wubu.control.reminders import rules
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.types import Text
from wubu.web.rules import Frame, Pages
from wubu.web.ui import Action, Crumb, Empty


def _nothing() -> Empty | None:
    """Where no object has a day, nothing can be reminded of."""
    if any(rules.days(o.key) for o in snapshot().live):
        return None
    return Empty(
        Text("还没有带日期的对象", "No object has a date yet"),
        Text("提醒需要一个日期或时间字段。", "A reminder needs a date or a time."),
        icon="calendar",
        actions=[Action(Text("对象与字段", "Objects and fields"), "/setup/objects")],
    )


PAGES = Pages(
    rules.KIND,
    Frame(Crumb(Text("预警与提醒", "Alerts and reminders"), "/setup/alerts")),
    first=True,
    nothing=_nothing,
)
urlpatterns: list[Any] = PAGES.urls("setup-reminder")
