"""Designing the forms of an object: layouts by role and stage, drawn as they will look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.forms import actions, queries
from wubu.collect.forms.layouts import reading, standard
from wubu.collect.forms.types import LayoutInfo, Use
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import queries as rights
from wubu.kernel.permissions.queries import Policy
from wubu.kernel.types import Conflict, Problem, Refused, Text
from wubu.web import forms
from wubu.web.forms.filling import shown
from wubu.web.pages.setup.object_tabs import tabs
from wubu.web.ui import Ask, Crumb, Form, Page, PageRequest, redirect
from wubu.web.ui.asking import whole

OBJECTS = Text("对象与字段", "Objects and fields")
FORMS = Text("表单布局", "Form layouts")
USES: tuple[tuple[Use, Text], ...] = (
    ("form", Text("录入表单", "Entry form")),
    ("quick", Text("快速新建", "Quick create")),
)
AREA = "objects"


def listing(request: HttpRequest, key: str) -> HttpResponse:
    """The layouts of an object in the order in which they are tried, and a new one."""
    requested, spec = _asked(request, key)
    if request.method == "POST":
        return _ordered(requested, spec)
    found = queries.layouts(key)
    names = people.names([i.updated_by for i in found if i.updated_by])
    roles = {r.key: r.label for r in rights.roles()}
    stage = spec.role("stage")
    stages = {c.key: c.label for c in stage.choices} if stage else {}
    rows = [
        {
            "info": i,
            "who": names.get(i.updated_by or 0, ""),
            "use": dict(USES).get(i.use, i.use),
            "roles": [roles.get(r, r) for r in i.roles],
            "stages": [stages.get(s, s) for s in i.stages],
        }
        for i in found
    ]
    context = {"spec": spec, "rows": rows, "new": _new_form(spec)}
    crumbs = [Crumb(OBJECTS, "/setup/objects"), Crumb(spec.label, f"/setup/objects/{key}")]
    title = Text("{o}的表单", "Forms of {o}").format(o=spec.label)
    page = Page(
        title,
        crumbs=crumbs,
        tabs=tabs(requested, spec, "forms"),
        template="pages/setup/form_layouts.html",
        context=context,
    )
    return page.response(requested)


def _new_form(spec: ObjectSpec) -> Form:
    return Form(
        f"/setup/objects/{spec.key}/forms/new",
        [
            Ask("zh", Text("名称", "Label"), required=True, wide=True),
            Ask("en", Text("英文名称", "In English, if different"), wide=True),
            Ask("use", Text("用途", "Use"), "select", "form", USES, wide=True),
        ],
        submit=Text("开始设计", "Start designing"),
        note=Text(
            "从现在的默认布局开始，保存后才生效",
            "Starts from the current default; takes effect when saved",
        ),
    )


def _ordered(request: PageRequest, spec: ObjectSpec) -> HttpResponse:
    """One layout moved up or down: the first that fits is the one that is used."""
    keys = [i.key for i in queries.layouts(spec.key)]
    moved, by = request.POST.get("layout", ""), -1 if request.POST.get("do") == "up" else 1
    if moved in keys:
        at = keys.index(moved)
        to = min(max(at + by, 0), len(keys) - 1)
        keys.insert(to, keys.pop(at))
        actions.order(actor=request.actor, object_key=spec.key, keys=keys)
    return redirect(f"/setup/objects/{spec.key}/forms")


def new(request: HttpRequest, key: str) -> HttpResponse:
    """The designer with the default layout to begin with; nothing is saved yet."""
    requested, spec = _asked(request, key)
    if request.method != "POST":  # the address of a layout that was never saved, opened again
        return redirect(f"/setup/objects/{key}/forms")
    zh = request.POST.get("zh", "").strip()
    if not zh:
        raise Refused(
            Problem("required", Text("请填写名称。", "Give it a name."), field="zh"),
        )
    use: Use = "quick" if request.POST.get("use") == "quick" else "form"
    taken = {i.key for i in queries.layouts(key)}
    number = next(n for n in range(1, 10_000) if f"{use}_{n}" not in taken)
    start = standard.as_definition(queries.by_default(spec, use))
    start |= {"label": {"zh": zh, "en": request.POST.get("en", "").strip() or zh}, "use": use}
    return _designer(requested, spec, f"{use}_{number}", start, 0, True)


def one(request: HttpRequest, key: str, layout: str) -> HttpResponse:
    """The designer of a layout. Posted it saves, and answers with JSON for the page's script."""
    requested, spec = _asked(request, key)
    if request.method == "POST":
        return _save(requested, spec, layout)
    info = queries.layout(key, layout)
    return _designer(requested, spec, layout, info.definition, info.version, info.active, info)


