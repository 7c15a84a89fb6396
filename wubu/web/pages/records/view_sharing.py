"""Sharing one view: the panel on the page of its settings, and the form."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.collect.views import queries
from wubu.collect.views import sharing as view_sharing
from wubu.collect.views.types import ViewInfo
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.types import Refused, Text
from wubu.web import list_state
from wubu.web.pages.records import sharing
from wubu.web.ui import Action, Crumb, Grid, Page, PageRequest, Panel, Problems, Raw, redirect


def panel(request: PageRequest, view: ViewInfo) -> Panel:
    """With whom a view is shared, for the page of its settings."""
    base = f"/o/{view.object_key}/views/{view.id}"
    actions = [Action(Text("共享…", "Share…"), f"{base}/share", icon="share")]
    may = request.actor.viewer_id is None
    return Panel(
        Text("已共享给", "Shared with"),
        _list(request, view, f"{base}/settings"),
        key="shares",
        actions=actions if may else [],
    )


def _list(request: PageRequest, view: ViewInfo, back: str) -> Raw:
    found = view_sharing.shares_of(request.actor, view.object_key, view.id)
    rows = sharing.lines(request, found, may_end=True)
    return Raw("parts/records/shares.html", shares=rows, base=back, may=True)


def share(request: HttpRequest, object_key: str, view_id: int) -> HttpResponse:
    """Choose with whom and until when; below, who has it."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    found = {v.id: v for v in queries.views(page_request.actor, object_key)}.get(view_id)
    if found is None or not found.may_edit:
        raise queries.missing()
    base = f"/o/{object_key}/views/{view_id}"
    form = sharing.form_of(base, page_request, of_view=True)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            view_sharing.share(
                actor=page_request.actor, view_id=view_id, **sharing.answered(page_request)
            )
        except Refused as problem:
            if problem.status != 422:
                raise
            refused = problem
            form.answered(request.POST, refused)
        else:
            return redirect(f"{base}/share", Text("已共享", "It is shared"))
    raw = Panel(Text("已共享给", "Shared with"), _list(page_request, found, f"{base}/share"))
    body: list[Any] = [
        *([Problems(refused.problems, labels=sharing.LABELS)] if refused else []),
        Grid([(6, Panel(Text("共享这个视图", "Share this view"), form)), (6, raw)]),
    ]
    page = Page(found.name, body, subtitle=sharing.SHARED)
    page.crumbs = [
        Crumb(spec.plural, list_state.address(object_key) + "?f="),
        Crumb(found.name, list_state.address(object_key, found.kind, found.slug)),
    ]
    return page.response(page_request, 422 if refused else 200)


urlpatterns = [path("o/<slug:object_key>/views/<int:view_id>/share", share, name="view-share")]
