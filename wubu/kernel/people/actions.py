"""Changing who is here. Each asks for the right to set up ``people`` or ``teams``."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q

from wubu.kernel import hooks
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.people import queries
from wubu.kernel.people.access import (
    change_password,
    create_token,
    require_owner_for,
    revoke_token,
    set_password,
    sign_in,
    sign_out_everywhere,
    token_used,
)
from wubu.kernel.people.checks import clean_login, member_problems, password_problems
from wubu.kernel.people.events import PeopleChange, emit
from wubu.kernel.people.models import Member, Membership, Position, Team, Token
from wubu.kernel.people.moving import end_all, join_team, leave_team, move_member, set_manager
from wubu.kernel.people.preferences import choose_plus, prefer
from wubu.kernel.people.types import Person, PositionInfo, TeamNode
from wubu.kernel.types import Actor, Forbidden, Missing, Problem, Refused, Text
from wubu.kernel.workspace import forget

__all__ = [
    "change_password",
    "choose_plus",
    "create_member",
    "create_position",
    "create_team",
    "create_token",
    "deactivate",
    "join_team",
    "leave_team",
    "move_member",
    "prefer",
    "reactivate",
    "revoke_token",
    "set_manager",
    "set_password",
    "sign_in",
    "sign_out_everywhere",
    "token_used",
    "update_member",
    "update_team",
]
OPTIONAL_TEXTS = ("email", "phone", "employee_no")
CHANGEABLE = frozenset(
    {"login", "name", "language", "is_owner", "position_id", "joined_on", *OPTIONAL_TEXTS}
)
OWN = frozenset({"language", "email", "phone"})  # what members change about themselves


def pinyin_of(name: str) -> tuple[str, str]:
    """A name's pinyin and its initials, for search: 张伟 → zhangwei, zw."""
    # It loads a large dictionary: only who writes names pays for it.
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    parts = [p.lower() for chunk in lazy_pinyin(name) for p in chunk.split()]
    return "".join(parts)[:300], "".join(p[0] for p in parts)[:60]


def _cleaned(values: dict[str, Any]) -> dict[str, Any]:
    """Blanks stripped, empty texts missing, pinyin kept in step with the name."""
    unknown = values.keys() - CHANGEABLE
    if unknown:
        raise TypeError(f"a member has no {', '.join(sorted(unknown))}")
    made = {k: v.strip() if isinstance(v, str) else v for k, v in values.items()}
    for key in OPTIONAL_TEXTS:
        if key in made:
            made[key] = made[key] or None
    if "login" in made:
        made["login"] = clean_login(made["login"])
    if made.get("name"):
        made["pinyin"], made["initials"] = pinyin_of(made["name"])
    return made


def _logged(values: dict[str, Any]) -> dict[str, Any]:
    return {
        k: v.isoformat() if isinstance(v, date) else v
        for k, v in values.items()
        if k not in ("pinyin", "initials", "password")
    }


def create_member(
    *,
    actor: Actor,
    login: str,
    name: str,
    password: str | None = None,
    team_id: int | None = None,
    joined_on: date | None = None,
    **values: Any,
) -> Person:
    """A new member, in a team from the day they joined (today unless given).

    ``values``: email, phone, employee_no, language, is_owner, position_id. Without a password they
    cannot sign in until one is set. Raises Refused with every problem, Forbidden.
    """
    hooks.require_setup(actor, "people")
    joined_on = joined_on or today()
    made = _cleaned({"login": login, "name": name, "joined_on": joined_on, **values})
    problems = member_problems(made)
    if password is not None:
        problems += password_problems(password, made["login"])
    if problems:
        raise Refused(*problems)
    if made.get("is_owner"):
        require_owner_for(actor, Member(is_owner=True))
    with transaction.atomic():
        row = Member.objects.create(**made, password=make_password(password))
        hooks.record(actor, "member", row.pk, "create", {}, _logged(made))
        if team_id is not None:
            move_member(actor=actor, member_id=row.pk, team_id=team_id, from_day=joined_on)
        emit(PeopleChange("member", actor, row.pk))
    return queries.person(row.pk)