def _designer(
    request: PageRequest,
    spec: ObjectSpec,
    key: str,
    definition: Mapping[str, Any],
    version: int,
    active: bool,
    info: LayoutInfo | None = None,
) -> HttpResponse:
    versions = queries.versions(spec.key, key) if info else ()
    data = {
        "object": spec.key,
        "key": key,
        "version": version,
        "active": active,
        "definition": definition,
        "fields": [_field(f) for f in spec.live_fields],
        "lines": [
            {
                "key": c.key,
                "label": str(c.plural),
                "fields": [_field(f) for f in c.live_fields if f.key != c.part_of],
            }
            for c in snapshot().children(spec.key)
        ],
        "objects": [{"key": o.key, "label": str(o.label)} for o in snapshot().live],
        "roles": [{"key": r.key, "label": str(r.label)} for r in rights.roles()],
        "stages": _stages(spec),
        "url": f"/setup/objects/{spec.key}/forms/{key}",
        "is_new": info is None,
    }
    names = people.names([v.saved_by for v in versions if v.saved_by])
    context = {
        "spec": spec,
        "data": data,
        "info": info,
        "versions": [(v, names.get(v.saved_by or 0, "")) for v in versions[:30]],
        "formula": _formula_ask(spec),
    }
    base = f"/setup/objects/{spec.key}"
    crumbs = [
        Crumb(OBJECTS, "/setup/objects"),
        Crumb(spec.label, base),
        Crumb(FORMS, f"{base}/forms"),
    ]
    label = Text.of(definition.get("label") or key)
    page = Page(label, crumbs=crumbs, template="pages/setup/form_design.html", context=context)
    return page.response(request)


def _formula_ask(spec: ObjectSpec) -> Form:
    """A formula editor to be copied by the script, once for each condition."""
    ask = Ask("condition", "", "formula", object=spec.key, expect="bool")
    return Form("", [ask], prefix="copy-")


def _field(f: FieldSpec) -> dict[str, Any]:
    kind = FIELD_TYPES[f.type]
    return {
        "key": f.key,
        "label": str(f.label),
        "type": f.type,
        "kind": str(kind.label),
        "required": f.required,
        "computed": kind.computed,
        "target": f.target,
        "choices": [str(c.label) for c in f.choices if not c.retired][:4],
        "help": str(f.help or ""),
        "wide": f.kind.wide,
        "own": sorted({"default_from", "candidates", "required_when"} & f.options.keys()),
    }


def _stages(spec: ObjectSpec) -> list[dict[str, str]]:
    stage = spec.role("stage")
    choices = stage.choices if stage else ()
    return [{"key": c.key, "label": str(c.label)} for c in choices if not c.retired]


def _sent(request: PageRequest) -> Any:
    """The definition that the script sends along. Raises Refused for what is no JSON."""
    try:
        return json.loads(request.POST.get("definition", ""))
    except ValueError as error:
        words = Text("布局的内容不完整。", "The layout did not arrive whole.")
        raise Refused(Problem("bad_layout", words)) from error


