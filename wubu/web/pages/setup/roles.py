"""Setup: roles.

A matrix of objects and actions, each cell saying which records; fields, figures and settings below;
what a role shows to whom, how two differ, and the last change taken back.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import actions, designing, queries
from wubu.kernel.permissions.types import ACTIONS, ANY, AREAS, LEVELS
from wubu.kernel.schema.naming import key_of
from wubu.kernel.types import Refused, Text
from wubu.web.entries import Entry
from wubu.web.pages.setup import roles_matrix as matrix
from wubu.web.ui import (
    Action,
    Ask,
    Column,
    Crumb,
    Empty,
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

ROLES = Text("角色", "Roles")
ROLE_CRUMB = Crumb(ROLES, "/setup/roles")
ASKED = {"key": Text("标识", "Key"), "label": Text("名称", "Name")}
FIGURES = ("own", "team", "team_below", "all")


def listing(request: HttpRequest) -> HttpResponse:
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("roles")
    every = queries.roles()
    refused = None
    form = _new_form(every)
    if request.method == "POST":
        try:
            made = _create(page_request)
        except Refused as problem:
            if problem.status != 422:
                raise
            refused = problem
            form.answered(request.POST, refused)
        else:
            return redirect(f"/setup/roles/{made}", Text("角色已添加", "The role is added"))
    table = Table(
        [
            Column(Text("角色", "Role"), lambda r: r.label),
            Column(Text("说明", "What for"), lambda r: str(r.description)),
            Column(Text("看什么", "Sees"), designing.headline),
            Column(Text("人数", "Members"), "holders", "number"),
        ],
        every,
        row_url=lambda r: f"/setup/roles/{r.key}",
    )
    body = [
        *([Problems(refused.problems, labels=ASKED)] if refused else []),
        Grid([(8, Panel("", table)), (4, Panel(Text("新角色", "New role"), form))]),
    ]
    ways = [
        Action(Text("比较", "Compare"), "/setup/roles/compare", icon="arrows-left-right"),
        Action(Text("批量分配", "Assign to many"), "/setup/roles/assign", icon="user-check"),
    ]
    return Page(ROLES, body, actions=ways).response(page_request, 422 if refused else 200)


def _new_form(every: Any) -> Form:
    blank = ("", Text("空白", "Blank"))
    return Form(
        "/setup/roles",
        [
            Ask("zh", Text("名称", "Name"), required=True, wide=True),
            Ask("en", Text("英文名称", "In English, if different"), wide=True),
            Ask(
                "key",
                Text("标识", "Key"),
                wide=True,
                help=Text(
                    "自动生成；用于接口和配置包，以后不变",
                    "Generated automatically; used in the API and packs; it cannot be "
                    "changed later",
                ),
            ),
            Ask(
                "like",
                Text("从哪个角色开始", "Begin with"),
                "select",
                options=[blank, *((r.key, r.label) for r in every)],
                wide=True,
            ),
        ],
        submit=Text("添加", "Add"),
    )


def _create(request: PageRequest) -> str:
    post = request.POST
    zh = post.get("zh", "").strip()
    label = {"zh": zh, "en": post.get("en", "").strip() or zh}
    key = post.get("key", "").strip() or _free_key(label)
    if post.get("like"):
        made = actions.copy_role(
            actor=request.actor, key=post["like"], new_key=key, label=label if zh else {}
        )
        return made.key
    definition: dict[str, Any] = {"label": label if zh else "", "grants": []}
    return actions.define_role(actor=request.actor, key=key, definition=definition).key


def _free_key(label: dict[str, str]) -> str:
    taken = {"compare", "assign", *(r.key for r in queries.roles())}
    return key_of(label["en"] if label["en"].isascii() else label["zh"], taken, stem="role")


def role(request: HttpRequest, key: str) -> HttpResponse:
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("roles")
    definition = queries.definition(key)
    refused = None
    if request.method == "POST":
        wanted = _definition(page_request, definition)
        try:
            actions.define_role(actor=page_request.actor, key=key, definition=wanted)
        except Refused as problem:
            if problem.status != 422:
                raise
            refused, definition = problem, wanted
        else:
            return redirect(f"/setup/roles/{key}", Text("角色已保存", "The role is saved"))
    one = queries.role(key)
    body = [
        *([Problems(refused.problems)] if refused else []),
        Raw("parts/setup/role.html", **_context(one, definition, request.GET.get("add", ""))),
    ]
    page = Page(
        one.label,
        body,
        crumbs=[ROLE_CRUMB],
        subtitle=str(one.description)
        or Text("{n} 人使用", "{n} members have it").format(n=one.holders),
        actions=_ways(one),
    )
    return page.response(page_request, 422 if refused else 200)


def _context(one: Any, definition: dict[str, Any], add: str) -> dict[str, Any]:
    shown = matrix.rows(definition, [add])
    return {
        "role": one,
        "actions": ACTIONS,
        "scopes": matrix.MENU,
        "rows": shown,
        "others": matrix.others(shown),
        "fields": matrix.fields(definition),
        "levels": LEVELS,
        "figures": {k: v for k, v in matrix.MENU.items() if k in FIGURES},
        "areas": [(k, v, k in definition["setup"]) for k, v in AREAS.items()],
        "any_area": ANY in definition["setup"],
        "performance": definition["performance"],
        "definition": definition,
        "summary": designing.summary(one.key),
    }


def _ways(one: Any) -> list[Action]:
    base = f"/setup/roles/{one.key}"
    changes = designing.history(one.key)
    menu = [
        Action(Text("试看", "Preview"), f"{base}/try", icon="eye"),
        Action(
            Text("与其他角色比较", "Compare"),
            f"/setup/roles/compare?one={one.key}",
            icon="arrows-left-right",
        ),
        Action(
            Text("分配给多人", "Assign to many"),
            f"/setup/roles/assign?role={one.key}",
            icon="user-check",
        ),
    ]
    if changes and changes[0][0].action == "update":
        menu.append(
            Action(
                Text("撤销上次修改", "Undo the last change"),
                f"{base}/undo",
                icon="arrow-back-up",
                post=True,
                confirm=Text("恢复到上次修改之前？", "Back to how it was before the last change?"),
            )
        )
    if not one.holders:
        menu.append(
            Action(
                Text("删除角色", "Delete the role"),
                f"{base}/delete",
                icon="trash",
                style="danger",
                post=True,
                confirm=Text("删除这个角色？", "Delete this role?"),
            )
        )
    return menu[:2] + ([Action("", menu=menu[2:], icon="dots")] if menu[2:] else [])


def _definition(request: PageRequest, before: dict[str, Any]) -> dict[str, Any]:
    """What the form says, in the form that packs write; what it does not show stays."""
    post = request.POST
    zh = post.get("zh", "").strip() or before["label"]["zh"]
    said = post.get("description")
    return {
        **before,
        "label": {"zh": zh, "en": post.get("en", "").strip() or zh},
        "description": before["description"]
        if said is None or said == str(Text.of(before["description"]))
        else {"zh": said.strip(), "en": said.strip()},
        "grants": matrix.grants(post),
        "fields": matrix.field_levels(post, before),
        "setup": post.getlist("setup"),
        "performance": post.get("performance", before["performance"]),
    }


def fields(request: HttpRequest, key: str, object_key: str) -> HttpResponse:
    """The fields of one object, fetched when they are looked at: there may be hundreds."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("roles")
    lines = matrix.field_lines(queries.definition(key), object_key)
    context = {"object": snapshot().object(object_key), "lines": lines, "levels": LEVELS}
    return render(request, "parts/setup/role_fields.html", context)