def update_member(*, actor: Actor, member_id: int, **values: Any) -> Person:
    """Change a member: login, name, email, phone, employee_no, language, is_owner, position_id,
    joined_on. Members change their own language, e-mail and phone themselves.
    """
    if actor.member_id != member_id or not values.keys() <= OWN:
        hooks.require_setup(actor, "people")
    made = _cleaned(values)
    with transaction.atomic():
        row = Member.objects.select_for_update().filter(id=member_id).first()
        if row is None:
            raise Missing(Problem("no_such_member", Text("没有这位成员。", "No such member.")))
        require_owner_for(actor, row)
        if made.get("is_owner") and not row.is_owner:
            require_owner_for(actor, Member(is_owner=True))
        problems = member_problems(made, member_id)
        if problems:
            raise Refused(*problems)
        if made.get("is_owner") is False and row.is_owner:
            _keep_an_owner(member_id)
        before = {k: getattr(row, k) for k in made}
        changed = {k: v for k, v in made.items() if v != before[k]}
        if changed:
            Member.objects.filter(id=member_id).update(**changed)
            hooks.record(
                actor,
                "member",
                member_id,
                "update",
                _logged({k: before[k] for k in changed}),
                _logged(changed),
            )
            emit(PeopleChange("member", actor, member_id))
    return queries.person(member_id)


def _keep_an_owner(leaving_id: int) -> None:
    if not Member.objects.filter(is_owner=True, is_active=True).exclude(id=leaving_id).exists():
        raise Refused(
            Problem(
                "last_owner",
                Text("至少要保留一位所有者。", "At least one owner must remain."),
                Text(
                    "先在另一位成员的页面勾选“系统所有者”，再改这一位。",
                    "Make somebody else an owner first, on their page.",
                ),
                field="is_owner",
            )
        )


def deactivate(*, actor: Actor, member_id: int, left_on: date | None = None) -> Person:
    """A member leaves: ``left_on`` (today unless given) is their last day of work.

    They can no longer sign in, their keys are revoked, their memberships and reporting lines
    close, teams they led have no leader. Their records and figures stay theirs.
    """
    hooks.require_setup(actor, "people")
    last = left_on or today()
    with transaction.atomic():
        row = Member.objects.select_for_update().filter(id=member_id).first()
        if row is None:
            raise Missing(Problem("no_such_member", Text("没有这位成员。", "No such member.")))
        require_owner_for(actor, row)
        if row.is_owner:
            _keep_an_owner(member_id)
        if actor.member_id == member_id:
            raise Forbidden(
                Problem(
                    "not_oneself",
                    Text("不能停用自己。", "Nobody deactivates themself."),
                    Text("请另一位管理员来停用。", "Ask another administrator to do it."),
                )
            )
        problems = member_problems({"joined_on": row.joined_on, "left_on": last}, member_id)
        if problems:
            raise Refused(*problems)
        row.is_active, row.left_on = False, last
        row.session_epoch += 1
        row.save(update_fields=["is_active", "left_on", "session_epoch"])
        end_all(member_id, last)
        Team.objects.filter(leader_id=member_id).update(leader=None)
        Token.objects.filter(member_id=member_id, revoked_at__isnull=True).update(revoked_at=now())
        after = {"is_active": False, "left_on": last.isoformat()}
        hooks.record(actor, "member", member_id, "deactivate", {"is_active": True}, after)
        forget("people.teams")
        emit(PeopleChange("moved", actor, member_id, None, last))
    return queries.person(member_id)


def reactivate(
    *, actor: Actor, member_id: int, team_id: int | None = None, from_day: date | None = None
) -> Person:
    """A member comes back, into ``team_id`` from ``from_day`` (today unless given)."""
    hooks.require_setup(actor, "people")
    was = queries.person(member_id)
    with transaction.atomic():
        require_owner_for(actor, Member(id=member_id, is_owner=was.is_owner))
        Member.objects.filter(id=member_id).update(is_active=True, left_on=None)
        after = {"is_active": True, "left_on": None}
        hooks.record(actor, "member", member_id, "reactivate", {"is_active": False}, after)
        if team_id is not None:
            day = from_day or today()
            move_member(actor=actor, member_id=member_id, team_id=team_id, from_day=day)
        emit(PeopleChange("member", actor, member_id))
    return queries.person(member_id)


