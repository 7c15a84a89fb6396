"""Creating and editing any record: one form made from the catalog, problems beside their fields."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import path

from wubu.collect.forms import actions as drafting
from wubu.collect.forms import queries as layouts
from wubu.collect.forms.entry.entering import Entry
from wubu.collect.forms.entry.saving import enter, unseen
from wubu.collect.forms.types import DraftInfo, Layout
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import Conflict, Forbidden, Problem, Refused, Text
from wubu.web import forms
from wubu.web.forms import computing, conflicts, filling, parking
from wubu.web.ui import Crumb, Page, PageRequest, redirect
from wubu.web.ui.asking import whole
from wubu.web.ui.page import saved


def create(request: HttpRequest, object_key: str) -> HttpResponse:
    """A new record; ``?customer=12`` fills a field in, ``?next=/…`` says where to go afterwards,
    ``?draft=5`` goes on with what was typed before.
    """
    asked = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    asked.policy.require("create", object_key)
    if request.method != "POST":
        draft, sent = _draft(asked, spec, None)
        given = forms.blank(spec, asked.actor, request.GET)
        if sent is not None:
            return _again(asked, spec, draft, sent, given)
        if whole(request.GET, "copy") is not None:
            return _copied(asked, spec, given)
        entry = Entry(asked.actor, filling.fit(asked, spec, given), given)
        for name, (f, value) in entry.filled(touched=set(request.GET)).items():
            given[name] = forms.raw_of(f, value)
        return _show(asked, spec, filling.fit(asked, spec, given), given, {})
    given, parts = _typed(asked, spec)
    layout = filling.fit(asked, spec, given)
    if _would_lose(asked, layout, given, parts):
        return _show(asked, spec, layout, given, parts, sent=request.POST, moved=True)
    try:
        record = enter(actor=asked.actor, layout=layout, values=given, children=_rows(parts))
    except Refused as refused:
        return _refused(asked, spec, layout, refused, given, parts)
    if "again" in request.POST:
        onward = request.get_full_path()
    else:
        onward = _next(request) or f"/o/{object_key}/{record.id}"
    answer = redirect(onward, Text("已创建：{t}", "Created: {t}").format(t=record.title))
    return _done(asked, answer)


def _copied(request: PageRequest, spec: ObjectSpec, blank: Mapping[str, Any]) -> HttpResponse:
    """``?copy=12``: a new one like another, with its lines; what is its own alone is left out."""
    record = queries.get(request.actor, spec.key, request.GET["copy"])
    rows = queries.visible(request.actor, spec.key, "copy", archived=None)
    if not rows.filter(id=record.id).exists():
        raise Forbidden(
            Problem(
                "forbidden",
                Text("您无权复制这条{o}。", "You may not duplicate this {o}.").format(o=spec.label),
                object=spec.key,
            )
        )
    given = {**blank, **forms.copy_of(spec, record)}
    parts = {
        key: [forms.copy_of(snapshot().object(key), line) for line in lines]
        for key, lines in filling.parts_of(request, record).items()
    }
    return _show(request, spec, filling.fit(request, spec, given), given, parts)


def edit(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """A record that is there.

    Someone else saved in between: both sides are shown, to choose from.
    """
    asked = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    record = queries.get(asked.actor, object_key, record_id)
    if request.method != "POST":
        draft, sent = _draft(asked, spec, record)
        given = forms.of_record(spec, record)
        if sent is not None:
            return _again(asked, spec, draft, sent, given, record)
        layout = filling.fit(asked, spec, {}, record)
        return _show(asked, spec, layout, given, filling.parts_of(asked, record), record=record)
    given, parts = _typed(asked, spec)
    given = conflicts.chosen(given, request.POST)
    layout = filling.fit(asked, spec, given, record)
    if _would_lose(asked, layout, given, parts, record):
        there = forms.of_record(spec, record) | given
        rows: dict[str, Any] = {**filling.parts_of(asked, record), **parts}
        return _show(asked, spec, layout, there, rows, record=record, sent=request.POST, moved=True)
    version = whole(request.POST, "version")
    try:
        enter(
            actor=asked.actor,
            layout=layout,
            values=given,
            children=_rows(parts),
            record=record,
            version=record.version if version is None else version,
        )
    except Conflict:
        return conflicts.response(asked, spec, record, given, _rows(parts) or {})
    except Refused as refused:
        return _refused(asked, spec, layout, refused, given, parts, record=record)
    answer = redirect(_next(request) or f"/o/{object_key}/{record_id}", Text("已保存", "Saved"))
    return _done(asked, answer)


def compute(request: HttpRequest, object_key: str) -> HttpResponse:
    """How the form stands for what is typed now, before it is saved: see ``computing``."""
    asked = cast(PageRequest, request)
    spec, post = snapshot().object(object_key), request.POST
    entry = filling.entry_of(asked, spec, post)
    was = {k.removeprefix(computing.WAS): v for k, v in post.items() if k[:9] == computing.WAS}
    changed, touched = (post.getlist(n) for n in (computing.CHANGED, computing.TOUCHED))
    answer = computing.preview(entry, changed, touched, was)
    given = {**entry.top.given, **{k: one["value"] for k, one in answer["set"].items()}}
    given = {k: v for k, v in given.items() if k in spec.fields}
    answer["layout"] = filling.fit(asked, spec, given, entry.record, filling.use_of(post)).key
    return JsonResponse(answer)


# What was sent, and what it is about


def _typed(request: PageRequest, spec: ObjectSpec) -> tuple[dict[str, Any], forms.Parts]:
    given = forms.read(spec, request.POST, request.policy)
    parts = forms.read_lines(spec, request.POST, request.policy)
    return parking.wanted(request.POST, given, parts)


def _rows(parts: forms.Parts) -> dict[str, list[dict[str, Any]]] | None:
    return {k: [line for _, line in v] for k, v in parts.items()} or None


def _would_lose(
    request: PageRequest,
    layout: Layout,
    given: Mapping[str, Any],
    parts: forms.Parts,
    record: Record | None = None,
) -> bool:
    """Saving came before the form followed to its new layout, which hides what was typed."""
    opened = request.POST.get("layout", "")
    if not opened or opened == layout.key:
        return False
    was = {} if record is None else forms.of_record(snapshot().object(layout.object_key), record)
    entry = Entry(request.actor, layout, given, parts, record)
    return any(given[k] not in ("", [], "false", was.get(k)) for k in unseen(entry, given))


def _next(request: HttpRequest) -> str:
    onward = request.GET.get("next", "")
    return onward if onward.startswith("/") and not onward.startswith("//") else ""


def _done(request: PageRequest, answer: HttpResponse) -> HttpResponse:
    """It is a record now: the draft may go, here and on the device."""
    slot = request.POST.get("slot", "")
    if slot:
        drafting.settle_draft(actor=request.actor, slot=slot)
    return saved(answer, request.POST.get("draft", ""))


# Drafts


def _draft(
    request: PageRequest, spec: ObjectSpec, record: Record | None
) -> tuple[DraftInfo | None, QueryDict | None]:
    """The draft that the address names, as a form would send it."""
    number = whole(request.GET, "draft")
    if number is None:
        return None, None
    info, values = layouts.draft(request.actor, number)
    if info.object_key != spec.key or info.record_id != (record.id if record else None):
        return None, None
    sent = QueryDict(mutable=True)
    for name, given in values:
        sent.setlist(name, given)
    return info, sent


def _again(
    request: PageRequest,
    spec: ObjectSpec,
    draft: DraftInfo | None,
    sent: QueryDict,
    given: dict[str, Any],
    record: Record | None = None,
) -> HttpResponse:
    """The form as it was left."""
    typed = forms.read(spec, sent, request.policy)
    parts = forms.read_lines(spec, sent, request.policy)
    return _show(
        request,
        spec,
        filling.fit(request, spec, typed, record),
        given | typed,
        parts,
        record=record,
        draft=draft,
        version=sent.get("version", ""),
        sent=sent,
    )


# Showing it


def _refused(
    request: PageRequest,
    spec: ObjectSpec,
    layout: Layout,
    refused: Refused,
    given: dict[str, Any],
    parts: forms.Parts,
    record: Record | None = None,
) -> HttpResponse:
    """The form as it was typed, with everything that is wrong; other refusals keep their page."""
    if refused.status not in (403, 422) or not refused.problems:
        raise refused
    return _show(
        request,
        spec,
        layout,
        given,
        parts,
        record=record,
        refused=refused,
        sent=request.POST,
        moved=request.POST.get("layout", layout.key) != layout.key,
    )


def _show(
    request: PageRequest,
    spec: ObjectSpec,
    layout: Layout,
    given: Mapping[str, Any],
    parts: Mapping[str, Sequence[Any]],
    *,
    record: Record | None = None,
    refused: Refused | None = None,
    draft: DraftInfo | None = None,
    version: str = "",
    sent: QueryDict | None = None,
    moved: bool = False,
) -> HttpResponse:
    carried = _carried(request, spec, layout, given) if record is None else []
    context = filling.shown(
        request,
        spec,
        layout,
        given,
        parts,
        record=record,
        refused=refused,
        sent=sent,
        carried=frozenset(k for k, _ in carried),
    )
    if record is not None:
        label = Text("编辑{o}", "Edit {o}").format(o=spec.label)
        crumbs = [
            Crumb(spec.plural, f"/o/{spec.key}/"),
            Crumb(record.title, f"/o/{spec.key}/{record.id}"),
        ]
    else:
        label = Text("新建{o}", "New {o}").format(o=spec.label)
        crumbs = [Crumb(spec.plural, f"/o/{spec.key}/")]
    begun = [] if refused else layouts.drafts(request.actor, spec.key)
    id_ = record.id if record else None
    context |= {
        "version": version or request.POST.get("version") or (record.version if record else ""),
        "draft": f"{spec.key}:{record.id if record else 'new'}",
        "slot": draft.slot if draft else request.POST.get("slot") or secrets.token_urlsafe(12),
        "restored": draft,
        "begun": [d for d in begun if d.record_id == id_ and (not draft or d.id != draft.id)],
        "carried": carried,
        "moved": layout.label if moved else "",
        "back": _next(request) or (f"/o/{spec.key}/{record.id}" if record else f"/o/{spec.key}/"),
    }
    page = Page(label, crumbs=crumbs, template="pages/records/form.html", context=context)
    return page.response(request, refused.status if refused else 422 if moved else 200)


def _carried(
    request: PageRequest, spec: ObjectSpec, layout: Layout, given: Mapping[str, Any]
) -> list[tuple[str, Any]]:
    """What the link brought for fields that the layout does not show: sent along, not lost."""
    known = {i.key for i in layout.items}
    return [
        (f.key, value)
        for f in forms.writable(spec, request.policy)
        if f.key in request.GET and f.key not in known and not layout.fallback
        for value in (given[f.key] if isinstance(given[f.key], list) else [given[f.key]])
    ]


urlpatterns = [
    path("o/<slug:object_key>/new", create, name="new"),
    path("o/<slug:object_key>/compute", compute, name="compute"),
    path("o/<slug:object_key>/<int:record_id>/edit", edit, name="edit"),
]
