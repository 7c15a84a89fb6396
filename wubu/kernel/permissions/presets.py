"""The rights on one object in all roles at once: as on another object, or by a common pattern."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from wubu.kernel.audit import queries as audit
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.permissions import conditions, queries
from wubu.kernel.permissions.actions import define_role
from wubu.kernel.permissions.rules import ANY, BRINGS, SETUP, WIDTH, Scope, scope_of
from wubu.kernel.permissions.types import RoleInfo
from wubu.kernel.types import Actor, Problem, Refused, Text

Grants = list[dict[str, Any]]
LIKE, NONE = "like", "none"
# What a role that works with records may do with its rows, and what managers may besides.
WORK = ("view", "create", "edit", "copy", "print", "bulk_edit", "share", "transfer", "stage")
LEAD = ("delete", "import", "export")
READ = ("view", "print")
PRESETS: Mapping[str, tuple[Text, Text]] = {
    "own": (
        Text("各看各的", "Everyone sees their own"),
        Text("每个角色只处理本人负责的记录。", "Each role works with the records that it owns."),
    ),
    "team": (
        Text("经理看团队", "Managers see their teams"),
        Text(
            "销售处理本人的；经理类角色按原有的团队范围，可删除和导入导出。",
            "People work with their own; roles that see teams elsewhere see them here, and may "
            "delete, import and export.",
        ),
    ),
    "open": (
        Text("所有人可看", "Everyone sees all"),
        Text(
            "所有角色可看全部，编辑范围与“经理看团队”相同。",
            "Every role sees all records and can change those of “Managers see their teams”.",
        ),
    ),
}


def grant_object(*, actor: Actor, object_key: str, preset: str, like: str = "") -> tuple[str, ...]:
    """Let every role have rights on an object: by a preset, ``like`` on another object, or none.

    What the roles said of this object before is replaced; what they say of all objects stays.
    Answers the keys of the roles that changed. Raises Forbidden, Missing, Refused.
    """
    queries.policy(actor).require_setup("roles")
    spec = _whole(object_key)
    if preset == LIKE:
        _whole(like)
        if like == object_key:
            raise Refused(
                Problem(
                    "same_object",
                    Text("请选择另一个对象。", "Choose another object."),
                    field="like",
                    value=like,
                )
            )
    elif preset not in PRESETS and preset != NONE:
        raise Refused(
            Problem(
                "no_such_option",
                Text("“{v}”不是可选项。", "“{v}” is not one of the options.").format(v=preset),
                Text("可选：{all}。", "Options: {all}.").format(
                    all=", ".join((*PRESETS, LIKE, NONE))
                ),
                field="preset",
                value=preset,
            )
        )
    changed = []
    with transaction.atomic():
        for role in queries.roles():
            before = queries.definition(role.key)
            if preset == LIKE:
                mine = _copied(before["grants"], like, object_key)
            else:
                mine = [] if preset == NONE else _by_preset(role, spec, preset)
            if _put(actor, role.key, before, object_key, mine):
                changed.append(role.key)
    return tuple(changed)


def take_back(*, actor: Actor, object_key: str, roles: Iterable[str]) -> tuple[str, ...]:
    """Let roles say of an object what they said before their last change of it; who changed."""
    queries.policy(actor).require_setup("roles")
    changed = []
    with transaction.atomic():
        for key in dict.fromkeys(roles):
            before = _earlier(queries.role(key).id, object_key)
            now = queries.definition(key)
            if before is not None and _put(actor, key, now, object_key, before):
                changed.append(key)
    return tuple(changed)


def spoken_of() -> Mapping[str, int]:
    """How many rights the roles have on each object, the most first: what others could be like."""
    every = (g.object_key for r in queries.roles() for g in r.grants if g.action != SETUP)
    return dict(Counter(every).most_common())


def _whole(object_key: str) -> ObjectSpec:
    spec = snapshot().object(object_key)
    if spec.part_of:
        raise Refused(
            Problem(
                "part_of",
                Text(
                    "“{o}”随所属对象授权，不单独设置。",
                    "“{o}” goes with the object that it is part of.",
                ).format(o=spec.label),
                object=object_key,
            )
        )
    return spec


def _put(actor: Actor, key: str, now: Mapping[str, Any], object_key: str, mine: Grants) -> bool:
    others = [g for g in now["grants"] if g["object"] != object_key]
    here = [g for g in now["grants"] if g["object"] == object_key]
    if _flat(here) == _flat(mine):
        return False
    define_role(actor=actor, key=key, definition={**now, "grants": [*others, *mine]})
    return True


def _flat(grants: Grants) -> set[tuple[str, str, str]]:
    return {(a, g["rows"], g.get("condition", "")) for g in grants for a in _all(g)}


def _all(grant: Mapping[str, Any]) -> set[str]:
    brought = {b for action in grant["actions"] for b in BRINGS.get(action, ())}
    return ({*grant["actions"]} | brought) - {*grant.get("without", ())}


def _copied(grants: Grants, like: str, object_key: str) -> Grants:
    """What is granted on one object, on another; a condition goes along if it can be read there."""
    made = []
    for grant in grants:
        if grant["object"] != like:
            continue
        if grant.get("condition"):
            try:
                conditions.checked(grant["condition"], object_key)
            except Refused:
                continue
        made.append({**grant, "object": object_key})
    return made


def _by_preset(role: RoleInfo, spec: ObjectSpec, preset: str) -> Grants:
    widest = _usual(role)
    works = _works(role)
    rows: Scope = "own" if preset == "own" else widest
    if spec.role("owner") is None:
        rows = "all"  # nobody owns these: there are no own ones
    actions = [*(WORK if works else READ), *(LEAD if works and rows != "own" else ())]
    for name, action in (("stage", "stage"), ("owner", "transfer")):
        if spec.role(name) is None:
            actions = [a for a in actions if a != action]
    reads: Scope = "all" if preset == "open" else rows
    by_all = [scope_of(g.scope) for g in role.grants if (g.object_key, g.action) == (ANY, "view")]
    if any(WIDTH[s] >= WIDTH[reads] for s in by_all) and not works:
        return []  # sees them anyhow
    seen = {"object": spec.key, "actions": [*READ], "rows": reads}
    rest = [a for a in actions if a not in READ]
    return [seen, *([{"object": spec.key, "actions": rest, "rows": rows}] if rest else [])]


def _works(role: RoleInfo) -> bool:
    """Whether a role makes records of people's work, and not only of one kind on the side."""
    kinds = [o.key for o in snapshot().live if not o.part_of and o.role("owner") is not None]
    made = {g.object_key for g in role.grants if g.action == "create"}
    return ANY in made or 3 * sum(k in made for k in kinds) > len(kinds)


def _usual(role: RoleInfo) -> Scope:
    """How widely a role sees the records that people own: as on most objects, else the narrower."""
    found: Counter[Scope] = Counter()
    for spec in snapshot().live:
        if spec.part_of or spec.role("owner") is None:
            continue
        scopes = [
            scope_of(g.scope)
            for g in role.grants
            if g.action == "view" and g.object_key in (ANY, spec.key)
        ]
        scopes = [s for s in scopes if WIDTH[s] >= 0]
        if scopes:
            found[max(scopes, key=lambda s: WIDTH[s])] += 1
    return max(found, key=lambda s: (found[s], -WIDTH[s]), default="own")


def _earlier(role_id: int, object_key: str) -> Grants | None:
    """What a role said of an object before it last changed; None if that never did."""
    rows = audit.changes(object_key="_role", record_ids=[role_id], limit=20)
    for row in rows:
        sides = [
            [g for g in (side or {}).get("grants", ()) if g["object"] == object_key]
            for side in (row.before, row.after)
        ]
        if row.action == "update" and _flat(sides[0]) != _flat(sides[1]):
            return sides[0]
    return None