def create_team(
    *,
    actor: Actor,
    name: str,
    parent_id: int | None = None,
    leader_id: int | None = None,
    position: int | None = None,
) -> TeamNode:
    """A new team under ``parent_id``, last among its sisters unless a position is given."""
    hooks.require_setup(actor, "teams")
    name = _team_name(name)
    with transaction.atomic():
        if parent_id is not None:
            queries.team(parent_id)
        if leader_id is not None:
            queries.person(leader_id)
        if position is None:
            position = Team.objects.filter(parent_id=parent_id).count()
        row = Team.objects.create(
            name=name, parent_id=parent_id, leader_id=leader_id, position=position
        )
        after = {"name": name, "parent": parent_id, "leader": leader_id, "position": position}
        hooks.record(actor, "team", row.pk, "create", {}, after)
        forget("people.teams")
        emit(PeopleChange("team", actor, team_id=row.pk))
    return queries.team(row.pk)


def update_team(*, actor: Actor, team_id: int, **values: Any) -> TeamNode:
    """Change a team's name, parent_id, leader_id, position or is_active.

    A team does not go below itself, and closes only when it is empty.
    """
    hooks.require_setup(actor, "teams")
    unknown = values.keys() - {"name", "parent_id", "leader_id", "position", "is_active"}
    if unknown:
        raise TypeError(f"a team has no {', '.join(sorted(unknown))}")
    was = queries.team(team_id)
    if "name" in values:
        values["name"] = _team_name(values["name"])
    problems = []
    parent = values.get("parent_id")
    if parent is not None and parent in queries.subtree(team_id):
        problems.append(
            Problem(
                "team_circle",
                Text("上级不能是本团队或其下级。", "A team cannot be placed below itself."),
                Text("请选别的上级团队。", "Choose another team above it."),
                field="parent",
                value=parent,
            )
        )
    if values.get("is_active") is False:
        problems += _not_empty(team_id)
    if problems:
        raise Refused(*problems)
    if parent is not None:
        queries.team(parent)
    if values.get("leader_id") is not None:
        queries.person(values["leader_id"])
    with transaction.atomic():
        Team.objects.filter(id=team_id).update(**values)
        before = {k: getattr(was, k) for k in values}
        hooks.record(actor, "team", team_id, "update", before, values)
        forget("people.teams")
        emit(PeopleChange("team", actor, team_id=team_id))
    return queries.team(team_id)


def _not_empty(team_id: int) -> list[Problem]:
    """Who and what still stands in the way of closing a team, by name."""
    rows = Membership.objects.filter(team_id=team_id, member__is_active=True)
    inside = rows.filter(Q(to_day__isnull=True) | Q(to_day__gt=today()))
    ids = list(inside.values_list("member_id", flat=True).distinct())
    people = sorted(queries.names(ids).values())
    below = list(
        Team.objects.filter(parent_id=team_id, is_active=True)
        .order_by("position", "id")
        .values_list("name", flat=True)
    )
    found = []
    for names, words in (
        (people, Text("团队里还有 {n} 位成员：{who}。", "{n} members are in the team: {who}.")),
        (below, Text("下面还有 {n} 个团队：{who}。", "{n} teams are below it: {who}.")),
    ):
        if names:
            some = Text("、".join(names[:5]), ", ".join(names[:5]))
            if len(names) > 5:
                some = Text(f"{some.zh} 等", f"{some.en} …")
            found.append(
                Problem(
                    "team_not_empty",
                    words.format(n=len(names), who=some),
                    Text("先把他们调到别的团队。", "Move them to another team first.")
                    if names is people
                    else Text("先停用它们，或换一个上级。", "Close them first, or move them."),
                    field="is_active",
                    value=len(names),
                )
            )
    return found


def _team_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 150:
        raise Refused(
            Problem(
                "required",
                Text("请填写不超过 150 字的团队名称。", "Give the team a name, at most 150 long."),
                field="name",
                value=name,
            )
        )
    return name


def create_position(*, actor: Actor, name: str, rank: int = 0) -> PositionInfo:
    """A new post (岗位); an existing one of this name is given back."""
    hooks.require_setup(actor, "people")
    with transaction.atomic():
        row, created = Position.objects.get_or_create(name=name.strip(), defaults={"rank": rank})
        if created:
            hooks.record(actor, "position", row.pk, "create", {}, {"name": row.name, "rank": rank})
    return PositionInfo(row.pk, row.name, row.rank)