def condition(request: HttpRequest, key: str) -> HttpResponse:
    """One more line for a condition."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("roles")
    number = "".join(filter(str.isalnum, request.GET.get("n", "")))[:12] or "x"
    object_key = snapshot().object(request.GET.get("object", "")).key
    line = matrix.condition(f"n{number}", object_key, "", ("view",))
    return render(request, "parts/setup/role_condition.html", {"line": line, "it": {"prefix": key}})


def trying(request: HttpRequest, key: str) -> HttpResponse:
    """What a person would see with this role: counts, object by object."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("roles")
    one = queries.role(key)
    holders = queries.holders(key)
    members = sorted(people.members(), key=lambda m: m.id not in holders)
    wanted = request.GET.get("member", "")
    chosen = next((m for m in members if str(m.id) == wanted), members[0] if members else None)
    with_all = request.GET.get("all") == "1"
    keys = [key]
    if chosen is not None and with_all:
        keys = sorted({key, *queries.roles_of([chosen.id]).get(chosen.id, ())})
    context = {
        "role": one,
        "members": members,
        "holders": holders,
        "chosen": chosen,
        "with_all": with_all,
        "sights": designing.role_effects(keys, chosen.id) if chosen else (),
    }
    page = Page(
        Text("试看：{r}", "Preview: {r}").format(r=one.label),
        [Panel("", Raw("parts/setup/role_try.html", **context), flush=True)],
        crumbs=[ROLE_CRUMB, Crumb(one.label, f"/setup/roles/{key}")],
    )
    return page.response(page_request)


