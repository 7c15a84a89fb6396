"""What a field of a form may point at now, and a new record made on the way."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.forms.entry.entering import Entry
from wubu.collect.forms.entry.saving import enter
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.types import Refused, Text
from wubu.web import forms
from wubu.web.forms.filling import entry_of, fit, shown
from wubu.web.pages.records.inputs import PICKED, pick
from wubu.web.ui import PageRequest


@require_POST
def candidates(request: HttpRequest, object_key: str) -> HttpResponse:
    """The records that a field may point at, for what stands in the form that comes along."""
    page_request = cast(PageRequest, request)
    entry = entry_of(page_request, snapshot().object(object_key), request.POST)
    found = _place(entry, request.POST.get("pick:field", ""))
    if found is None or not found[1].kind.has_target:
        raise Http404
    scope, f = found
    words = request.POST.get("pick:words", "").strip()
    rule = entry.candidates_of(f)
    if rule is None or page_request.policy.level(scope.spec.key, f.key) != "write":
        return pick(request, f.target)
    records = entry.linker.candidates(rule, scope.get, words, PICKED)
    items = [{"id": str(r.id), "title": r.title, "subtitle": ""} for r in records]
    return JsonResponse({"items": items, "limited": True})


def _place(entry: Entry, name: str) -> Any:
    """The line may be empty so far, and so not among the form's lines: it is added for this."""
    found = entry.scope_of(name)
    child, _, rest = name.partition(":")
    if found is None and rest and child in {c.key for c in entry.snapshot.children(entry.spec.key)}:
        entry.add_line(child, rest.partition(":")[0])
        found = entry.scope_of(name)
    return found


def quick_create(request: HttpRequest, target: str) -> HttpResponse:
    """The few fields of the quick layout in a dialog; then the record, to be chosen."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(target)
    page_request.policy.require("create", target)
    raw = forms.blank(spec, page_request.actor, request.GET)
    layout = fit(page_request, spec, raw, use="quick")
    if request.method != "POST":
        title = spec.role("title")
        if title is not None and raw.get(title.key) in ("", None):
            raw[title.key] = request.GET.get("title", "")
        context = shown(page_request, spec, layout, raw, {})
        return render(request, "parts/records/quick_create.html", _dialog(spec, context))
    submitted = forms.read(spec, request.POST, page_request.policy)
    bare = spec.roles.get("title", "")
    if bare and "title" in request.POST and bare not in submitted:
        submitted[bare] = request.POST["title"]
    layout = fit(page_request, spec, raw | submitted, use="quick")
    try:
        record = enter(actor=page_request.actor, layout=layout, values=submitted)
    except Refused as refused:
        if refused.status != 422:
            raise
        context = shown(
            page_request, spec, layout, raw | submitted, {}, refused=refused, submitted=request.POST
        )
        return render(
            request, "parts/records/quick_create.html", _dialog(spec, context), status=422
        )
    return JsonResponse({"id": str(record.id), "title": record.title})


def _dialog(spec: ObjectSpec, context: dict[str, Any]) -> dict[str, Any]:
    return {**context, "heading": Text("新建{o}", "New {o}").format(o=spec.label)}


urlpatterns = [
    path("o/<slug:object_key>/pick", candidates, name="candidates"),
    path("pick/<slug:target>/new", quick_create, name="pick-new"),
]
