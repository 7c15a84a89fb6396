"""Who may do what with an object: in words by role, and all roles at once by a common pattern."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.permissions import designing, explain, presets
from wubu.kernel.permissions import queries as rights
from wubu.kernel.permissions.types import RoleInfo
from wubu.kernel.types import Text
from wubu.web.ui import Column, Component, Empty, Note, PageRequest, Panel, Raw, Table, redirect

GRANTED = Text("{n} 个角色的权限已更新", "The rights of {n} roles are set")
ALIKE = Text("各角色已经是这样", "The roles already have these permissions")


def access_tab(spec: ObjectSpec) -> list[Component]:
    """What each role may do with the records, in words; a role is changed on its own page."""
    every = rights.roles()
    plain = [(r, _may(r, spec)) for r in every]
    table = Table(
        [
            Column(Text("角色", "Role"), lambda r: r[0].label),
            Column(Text("能做什么", "What they may do"), lambda r: r[1]),
            Column(Text("人数", "Members"), lambda r: r[0].holders, "number"),
        ],
        plain,
        row_url=lambda r: f"/setup/roles/{r[0].key}?add={spec.key}#may-{spec.key}",
        empty=Empty(Text("还没有角色", "No roles yet"), icon="shield", small=True),
    )
    title = Text("各角色的权限", "What each role may do")
    listed = Panel(
        title,
        table,
        flush=True,
        key="access",
        note=Text("点一个角色单独修改", "Open a role to change it alone"),
    )
    if spec.part_of:
        return [listed]
    at_once = Panel(
        Text("统一设置", "All roles at once"),
        Raw(
            "parts/setup/object_access.html",
            spec=spec,
            presets=presets.PRESETS.items(),
            likes=_likes(spec),
            granted=_speaks(every, spec),
        ),
        key="access-presets",
        note=Text("替换各角色对此对象的权限，可撤销", "Replaces what they may do here; undoable"),
    )
    return [at_once, listed]


def unseen(spec: ObjectSpec) -> Note | None:
    """Who does not see an object of which no role says anything yet.

    As when it is new; None where all do.
    """
    if spec.part_of or spec.retired:
        return None
    every = rights.roles()
    blind = [r for r in every if not designing.policy_of([r.key], 0).may("view", spec.key)]
    if not blind or _speaks(every, spec):
        return None
    names = Text("、".join(r.label.zh for r in blind), ", ".join(r.label.en for r in blind))
    return Note(
        Raw("parts/setup/object_unseen.html", spec=spec),
        tone="warn",
        title=Text("还看不到它的角色：{r}", "Roles that do not see it yet: {r}").format(r=names),
    )


def _likes(spec: ObjectSpec) -> list[tuple[str, Text]]:
    objects = snapshot().objects
    found = [objects[k] for k in presets.spoken_of() if k in objects and k != spec.key]
    return [(o.key, o.label) for o in found if not o.retired and not o.part_of]


def _speaks(every: tuple[RoleInfo, ...], spec: ObjectSpec) -> bool:
    return any(g.object_key == spec.key for r in every for g in r.grants)


def _may(role: RoleInfo, spec: ObjectSpec) -> Text:
    policy = designing.policy_of([role.key], 0)
    return explain.explain(policy, {role.key: role.label}, spec.key, by=False)


@require_POST
def grant(request: HttpRequest, key: str) -> HttpResponse:
    """Set the rights of every role on an object."""
    page_request = cast(PageRequest, request)
    changed = presets.grant_object(
        actor=page_request.actor,
        object_key=key,
        preset=request.POST.get("preset", ""),
        like=request.POST.get("like", ""),
    )
    onward = f"/setup/objects/{key}?tab=access"
    if not changed:
        return redirect(onward, ALIKE)
    back = urlencode({"roles": ".".join(changed)})
    undo = f"/setup/objects/{key}/access/undo?{back}"
    return redirect(onward, GRANTED.format(n=len(changed)), undo=undo)


@require_POST
def undo(request: HttpRequest, key: str) -> HttpResponse:
    """Each role says of the object what it said before."""
    page_request = cast(PageRequest, request)
    wanted = [k for k in request.GET.get("roles", "").split(".") if k]
    presets.take_back(actor=page_request.actor, object_key=key, roles=wanted)
    return redirect(f"/setup/objects/{key}?tab=access", Text("已撤销", "Undone"))


urlpatterns = [
    path("setup/objects/<slug:key>/access", grant),
    path("setup/objects/<slug:key>/access/undo", undo),
]
