"""One field in the designer: its type, its options, its rules, and what it will look like."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.catalog import playing
from wubu.kernel.catalog.queries import latest_revision, snapshot
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.formula import queries as formula
from wubu.kernel.schema import queries as schema
from wubu.kernel.types import Missing, Problem, Refused, Text
from wubu.web.forms import Input, default
from wubu.web.pages.setup import object_plans as plans
from wubu.web.pages.setup import object_reading as reading
from wubu.web.pages.setup.object_questions import COLOR_LABELS, PATTERNS, RESULTS, asks, kinds
from wubu.web.ui import PageRequest, Panel, Problems, Raw
from wubu.web.ui.field_types import about


def new(request: HttpRequest, key: str) -> HttpResponse:
    """A field that is not there yet."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("objects")
    spec = snapshot().object(key)
    empty = FieldSpec(key, "", str(request.GET.get("type", "text")), Text("", ""))
    if request.method == "POST" and not request.POST.get("back"):
        return _save(page_request, spec, None)
    return _sheet(page_request, spec, _typed(page_request, spec, None) or empty, new=True)


def one(request: HttpRequest, key: str, field_key: str) -> HttpResponse:
    """A field that is there; its key never changes."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("objects")
    spec = snapshot().object(key)
    old = spec.field(field_key)
    if request.method == "POST" and not request.POST.get("back"):
        if request.POST.get("do") in ("retire", "restore"):
            return _retire(page_request, spec, old)
        return _save(page_request, spec, old)
    return _sheet(page_request, spec, _typed(page_request, spec, old) or old, new=False)


def _save(request: PageRequest, spec: ObjectSpec, old: FieldSpec | None) -> HttpResponse:
    try:
        field = _automatic(spec, reading.field(request.POST, spec, old))
        if old is None and field.kind.staged and field.default is None and field.choices:
            field = replace(field, default=field.choices[0].key)  # else a board shows nothing
        wanted = replace(spec, fields={**spec.fields, field.key: field})
        role = _first(spec, field) if old is None else ""
        if role:
            wanted = replace(wanted, roles={**spec.roles, role: field.key})
        base = f"/setup/objects/{spec.key}"
        return plans.settle(request, [wanted], base, back=base, fields=[field.key])
    except Refused as refused:
        if refused.status != 422:
            raise
        shown = _typed(request, spec, old) or old
        empty = FieldSpec(spec.key, "", request.POST.get("type", "text"), Text("", ""))
        return _sheet(request, spec, shown or empty, new=old is None, refused=refused)


def _retire(request: PageRequest, spec: ObjectSpec, old: FieldSpec) -> HttpResponse:
    base = f"/setup/objects/{spec.key}"
    field = replace(old, retired=request.POST["do"] == "retire")
    wanted = replace(spec, fields={**spec.fields, old.key: field})
    try:
        return plans.settle(request, [wanted], base, back=base, fields=[old.key])
    except Refused as refused:
        if refused.status != 422:
            raise
        return _sheet(request, spec, old, new=False, refused=refused)


def _first(spec: ObjectSpec, f: FieldSpec) -> str:
    """What the first stage, sum or customer of an object is to it: board and list need no more."""
    role = f.kind.role
    customers = playing.customers(snapshot().live)
    if f.kind.links_one and customers is not None and f.target == customers.key:
        role = "customer"
    return "" if role in spec.roles or spec.part_of else role


def _automatic(spec: ObjectSpec, f: FieldSpec) -> FieldSpec:
    """A formula shows itself as what it gives, unless somebody says otherwise."""
    if not f.kind.calculated or f.options.get("result") != "auto":
        return f
    options = {k: v for k, v in f.options.items() if k != "result"}
    try:
        found = formula.parse(
            str(options.get("formula", "")), snapshot=snapshot(), object_key=spec.key
        )
    except Refused:
        return replace(f, options=options)  # the plan says what is wrong with it
    kind: str = found.type.kind
    options["result"] = kind if kind in RESULTS else "text"
    if found.type.numeric and found.type.scale:
        options.setdefault("decimals", found.type.scale)
    return replace(f, options=options)


def _typed(request: PageRequest, spec: ObjectSpec, old: FieldSpec | None) -> FieldSpec | None:
    """What stands in the form that was sent, as far as it can be read."""
    if request.method != "POST":
        return None
    post = request.POST.copy()
    if not post.get("zh") and not post.get("en"):
        post["zh"] = old.label.zh if old else "–"
    if old is None:
        post["key"] = ""  # a key that is taken is complained of, not kept
    post["default"] = ""
    try:
        return reading.field(post, spec, old)
    except Refused:
        return None


@require_POST
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """What the field will look like in a form, from what is typed so far."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("objects")
    spec = snapshot().object(key)
    f = _typed(page_request, spec, spec.fields.get(request.POST.get("field", "")))
    shown = None
    if f is not None:
        f = replace(f, default=request.POST.get("default") or None)
        read_only = FIELD_TYPES[f.type].computed or f.kind.numbered
        value = "" if f.default in ("today", "now", "me") else default(f)
        shown = Input(f, "preview", value, read_only=read_only)
    return render(request, "parts/setup/field_preview.html", {"input": shown})


