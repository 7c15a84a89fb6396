"""Drafts of forms: kept while typing, gone on with later, thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.forms import actions, queries
from wubu.collect.forms.types import DraftInfo
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.records import queries as records
from wubu.kernel.types import Missing, Problem, Text
from wubu.web import forms
from wubu.web.ui import PageRequest, Panel, Raw, redirect, show
from wubu.web.ui.asking import whole

PLUMBING = frozenset({"csrfmiddlewaretoken", "draft", "again"})
SHOWN = 6


@require_POST
def keep(request: HttpRequest, object_key: str) -> HttpResponse:
    """What stands in the form now, as it was sent; sending the same form again replaces it."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    post = request.POST
    number = post.get("record", "")
    if number:
        records.get(page_request.actor, object_key, number)
    else:
        page_request.policy.require("create", object_key)
    made = actions.keep_draft(
        actor=page_request.actor,
        object_key=object_key,
        record_id=whole(post, "record"),
        slot=post.get("slot", ""),
        values=[(k, v) for k, v in post.lists() if k not in PLUMBING and v != [""]],
        title=_title(page_request, spec),
    )
    return JsonResponse({"id": str(made.id), "at": f"{show.local(made.saved_at):%H:%M}"})


@require_POST
def drop(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Throw one of one's own drafts away."""
    page_request = cast(PageRequest, request)
    if not actions.drop_draft(actor=page_request.actor, id=draft_id):
        raise Missing(Problem("no_such_draft", Text("没有这份草稿。", "There is no such draft.")))
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204)
    return redirect("/", Text("草稿已丢弃", "The draft is discarded"))


def _title(request: PageRequest, spec: ObjectSpec) -> str:
    """What the draft is about: the record's name as typed, or its customer."""
    title, customer = spec.role("title"), spec.role("customer")
    for f in (title, customer):
        if f is None or request.policy.level(spec.key, f.key) != "write":
            continue
        words = str(request.POST.get(f"{f.key}:shown") or forms.raw_value(f, request.POST, f.key))
        if words and not words.startswith("id:"):
            return words
    return ""


# On the Today page


@dataclass(frozen=True)
class Begun:
    """A draft with where it goes on."""

    draft: DraftInfo
    spec: ObjectSpec
    title: str
    url: str


def begun(request: PageRequest) -> Panel | None:
    """The forms that the reader began and did not save; None without any."""
    found = queries.drafts(request.actor, limit=SHOWN)
    if not found:
        return None
    rows = []
    for one in found:
        spec = snapshot().object(one.object_key)
        place = "new" if one.record_id is None else f"{one.record_id}/edit"
        title = one.title or str(Text("未填名称", "No name yet"))
        rows.append(Begun(one, spec, title, f"/o/{spec.key}/{place}?draft={one.id}"))
    return Panel(
        Text("没保存的草稿", "Drafts not saved"),
        Raw("parts/records/begun.html", rows=rows),
        key="drafts",
        flush=True,
        note=Text("只有您能看到", "Only you see them"),
    )


urlpatterns = [
    path("o/<slug:object_key>/draft", keep, name="keep-draft"),
    path("drafts/<int:draft_id>/drop", drop, name="drop-draft"),
]
