"""One value for many records: which field, how many it would change, and how far it is."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.views import editing
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.jobs import queries as running
from wubu.kernel.jobs.types import JobView
from wubu.kernel.query.types import Query
from wubu.kernel.types import Problem, Refused, Text
from wubu.web import forms, list_state
from wubu.web.pages.lists.listing import ids_of
from wubu.web.pages.lists.listing_parts import is_editable
from wubu.web.ui import Crumb, Page, PageRequest, Problems, htmx_target, redirect

TITLE = Text("批量修改{o}", "Bulk edit {o}")


@require_POST
def edit_many(request: HttpRequest, object_key: str) -> HttpResponse:
    """Which field gets which value; then, with ``do``, that is done.

    At once for a few, in the background for many.
    """
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    page_request.policy.require("bulk_edit", object_key)
    now = list_state.of(page_request, object_key)
    if isinstance(now, HttpResponse):
        return now
    ids = [] if request.POST.get("found") else ids_of(request.POST.getlist("id"))
    if not ids and not request.POST.get("found"):
        return redirect(list_state.address(object_key), Text("没有选择记录", "Nothing was chosen"))
    fields = [f for f in spec.live_fields if is_editable(page_request, spec, f)]
    query = Query(filter=now.where, search=now.search)
    refused: Refused | None = None
    key = request.POST.get("field", "")
    chosen = next((f for f in fields if f.key == key), None)
    if request.POST.get("do") and chosen is not None:
        try:
            return _do(page_request, spec, chosen, ids, query)
        except Refused as wrong:
            if wrong.status not in (422, 409):
                raise
            refused = wrong
    return _page(page_request, spec, fields, chosen, ids, query, refused)


def _page(
    request: PageRequest,
    spec: ObjectSpec,
    fields: list[FieldSpec],
    chosen: FieldSpec | None,
    ids: list[int],
    query: Query,
    refused: Refused | None,
) -> HttpResponse:
    found, may = editing.count(request.actor, spec.key, query) if not ids else (len(ids), len(ids))
    raw: dict[str, Any] = {}
    if chosen is not None:
        raw = {chosen.key: forms.raw_value(chosen, request.POST, chosen.key)}
    made = forms.inputs(
        request.actor,
        request.policy,
        spec,
        raw,
        problems=refused.problems if refused else (),
        only=[chosen] if chosen else [],
    )
    context = {
        "spec": spec,
        "fields": fields,
        "chosen": chosen,
        "input": made.get(chosen.key) if chosen else None,
        "ids": ids,
        "found": found,
        "may": may,
        "others": found - may,
        "problems": Problems(refused.problems) if refused else None,
        "creatable": (),
    }
    page = Page(
        TITLE.format(o=spec.plural),
        crumbs=[Crumb(spec.plural, list_state.address(spec.key) + "?f=")],
        template="pages/lists/edit_many.html",
        context=context,
    )
    if htmx_target(request) == "edit-many":
        return render(
            request, "parts/lists/edit_many.html", context, status=422 if refused else 200
        )
    return page.response(request, 422 if refused else 200)


def _do(
    request: PageRequest, spec: ObjectSpec, f: FieldSpec, ids: list[int], query: Query
) -> HttpResponse:
    value = forms.raw_value(f, request.POST, f.key)
    if f.required and not value:
        raise Refused(
            Problem(
                "required",
                Text(
                    "“{f}”是必填的，不能清空。", "“{f}” is required and cannot be emptied."
                ).format(f=f.label),
                object=spec.key,
                field=f.key,
            )
        )
    if ids and len(ids) <= editing.AT_ONCE:
        done = editing.edit(
            actor=request.actor, object_key=spec.key, ids=ids, field=f.key, value=value
        )
        words = Text("已修改 {n} 条", "{n} changed").format(n=done.updated)
        undo = f"/o/{spec.key}/undo-edit?batch={done.batch}" if done.updated else ""
        back = list_state.address(spec.key) + "?" + (request.GET.urlencode() or "f=")
        return redirect(back, words, undo=undo)
    batch = editing.start(request.actor, spec.key, f.key)
    job = jobs.enqueue(
        editing.JOB,
        {
            "object_key": spec.key,
            "field": f.key,
            "value": value,
            "batch": batch,
            "filter": query.filter,
            "search": query.search,
            "ids": ids,
        },
        actor=request.actor,
    )
    return redirect(f"/o/{spec.key}/edits/{job.id}")


def progress(request: HttpRequest, object_key: str, job_id: int) -> HttpResponse:
    """How far an edit of many is, what it did, and the button that takes it back."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    job: JobView = running.get(job_id, page_request.actor)
    result = job.result if isinstance(job.result, dict) else {}
    context = {
        "spec": spec,
        "job": job,
        "percent": round((job.share or 0) * 100),
        "result": result,
        "problems": [Text.of(p) for p in result.get("problems", ())],
        "is_undo": job.name == editing.UNDO_JOB,
        "home": list_state.address(object_key) + "?f=",
    }
    if htmx_target(request) == "edit-progress":
        return render(request, "parts/lists/edit_progress.html", context)
    page = Page(
        TITLE.format(o=spec.plural),
        crumbs=[Crumb(spec.plural, list_state.address(object_key) + "?f=")],
        template="pages/lists/edit_progress.html",
        context=context,
    )
    return page.response(page_request)


urlpatterns = [
    path("o/<slug:object_key>/edit-many", edit_many, name="edit-many"),
    path("o/<slug:object_key>/edits/<int:job_id>", progress, name="edit-progress"),
]
