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
    """A new record.

    ``?customer=12`` fills a field in, ``?next=/…`` says where to go afterwards, ``?draft=5`` goes
    on with what was typed before.
    """
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    page_request.policy.require("create", object_key)
    if request.method != "POST":
        draft, submitted = _draft(page_request, spec, None)
        raw = forms.blank(spec, page_request.actor, request.GET)
        if submitted is not None:
            return _again(page_request, spec, draft, submitted, raw)
        if whole(request.GET, "copy") is not None:
            return _copied(page_request, spec, raw)
        entry = Entry(page_request.actor, filling.fit(page_request, spec, raw), raw)
        for name, (f, value) in entry.filled(touched=set(request.GET)).items():
            raw[name] = forms.raw_of(f, value)
        return _show(page_request, spec, filling.fit(page_request, spec, raw), raw, {})
    raw, parts = _typed(page_request, spec)
    layout = filling.fit(page_request, spec, raw)
    if _would_lose(page_request, layout, raw, parts):
        return _show(page_request, spec, layout, raw, parts, submitted=request.POST, moved=True)
    try:
        record = enter(actor=page_request.actor, layout=layout, values=raw, children=_rows(parts))
    except Refused as refused:
        return _refused(page_request, spec, layout, refused, raw, parts)
    if "again" in request.POST:
        onward = request.get_full_path()
    else:
        onward = _next(request) or f"/o/{object_key}/{record.id}"
    answer = redirect(onward, Text("已创建：{t}", "Created: {t}").format(t=record.title))
    return _done(page_request, answer)


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
    raw = {**blank, **forms.copy_of(spec, record)}
    parts = {
        key: [forms.copy_of(snapshot().object(key), line) for line in lines]
        for key, lines in filling.parts_of(request, record).items()
    }
    return _show(request, spec, filling.fit(request, spec, raw), raw, parts)


