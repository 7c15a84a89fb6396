"""Setup: the company's own objects and fields.

Every change is planned, shown, and only then applied; words and order alone at once.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import latest_revision, snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.schema import actions as schema
from wubu.kernel.schema import queries
from wubu.kernel.schema.naming import key_of
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.entries import STEPS, Entry
from wubu.web.pages.setup import object_plans as plans
from wubu.web.pages.setup import object_reading as reading
from wubu.web.pages.setup.object_access import access_tab, unseen
from wubu.web.pages.setup.object_tabs import ROLE_LABELS, options_tab, rules_tab, tabs
from wubu.web.ui import Action, Ask, Form, PageRequest, Panel, Problems, Raw, show
from wubu.web.ui.field_types import about
from wubu.web.ui.icons import OFFERED

OBJECTS = plans.OBJECTS
GROUPS = tuple((key, label) for key, label, _ in STEPS if key not in ("today", "setup"))


def listing(request: HttpRequest) -> HttpResponse:
    """Every object by step, with its records; those retired folded away."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("objects")
    counts = {k: show.number(n) for k, n in queries.counts(page_request.actor).items()}
    by_group = sorted(snapshot().live, key=lambda o: _place(o.group))
    groups = {k: list(some) for k, some in groupby(by_group, key=lambda o: _place(o.group))}
    shown = [(k, label, groups.get(n, [])) for n, (k, label) in enumerate(GROUPS)]
    body = Raw(
        "parts/setup/objects.html",
        groups=shown,
        counts=counts,
        retired=[o for o in snapshot() if o.retired],
        base=latest_revision(),
    )
    actions = [
        Action(Text("变更历史", "History"), "/setup/objects/history", icon="history"),
        Action(Text("粘贴表格", "Paste a table"), "/setup/objects/paste", icon="clipboard"),
        Action(Text("新对象", "New object"), "/setup/objects/new", icon="plus", style="primary"),
    ]
    note = Text("拖动可调整顺序和所在步骤", "Drag to change order and step")
    return plans.page(page_request, OBJECTS, [body], actions=actions, subtitle=note)


def _place(group: str) -> int:
    keys = [k for k, _ in GROUPS]
    return keys.index(group) if group in keys else 0


@require_POST
def reorder(request: HttpRequest) -> HttpResponse:
    """``order`` holds step:object pairs, in order."""
    page_request = cast(PageRequest, request)
    pairs = [p.partition(":") for p in request.POST.get("order", "").split(",") if ":" in p]
    places = [(key, group) for group, _, key in pairs if group in dict(GROUPS)]
    schema.reorder_objects(places, actor=page_request.actor)
    return HttpResponse(status=204)