def _save(request: PageRequest, spec: ObjectSpec, key: str) -> HttpResponse:
    try:
        info = actions.save_layout(
            actor=request.actor,
            object_key=spec.key,
            key=key,
            definition=_sent(request),
            version=whole(request.POST, "version"),
            reason=request.POST.get("reason", ""),
        )
    except Conflict as conflict:
        theirs = dict(conflict.theirs)
        who = theirs.get("saved_by")
        theirs["who"] = people.names([who]).get(who, "") if who else ""
        said = [str(p.message) for p in conflict.problems]
        return JsonResponse({"theirs": theirs, "message": said[0]}, status=409)
    except Refused as refused:
        if refused.status != 422:
            raise
        return JsonResponse({"problems": _to_view(refused)}, status=422)
    return JsonResponse({"version": info.version, "url": f"/setup/objects/{spec.key}/forms/{key}"})


@require_POST
def check(request: HttpRequest, key: str) -> HttpResponse:
    """What is wrong with the layout so far, each thing with its place."""
    requested, spec = _asked(request, key)
    try:
        reading.read(snapshot(), spec, "check", _sent(requested))
    except Refused as refused:
        return JsonResponse({"problems": _to_view(refused)})
    return JsonResponse({"problems": []})


@require_POST
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """The form as somebody with a role will see it, in a stage."""
    requested, spec = _asked(request, key)
    layout = reading.usable(snapshot(), spec, "preview", _sent(requested))
    role = request.POST.get("role", "")
    if role:
        requested.policy = _as_role(requested, role)
    raw = forms.blank(spec, requested.actor, request.GET)
    stage = spec.role("stage")
    if stage is not None and request.POST.get("stage"):
        raw[stage.key] = request.POST["stage"]
    return render(request, "parts/setup/form_preview.html", shown(requested, spec, layout, raw, {}))


def _as_role(request: PageRequest, key: str) -> Policy:
    """The rights of whoever has this role and no other."""
    role = rights.role(key)
    reach = rights.once(request.actor.member_id or 0)
    return Policy(request.actor, False, {role.id: role.key}, role.grants, role.fields, reach)


@require_POST
def restore(request: HttpRequest, key: str, layout: str) -> HttpResponse:
    """An earlier version is in effect again, or the layout is disabled or enabled."""
    requested, _ = _asked(request, key)
    post = request.POST
    if post.get("do") in ("disable", "enable"):
        disabled = post["do"] == "disable"
        actions.set_disabled(actor=requested.actor, object_key=key, key=layout, disabled=disabled)
        words = Text("已停用", "Disabled") if disabled else Text("已启用", "Enabled")
        return redirect(f"/setup/objects/{key}/forms", words)
    number = post.get("version", "")
    actions.bring_back(
        actor=requested.actor,
        object_key=key,
        key=layout,
        version=whole(post, "version") or 0,
    )
    words = Text("已恢复第 {n} 版", "Version {n} is in effect again").format(n=number)
    return redirect(f"/setup/objects/{key}/forms/{layout}", words)


def _to_view(refused: Refused) -> list[dict[str, Any]]:
    return [
        {
            "place": p.field or "",
            "message": str(p.message),
            "hint": str(p.hint or ""),
            "start": p.start,
            "end": p.end,
        }
        for p in refused.problems
    ]


def _asked(request: HttpRequest, key: str) -> tuple[PageRequest, ObjectSpec]:
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup(AREA)
    return page_request, snapshot().object(key)


urlpatterns = [
    path("setup/objects/<slug:key>/forms", listing, name="form-layouts"),
    path("setup/objects/<slug:key>/forms/new", new),
    path("setup/objects/<slug:key>/forms/check", check),
    path("setup/objects/<slug:key>/forms/preview", preview),
    path("setup/objects/<slug:key>/forms/<slug:layout>", one, name="form-layout"),
    path("setup/objects/<slug:key>/forms/<slug:layout>/restore", restore),
]
