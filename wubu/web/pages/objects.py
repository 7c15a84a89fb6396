"""Setup: the company's own objects and fields.

Every change is planned, shown, and only then applied.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.nav import STEPS, Entry
from wubu.web.ui import (
    Action,
    Ask,
    Column,
    Crumb,
    Form,
    Grid,
    Page,
    PageRequest,
    Panel,
    Problems,
    Raw,
    Table,
    redirect,
)
from wubu.web.ui.icons import OFFERED

OBJECTS = Text("对象与字段", "Objects and fields")
NEW_TYPES = tuple(k for k in FIELD_TYPES if k != "stage")
COLORS = ("blue", "azure", "indigo", "purple", "pink", "red", "orange", "yellow", "green", "teal")
KEY_HELP = Text(
    "小写字母、数字、下划线；以后不变，名称可以随时改",
    "Lower case letters, digits, _; permanent, while the label is free",
)
REQUIRED = Text("请填写“{f}”。", "“{f}” is required.")


def listing(request: HttpRequest) -> HttpResponse:
    asked = cast(PageRequest, request)
    asked.policy.require_setup("objects")
    steps = {key: label for key, label, _ in STEPS}
    table = Table(
        [
            Column(Text("对象", "Object"), lambda o: o.label),
            Column(Text("标识", "Key"), "key"),
            Column(Text("所在步骤", "Step"), lambda o: steps.get(o.group or "collect", "")),
            Column(Text("字段", "Fields"), lambda o: len(o.live_fields), "number"),
            Column(
                Text("状态", "State"),
                lambda o: Text("已停用", "retired") if o.retired else Text("使用中", "in use"),
            ),
        ],
        list(snapshot()),
        row_url=lambda o: f"/setup/objects/{o.key}",
    )
    new = Action(Text("新对象", "New object"), "/setup/objects/new", icon="plus", style="primary")
    return Page(OBJECTS, [Panel("", table)], actions=[new]).response(asked)


def new(request: HttpRequest) -> HttpResponse:
    """An object of the company's own: a name, an owner, and whatever fields follow."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup("objects")
    form = _object_form()
    if request.method != "POST":
        return _page(asked, Text("新对象", "New object"), [Panel("", form)])
    try:
        spec = _object(asked)
        return _plan(asked, spec, f"/setup/objects/{spec.key}")
    except Refused as refused:
        if refused.status != 422:
            raise
        body = [Problems(refused.problems), Panel("", form.answered(request.POST, refused))]
        return _page(asked, Text("新对象", "New object"), body, status=422)


def _object_form() -> Form:
    return Form(
        "/setup/objects/new",
        [
            Ask("zh", Text("名称", "Label (Chinese)"), required=True),
            Ask("en", Text("英文名称", "Label (English)")),
            Ask("key", Text("标识", "Key"), required=True, help=KEY_HELP),
            Ask(
                "group",
                Text("放在哪一步", "Under which step"),
                "select",
                "collect",
                [(key, label) for key, label, _ in STEPS if key not in ("today", "setup")],
            ),
            Ask("icon", Text("图标", "Icon"), "select", "box", [(n, n) for n in OFFERED]),
        ],
        submit=Text("查看变更", "Show the plan"),
    )