def new(request: HttpRequest) -> HttpResponse:
    """An object of the company's own: a name, an owner, and whatever fields follow."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("objects")
    form, title = _object_form(), Text("新对象", "New object")
    if request.method != "POST":
        return plans.page(page_request, title, [Panel("", form)])
    form.answered(request.POST)
    if request.POST.get("back"):
        return plans.page(page_request, title, [Panel("", form)])
    try:
        spec = _object(page_request)
        onward = f"/setup/objects/{spec.key}"
        return plans.settle(page_request, [spec], onward, back="/setup/objects")
    except Refused as refused:
        if refused.status != 422:
            raise
        form.answered(request.POST, refused)
        body = [Problems(refused.problems, labels=form.labels), Panel("", form)]
        return plans.page(page_request, title, body, status=422)


def _object_form() -> Form:
    return Form(
        "/setup/objects/new",
        [
            Ask("zh", Text("名称", "Label"), required=True),
            Ask("en", Text("英文名称", "In English, if different")),
            Ask(
                "key",
                Text("标识", "Key"),
                help=Text(
                    "自动生成；用于公式和接口，以后不变",
                    "Generated automatically; it cannot be changed later",
                ),
            ),
            Ask("group", Text("放在哪一步", "Under which step"), "select", "collect", GROUPS),
            Ask("icon", Text("图标", "Icon"), "icon", "box", [(n, n) for n in OFFERED], wide=True),
        ],
        submit=Text("查看变更", "Review changes"),
    )


def _object(request: PageRequest) -> ObjectSpec:
    post = request.POST
    label = reading.label_of(post)
    words = label.en if label.en.isascii() else label.zh
    key = post.get("key", "").strip() or key_of(words, snapshot().objects.keys(), stem="object")
    if key in snapshot().objects:
        other = key_of(key, snapshot().objects.keys(), stem="object")
        raise Refused(
            Problem(
                "key_taken",
                Text("标识“{k}”已被使用。", "The key “{k}” is taken.").format(k=key),
                Text("换一个，例如“{o}”。", "Choose another, such as “{o}”.").format(o=other),
                field="key",
                value=key,
            )
        )
    name = FieldSpec(key, "name", "text", Text("名称", "Name"), required=True, position=1)
    owner = FieldSpec(key, "owner", "member", Text("负责人", "Owner"), position=2)
    return ObjectSpec(
        key=key,
        label=label,
        plural=label,
        icon=post.get("icon", "box"),
        group=post.get("group", "collect"),
        fields={"name": name, "owner": owner},
        roles={"title": "name", "owner": "owner"},
        options={"searchable": True},
        position=max((o.position for o in snapshot()), default=0) + 1,
    )


def one(request: HttpRequest, key: str) -> HttpResponse:
    """One object: its fields, its rules, its options. Each form posts a change to be planned."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("objects")
    spec = snapshot().object(key)
    refused = None
    if request.method == "POST" and not request.POST.get("back"):
        try:
            return _changed(page_request, spec)
        except Refused as problem:
            if problem.status != 422:
                raise
            refused = problem
    return _object_page(page_request, spec, refused)


def _object_page(
    request: PageRequest, spec: ObjectSpec, refused: Refused | None = None
) -> HttpResponse:
    submitted = request.POST if request.method == "POST" else None
    tab = (submitted or request.GET).get("tab", "fields")
    base = f"/setup/objects/{spec.key}"
    labels = {k: f.label for k, f in spec.fields.items()}
    body: list[Any] = []
    if refused is not None:
        body.append(Problems(refused.problems, Text("还不能这样做", "Not yet"), labels=labels))
    if tab == "rules":
        body.append(rules_tab(spec, submitted, request.GET.get("rule", "")))
    elif tab == "options":
        body += options_tab(spec, submitted)
    elif tab == "access" and request.policy.may_setup("roles"):
        body += access_tab(spec)
    else:
        body.append(_fields(spec))
    unknown = unseen(spec) if request.policy.may_setup("roles") and tab != "access" else None
    if unknown is not None:
        body.insert(0, unknown)
    state = Text("已停用", "Disabled") if spec.retired else spec.key
    history = f"/setup/objects/history?object={spec.key}"
    actions = [
        Action(Text("打开列表", "Open the list"), f"/o/{spec.key}/", icon="list"),
        Action(Text("变更历史", "History"), history, icon="history"),
        Action(
            Text("加字段", "Add a field"),
            f"{base}/fields/new",
            icon="plus",
            style="primary",
            attrs={"data-sheet": ""},
        ),
    ]
    return plans.page(
        request,
        spec.label,
        body,
        status=422 if refused else 200,
        subtitle=state,
        actions=actions,
        tabs=tabs(request, spec, tab),
    )