def edit(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """A record that is there.

    Someone else saved in between: both sides are shown, to choose from.
    """
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    record = queries.get(page_request.actor, object_key, record_id)
    if request.method != "POST":
        draft, submitted = _draft(page_request, spec, record)
        raw = forms.of_record(spec, record)
        if submitted is not None:
            return _again(page_request, spec, draft, submitted, raw, record)
        layout = filling.fit(page_request, spec, {}, record)
        return _show(
            page_request, spec, layout, raw, filling.parts_of(page_request, record), record=record
        )
    raw, parts = _typed(page_request, spec)
    raw = conflicts.chosen(raw, request.POST)
    layout = filling.fit(page_request, spec, raw, record)
    if _would_lose(page_request, layout, raw, parts, record):
        there = forms.of_record(spec, record) | raw
        rows: dict[str, Any] = {**filling.parts_of(page_request, record), **parts}
        return _show(
            page_request,
            spec,
            layout,
            there,
            rows,
            record=record,
            submitted=request.POST,
            moved=True,
        )
    version = whole(request.POST, "version")
    try:
        enter(
            actor=page_request.actor,
            layout=layout,
            values=raw,
            children=_rows(parts),
            record=record,
            version=record.version if version is None else version,
        )
    except Conflict:
        return conflicts.response(page_request, spec, record, raw, _rows(parts) or {})
    except Refused as refused:
        return _refused(page_request, spec, layout, refused, raw, parts, record=record)
    answer = redirect(_next(request) or f"/o/{object_key}/{record_id}", Text("已保存", "Saved"))
    return _done(page_request, answer)


def compute(request: HttpRequest, object_key: str) -> HttpResponse:
    """How the form stands for what is typed now, before it is saved: see ``computing``."""
    page_request = cast(PageRequest, request)
    spec, post = snapshot().object(object_key), request.POST
    entry = filling.entry_of(page_request, spec, post)
    was = {k.removeprefix(computing.WAS): v for k, v in post.items() if k[:9] == computing.WAS}
    changed, touched = (post.getlist(n) for n in (computing.CHANGED, computing.TOUCHED))
    answer = computing.preview(entry, changed, touched, was)
    raw = {**entry.top.raw, **{k: one["value"] for k, one in answer["set"].items()}}
    raw = {k: v for k, v in raw.items() if k in spec.fields}
    answer["layout"] = filling.fit(page_request, spec, raw, entry.record, filling.use_of(post)).key
    return JsonResponse(answer)


# What was sent, and what it is about


def _typed(request: PageRequest, spec: ObjectSpec) -> tuple[dict[str, Any], forms.Parts]:
    raw = forms.read(spec, request.POST, request.policy)
    parts = forms.read_lines(spec, request.POST, request.policy)
    return parking.wanted(request.POST, raw, parts)


def _rows(parts: forms.Parts) -> dict[str, list[dict[str, Any]]] | None:
    return {k: [line for _, line in v] for k, v in parts.items()} or None


def _would_lose(
    request: PageRequest,
    layout: Layout,
    raw: Mapping[str, Any],
    parts: forms.Parts,
    record: Record | None = None,
) -> bool:
    """Saving came before the form followed to its new layout, which hides what was typed."""
    opened = request.POST.get("layout", "")
    if not opened or opened == layout.key:
        return False
    was = {} if record is None else forms.of_record(snapshot().object(layout.object_key), record)
    entry = Entry(request.actor, layout, raw, parts, record)
    return any(raw[k] not in ("", [], "false", was.get(k)) for k in unseen(entry, raw))


def _next(request: HttpRequest) -> str:
    onward = request.GET.get("next", "")
    return onward if onward.startswith("/") and not onward.startswith("//") else ""


def _done(request: PageRequest, answer: HttpResponse) -> HttpResponse:
    """It is a record now: the draft may go, here and on the device."""
    slot = request.POST.get("slot", "")
    if slot:
        drafting.discard_draft(actor=request.actor, slot=slot)
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
    submitted = QueryDict(mutable=True)
    for name, raw in values:
        submitted.setlist(name, raw)
    return info, submitted


def _again(
    request: PageRequest,
    spec: ObjectSpec,
    draft: DraftInfo | None,
    submitted: QueryDict,
    raw: dict[str, Any],
    record: Record | None = None,
) -> HttpResponse:
    """The form as it was left."""
    entered = forms.read(spec, submitted, request.policy)
    parts = forms.read_lines(spec, submitted, request.policy)
    return _show(
        request,
        spec,
        filling.fit(request, spec, entered, record),
        raw | entered,
        parts,
        record=record,
        draft=draft,
        version=submitted.get("version", ""),
        submitted=submitted,
    )


# Showing it


def _refused(
    request: PageRequest,
    spec: ObjectSpec,
    layout: Layout,
    refused: Refused,
    raw: dict[str, Any],
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
        raw,
        parts,
        record=record,
        refused=refused,
        submitted=request.POST,
        moved=request.POST.get("layout", layout.key) != layout.key,
    )


def _show(
    request: PageRequest,
    spec: ObjectSpec,
    layout: Layout,
    raw: Mapping[str, Any],
    parts: Mapping[str, Sequence[Any]],
    *,
    record: Record | None = None,
    refused: Refused | None = None,
    draft: DraftInfo | None = None,
    version: str = "",
    submitted: QueryDict | None = None,
    moved: bool = False,
) -> HttpResponse:
    carried = _carried(request, spec, layout, raw) if record is None else []
    context = filling.shown(
        request,
        spec,
        layout,
        raw,
        parts,
        record=record,
        refused=refused,
        submitted=submitted,
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
    request: PageRequest, spec: ObjectSpec, layout: Layout, raw: Mapping[str, Any]
) -> list[tuple[str, Any]]:
    """What the link brought for fields that the layout does not show: sent along, not lost."""
    known = {i.key for i in layout.items}
    return [
        (f.key, value)
        for f in forms.writable(spec, request.policy)
        if f.key in request.GET and f.key not in known and not layout.fallback
        for value in (raw[f.key] if isinstance(raw[f.key], list) else [raw[f.key]])
    ]


urlpatterns = [
    path("o/<slug:object_key>/new", create, name="new"),
    path("o/<slug:object_key>/compute", compute, name="compute"),
    path("o/<slug:object_key>/<int:record_id>/edit", edit, name="edit"),
]
