"""Signing in, passwords, and personal API keys."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F, Q

from wubu.kernel import hooks
from wubu.kernel.calendar.queries import now
from wubu.kernel.people import queries
from wubu.kernel.people.checks import clean_login, password_problems
from wubu.kernel.people.models import Member, SignInAttempt, Token
from wubu.kernel.people.types import SignedIn, TokenInfo
from wubu.kernel.types import Actor, Forbidden, Missing, Problem, Refused, Text

MAX_FAILURES = 8
LOCK = timedelta(minutes=15)
TOKEN_PREFIX = "wubu_"  # noqa: S105 - the visible beginning of every key, not a secret
TOKEN_TOUCH = timedelta(minutes=5)  # "last used" is no finer than this, to spare writes

_REFUSED = Problem(
    "sign_in_refused",
    Text("登录名或密码不正确。", "The login or the password is not right."),
)


def sign_in(login: str, password: str) -> SignedIn:
    """Who this is. The same answer, after the same work, whether or not the login exists.

    It returns the problem rather than raise it, so that the failure stays counted when the
    caller's transaction would be rolled back by an exception.
    """
    login = clean_login(login)[:150]
    at = now()
    locked = SignInAttempt.objects.filter(login=login, locked_until__gt=at).first()
    if locked and locked.locked_until:
        return SignedIn(problem=_locked(locked.locked_until, at))
    member = Member.objects.filter(login=login, is_active=True).first()
    if member is None:
        make_password(password)  # as slow as checking one
    elif member.check_password(password):
        SignInAttempt.objects.filter(login=login).delete()
        return SignedIn(person=queries.person(member.pk))
    return SignedIn(problem=_count_failure(login, at))


def _count_failure(login: str, at: datetime) -> Problem:
    with transaction.atomic():
        # Old failures are forgotten, which also keeps made-up logins from piling up.
        SignInAttempt.objects.filter(last_failed_at__lt=at - LOCK).filter(
            Q(locked_until__isnull=True) | Q(locked_until__lte=at)
        ).delete()
        row, _ = SignInAttempt.objects.get_or_create(login=login, defaults={"last_failed_at": at})
        SignInAttempt.objects.filter(pk=row.pk).update(
            failures=F("failures") + 1, last_failed_at=at
        )
        row.refresh_from_db()
        if row.failures < MAX_FAILURES:
            return _REFUSED
        row.locked_until = at + LOCK
        row.failures = 0
        row.save(update_fields=["locked_until", "failures"])
        return _locked(row.locked_until, at)


def _locked(until: datetime, at: datetime) -> Problem:
    minutes = max(1, round((until - at).total_seconds() / 60))
    return Problem(
        "sign_in_locked",
        Text(
            "失败次数过多，请 {m} 分钟后再试。", "Too many failures. Try again in {m} minutes."
        ).format(m=minutes),
    )


def change_password(*, actor: Actor, old: str, new: str) -> None:
    """A member changes their own password; every other session of theirs ends."""
    member = Member.objects.filter(id=actor.member_id or 0, is_active=True).first()
    if member is None or not member.check_password(old):
        raise Refused(
            Problem(
                "wrong_password",
                Text("原密码不正确。", "The old password is not right."),
                field="old",
            )
        )
    _set_password(actor, member, new)


def set_password(*, actor: Actor, member_id: int, password: str) -> None:
    """Give a member a new password; every session of theirs ends. An owner's only by an owner."""
    hooks.require_setup(actor, "people")
    member = Member.objects.filter(id=member_id).first()
    if member is None:
        raise Missing(Problem("no_such_member", Text("没有这位成员。", "No such member.")))
    require_owner_for(actor, member)
    _set_password(actor, member, password)


def _set_password(actor: Actor, member: Member, password: str) -> None:
    problems = password_problems(password, member.login)
    if problems:
        raise Refused(*problems)
    with transaction.atomic():
        member.set_password(password)
        member.session_epoch += 1
        member.save(update_fields=["password", "session_epoch"])
        hooks.record(actor, "member", member.pk, "set_password", {}, {})


def sign_out_everywhere(*, actor: Actor, member_id: int) -> None:
    """End every session of a member: one's own, or anybody's with the right to set up people."""
    if not actor.is_member(member_id):
        hooks.require_setup(actor, "people")
    with transaction.atomic():
        Member.objects.filter(id=member_id).update(session_epoch=F("session_epoch") + 1)
        hooks.record(actor, "member", member_id, "sign_out", {}, {})


def require_owner_for(actor: Actor, member: Member) -> None:
    """What touches an owner's access is for owners: else a lesser right would open every door."""
    if actor.is_system or not member.is_owner or actor.is_member(member.pk):
        return
    if not Member.objects.filter(id=actor.member_id or 0, is_owner=True, is_active=True).exists():
        raise Forbidden(
            Problem(
                "owners_only",
                Text("只有所有者可以更改所有者。", "Only an owner may change an owner."),
            )
        )


def create_token(
    *, actor: Actor, name: str, member_id: int | None = None, expires_at: datetime | None = None
) -> tuple[TokenInfo, str]:
    """A new API key and its secret, shown this once. For oneself; the system for anybody."""
    owner_id = actor.member_id if member_id is None else member_id
    if owner_id is None or not (actor.is_system or actor.is_member(owner_id)):
        raise Forbidden(
            Problem(
                "own_tokens_only",
                Text("只能为自己创建密钥。", "Keys are made for oneself only."),
            )
        )
    name = name.strip()
    if not name or len(name) > 120:
        raise Refused(
            Problem(
                "required",
                Text("请写一个不超过 120 字的名称。", "Give it a name of at most 120 characters."),
                field="name",
            )
        )
    raw = TOKEN_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        row = Token.objects.create(
            member_id=owner_id,
            name=name,
            digest=queries.digest(raw),
            hint=raw[-4:],
            expires_at=expires_at,
        )
        hooks.record(actor, "token", row.pk, "create", {}, {"name": name, "member": str(owner_id)})
    return next(t for t in queries.tokens(owner_id) if t.id == row.pk), raw


def revoke_token(*, actor: Actor, token_id: int) -> None:
    """Make a key useless: one's own, or anybody's with the right to set up people."""
    row = Token.objects.filter(id=token_id).first()
    if row is None or not actor.is_member(row.member_id):
        hooks.require_setup(actor, "people")
    if row is None:
        raise Missing(Problem("no_such_token", Text("没有这个密钥。", "There is no such key.")))
    with transaction.atomic():
        Token.objects.filter(id=token_id, revoked_at__isnull=True).update(revoked_at=now())
        hooks.record(actor, "token", row.pk, "revoke", {"name": row.name}, {})


def token_used(raw: str) -> None:
    """Note that a key was used just now; at most one write in five minutes."""
    at = now()
    Token.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - TOKEN_TOUCH),
        digest=queries.digest(raw),
    ).update(last_used_at=at)