def _fields(spec: ObjectSpec) -> Panel:
    by_field: dict[str, list[Text | str]] = {}
    for role, key in spec.roles.items():
        by_field.setdefault(key, []).append(ROLE_LABELS.get(role, role))
    targets = {o.key: o.label for o in snapshot()}
    rows = [
        {
            "f": f,
            "icon": about(f.type)[0],
            "kind": FIELD_TYPES[f.type].label if f.type in FIELD_TYPES else f.type,
            "target": targets.get(f.target, ""),
            "roles": by_field.get(f.key, ()),
        }
        for f in spec.fields.values()
    ]
    live = [r for r in rows if not cast(FieldSpec, r["f"]).retired]
    retired = [r for r in rows if cast(FieldSpec, r["f"]).retired]
    shown = Raw("parts/setup/fields.html", spec=spec, live=live, retired=retired)
    return Panel("", shown, flush=True)


def _changed(request: PageRequest, spec: ObjectSpec) -> HttpResponse:
    """What the posted form wants, planned."""
    post = request.POST
    do, field_key = post.get("do", ""), post.get("field", "")
    base = f"/setup/objects/{spec.key}"
    if do == "relabel":
        label = reading.label_of(post)
        wanted = replace(spec, label=label, plural=label)
        if field_key:
            field = replace(spec.field(field_key), label=label)
            wanted = replace(spec, fields={**spec.fields, field_key: field})
        return plans.settle(request, [wanted], base, back=base, at_once=True)
    if do in ("retire", "restore"):
        wanted = replace(spec, retired=do == "retire")
        if field_key:
            field = replace(spec.field(field_key), retired=do == "retire")
            wanted = replace(spec, fields={**spec.fields, field_key: field})
        return plans.settle(request, [wanted], base, back=base)
    if do == "options":
        onward = f"{base}?tab=options"
        return plans.settle(request, [_options(request, spec)], onward, back=onward)
    if do in ("rule", "drop_rule"):
        onward = f"{base}?tab=rules"
        return plans.settle(request, [_rules(request, spec)], onward, back=onward)
    return _object_page(request, spec)


def _options(request: PageRequest, spec: ObjectSpec) -> ObjectSpec:
    post = request.POST
    label = reading.label_of(post)
    zh, en = post.get("plural_zh", "").strip(), post.get("plural_en", "").strip()
    plural = Text(zh or label.zh, en or label.en)
    roles = dict(spec.roles)
    for name in [n.removeprefix("role:") for n in post if n.startswith("role:")]:
        chosen = post.get(f"role:{name}", "")
        if chosen:
            roles[name] = chosen
        else:
            roles.pop(name, None)
    options = {**spec.options, "searchable": bool(post.get("searchable"))}
    return replace(
        spec,
        label=label,
        plural=plural,
        icon=post.get("icon") or spec.icon,
        group=post.get("group") or spec.group,
        roles=roles,
        options=options,
    )


def _rules(request: PageRequest, spec: ObjectSpec) -> ObjectSpec:
    post = request.POST
    checks = [dict(c) for c in spec.options.get("checks", ())]
    key = post.get("rule", "")
    if post["do"] == "drop_rule":
        checks = [c for c in checks if c.get("key") != key]
    else:
        made = reading.check(post, [c.get("key", "") for c in checks], key)
        at = next((n for n, c in enumerate(checks) if c.get("key") == key), None)
        checks = [*checks, made] if at is None else [*checks[:at], made, *checks[at + 1 :]]
    return replace(spec, options={**spec.options, "checks": checks})


@require_POST
def reorder_fields(request: HttpRequest, key: str) -> HttpResponse:
    """``order`` holds the keys in order."""
    page_request = cast(PageRequest, request)
    keys = [k for k in request.POST.get("order", "").split(",") if k]
    schema.reorder_fields(key, keys, actor=page_request.actor)
    return HttpResponse(status=204)


NAV = (
    Entry("setup", OBJECTS, "/setup/objects", "database-cog", lambda p: p.may_setup("objects"), 13),
)
urlpatterns = [
    path("setup/objects", listing, name="objects"),
    path("setup/objects/new", new),
    path("setup/objects/reorder", reorder),
    path("setup/objects/<slug:key>", one, name="object"),
    path("setup/objects/<slug:key>/reorder", reorder_fields),
]
