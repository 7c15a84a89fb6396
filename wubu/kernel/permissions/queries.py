"""Who may do what: the policy of an actor, and the roles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, Count, DateField, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from wubu.kernel.bulk import ArrayParam
from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.people.types import MembershipPeriod, Person, Reach
from wubu.kernel.permissions import explain
from wubu.kernel.permissions.models import FieldGrant, Grant, MemberRole, Role, Share
from wubu.kernel.permissions.policy import Policy as Policy
from wubu.kernel.permissions.rules import (
    BRINGS,
    PERFORMANCE,
    SETUP,
    FieldRule,
    GrantRule,
    level_of,
    scope_of,
)
from wubu.kernel.permissions.shared import Shares, holds
from wubu.kernel.permissions.types import RoleInfo
from wubu.kernel.prepared import Param, compiled
from wubu.kernel.types import EVERYTHING, LANGS, Actor, Missing, Problem, Text
from wubu.kernel.workspace import remember

MEMORY = "permissions.policies"


def policy(actor: Actor) -> Policy:
    """What the actor may, read once per unit of work in at most three queries.

    Who is unknown or no longer active may nothing.
    """
    known: dict[Hashable, Policy] = remember(MEMORY, dict)
    who = (actor.kind, actor.member_id, actor.role, actor.at_most)
    if who not in known:
        known[who] = _read(actor)
    return known[who]


def _read(actor: Actor) -> Policy:
    if actor.kind == "system":
        return Policy(actor, True, {}, (), (), once(0))
    if actor.member_id is None:
        return _of_nobody(actor)
    everything, held = False, {}
    asked = compiled(get_user_model(), "roles held", _roles_held)
    for is_owner, role_id, key in asked.rows(
        member=actor.member_id
    ):  # one row per role, or one without
        everything = is_owner
        if role_id is not None:
            held[role_id] = key
    if actor.at_most is not None:
        everything = everything and EVERYTHING in actor.at_most
        held = {id_: key for id_, key in held.items() if key in actor.at_most}
    if everything or not held:
        return Policy(actor, everything, held, (), (), once(actor.member_id))
    grants, fields, shares = _rules_of(held, actor.member_id)
    return Policy(actor, False, held, grants, fields, once(actor.member_id), shares)


def _of_nobody(actor: Actor) -> Policy:
    """What is granted to a service by its role; nothing to an outsider."""
    held: dict[int, str] = {}
    if actor.kind == "service" and (actor.at_most is None or actor.role in actor.at_most):
        held = dict(Role.objects.filter(key=actor.role).values_list("id", "key"))
    if not held:
        return Policy(actor, False, {}, (), (), once(0))
    grants, fields, _ = _rules_of(held)
    return Policy(actor, False, held, grants, fields, once(0))


def rights_of(actor: Actor) -> frozenset[str] | None:
    """The roles that count for an actor now, ``EVERYTHING`` for an owner; None for the system.

    What is started now and runs later has these at most.
    """
    if actor.kind == "system":
        return None
    found = policy(actor)
    return frozenset([*found.roles.values(), *([EVERYTHING] if found.everything else [])])


def _roles_held() -> QuerySet[Any, Any]:
    rows = get_user_model().objects.filter(id=Param("member"), is_active=True)
    return rows.values_list("is_owner", "role_links__role_id", "role_links__role__key")


def policies(persons: Iterable[Person]) -> dict[int, Policy]:
    """The policies of many members in two queries, to compare them; shares are left out."""
    every = list(persons)
    held: dict[int, dict[int, str]] = defaultdict(dict)
    links = MemberRole.objects.filter(member_id__in=[p.id for p in every])
    for member_id, role_id, key in links.values_list("member_id", "role_id", "role__key"):
        held[member_id][role_id] = key
    grants, fields, _ = _rules_of({r for roles in held.values() for r in roles})
    made = {}
    for p in every:
        mine = {} if p.is_owner else held.get(p.id, {})
        made[p.id] = Policy(
            Actor(p.id),
            p.is_owner,
            held.get(p.id, {}),
            tuple(g for g in grants if g.role_id in mine),
            tuple(f for f in fields if f.role_id in mine),
            once(p.id),
        )
    return made


def once(member_id: int) -> Callable[[], Reach]:
    """Whom the member answers for, asked when a grant needs it, and only once."""
    found: list[Reach] = []

    def reach() -> Reach:
        if not found:
            found.append(people.reach(member_id))
        return found[0]

    return reach


def _rules_of(
    role_ids: Iterable[int], member_id: int | None = None
) -> tuple[tuple[GrantRule, ...], tuple[FieldRule, ...], Shares]:
    """Grants and field levels of roles, and what is shared with a member: in one query.

    Shares with teams are rare; only when there are any the member's teams are asked for.
    """
    given: dict[str, Any] = {"roles": sorted(set(role_ids))}
    if member_id is None:
        asked = compiled(Grant, "rules", lambda: _rules(with_shares=False))
    else:
        asked = compiled(Grant, "rules and shares", lambda: _rules(with_shares=True))
        given |= {"member": member_id, "day": today()}
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for table, *row in asked.rows(**given):
        found[table].append(tuple(row))
    shared = [(team, o, level) for team, o, level, _, _ in found["share"]]
    return (
        tuple(GrantRule(r, o, a, scope_of(s), c) for r, o, a, s, c in found["grant"]),
        tuple(FieldRule(r, o, f, level_of(v)) for r, o, f, v, _ in found["field"]),
        _shares_of(member_id, shared),
    )


def _rules(*, with_shares: bool) -> QuerySet[Any, Any]:
    kind: CharField[str, str] = CharField()
    grants = Grant.objects.filter(role_id__among=ArrayParam("roles")).values_list(
        Value("grant", kind), "role_id", "object_key", "action", "scope", "condition"
    )
    fields = FieldGrant.objects.filter(role_id__among=ArrayParam("roles")).values_list(
        Value("field", kind), "role_id", "object_key", "field_key", "level", Value("", kind)
    )
    every: list[QuerySet[Any, Any]] = [fields]
    if with_shares:
        shares = Share.objects.filter(
            holds(Param("day", DateField())),
            Q(member_id=Param("member")) | Q(team_id__isnull=False),
            kind="record",
        ).distinct()
        every.append(
            shares.values_list(
                Value("share", kind),
                Coalesce("team_id", 0),
                "object_key",
                "level",
                Value("", kind),
                Value("", kind),
            )
        )
    return grants.union(*every, all=True)


def _shares_of(member_id: int | None, given: list[tuple[int, str, str]]) -> Shares:
    if member_id is None or not given:
        return Shares()
    asked = {team for team, _, _ in given if team}
    mine = teams_above(member_id) & asked if asked else frozenset()
    by_object: dict[str, set[str]] = defaultdict(set)
    for team, object_key, level in given:
        if not team or team in mine:
            by_object[object_key].add(level)
    return Shares({k: frozenset(v) for k, v in by_object.items()}, mine)


def teams_above(member_id: int) -> frozenset[int]:
    """The teams that a member is in today, and those above them.

    What is shared with these is shared with the member.
    """
    held = {s.team_id for s in people.membership_history(member_id) if _holds(s, today())}
    return frozenset(t for team_id in held for t in people.ancestors(team_id))


def _holds(stay: MembershipPeriod, day: date) -> bool:
    return stay.from_day <= day and (stay.to_day is None or stay.to_day > day)


def roles() -> tuple[RoleInfo, ...]:
    """Every role with what it grants and how many active members have it, in order."""
    rows = list(
        Role.objects.annotate(
            held=Count("holders", filter=Q(holders__member__is_active=True))
        ).order_by("position", "id")
    )
    grants, fields, _ = _rules_of(r.pk for r in rows)
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
        "grants": [_grant(*where, actions) for where, actions in grouped.items()],
        "fields": {k: dict(v) for k, v in fields.items()},
        "setup": setup,
        "performance": performance,
    }


def _grant(object_key: str, rows: str, condition: str, actions: list[str]) -> dict[str, Any]:
    """As packs write it: viewing brings printing, creating copying, editing bulk editing."""
    brought = {b for action in actions for b in BRINGS.get(action, ())}
    made: dict[str, Any] = {
        "object": object_key,
        "actions": [a for a in actions if a not in brought],
        "rows": rows,
    }
    without = [b for b in sorted(brought) if b not in actions]
    return (
        made
        | ({"condition": condition} if condition else {})
        | ({"without": without} if without else {})
    )


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


def explain_member(member_id: int) -> tuple[Text, ...]:
    """What a member may do with each object that they may see, in plain words."""
    labels = {r.key: r.label for r in roles()}
    theirs = policy(Actor(member_id))
    seen = [o for o in snapshot().live if not o.part_of and theirs.may("view", o.key)]
    return tuple(
        Text(*(f"{o.plural.say(n)}{'：' if n == 'zh' else ': '}{said.say(n)}" for n in LANGS))
        for o in seen
        if (said := explain.explain(theirs, labels, o.key))
    )


def explain_access(actor: Actor, object_key: str) -> Text:
    """What the actor may do with an object, with which fields, and why. Raises Missing."""
    labels = {r.key: r.label for r in roles()}
    return explain.explain(policy(actor), labels, object_key)