def values(request: HttpRequest, key: str, field_key: str) -> HttpResponse:
    """The different values that a text field holds: what its options could be."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("objects")
    spec = snapshot().object(key)
    f = spec.field(field_key)
    if page_request.policy.level(key, field_key) in ("hidden", "masked"):
        raise Missing(Problem("no_such_field", Text("没有这个字段。", "There is no such field.")))
    found = schema.distinct_texts(page_request.actor, spec.key, f.key)
    return HttpResponse("\n".join(found), content_type="text/plain; charset=utf-8")


def _sheet(
    request: PageRequest,
    spec: ObjectSpec,
    f: FieldSpec,
    *,
    new: bool,
    refused: Refused | None = None,
) -> HttpResponse:
    base = f"/setup/objects/{spec.key}/fields"
    submitted = request.POST if request.method == "POST" else QueryDict("")
    context: dict[str, Any] = {
        "spec": spec,
        "f": f,
        "new": new,
        "action": f"{base}/new" if new else f"{base}/{f.key}",
        "base": submitted.get("base") or latest_revision(),
        "kinds": kinds(spec, f),
        "chosen": about(f.type),
        "asks": asks(spec, f),
        "rows": _choice_rows(f),
        "choice_colors": COLOR_LABELS,
        "long": reading.lines(f) if len(f.choices) > reading.ROW_CHOICES else "",
        "key": submitted.get("key", ""),
        "default": submitted.get("default", _default_words(f)),
        "problems": _problems(refused) if refused else None,
        "patterns": PATTERNS,
        "has_choices": " ".join(k for k, t in FIELD_TYPES.items() if t.has_choices),
        "has_target": " ".join(k for k, t in FIELD_TYPES.items() if t.has_target),
        "typed": " ".join(k for k, t in FIELD_TYPES.items() if not t.computed),
        "patterned": " ".join(k for k, t in FIELD_TYPES.items() if t.patterned),
        "input": Input(f, "preview", default(f), read_only=FIELD_TYPES[f.type].computed),
        "uses": [] if new else plans.grouped(schema.uses(spec.key, f.key)),
    }
    title = Text("新字段", "New field") if new else f.label
    sheet = Panel("", Raw("parts/setup/field_sheet.html", **context), key="sheet")
    status = 422 if refused else 200
    return plans.page(request, title, [sheet], status=status, spec=spec)


def _choice_rows(f: FieldSpec) -> list[tuple[Choice, str]]:
    """The options, each with its probability in percent."""
    if len(f.choices) > reading.ROW_CHOICES:
        return []
    odds = (None if c.probability is None else f"{c.probability * 100:g}" for c in f.choices)
    return [(c, percent or "") for c, percent in zip(f.choices, odds, strict=True)]


def _problems(refused: Refused) -> Problems:
    title = Text("还不能继续", "Not yet")
    return Problems([replace(p, field=None) for p in refused.problems], title)


def _default_words(f: FieldSpec) -> str:
    if isinstance(f.default, list | tuple):
        return "、".join(str(v) for v in f.default)
    if isinstance(f.default, bool):
        return "true" if f.default else "false"
    return "" if f.default is None else str(f.default)


urlpatterns = [
    path("setup/objects/<slug:key>/fields/new", new, name="object-field-new"),
    path("setup/objects/<slug:key>/fields/preview", preview),
    path("setup/objects/<slug:key>/fields/<slug:field_key>", one, name="object-field"),
    path("setup/objects/<slug:key>/fields/<slug:field_key>/values", values),
]
