"""Who may do what: the policy of an actor, and the roles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, Count, Q, Value

from wubu.kernel.people import queries as people
from wubu.kernel.people.types import Reach
from wubu.kernel.permissions import explain
from wubu.kernel.permissions.models import FieldGrant, Grant, MemberRole, Role
from wubu.kernel.permissions.policy import Policy as Policy
from wubu.kernel.permissions.rules import (
    PERFORMANCE,
    SETUP,
    FieldRule,
    GrantRule,
    level_of,
    scope_of,
)
from wubu.kernel.permissions.types import RoleInfo
from wubu.kernel.types import Actor, Missing, Problem, Text
from wubu.kernel.workspace import remember

MEMORY = "permissions.policies"


def policy(actor: Actor) -> Policy:
    """What the actor may, read once per unit of work in at most three queries.

    Who is unknown or no longer active may nothing.
    """
    known: dict[int | None, Policy] = remember(MEMORY, dict)
    if actor.member_id not in known:
        known[actor.member_id] = _read(actor)
    return known[actor.member_id]


def _read(actor: Actor) -> Policy:
    if actor.member_id is None:
        return Policy(actor, True, {}, (), (), _once(0))
    rows = (
        get_user_model()
        .objects.filter(id=actor.member_id, is_active=True)
        .values_list("is_owner", "role_links__role_id", "role_links__role__key")
    )
    everything, held = False, {}
    for is_owner, role_id, key in rows:  # one row per role, or one without
        everything = is_owner
        if role_id is not None:
            held[role_id] = key
    grants, fields = _rules_of(held) if held and not everything else ((), ())
    return Policy(actor, everything, held, grants, fields, _once(actor.member_id))


def _once(member_id: int) -> Callable[[], Reach]:
    """Whom the member answers for, asked when a grant needs it."""
    found: list[Reach] = []

    def reach() -> Reach:
        if not found:
            found.append(people.reach(member_id))
        return found[0]

    return reach


def _rules_of(
    role_ids: Iterable[int],
) -> tuple[tuple[GrantRule, ...], tuple[FieldRule, ...]]:
    """Grants and field levels of roles, in one query."""
    ids = set(role_ids)
    kind: CharField[str, str] = CharField()
    grants = Grant.objects.filter(role_id__in=ids).values_list(
        Value("grant", kind), "role_id", "object_key", "action", "scope", "condition"
    )
    fields = FieldGrant.objects.filter(role_id__in=ids).values_list(
        Value("field", kind), "role_id", "object_key", "field_key", "level", Value("", kind)
    )
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for table, *row in grants.union(fields, all=True):
        found[table].append(tuple(row))
    return (
        tuple(GrantRule(r, o, a, scope_of(s), c) for r, o, a, s, c in found["grant"]),
        tuple(FieldRule(r, o, f, level_of(v)) for r, o, f, v, _ in found["field"]),
    )


def roles() -> tuple[RoleInfo, ...]:
    """Every role with what it grants and how many active members have it, in order."""
    rows = list(
        Role.objects.annotate(
            held=Count("holders", filter=Q(holders__member__is_active=True))
        ).order_by("position", "id")
    )
    grants, fields = _rules_of(r.pk for r in rows)
    return tuple(
        RoleInfo(
            id=r.pk,
            key=r.key,
            label=Text.of(r.label),
            description=Text.of(r.description or ""),
            position=r.position,
            grants=tuple(g for g in grants if g.role_id == r.pk),
            fields=tuple(f for f in fields if f.role_id == r.pk),
            holders=r.held,
        )
        for r in rows
    )


def role(key: str) -> RoleInfo:
    """One role. Raises Missing."""
    for one in roles():
        if one.key == key:
            return one
    raise Missing(_no_such_role(key))


def role_ids(keys: Iterable[str]) -> dict[str, int]:
    """The ids of roles by key. Raises Missing with every unknown one."""
    wanted = tuple(dict.fromkeys(keys))
    found = dict(Role.objects.filter(key__in=wanted).values_list("key", "id"))
    unknown = [_no_such_role(key) for key in wanted if key not in found]
    if unknown:
        raise Missing(*unknown)
    return {key: found[key] for key in wanted}


def _no_such_role(key: str) -> Problem:
    return Problem(
        "no_such_role",
        Text("没有角色“{k}”。", "There is no role “{k}”.").format(k=key),
        value=key,
    )


def definition(key: str) -> dict[str, Any]:
    """A role as packs write it: label, grants, fields, setup, performance. Raises Missing."""
    one = role(key)
    grouped: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    setup, performance = [], "own"
    for g in one.grants:
        if g.action == SETUP:
            setup.append(g.object_key)
        elif g.object_key == PERFORMANCE:
            performance = g.scope
        else:
            grouped[g.object_key, g.scope, g.condition].append(g.action)
    fields: dict[str, dict[str, str]] = defaultdict(dict)
    for f in one.fields:
        fields[f.object_key][f.field_key] = f.level
    return {
        "label": one.label.as_dict(),
        "description": one.description.as_dict(),
        "grants": [
            {"object": o, "actions": actions, "rows": s} | ({"condition": c} if c else {})
            for (o, s, c), actions in grouped.items()
        ],
        "fields": {k: dict(v) for k, v in fields.items()},
        "setup": setup,
        "performance": performance,
    }


def roles_of(member_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The role keys that members have; members without any are absent."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = MemberRole.objects.filter(member_id__in=set(member_ids)).order_by("role__position", "id")
    for member_id, key in rows.values_list("member_id", "role__key"):
        found[member_id].append(key)
    return {m: tuple(keys) for m, keys in found.items()}


def holders(role_key: str) -> frozenset[int]:
    """The active members who have a role."""
    rows = MemberRole.objects.filter(role__key=role_key, member__is_active=True)
    return frozenset(rows.values_list("member_id", flat=True))


def explain_access(actor: Actor, object_key: str) -> Text:
    """What the actor may do with an object, with which fields, and why. Raises Missing."""
    labels = {r.key: r.label for r in roles()}
    return explain.explain(policy(actor), labels, object_key)
