"""Creating and editing any record: one form made from the catalog, problems beside their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import Conflict, Problem, Refused, Text
from wubu.web import computing, conflicts, forms
from wubu.web.ui import Crumb, Page, PageRequest, Problems, redirect
from wubu.web.ui.page import saved

MOST_LINES = 200


def create(request: HttpRequest, object_key: str) -> HttpResponse:
    """A new record; ``?customer=12`` fills a field in, ``?next=/…`` says where to go afterwards."""
    asked = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    asked.policy.require("create", object_key)
    if request.method != "POST":
        given = forms.blank(spec, asked.actor, request.GET)
        return _show(asked, spec, given, {})
    given, parts = _typed(asked, spec)
    try:
        record = actions.create(
            actor=asked.actor, object_key=object_key, values=given, children=parts or None
        )
    except Refused as refused:
        return _refused(asked, spec, refused, given, parts)
    if "again" in request.POST:
        onward = request.get_full_path()
    else:
        onward = _next(request) or f"/o/{object_key}/{record.id}"
    answer = redirect(onward, Text("已创建：{t}", "Created: {t}").format(t=record.title))
    return saved(answer, request.POST.get("draft", ""))


def edit(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """A record that is there.

    Someone else saved in between: both sides are shown, to choose from.
    """
    asked = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    record = queries.get(asked.actor, object_key, record_id)
    if request.method != "POST":
        given = forms.of_record(spec, record)
        return _show(asked, spec, given, _parts_of(asked, record), record=record)
    given, parts = _typed(asked, spec)
    given = conflicts.chosen(given, request.POST)
    try:
        actions.update(
            actor=asked.actor,
            object_key=object_key,
            id=record_id,
            values=given,
            version=int(request.POST.get("version") or record.version),
            children=parts or None,
        )
    except Conflict:
        return conflicts.response(asked, spec, record, given, parts)
    except Refused as refused:
        return _refused(asked, spec, refused, given, parts, record=record)
    answer = redirect(_next(request) or f"/o/{object_key}/{record_id}", Text("已保存", "Saved"))
    return saved(answer, request.POST.get("draft", ""))


def compute(request: HttpRequest, object_key: str) -> HttpResponse:
    """The formulas and sums of what stands in the form now, before it is saved."""
    asked = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    given, parts = _typed(asked, spec)
    return JsonResponse(computing.preview(spec, given, parts, asked.policy, request.POST))


def _typed(
    request: PageRequest, spec: ObjectSpec
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    given = forms.read(spec, request.POST, request.policy)
    return given, forms.read_parts(spec, request.POST, request.policy)


def _next(request: HttpRequest) -> str:
    onward = request.GET.get("next", "")
    return onward if onward.startswith("/") and not onward.startswith("//") else ""


def _parts_of(request: PageRequest, record: Record) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for child in snapshot().children(record.object_key):
        query = Query(filter=f"{{{child.part_of}}} = {record.id}", sort=("id",), limit=MOST_LINES)
        found[child.key] = list(queries.page(request.actor, child.key, query).records)
    return found


def _refused(
    request: PageRequest,
    spec: ObjectSpec,
    refused: Refused,
    given: Mapping[str, Any],
    parts: Mapping[str, Sequence[Mapping[str, Any]]],
    record: Record | None = None,
) -> HttpResponse:
    """The form as it was typed, with everything that is wrong; other refusals keep their page."""
    if refused.status not in (403, 422) or not refused.problems:
        raise refused
    return _show(request, spec, given, parts, record=record, refused=refused)


def _show(
    request: PageRequest,
    spec: ObjectSpec,
    given: Mapping[str, Any],
    parts: Mapping[str, Sequence[Any]],
    *,
    record: Record | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    problems = refused.problems if refused else ()
    own = [p for p in problems if p.object in (None, spec.key)]
    actor, rights = request.actor, request.policy
    made = forms.inputs(actor, rights, spec, given, record=record, problems=own)
    if record is not None:
        label = Text("编辑{o}", "Edit {o}").format(o=spec.label)
        crumbs = [
            Crumb(spec.plural, f"/o/{spec.key}/"),
            Crumb(record.title, f"/o/{spec.key}/{record.id}"),
        ]
    else:
        label = Text("新建{o}", "New {o}").format(o=spec.label)
        crumbs = [Crumb(spec.plural, f"/o/{spec.key}/")]
    context = {
        "spec": spec,
        "record": record,
        "version": request.POST.get("version") or (record.version if record else ""),
        "sections": forms.sections(spec, made),
        "lines": _lines(request, spec, parts, problems),
        "draft": f"{spec.key}:{record.id if record else 'new'}",
        "refused": refused is not None,
        "creatable": {o.key for o in snapshot().live if rights.may("create", o.key)},
        "summary": Problems(problems, labels=_labels(spec), of=spec.key) if refused else None,
        "back": _next(request) or (f"/o/{spec.key}/{record.id}" if record else f"/o/{spec.key}/"),
    }
    page = Page(label, crumbs=crumbs, template="pages/form.html", context=context)
    return page.response(request, refused.status if refused else 200)


def _lines(
    request: PageRequest,
    spec: ObjectSpec,
    parts: Mapping[str, Sequence[Any]],
    problems: Sequence[Problem],
) -> list[forms.Lines]:
    found = []
    for child in snapshot().children(spec.key):
        rows = parts.get(child.key, ())
        stored = [r for r in rows if isinstance(r, Record)]
        given = [
            {**forms.of_record(child, r), "id": r.id} if isinstance(r, Record) else r for r in rows
        ]
        found.append(
            forms.lines(
                request.actor, request.policy, child, given, problems=problems, drawn=stored
            )
        )
    return found


def _labels(spec: ObjectSpec) -> dict[str, Text]:
    return {f.key: f.label for f in spec.live_fields} | {
        f.key: f.label for child in snapshot().children(spec.key) for f in child.live_fields
    }


urlpatterns = [
    path("o/<slug:object_key>/new", create, name="new"),
    path("o/<slug:object_key>/compute", compute, name="compute"),
    path("o/<slug:object_key>/<int:record_id>/edit", edit, name="edit"),
]