def compare(request: HttpRequest) -> HttpResponse:
    """In what two roles differ."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("roles")
    every = queries.roles()
    keys = [r.key for r in every]
    one = request.GET.get("one") or (keys[0] if keys else "")
    other = request.GET.get("other") or next((k for k in keys if k != one), one)
    found = designing.compare(one, other) if keys else ()
    lines = [
        (about, Text("、".join(d.what.zh for d in some), ", ".join(d.what.en for d in some)), *two)
        for (about, *two), some in (
            (k, list(g)) for k, g in groupby(found, key=lambda d: (d.about, d.one, d.other))
        )
    ]
    labels = {r.key: r.label for r in every}
    table = Table(
        [
            Column(Text("对象", "Object"), lambda d: d[0]),
            Column(Text("操作或字段", "Actions or fields"), lambda d: d[1]),
            Column(labels.get(one, one), lambda d: d[2]),
            Column(labels.get(other, other), lambda d: d[3]),
        ],
        lines,
        empty=Empty(
            Text("两个角色完全相同", "The two roles are identical"), icon="equal", small=True
        ),
    )
    context = {"roles": every, "one": one, "other": other}
    shown = [Raw("parts/setup/role_compare.html", **context), table]
    body = [Panel("", shown, flush=True, key="compare")]
    return Page(
        Text("比较角色", "Compare roles"),
        body,
        crumbs=[ROLE_CRUMB],
        subtitle=Text("{n} 处不同", "{n} differences").format(n=len(found)),
    ).response(page_request)


def assign(request: HttpRequest) -> HttpResponse:
    """Give roles to many, or take them away: people one by one, or whole teams."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("roles")
    refused = None
    if request.method == "POST":
        try:
            changed = _assign(page_request)
        except Refused as problem:
            if problem.status != 422:
                raise
            refused = problem
        else:
            words = Text("{n} 人的角色有变化", "The roles of {n} people changed").format(n=changed)
            return redirect("/setup/roles/assign", words)
    members = people.members()
    held = queries.roles_of([m.id for m in members])
    every = queries.roles()
    labels = {r.key: r.label for r in every}
    context = {
        "roles": every,
        "role": request.GET.get("role", ""),
        "teams": people.tree(),
        "rows": [(m, [labels[k] for k in held.get(m.id, ()) if k in labels]) for m in members],
    }
    body = [
        *([Problems(refused.problems)] if refused else []),
        Raw("parts/setup/role_assign.html", **context),
    ]
    return Page(Text("批量分配角色", "Assign roles"), body, crumbs=[ROLE_CRUMB]).response(
        page_request, 422 if refused else 200
    )


def _assign(request: PageRequest) -> int:
    post = request.POST
    ids = [int(i) for i in post.getlist("member") if i.isascii() and i.isdigit()]
    teams = [int(i) for i in post.getlist("team") if i.isascii() and i.isdigit()]
    if teams:
        active = {m.id for m in people.members()}
        ids += sorted(people.members_of(people.subtrees(teams)) & active)
    return actions.give_roles(
        actor=request.actor,
        roles=post.getlist("role"),
        member_ids=ids,
        take=post.get("do") == "take",
    )


@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    actions.delete_role(actor=cast(PageRequest, request).actor, key=key)
    return redirect("/setup/roles", Text("角色已删除", "The role is deleted"))


@require_POST
def undo(request: HttpRequest, key: str) -> HttpResponse:
    """Back to how the role was before its last change."""
    actions.undo_role(actor=cast(PageRequest, request).actor, key=key)
    return redirect(f"/setup/roles/{key}", Text("已撤销上次修改", "The last change is undone"))


NAV = (Entry("setup", ROLES, "/setup/roles", "shield-lock", lambda p: p.may_setup("roles"), 12),)
urlpatterns = [
    path("setup/roles", listing, name="roles"),
    path("setup/roles/compare", compare),
    path("setup/roles/assign", assign),
    path("setup/roles/<slug:key>", role, name="role"),
    path("setup/roles/<slug:key>/try", trying),
    path("setup/roles/<slug:key>/condition", condition),
    path("setup/roles/<slug:key>/fields/<slug:object_key>", fields),
    path("setup/roles/<slug:key>/delete", delete),
    path("setup/roles/<slug:key>/undo", undo),
]
