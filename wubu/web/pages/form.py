"""Creating and editing any record: one form made from the catalog, problems beside their fields."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import path

from wubu.collect.forms import actions as drafting
from wubu.collect.forms import queries as layouts
from wubu.collect.forms.entering import Entry
from wubu.collect.forms.saving import enter
from wubu.collect.forms.standing import stored
from wubu.collect.forms.types import DraftInfo, Layout
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import Conflict, Forbidden, Problem, Refused, Text
from wubu.web import computing, conflicts, forms, placing
from wubu.web.ui import Crumb, Page, PageRequest, Problems, redirect
from wubu.web.ui.asking import whole
from wubu.web.ui.page import saved

MOST_LINES = 200
Parts = dict[str, list[tuple[str, dict[str, Any]]]]


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
        layout = _layout(asked, spec, given)
        entry = Entry(asked.actor, layout, given)
        for name, (f, value) in entry.filled(touched=set(request.GET)).items():
            given[name] = forms.raw_of(f, value)
        return _show(asked, spec, layout, given, {})
    layout = _layout(asked, spec, {}, prefer=request.POST.get("layout", ""))
    given, parts = _typed(asked, spec)
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
        for key, lines in _parts_of(request, record).items()
    }
    return _show(request, spec, _layout(request, spec, given), given, parts)


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
        layout = _layout(asked, spec, given, record)
        return _show(asked, spec, layout, given, _parts_of(asked, record), record=record)
    layout = _layout(asked, spec, {}, record, request.POST.get("layout", ""))
    given, parts = _typed(asked, spec)
    given = conflicts.chosen(given, request.POST)
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
    entry = entry_of(asked, snapshot().object(object_key), request.POST)
    post = request.POST
    was = {k.removeprefix(computing.WAS): v for k, v in post.items() if k[:9] == computing.WAS}
    changed, touched = (post.getlist(n) for n in (computing.CHANGED, computing.TOUCHED))
    return JsonResponse(computing.preview(entry, changed, touched, was))


def entry_of(request: PageRequest, spec: ObjectSpec, sent: QueryDict) -> Entry:
    """What stands in the form that was sent, with the record that it is about."""
    record = None
    number = whole(sent, "record")
    if number is not None:
        record = queries.get(request.actor, spec.key, number)
    layout = _layout(request, spec, {}, record, sent.get("layout", ""))
    given = forms.read(spec, sent, request.policy)
    lines = forms.read_lines(spec, sent, request.policy)
    return Entry(request.actor, layout, given, lines, record)


# What was sent, and what it is about


def _typed(request: PageRequest, spec: ObjectSpec) -> tuple[dict[str, Any], Parts]:
    given = forms.read(spec, request.POST, request.policy)
    return given, forms.read_lines(spec, request.POST, request.policy)


def _rows(parts: Parts) -> dict[str, list[dict[str, Any]]] | None:
    return {k: [line for _, line in v] for k, v in parts.items()} or None


def _layout(
    request: PageRequest,
    spec: ObjectSpec,
    given: Mapping[str, Any],
    record: Record | None = None,
    prefer: str = "",
) -> Layout:
    values = dict(record.values) if record else {}
    stage = spec.role("stage")
    for f in spec.live_fields:
        if record is None and f.key in given and given[f.key] not in ("", [], None):
            values[f.key] = stored(f, given[f.key])
    if record is None and stage is not None and values.get(stage.key) is None:
        values[stage.key] = next((c.key for c in stage.choices if not c.retired), None)
    return layouts.layout_for(
        request.actor,
        spec.key,
        get=lambda p: values.get(p[0]) if len(p) == 1 else None,
        prefer=prefer or request.GET.get("layout", ""),
    )


def _next(request: HttpRequest) -> str:
    onward = request.GET.get("next", "")
    return onward if onward.startswith("/") and not onward.startswith("//") else ""


def _parts_of(request: PageRequest, record: Record) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for child in snapshot().children(record.object_key):
        query = Query(filter=f"{{{child.part_of}}} = {record.id}", sort=("id",), limit=MOST_LINES)
        found[child.key] = list(queries.page(request.actor, child.key, query).records)
    return found


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
    given = given | forms.read(spec, sent, request.policy)
    parts = forms.read_lines(spec, sent, request.policy)
    layout = _layout(request, spec, given, record, sent.get("layout", ""))
    return _show(
        request,
        spec,
        layout,
        given,
        _rows(parts) or {},
        record=record,
        draft=draft,
        version=sent.get("version", ""),
    )


# Showing it


def _refused(
    request: PageRequest,
    spec: ObjectSpec,
    layout: Layout,
    refused: Refused,
    given: dict[str, Any],
    parts: Parts,
    record: Record | None = None,
) -> HttpResponse:
    """The form as it was typed, with everything that is wrong; other refusals keep their page."""
    if refused.status not in (403, 422) or not refused.problems:
        raise refused
    rows = _rows(parts) or {}
    return _show(request, spec, layout, given, rows, record=record, refused=refused)


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
) -> HttpResponse:
    context = shown(request, spec, layout, given, parts, record=record, refused=refused)
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
        "carried": _carried(request, spec, layout, given) if record is None else [],
        "back": _next(request) or (f"/o/{spec.key}/{record.id}" if record else f"/o/{spec.key}/"),
    }
    page = Page(label, crumbs=crumbs, template="pages/form.html", context=context)
    return page.response(request, refused.status if refused else 200)


def shown(
    request: PageRequest,
    spec: ObjectSpec,
    layout: Layout,
    given: Mapping[str, Any],
    parts: Mapping[str, Sequence[Any]],
    *,
    record: Record | None = None,
    refused: Refused | None = None,
) -> dict[str, Any]:
    """What the template of a form draws: the sections of a layout with their inputs."""
    problems = refused.problems if refused else ()
    own = [p for p in problems if p.object in (None, spec.key)]
    actor, rights = request.actor, request.policy
    only = None if layout.fallback and layout.use == "form" else _fields(spec, layout)
    made = forms.inputs(actor, rights, spec, given, record=record, problems=own, only=only)
    lines = _lines(request, spec, layout, parts, problems)
    rows = {k: [_raw_line(k, n, r) for n, r in enumerate(v)] for k, v in parts.items()}
    entry = Entry(actor, layout, given, rows, record)
    for one in made.values():
        if one.spec.type in ("link", "links"):
            one.limits = entry.candidates_of(one.spec) is not None
    return {
        "spec": spec,
        "record": record,
        "layout": layout,
        "sections": placing.sections(
            layout,
            made,
            lines,
            hidden=entry.hidden(),
            needed=entry.needed(),
            options=entry.offered(),
        ),
        "live": entry.is_live,
        "refused": refused is not None,
        "creatable": {o.key for o in snapshot().live if rights.may("create", o.key)},
        "summary": Problems(problems, labels=_labels(spec), of=spec.key) if refused else None,
    }


def _fields(spec: ObjectSpec, layout: Layout) -> list[Any]:
    return [spec.fields[k] for k in placing.keys(layout)]


def _raw_line(child_key: str, number: int, row: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(row, Record):
        return str(number), dict(row)
    child = snapshot().object(child_key)
    return str(number), {**forms.of_record(child, row), "id": row.id}


def _lines(
    request: PageRequest,
    spec: ObjectSpec,
    layout: Layout,
    parts: Mapping[str, Sequence[Any]],
    problems: Sequence[Problem],
) -> dict[str, forms.Lines]:
    found = {}
    for item in layout.items:
        if item.kind != "lines":
            continue
        child = snapshot().object(item.key)
        rows = parts.get(child.key, ())
        found[child.key] = forms.lines(
            request.actor,
            request.policy,
            child,
            [_raw_line(child.key, n, r)[1] for n, r in enumerate(rows)],
            problems=problems,
            drawn=[r for r in rows if isinstance(r, Record)],
            only=item.columns,
        )
    return found


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


def _labels(spec: ObjectSpec) -> dict[str, Text]:
    return {f.key: f.label for f in spec.live_fields} | {
        f.key: f.label for child in snapshot().children(spec.key) for f in child.live_fields
    }


urlpatterns = [
    path("o/<slug:object_key>/new", create, name="new"),
    path("o/<slug:object_key>/compute", compute, name="compute"),
    path("o/<slug:object_key>/<int:record_id>/edit", edit, name="edit"),
]
