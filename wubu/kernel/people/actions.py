"""Changing who is here. Each asks for the right to set up ``people`` or ``teams``."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

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
from wubu.kernel.people.models import Member, Position, Token
from wubu.kernel.people.moving import end_all, join_team, leave_team, move_member, set_manager
from wubu.kernel.people.preferences import choose_plus, prefer
from wubu.kernel.people.teams import create_team, lose_leader, update_team
from wubu.kernel.people.types import Person, PositionInfo
from wubu.kernel.types import Actor, Forbidden, Missing, Problem, Refused, Text

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
    """Change a member.

    Login, name, email, phone, employee_no, language, is_owner, position_id, joined_on. Members
    change their own language, e-mail and phone themselves.
    """
    if not actor.is_member(member_id) or not values.keys() <= OWN:
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
        if actor.is_member(member_id):
            raise Forbidden(
                Problem(
                    "not_oneself",
                    Text("不能停用自己。", "You cannot deactivate yourself."),
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
        lose_leader(member_id, min(last + timedelta(days=1), today()))
        Token.objects.filter(member_id=member_id, revoked_at__isnull=True).update(revoked_at=now())
        after = {"is_active": False, "left_on": last.isoformat()}
        hooks.record(actor, "member", member_id, "deactivate", {"is_active": True}, after)
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


def create_position(*, actor: Actor, name: str, rank: int = 0) -> PositionInfo:
    """A new post (岗位); an existing one of this name is given back."""
    hooks.require_setup(actor, "people")
    with transaction.atomic():
        row, created = Position.objects.get_or_create(name=name.strip(), defaults={"rank": rank})
        if created:
            hooks.record(actor, "position", row.pk, "create", {}, {"name": row.name, "rank": rank})
    return PositionInfo(row.pk, row.name, row.rank)
