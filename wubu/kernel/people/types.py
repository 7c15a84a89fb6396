"""People as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from wubu.kernel.types import Lang, Problem


@dataclass(frozen=True, slots=True)
class Person:
    """A member. ``left_on`` is the last day of work."""

    id: int
    login: str
    name: str
    email: str | None = None
    phone: str | None = None
    employee_no: str | None = None
    language: Lang = "zh"
    is_active: bool = True
    is_owner: bool = False
    position_id: int | None = None
    joined_on: date | None = None
    left_on: date | None = None
    pinyin: str = ""
    initials: str = ""


@dataclass(frozen=True, slots=True)
class TeamNode:
    """A team in its tree; ``depth`` is 0 at the root, ``path`` the names from the root down."""

    id: int
    name: str
    parent_id: int | None = None
    leader_id: int | None = None
    position: int = 0
    is_active: bool = True
    depth: int = 0
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamPeriod:
    """What a team is from ``from_day`` (in) to ``to_day`` (out, None is open)."""

    team_id: int
    from_day: date
    to_day: date | None
    name: str
    parent_id: int | None
    leader_id: int | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class MembershipPeriod:
    """A member's time in one team: ``from_day`` is in, ``to_day`` is out, None is open."""

    id: int
    member_id: int
    team_id: int
    from_day: date
    to_day: date | None
    primary: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Who reports to whom, from a day (in) to a day (out)."""

    member_id: int
    manager_id: int
    from_day: date
    to_day: date | None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a member answers for: ``teams`` they are in or lead, ``teams_below`` with all beneath.

    ``members`` and ``members_below`` are the people of those teams, with the member and everybody
    who reports to them, directly or through others.
    """

    member_id: int
    teams: frozenset[int]
    teams_below: frozenset[int]
    members: frozenset[int]
    members_below: frozenset[int]
    reports: frozenset[int]


@dataclass(frozen=True, slots=True)
class ReachedBy:
    """Who answers for a member.

    ``team`` by being in or leading a team of theirs, ``below`` by a team above too, ``managers`` by
    whom they report to; the member is among the first two.
    """

    member_id: int
    team: frozenset[int]
    below: frozenset[int]
    managers: frozenset[int]


@dataclass(frozen=True, slots=True)
class PositionInfo:
    """A post (岗位)."""

    id: int
    name: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A personal API key as its owner sees it; ``hint`` is its last characters."""

    id: int
    name: str
    hint: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The answer to a sign-in: a person, or the problem to show."""

    person: Person | None = None
    problem: Problem | None = None