def _object(request: PageRequest) -> ObjectSpec:
    post = request.POST
    label = _label(request)
    key = post.get("key", "").strip()
    if key in snapshot().objects:
        raise Refused(
            Problem(
                "key_taken",
                Text("标识“{k}”已被使用。", "The key “{k}” is taken.").format(k=key),
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
        options={"searchable": True, "list": ["name", "owner"]},
        position=len(snapshot().objects) + 1,
    )


def _label(request: PageRequest) -> Text:
    zh = request.POST.get("zh", "").strip()
    if not zh:
        words = REQUIRED.format(f=Text("名称", "Label"))
        raise Refused(Problem("required", words, field="zh"))
    return Text(zh, request.POST.get("en", "").strip() or zh)


def one(request: HttpRequest, key: str) -> HttpResponse:
    """One object: its labels, its fields, a new field. Each form posts a change to be planned."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup("objects")
    spec = snapshot().object(key)
    refused = None
    if request.method == "POST":
        try:
            return _plan(asked, _changed(asked, spec), f"/setup/objects/{key}")
        except Refused as problem:
            if problem.status != 422:
                raise
            refused = problem
    base = f"/setup/objects/{key}"
    adding = _field_form(base)
    if refused is not None and request.POST.get("do") == "add":
        adding.answered(request.POST, refused)
    body: list[Any] = [Problems(refused.problems)] if refused else []
    body.append(
        Grid(
            [
                (
                    8,
                    Panel(
                        Text("字段", "Fields"),
                        Raw("parts/fields.html", spec=spec, types=FIELD_TYPES),
                        flush=True,
                    ),
                ),
                (4, [Panel(Text("新字段", "New field"), adding), _label_panel(base, spec)]),
            ]
        )
    )
    state = Text("已停用", "Retired") if spec.retired else spec.key
    actions = [
        Action(Text("表单布局", "Form layouts"), f"/setup/objects/{key}/forms", icon="forms"),
        Action(Text("打开列表", "Open the list"), f"/o/{key}/", icon="list"),
    ]
    return _page(
        asked, spec.label, body, status=422 if refused else 200, subtitle=state, actions=actions
    )


def _label_panel(base: str, spec: ObjectSpec) -> Panel:
    names = Form(
        base,
        [
            Ask(
                "zh", Text("名称", "Label (Chinese)"), value=spec.label.zh, required=True, wide=True
            ),
            Ask("en", Text("英文名称", "Label (English)"), value=spec.label.en, wide=True),
        ],
        submit=Text("改名", "Rename"),
        style="",
        extra={"do": "relabel"},
        prefix="name-",
    )
    ending = Form(
        base,
        [],
        submit=Text("恢复使用", "Bring back")
        if spec.retired
        else Text("停用对象", "Retire the object"),
        style="",
        extra={"do": "restore" if spec.retired else "retire"},
        note=Text("数据保留，可随时恢复", "Its records stay, and it can come back"),
    )
    return Panel(Text("对象", "The object"), [names, ending])


def _field_form(base: str) -> Form:
    targets: list[tuple[str, Text | str]] = [
        ("", "–"),
        *((o.key, o.label) for o in snapshot().live),
    ]
    return Form(
        base,
        [
            Ask("zh", Text("名称", "Label (Chinese)"), required=True, wide=True),
            Ask("en", Text("英文名称", "Label (English)"), wide=True),
            Ask("key", Text("标识", "Key"), required=True, wide=True, help=KEY_HELP),
            Ask(
                "type",
                Text("类型", "Type"),
                "select",
                "text",
                [(k, FIELD_TYPES[k].label) for k in NEW_TYPES],
                wide=True,
            ),
            Ask(
                "target",
                Text("关联到（仅关联）", "Links to (links only)"),
                "select",
                "",
                targets,
                wide=True,
            ),
            Ask(
                "choices",
                Text("选项（仅单选、多选）", "Options (choices only)"),
                "textarea",
                wide=True,
                help=Text("每行一个", "One per line"),
            ),
            Ask(
                "formula",
                Text("公式（仅公式）", "Formula (formulas only)"),
                "formula",
                placeholder="{amount} * 5%",
                wide=True,
                object=base.rpartition("/")[2],
            ),
            Ask("required", Text("必填", "Required"), "check"),
            Ask("unique", Text("不可重复", "Unique"), "check"),
        ],
        submit=Text("查看变更", "Show the plan"),
        extra={"do": "add"},
    )


def _changed(request: PageRequest, spec: ObjectSpec) -> ObjectSpec:
    """The object as the posted form wants it."""
    post = request.POST
    do, field_key = post.get("do", ""), post.get("field", "")
    if do == "add":
        field = _field(request, spec)
        return replace(spec, fields={**spec.fields, field.key: field})
    if do == "relabel" and not field_key:
        label = _label(request)
        return replace(spec, label=label, plural=label)
    if do in ("retire", "restore") and not field_key:
        return replace(spec, retired=do == "retire")
    field = spec.field(field_key)
    if do == "relabel":
        field = replace(field, label=_label(request))
    elif do in ("retire", "restore"):
        field = replace(field, retired=do == "retire")
    elif do == "required":
        field = replace(field, required=not field.required)
    return replace(spec, fields={**spec.fields, field_key: field})


def _field(request: PageRequest, spec: ObjectSpec) -> FieldSpec:
    post = request.POST
    key = post.get("key", "").strip()
    if key in spec.fields:
        words = Text("标识“{k}”已被使用。", "The key “{k}” is taken.").format(k=key)
        raise Refused(Problem("key_taken", words, field="key", value=key))
    options: dict[str, Any] = {}
    if post.get("type") == "formula":
        options["formula"] = post.get("formula", "")
    return FieldSpec(
        object=spec.key,
        key=key,
        type=post.get("type", "text"),
        label=_label(request),
        required=bool(post.get("required")),
        unique=bool(post.get("unique")),
        position=max((f.position for f in spec.fields.values()), default=0) + 1,
        choices=_choices(post.get("choices", "")),
        target=post.get("target", ""),
        options=options,
    )


def _choices(words: str) -> tuple[Choice, ...]:
    """One option per line; keys are made once and stay when the words change."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return tuple(
        Choice(_key(line, number), Text(line, line), COLORS[number % len(COLORS)])
        for number, line in enumerate(dict.fromkeys(lines))
    )


def _key(words: str, number: int) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return plain if plain and plain[0].isalpha() else f"option_{number + 1}"


def _plan(request: PageRequest, wanted: ObjectSpec, onward: str) -> HttpResponse:
    """Show what would happen; with the plan's token in the form, let it happen."""
    plan = schema.plan([wanted])
    if request.POST.get("token") == plan.token and not plan.problems:
        schema.apply(plan, actor=request.actor)
        return redirect(onward, Text("已应用", "Applied"))
    if plan.problems:
        raise Refused(*plan.problems)
    hidden = [
        (k, v)
        for k, vs in request.POST.lists()
        for v in vs
        if k not in ("csrfmiddlewaretoken", "token")
    ]
    shown = Raw(
        "parts/plan.html",
        plan=plan,
        hidden=hidden,
        back=onward if wanted.key in snapshot().objects else "/setup/objects",
    )
    title = Text("将要进行的变更", "What will change")
    return _page(request, title, [Panel("", shown)])


def _page(
    request: PageRequest,
    title: Any,
    body: list[Any],
    *,
    status: int = 200,
    subtitle: Any = "",
    actions: list[Action] | None = None,
) -> HttpResponse:
    crumbs = [Crumb(OBJECTS, "/setup/objects")]
    page = Page(title, body, crumbs=crumbs, subtitle=subtitle, actions=actions or [])
    return page.response(request, status)


NAV = (
    Entry("setup", OBJECTS, "/setup/objects", "database-cog", lambda p: p.may_setup("objects"), 13),
)
urlpatterns = [
    path("setup/objects", listing, name="objects"),
    path("setup/objects/new", new),
    path("setup/objects/<slug:key>", one, name="object"),
]
