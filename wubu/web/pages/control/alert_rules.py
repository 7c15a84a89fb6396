"""设置 Alerts and reminders: rules in words, with the days that a manager may set."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.control.alerts import queries, rules
from wubu.kernel.types import Text
from wubu.web.entries import Entry
from wubu.web.pages.control.reminder_rules import PAGES as REMINDERS
from wubu.web.rules import HOLDS, Frame, Pages
from wubu.web.ui import Column, Crumb, Page, PageRequest

TITLE = Text("预警与提醒", "Alerts and reminders")
PAGES = Pages(rules.KIND, Frame(Crumb(TITLE, "/setup/alerts")))


def alerts(request: HttpRequest) -> HttpResponse:
    """Alert and reminder rules, in words."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("alerts")
    counts = {c.rule.key: c.count for c in queries.counts(page_request.actor)}
    now = Column(Text("当前", "Open now"), lambda r: counts.get(r.key), "number")
    note = Text("到期时出现在负责人的工作台", "shown to the owner on Today when due")
    body = [PAGES.listed([now]), REMINDERS.listed(note=note)]
    return Page(TITLE, body, step="setup", subtitle=HOLDS).response(page_request)


urlpatterns: list[Any] = [
    path("setup/alerts", alerts, name="setup-alerts"),
    *PAGES.urls("setup-alert"),
]
NAV = (
    Entry(
        "setup",
        Text("预警与提醒", "Alerts and reminders"),
        "/setup/alerts",
        "bell",
        may=lambda p: p.may_setup("alerts"),
        position=70,
        also=("/setup/reminders",),
    ),
)
