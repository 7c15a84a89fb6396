"""设置 Leaderboards and points: rules in words, each holding from a day on."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.types import Text
from wubu.motivate.leaderboards import rules as boards
from wubu.motivate.points import rules as points
from wubu.web.entries import Entry
from wubu.web.rules import HOLDS, Frame, Pages
from wubu.web.ui import Crumb, Page, PageRequest

TITLE = Text("激励规则", "Leaderboards and points")
FRAME = Frame(Crumb(TITLE, "/setup/motivation"))
BOARDS = Pages(boards.KIND, FRAME)
POINTS = Pages(points.KIND, FRAME)


def motivation(request: HttpRequest) -> HttpResponse:
    """Leaderboards and points rules, in words."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("points")
    worked = POINTS.column(Text("举例", "For example"), points.example)
    body = [BOARDS.listed(), POINTS.listed([worked])]
    return Page(TITLE, body, step="setup", subtitle=HOLDS).response(page_request)


urlpatterns: list[Any] = [
    path("setup/motivation", motivation, name="setup-motivation"),
    *BOARDS.urls("setup-board"),
    *POINTS.urls("setup-points"),
]
NAV = (
    Entry(
        "setup",
        Text("激励规则", "Incentives"),
        "/setup/motivation",
        "award",
        may=lambda p: p.may_setup("points"),
        position=71,
    ),
)
