"""The talk and the timeline of a record page.

Comments, who follows it, what came before and after it in the list one came from.
"""

from __future__ import annotations

import re
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST

from wubu.collect.conversations import actions, mentions
from wubu.collect.conversations import queries as talk
from wubu.collect.conversations.timeline import CHANGE, COMMENT, around, sources
from wubu.collect.conversations.types import CommentView, Entry
from wubu.kernel.audit import queries as log
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries
from wubu.kernel.records.history import stories
from wubu.kernel.records.types import Record
from wubu.kernel.types import Forbidden, Refused, Text
from wubu.web import list_state
from wubu.web.ui import Action, PageRequest, redirect, values
from wubu.web.ui.page import toast

PER_PAGE = 30
LATER = ("result", "next_")


def panel(request: PageRequest, spec: ObjectSpec, found: Record) -> dict[str, Any]:
    """What the timeline's template needs.

    Its first page, what it can be narrowed to, and the objects whose changes refresh it.
    """
    listed = sources(request.actor, spec.key)
    kinds = [(CHANGE, Text("修改", "Changes"), ""), (COMMENT, Text("评论", "Comments"), "")]
    kinds += [(s.spec.key, s.spec.label, s.spec.icon) for s in listed]
    live = [spec.key, talk.LOGGED + spec.key, *(s.spec.key for s in listed)]
    return {
        **_page(request, spec, found),
        "kinds": kinds,
        "live": " ".join(dict.fromkeys(live)),
        "base": f"/o/{spec.key}/{found.id}",
        "may_say": request.actor.viewer_id is None,
    }


def _page(
    request: PageRequest, spec: ObjectSpec, found: Record, kind: str = "", cursor: str = ""
) -> dict[str, Any]:
    page = around(request.actor, found, kind=kind, cursor=cursor, limit=PER_PAGE)
    changes = [e.change for e in page.entries if e.change]
    batches = log.kinds_of({c.batch_id for c in changes if c.batch_id})
    writable = {
        f.key
        for f in spec.live_fields
        if request.policy.level(spec.key, f.key) == "write" and values.is_typed(f)
    }
    edits = (
        request.policy.may("edit", spec.key)
        and found.archived_at is None
        and request.actor.viewer_id is None
    )
    return {
        "spec": spec,
        "record": found,
        "kind": kind,
        "entries": [_entry(e, batches, writable if edits else set()) for e in page.entries],
        "next": page.next_cursor,
        "base": f"/o/{spec.key}/{found.id}",
    }


def _entry(entry: Entry, batches: dict[int, str], writable: set[str]) -> dict[str, Any]:
    drawn: dict[str, Any] = {"entry": entry, "at": entry.at}
    if entry.comment is not None:
        return drawn | {"text": said(entry.comment)}
    if entry.change is not None:
        change = entry.change
        back = change.action == "update" and bool(writable & {f.field for f in change.fields})
        kind = batches.get(change.batch_id or 0, "")
        return drawn | {"back": back, "undo": kind if kind in ("merge", "restore") else ""}
    if entry.record is not None:
        return drawn | _linked(snapshot().object(entry.kind), entry.record)
    return drawn


def _linked(spec: ObjectSpec, record: Record) -> dict[str, Any]:
    """A linked record in a few words, by the roles of its fields."""
    title, stage = spec.role("title"), spec.role("stage")
    note = title is not None and title.kind.multiline
    owner, amount = spec.role("owner"), spec.role("amount")
    kind = next(
        (f for f in spec.live_fields if f.kind.classifies and f.required),
        None,
    )
    shown = [f for f in (stage or kind, amount) if f is not None and f.key in record.values]
    return {
        "spec": spec,
        "note": note,
        "who": values.plain(owner, record) if owner else "",
        "tags": [values.draw(f, record) for f in shown if record.values.get(f.key) is not None],
        "rest": [
            (f.label, values.draw(f, record))
            for f in spec.live_fields
            if f.key.startswith(LATER) and record.values.get(f.key) is not None
        ],
    }


def said(comment: CommentView) -> SafeString:
    """The words of a comment, with the names of those who are called set apart."""
    text = str(escape(comment.text))
    names = sorted({str(escape(n)) for n in comment.mentions.values()}, key=len, reverse=True)
    if names:
        any_of = "|".join(map(re.escape, names))
        text = re.sub(f"[@＠]({any_of})", r'<span class="w-mention">@\1</span>', text)
    return mark_safe(text)  # noqa: S308 - escaped above


def follow_action(request: PageRequest, spec: ObjectSpec, found: Record) -> Action:
    """The button by which a record is followed, or no more."""
    on = talk.follows(request.actor, spec.key, found.id)
    label = Text("已关注", "Following") if on else Text("关注", "Follow")
    return Action(
        label,
        f"/o/{spec.key}/{found.id}/follow?on={'0' if on else '1'}",
        icon="bell-check" if on else "bell",
        style="ghost",
        post=True,
        attrs={"aria-pressed": "true" if on else "false"},
    )


# Before and after


