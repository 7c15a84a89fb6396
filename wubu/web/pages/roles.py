"""Setup: roles. A matrix of objects and actions, each cell saying which records;

Fields and settings below.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.permissions import actions, queries
from wubu.kernel.permissions.types import ACTIONS, ANY, AREAS, LEVELS, SCOPES
from wubu.kernel.types import Refused, Text
from wubu.web.nav import Entry
from wubu.web.ui import (
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

ROLES = Text("角色", "Roles")


def listing(request: HttpRequest) -> HttpResponse:
    asked = cast(PageRequest, request)
    asked.policy.require_setup("roles")
    refused = None
    form = Form(
        "/setup/roles",
        [
            Ask("zh", Text("名称", "Name (Chinese)"), required=True, wide=True),
            Ask("en", Text("英文名称", "Name (English)"), wide=True),
            Ask(
                "key",
                Text("标识", "Key"),
                required=True,
                wide=True,
                help=Text(
                    "小写字母、数字、下划线；以后不变", "Lower case letters, digits, _; for ever"
                ),
            ),
        ],
        submit=Text("添加", "Add"),
    )
    if request.method == "POST":
        try:
            made = _create(asked)
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
            Column(Text("人数", "Members"), "holders", "number"),
        ],
        queries.roles(),
        row_url=lambda r: f"/setup/roles/{r.key}",
    )
    body = [
        *([Problems(refused.problems)] if refused else []),
        Grid([(8, Panel("", table)), (4, Panel(Text("新角色", "New role"), form))]),
    ]
    return Page(ROLES, body).response(asked, 422 if refused else 200)


def _create(request: PageRequest) -> str:
    post = request.POST
    key, zh = post.get("key", "").strip(), post.get("zh", "").strip()
    label = {"zh": zh, "en": post.get("en", "").strip() or zh}
    return actions.define_role(
        actor=request.actor, key=key, definition={"label": label, "grants": []}
    ).key


def role(request: HttpRequest, key: str) -> HttpResponse:
    asked = cast(PageRequest, request)
    asked.policy.require_setup("roles")
    refused = None
    if request.method == "POST":
        try:
            actions.define_role(actor=asked.actor, key=key, definition=_definition(asked, key))
        except Refused as problem:
            if problem.status != 422:
                raise
            refused = problem
        else:
            return redirect(f"/setup/roles/{key}", Text("角色已保存", "The role is saved"))
    one = queries.role(key)
    definition = queries.definition(key)
    context = {
        "role": one,
        "actions": ACTIONS,
        "scopes": {k: v for k, v in SCOPES.items() if k != "condition"},
        "condition": SCOPES["condition"],
        "rows": _rows(definition),
        "fields": _fields(definition),
        "levels": LEVELS,
        "areas": [(k, v, k in definition["setup"]) for k, v in AREAS.items()],
        "any_area": ANY in definition["setup"],
        "performance": definition["performance"],
        "definition": definition,
    }
    body = [
        *([Problems(refused.problems)] if refused else []),
        Raw("parts/role.html", **context),
    ]
    page = Page(
        one.label,
        body,
        crumbs=[Crumb(ROLES, "/setup/roles")],
        subtitle=str(one.description)
        or Text("{n} 人使用", "{n} members have it").format(n=one.holders),
    )
    return page.response(asked, 422 if refused else 200)


def _rows(definition: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per object, with one for all objects at the top."""
    held: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for grant in definition["grants"]:
        for action in grant["actions"]:
            held[grant["object"]][action] = (grant["rows"], grant.get("condition", ""))
    shown = [(ANY, Text("全部对象", "All objects"))]
    shown += [(o.key, o.plural) for o in snapshot().live if not o.part_of]
    return [
        {
            "key": key,
            "label": label,
            "cells": [(action, *held[key].get(action, ("", ""))) for action in ACTIONS],
            "condition": next((c for _, c in held[key].values() if c), ""),
        }
        for key, label in shown
    ]


def _fields(definition: dict[str, Any]) -> list[dict[str, Any]]:
    """Only objects the role can do something with: the others' fields are hidden anyway."""
    granted = {g["object"] for g in definition["grants"]}
    return [
        {
            "object": o,
            "fields": [
                (f, definition["fields"].get(o.key, {}).get(f.key, "")) for f in o.live_fields
            ],
            "count": len(definition["fields"].get(o.key, {})),
        }
        for o in snapshot().live
        if o.key in granted or ANY in granted
    ]


def _definition(request: PageRequest, key: str) -> dict[str, Any]:
    """What the form says, in the form that packs write; what it does not show stays."""
    post = request.POST
    before = queries.definition(key)
    grouped: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for name in [ANY, *(o.key for o in snapshot().live if not o.part_of)]:
        condition = post.get(f"condition:{name}", "").strip()
        for action in ACTIONS:
            scope = post.get(f"{name}:{action}", "")
            if scope:
                grouped[name, scope, condition if scope == "condition" else ""].append(action)
    fields: dict[str, dict[str, str]] = {k: dict(v) for k, v in before["fields"].items()}
    for o in snapshot().live:
        for f in o.live_fields:
            level = post.get(f"field:{o.key}:{f.key}")
            if level:
                fields.setdefault(o.key, {})[f.key] = level
            elif level is not None:
                fields.get(o.key, {}).pop(f.key, None)
    zh = post.get("zh", "").strip() or before["label"]["zh"]
    return {
        **before,
        "label": {"zh": zh, "en": post.get("en", "").strip() or zh},
        "grants": [
            {"object": o, "actions": acts, "rows": s}
            | ({"condition": c} if s == "condition" else {})
            for (o, s, c), acts in grouped.items()
        ],
        "fields": {k: v for k, v in fields.items() if v},
        "setup": post.getlist("setup"),
        "performance": post.get("performance", before["performance"]),
    }


@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    actions.delete_role(actor=cast(PageRequest, request).actor, key=key)
    return redirect("/setup/roles", Text("角色已删除", "The role is deleted"))


NAV = (Entry("setup", ROLES, "/setup/roles", "shield-lock", lambda p: p.may_setup("roles"), 12),)
urlpatterns = [
    path("setup/roles", listing, name="roles"),
    path("setup/roles/<slug:key>", role, name="role"),
    path("setup/roles/<slug:key>/delete", delete),
]
