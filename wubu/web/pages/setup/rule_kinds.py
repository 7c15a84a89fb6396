"""设置 Kinds of dated rules that have no page of their own: each gets its list and its rules here.

This page stands last in ``PAGES``: the kinds that other pages serve are known by then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.definitions import findings
from wubu.kernel.definitions.kinds import DatedKind, kinds
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Refused, Text
from wubu.web.entries import Entry
from wubu.web.rules import HOLDS, SERVED, Frame, Pages
from wubu.web.ui import Action, Column, Crumb, Empty, Note, Page, PageRequest, Panel, Table

SHOWN = 10  # records that a rule is not content with


def _pages(kind: DatedKind[Any]) -> Pages:
    first = kind.definition.field("object")
    return Pages(
        kind,
        Frame(Crumb(kind.label, kind.url)),
        first=first is not None and not first.asked,
        preview=(lambda request, rule: _found(kind, request, rule)) if kind.fault else None,
    )


def _list(pages: Pages) -> Callable[[HttpRequest], HttpResponse]:
    def show(request: HttpRequest) -> HttpResponse:
        page_request = cast(PageRequest, request)
        page_request.policy.require_setup(pages.kind.area)
        body = [pages.listed()]
        return Page(pages.kind.label, body, step="setup", subtitle=HOLDS).response(page_request)

    return show


def _found(kind: DatedKind[Any], request: PageRequest, rule: Rule | None) -> list[Panel]:
    """The newest records that a rule is not content with, and the way to all of them."""
    if rule is None or kind.fault is None:
        return []
    title = Text("不符合的记录", "Records outside the rule")
    try:
        fault = kind.fault(kind.read(rule))
        found = findings.of_rule(request.actor, kind, rule.key, limit=SHOWN)
    except Refused as refused:
        return [Panel(title, Note(refused.problems[0].message, "warn"))]
    url = f"/o/{fault.object_key}/?{urlencode({'f': fault.where})}"
    table = Table(
        [Column(Text("记录", "Record"), lambda r: r.title)],
        found.records,
        row_url=lambda r: f"/o/{fault.object_key}/{r.id}",
        empty=Empty(Text("没有不符合的记录", "No record is outside the rule"), small=True),
    )
    every = Action(Text("在列表中查看", "Open in the list"), url, icon="list")
    return [Panel(title, table, key="found", actions=[every] if found.records else [])]


ALL = [_pages(kind) for kind in kinds() if kind.name not in SERVED]
urlpatterns: list[Any] = [
    route
    for pages in ALL
    for route in (
        path(pages.kind.url.lstrip("/"), _list(pages), name=f"setup-{pages.kind.name}"),
        *pages.urls(f"setup-{pages.kind.name}-rule"),
    )
]


def _may(area: str) -> Callable[[Any], bool]:
    return lambda rights: rights.may_setup(area)


NAV = tuple(
    Entry(
        "setup",
        pages.kind.label,
        pages.kind.url,
        pages.kind.icon,
        may=_may(pages.kind.area),
        position=72,
    )
    for pages in ALL
)