def neighbours(request: PageRequest, spec: ObjectSpec, found: Record) -> dict[str, int | None]:
    """The records before and after it, in the order of the list as it opens: newest first."""
    rows = queries.visible(request.actor, spec.key).values_list("id", flat=True)
    return {
        "previous": rows.filter(id__gt=found.id).order_by("id").first(),
        "next": rows.filter(id__lt=found.id).order_by("-id").first(),
    }


def beside(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """The records before and after it in the list one came from: ``?list=/o/customer/?f=…``."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    found = queries.get(page_request.actor, object_key, record_id)
    at = list_state.at(page_request, object_key, request.GET.get("list", "")[:4000])
    ids: dict[str, int | None]
    try:
        ids = (
            neighbours(page_request, spec, found)
            if at is None
            else _within(page_request, at.query(), found)
        )
    except Refused:
        ids = neighbours(page_request, spec, found)
    context = {"spec": spec, "neighbours": ids, "id": found.id}
    if at is not None:
        context["back"] = request.GET["list"]
    return render(request, "parts/records/neighbours.html", context)


def _within(request: PageRequest, query: Query, found: Record) -> dict[str, int | None]:
    before, after = stories.beside(request.actor, found.object_key, query, found.id)
    return {"previous": before, "next": after}


# Doing


def more(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """A further page of the timeline, or another kind of it."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    found = queries.get(page_request.actor, object_key, record_id)
    kind, cursor = request.GET.get("kind", ""), request.GET.get("cursor", "")
    context = _page(page_request, spec, found, kind[:63], cursor[:2000])
    return render(request, "parts/records/timeline.html", {**context, "further": bool(cursor)})


@require_POST
def comment(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """Say something; whoever is called is told."""
    page_request = cast(PageRequest, request)
    base = f"/o/{object_key}/{record_id}"
    try:
        actions.comment(
            actor=page_request.actor,
            object_key=object_key,
            id=record_id,
            text=request.POST.get("text", ""),
            mentions=_ids(request),
        )
    except Refused as refused:
        return _refused(page_request, refused, f"{base}#say")
    if request.headers.get("HX-Request"):
        return more(request, object_key, record_id)
    return redirect(f"{base}#p-timeline", Text("已评论", "Commented"))


@require_POST
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Say one's own words differently."""
    page_request = cast(PageRequest, request)
    try:
        view = actions.edit_comment(
            actor=page_request.actor,
            comment_id=comment_id,
            text=request.POST.get("text", ""),
            mentions=_ids(request),
        )
    except Refused as refused:
        return _refused(page_request, refused, request.headers.get("Referer", "/"))
    return redirect(f"/o/{view.object_key}/{view.record_id}", Text("已修改", "Changed"))


@require_POST
def delete(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Take one's own words back."""
    page_request = cast(PageRequest, request)
    view = talk.comment(page_request.actor, comment_id)
    actions.delete_comment(actor=page_request.actor, comment_id=comment_id)
    return redirect(f"/o/{view.object_key}/{view.record_id}", Text("评论已删除", "Comment deleted"))


def history(request: HttpRequest, comment_id: int) -> HttpResponse:
    """What a comment said before."""
    page_request = cast(PageRequest, request)
    listed = talk.versions(page_request.actor, comment_id)
    return render(request, "parts/records/comment_versions.html", {"versions": listed})


def _ids(request: HttpRequest) -> list[int]:
    listed = request.POST.get("mentions", "").split(",")
    return [int(i) for i in listed[:100] if i.isascii() and i.isdigit() and len(i) < 19]


def _refused(request: PageRequest, refused: Refused, back: str) -> HttpResponse:
    if refused.status == 404 or isinstance(refused, Forbidden):
        raise refused
    words = " ".join(str(p.message) for p in refused.problems)
    if request.headers.get("HX-Request"):
        return toast(HttpResponse(status=422), words, tone="bad")
    return redirect(back, words)


def callable_here(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """Whom one can call here: ``?q=zh``."""
    page_request = cast(PageRequest, request)
    found = mentions.candidates(
        page_request.actor, object_key, record_id, request.GET.get("q", "").strip()[:40]
    )
    return JsonResponse(
        {"people": [{"id": str(p.id), "name": p.name, "login": p.login} for p in found]}
    )


@require_POST
def follow(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """Be told of what happens here, or no more."""
    page_request = cast(PageRequest, request)
    on = request.GET.get("on") != "0"
    actions.subscribe(actor=page_request.actor, object_key=object_key, id=record_id, active=on)
    words = (
        Text("已关注，有修改会通知您", "You will be notified of changes")
        if on
        else Text("已取消关注", "No longer following")
    )
    return redirect(f"/o/{object_key}/{record_id}", words)


BASE = "o/<slug:object_key>/<int:record_id>/"
urlpatterns = [
    path(f"{BASE}timeline", more),
    path(f"{BASE}comment", comment),
    path(f"{BASE}callable", callable_here),
    path(f"{BASE}follow", follow),
    path(f"{BASE}beside", beside),
    path("comments/<int:comment_id>/edit", edit),
    path("comments/<int:comment_id>/delete", delete),
    path("comments/<int:comment_id>/history", history),
]
