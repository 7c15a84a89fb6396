"""Who is here, who is in which team on which day, who reports to whom."""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, OuterRef, Q, QuerySet, Subquery

from wubu.kernel.bulk import ArrayParam
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.people import reach as _reach
from wubu.kernel.people.models import Member, Membership, Position, ReportingLine, Token
from wubu.kernel.people.preferences import plus as plus
from wubu.kernel.people.preferences import preference as preference
from wubu.kernel.people.tree import ancestors as ancestors
from wubu.kernel.people.tree import stretches as stretches
from wubu.kernel.people.tree import subtree as subtree
from wubu.kernel.people.tree import subtrees as subtrees
from wubu.kernel.people.tree import team as team
from wubu.kernel.people.tree import team_history as team_history
from wubu.kernel.people.tree import tree as tree
from wubu.kernel.people.types import (
    Line,
    MembershipPeriod,
    Person,
    PositionInfo,
    Reach,
    ReachedBy,
    TokenInfo,
)
from wubu.kernel.prepared import Param, compiled
from wubu.kernel.types import Missing, Problem, Text
from wubu.kernel.workspace import remember

PERSON_FIELDS = tuple(Person.__slots__)


def _persons(rows: QuerySet[Member]) -> tuple[Person, ...]:
    return tuple(itertools.starmap(Person, rows.values_list(*PERSON_FIELDS)))


def members(*, active: bool | None = True) -> tuple[Person, ...]:
    """Everybody by name; ``active`` None includes those who left, False gives only them."""
    everybody = remember("people.members", lambda: _persons(Member.objects.order_by("name", "id")))
    return tuple(p for p in everybody if active is None or p.is_active == active)


def are_any() -> bool:
    """Whether anybody has been created yet; until then nobody can sign in."""
    return Member.objects.exists()


def persons(ids: Iterable[int]) -> dict[int, Person]:
    """The members of these ids, those who left included; unknown ids are absent."""
    return {p.id: p for p in _persons(Member.objects.filter(id__in=set(ids)))}


def person(member_id: int) -> Person:
    """One member. Raises Missing."""
    found = persons([member_id]).get(member_id)
    if found is None:
        raise Missing(Problem("no_such_member", Text("没有这位成员。", "There is no such member.")))
    return found


def names(ids: Iterable[int]) -> dict[int, str]:
    """Members' names by id."""
    wanted = sorted(set(ids))
    return dict(compiled(Member, "names", _names).rows(ids=wanted)) if wanted else {}


def _names() -> QuerySet[Member, Any]:
    return Member.objects.filter(id__among=ArrayParam("ids")).values_list("id", "name")


def named(text: str) -> tuple[Person, ...]:
    """Members whose name, login, employee number or e-mail is exactly ``text``, as imports ask."""
    text = text.strip()
    return _persons(
        Member.objects.filter(
            Q(name=text) | Q(login=text.lower()) | Q(employee_no=text) | Q(email__iexact=text)
        ).order_by("id")
    )


def search(text: str, limit: int = 8) -> tuple[Person, ...]:
    """Active members by part of their name, pinyin, initials, login or the tail of a phone."""
    text = text.strip().lower()
    if not text:
        return ()
    found = (
        Q(name__icontains=text)
        | Q(pinyin__startswith=text.replace(" ", ""))
        | Q(initials__startswith=text)
        | Q(login__startswith=text)
    )
    if text.isdigit() and len(text) >= 3:
        found |= Q(phone__endswith=text)
    rows = Member.objects.filter(found, is_active=True).order_by("name", "id")
    return _persons(rows[:limit])


def positions() -> tuple[PositionInfo, ...]:
    """Every post, by rank and name."""
    rows = Position.objects.order_by("rank", "name").values("id", "name", "rank")
    return tuple(PositionInfo(**row) for row in rows)


# Who was where


def on(day: date, prefix: str = "") -> Q:
    """The interval that holds on ``day``, for a relation under ``prefix``."""
    return Q(**{f"{prefix}from_day__lte": day}) & (
        Q(**{f"{prefix}to_day__isnull": True}) | Q(**{f"{prefix}to_day__gt": day})
    )


def team_on(member_ids: Iterable[int], day: date) -> dict[int, int]:
    """Each member's primary team on a day; members without one are absent. One query."""
    rows = Membership.objects.filter(on(day), member_id__in=set(member_ids), primary=True)
    return dict(rows.values_list("member_id", "team_id"))


def teams_on(pairs: Iterable[tuple[int, date]]) -> dict[tuple[int, date], int]:
    """The primary team for each (member, day) pair; pairs without one are absent. One query."""
    wanted = set(pairs)
    periods: dict[int, list[tuple[date, date | None, int]]] = defaultdict(list)
    rows = Membership.objects.filter(member_id__in={m for m, _ in wanted}, primary=True)
    for who, start, end, team_id in rows.values_list("member_id", "from_day", "to_day", "team_id"):
        periods[who].append((start, end, team_id))
    return {
        (member_id, day): team_id
        for member_id, day in wanted
        for start, end, team_id in periods[member_id]
        if start <= day and (end is None or day < end)
    }


