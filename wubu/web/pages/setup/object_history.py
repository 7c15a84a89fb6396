"""What was changed about objects and fields, by whom, and taking it back."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.schema import actions as schema
from wubu.kernel.schema import queries
from wubu.kernel.types import Refused, Text
from wubu.web.pages.setup import object_plans as plans
from wubu.web.ui import Action, PageRequest, Panel, Problems, Raw, redirect
from wubu.web.ui.asking import whole

TITLE = Text("变更历史", "History of changes")
PAGE = 50


def listing(request: HttpRequest) -> HttpResponse:
    """Newest first; of one object where it is named."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("objects")
    return _page(page_request)


def _page(request: PageRequest, refused: Refused | None = None) -> HttpResponse:
    key = request.GET.get("object", "")
    spec = snapshot().objects.get(key)
    rows = queries.revisions(
        object_key=key or None,
        before_id=whole(request.GET, "before"),
        limit=PAGE + 1,
    )
    shown = Raw(
        "parts/setup/object_history.html",
        rows=rows[:PAGE],
        names=queries.authors(rows),
        labels={o.key: o.label for o in snapshot()},
        more=rows[PAGE - 1].id if len(rows) > PAGE else None,
        object_key=key,
    )
    title = Text("还不能撤销", "It cannot be undone yet")
    body: list[object] = [Problems(refused.problems, title)] if refused else []
    body.append(Panel("", shown, flush=True))
    return plans.page(
        request, TITLE, body, spec=spec, status=422 if refused else 200, subtitle=_note()
    )


def _note() -> Text:
    return Text(
        "谁在什么时候改了什么；没有更新的变更依赖它时可以撤销",
        "Who changed what; each can be undone while nothing newer depends on it",
    )


def undo(request: HttpRequest, revision_id: int) -> HttpResponse:
    """The plan of taking a change back; posted with its token, it happens."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("objects")
    onward = "/setup/objects/history"
    try:
        plan = queries.undoing(revision_id)
        if plan.problems:
            raise Refused(*plan.problems)
        if request.method == "POST" and not request.POST.get("back"):
            schema.apply(plan, actor=page_request.actor)
            return redirect(onward, Text("已撤销", "Undone"))
    except Refused as refused:
        if refused.status != 422:
            raise
        return _page(page_request, refused)
    if request.POST.get("back"):
        return redirect(onward)
    return plans.show(page_request, plan, back=onward)


HISTORY = Action(TITLE, "/setup/objects/history", icon="history")
urlpatterns = [
    path("setup/objects/history", listing, name="object-history"),
    path("setup/objects/history/<int:revision_id>/undo", undo),
]
