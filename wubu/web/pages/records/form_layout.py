"""The layout of an open form changes with what is chosen in it; nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.forms.entry.entering import Entry
from wubu.collect.forms.types import Layout
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.types import Text
from wubu.web import forms
from wubu.web.forms import computing
from wubu.web.forms.filling import fit, opened_record, parts_of, shown, use_of
from wubu.web.ui import PageRequest

EMPTY: tuple[Any, ...] = (None, "", [], ())


@require_POST
def relay(request: HttpRequest, object_key: str) -> HttpResponse:
    """The sections of the layout that fits what stands in the form, filled with it."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    submitted = request.POST
    record = opened_record(page_request, spec, submitted)
    if record is None:
        page_request.policy.require("create", object_key)
    raw = forms.read(spec, submitted, page_request.policy)
    parts = forms.read_lines(spec, submitted, page_request.policy)
    layout = fit(page_request, spec, raw, record, use_of(submitted))
    start = (
        forms.of_record(spec, record)
        if record
        else forms.blank(spec, page_request.actor, QueryDict())
    )
    raw = start | raw
    entry = Entry(page_request.actor, layout, raw, parts, record)
    touched = set(submitted.getlist(computing.TOUCHED))
    for name, (f, value) in entry.filled(touched=touched).items():
        if ":" not in name and raw.get(name) in EMPTY and name not in touched:
            raw[name] = forms.raw_of(f, value)
    there = parts_of(page_request, record) if record else {}
    context = shown(
        page_request, spec, layout, raw, {**there, **parts}, record=record, submitted=submitted
    )
    context["said"] = _said(spec, layout, raw, start, context, entry)
    return render(request, "parts/records/form_laid.html", context)


def _said(
    spec: ObjectSpec,
    layout: Layout,
    raw: Mapping[str, Any],
    start: Mapping[str, Any],
    context: Mapping[str, Any],
    entry: Entry,
) -> str:
    """What changed, for the eyes and for those who listen."""
    words = Text("表单已换成“{l}”布局。", "The form is now laid out as “{l}”.")
    found = [words.format(l=layout.label)]
    if context["parked"]:
        words = Text(
            "{n} 项您填过的内容不在这个布局里，列在表单末尾。",
            "{n} things that you typed are not part of it; they are listed at the end.",
        )
        found.append(words.format(n=len(context["parked"])))
    hidden = entry.hidden()
    off = [
        spec.fields[i.key].label
        for i in layout.items
        if i.kind == "field" and i.id in hidden and raw.get(i.key) != start.get(i.key)
    ]
    if off:
        words = Text(
            "{f}在这里不满足显示条件，保存时不会保存。",
            "{f}: hidden here by a condition, and not saved.",
        )
        found.append(words.format(f="、".join(map(str, off))))
    return "".join(map(str, found)) if str(Text("中", "en")) == "中" else " ".join(map(str, found))


urlpatterns = [path("o/<slug:object_key>/layout", relay, name="form-relay")]