def team_join_sql(member: str, day: str, alias: str = "stay") -> str:
    """A LEFT JOIN that gives the member's primary team as it was on the day: ``alias.team_id``.

    ``member`` and ``day`` are SQL expressions of the surrounding query: an id and a *date* (on
    SQLite the text YYYY-MM-DD). Primary periods never overlap, so no row is doubled; without a stay
    the team is NULL. Works on both databases::

        f"SELECT e.id, stay.team_id FROM entries e {team_join_sql('e.owner_id', 'e.signed_on')}"
    """
    table = Membership._meta.db_table
    truth = "" if connection.vendor == "postgresql" else " = 1"
    return (
        f"LEFT JOIN {table} {alias} ON {alias}.member_id = {member} AND {alias}.is_primary{truth} "
        f"AND {alias}.from_day <= {day} AND ({alias}.to_day IS NULL OR {alias}.to_day > {day})"
    )


def team_subquery(member: str, day: str) -> Subquery:
    """The same for the ORM: ``annotate(team=team_subquery("owner_id", "signed_on"))``."""
    rows = Membership.objects.filter(
        Q(to_day__isnull=True) | Q(to_day__gt=OuterRef(day)),
        member_id=OuterRef(member),
        primary=True,
        from_day__lte=OuterRef(day),
    )
    return Subquery(rows.values("team_id")[:1])


def members_of(
    team_ids: Iterable[int], day: date | None = None, *, primary: bool = False
) -> frozenset[int]:
    """Who is in any of these teams on a day (today unless given); ``primary`` only by main team."""
    rows = Membership.objects.filter(on(day or today()), team_id__in=set(team_ids))
    if primary:
        rows = rows.filter(primary=True)
    return frozenset(rows.values_list("member_id", flat=True))


def membership_history(member_id: int) -> tuple[MembershipPeriod, ...]:
    """Where a member has been, in order."""
    rows = Membership.objects.filter(member_id=member_id).order_by("from_day", "id")
    return tuple(MembershipPeriod(**row) for row in rows.values(*MembershipPeriod.__slots__))


def memberships_during(
    start: date, end: date, *, primary: bool = True
) -> tuple[MembershipPeriod, ...]:
    """Every stay that touches the days from ``start`` (in) to ``end`` (out)."""
    rows = Membership.objects.filter(
        Q(to_day__isnull=True) | Q(to_day__gt=start), from_day__lt=end
    ).order_by("from_day", "id")
    if primary:
        rows = rows.filter(primary=True)
    return tuple(itertools.starmap(MembershipPeriod, rows.values_list(*MembershipPeriod.__slots__)))


def lines(member_id: int) -> tuple[Line, ...]:
    """To whom a member has reported, in order."""
    rows = ReportingLine.objects.filter(member_id=member_id).order_by("from_day")
    return tuple(Line(**row) for row in rows.values(*Line.__slots__))


def manager_on(member_ids: Iterable[int], day: date) -> dict[int, int]:
    """Each member's manager on a day; members without one are absent."""
    rows = ReportingLine.objects.filter(on(day), member_id__in=set(member_ids))
    return dict(rows.values_list("member_id", "manager_id"))


def subordinates(member_id: int, day: date | None = None) -> frozenset[int]:
    """Everybody who reports to a member on a day, directly or through others. One query."""
    return _reach.subordinates(member_id, day or today())


def reach(member_id: int, day: date | None = None) -> Reach:
    """The teams a member is in or leads, those below, and whom they answer for. One query."""
    return _reach.reach(member_id, day or today())


def reached_by(member_id: int, day: date | None = None) -> ReachedBy:
    """Who answers for a member on a day: ``reach`` the other way round. One query."""
    return _reach.reached_by(member_id, day or today())


# Tokens


def digest(raw: str) -> str:
    """What is kept of an API key."""
    return hashlib.sha256(raw.encode()).hexdigest()


def member_for_token(raw: str) -> Person | None:
    """Whose key this is; None when unknown, revoked, expired, or its owner has left."""
    asked = compiled(Member, "of token", _of_token)
    found = asked.rows(digest=digest(raw), at=now())
    return Person(*found[0]) if found else None


def _of_token() -> QuerySet[Member, Any]:
    at = Param("at", DateTimeField())
    return Member.objects.filter(
        Q(tokens__expires_at__isnull=True) | Q(tokens__expires_at__gt=at),
        tokens__digest=Param("digest"),
        tokens__revoked_at__isnull=True,
        is_active=True,
    ).values_list(*PERSON_FIELDS)


def tokens(member_id: int) -> tuple[TokenInfo, ...]:
    """A member's keys, newest first, revoked ones included."""
    rows = Token.objects.filter(member_id=member_id).order_by("-created_at", "-id")
    return tuple(TokenInfo(**row) for row in rows.values(*TokenInfo.__slots__))
