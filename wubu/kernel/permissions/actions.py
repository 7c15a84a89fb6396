"""Defining roles and giving them to members. Each asks for the right to set up ``roles``.

Whoever may set up roles can give any right to anybody, themself included: it is the owner's deputy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import designing, queries
from wubu.kernel.permissions.models import FieldGrant, Grant, MemberRole, Role
from wubu.kernel.permissions.reading import read_role
from wubu.kernel.permissions.types import RoleInfo
from wubu.kernel.types import Actor, Missing, Problem, Refused, Text
from wubu.kernel.workspace import forget


def define_role(*, actor: Actor, key: str, definition: Mapping[str, Any]) -> RoleInfo:
    """Create a role, or let an existing one be as defined.

    In the form that packs write::

        {"label": {zh, en}, "grants": [{"object": "customer", "actions": ["view"], "rows": "own"}],
         "fields": {"customer": {"phone": "read"}}, "setup": ["people"], "performance": "team"}

    ``rows`` is own, team, team_below, all or condition (with ``condition`` in the one language).
    ``performance`` says whose figures are seen; left out, as wide as the widest rows that are
    viewed. Raises Refused with every problem at once, Forbidden.
    """
    queries.policy(actor).require_setup("roles")
    label, description, grants, fields = read_role(key, definition)
    with transaction.atomic():
        there = Role.objects.select_for_update().filter(key=key).first()
        before = queries.definition(key) if there else None
        values = {"label": label.as_dict(), "description": description.as_dict()}
        if there is None:
            place = definition.get("position", Role.objects.count())
            there = Role.objects.create(key=key, position=place, **values)
        else:
            Role.objects.filter(pk=there.pk).update(**values)
        Grant.objects.filter(role=there).delete()
        FieldGrant.objects.filter(role=there).delete()
        Grant.objects.bulk_create(
            Grant(role=there, object_key=o, action=a, scope=s, condition=c) for o, a, s, c in grants
        )
        FieldGrant.objects.bulk_create(
            FieldGrant(role=there, object_key=o, field_key=f, level=v) for o, f, v in fields
        )
        after = queries.definition(key)
        if after != before:
            _log(actor, "create" if before is None else "update", there.pk, before, after)
        forget(queries.MEMORY)
    return queries.role(key)


def install(*, actor: Actor, roles: Mapping[str, Mapping[str, Any]]) -> int:
    """Add the roles of a pack that are not there yet; the company's own stay. How many were new."""
    there = set(Role.objects.values_list("key", flat=True))
    new = [key for key in roles if key not in there]
    for key in new:
        define_role(actor=actor, key=key, definition=roles[key])
    return len(new)


def delete_role(*, actor: Actor, key: str) -> None:
    """Remove a role that no active member has. Raises Refused, Missing."""
    queries.policy(actor).require_setup("roles")
    one = queries.role(key)
    if one.holders:
        raise Refused(
            Problem(
                "role_in_use",
                Text("还有 {n} 位成员在用此角色。", "{n} members still have this role.").format(
                    n=one.holders
                ),
                Text(
                    "先在“批量分配”里收回这个角色。",
                    "Revoke the role from them first, under “Assign to many”.",
                ),
                value=key,
            )
        )
    with transaction.atomic():
        _log(actor, "delete", one.id, queries.definition(key), None)
        Role.objects.filter(pk=one.id).delete()
        forget(queries.MEMORY)


def set_roles(*, actor: Actor, member_id: int, roles: Iterable[str]) -> tuple[str, ...]:
    """Let a member have exactly these roles. Raises Missing for an unknown member or role."""
    queries.policy(actor).require_setup("roles")
    people.person(member_id)
    wanted = queries.role_ids(roles)
    with transaction.atomic():
        before = queries.roles_of([member_id]).get(member_id, ())
        MemberRole.objects.filter(member_id=member_id).exclude(role_id__in=wanted.values()).delete()
        MemberRole.objects.bulk_create(
            MemberRole(member_id=member_id, role_id=role_id)
            for key, role_id in wanted.items()
            if key not in before
        )
        after = queries.roles_of([member_id]).get(member_id, ())
        if set(after) != set(before):
            append(
                actor=actor,
                at=now(),
                object_key="_member",
                action="roles",
                rows=[(member_id, {"roles": list(before)}, {"roles": list(after)}, None)],
            )
        forget(queries.MEMORY)
    return after


def give_roles(
    *, actor: Actor, roles: Iterable[str], member_ids: Iterable[int], take: bool = False
) -> int:
    """Give some roles to many members, or take them away; how many members that changed.

    Their other roles stay. Raises Missing for an unknown member or role.
    """
    queries.policy(actor).require_setup("roles")
    wanted = queries.role_ids(roles)
    ids = list(dict.fromkeys(member_ids))
    unknown = set(ids) - people.persons(ids).keys()
    if unknown:
        raise Missing(
            *(
                Problem(
                    "no_such_member",
                    Text("没有这位成员。", "There is no such member."),
                    value=str(i),
                )
                for i in sorted(unknown)
            )
        )
    with transaction.atomic():
        before = queries.roles_of(ids)
        if take:
            MemberRole.objects.filter(member_id__in=ids, role_id__in=wanted.values()).delete()
        else:
            MemberRole.objects.bulk_create(
                MemberRole(member_id=member_id, role_id=role_id)
                for member_id in ids
                for key, role_id in wanted.items()
                if key not in before.get(member_id, ())
            )
        after = queries.roles_of(ids)
        changed = [i for i in ids if set(before.get(i, ())) != set(after.get(i, ()))]
        if changed:
            append(
                actor=actor,
                at=now(),
                object_key="_member",
                action="roles",
                rows=[
                    (
                        i,
                        {"roles": list(before.get(i, ()))},
                        {"roles": list(after.get(i, ()))},
                        None,
                    )
                    for i in changed
                ],
            )
        forget(queries.MEMORY)
    return len(changed)


def copy_role(*, actor: Actor, key: str, new_key: str, label: Mapping[str, str]) -> RoleInfo:
    """A new role that grants the same as another. Raises Refused when the key is taken, Missing."""
    queries.policy(actor).require_setup("roles")
    definition = queries.definition(key)
    if Role.objects.filter(key=new_key).exists():
        raise Refused(
            Problem(
                "role_taken",
                Text("角色标识“{k}”已被使用。", "There is a role “{k}” already.").format(k=new_key),
                field="key",
                value=new_key,
            )
        )
    return define_role(actor=actor, key=new_key, definition={**definition, "label": dict(label)})


def undo_role(*, actor: Actor, key: str) -> RoleInfo:
    """Take back the last change of a role; done twice, it is there again. Raises Missing."""
    queries.policy(actor).require_setup("roles")
    return define_role(actor=actor, key=key, definition=designing.before_last(key))


def _log(
    actor: Actor,
    action: str,
    role_id: int,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    append(
        actor=actor,
        at=now(),
        object_key="_role",
        action=action,
        rows=[(role_id, before, after, None)],
    )
