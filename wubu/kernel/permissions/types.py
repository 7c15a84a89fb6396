"""What a role grants, and the nouns of permission."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from wubu.kernel.permissions.policy import Policy as Policy
from wubu.kernel.permissions.rules import (
    ACTIONS,
    ANY,
    AREAS,
    BRINGS,
    LEVELS,
    PERFORMANCE,
    SCOPES,
    FieldRule,
    GrantRule,
    Level,
    Scope,
)
from wubu.kernel.types import Text

__all__ = [
    "ACTIONS",
    "ANY",
    "AREAS",
    "BRINGS",
    "LEVELS",
    "PERFORMANCE",
    "SCOPES",
    "FieldRule",
    "GrantRule",
    "Level",
    "Policy",
    "RoleInfo",
    "Scope",
    "ShareInfo",
]


@dataclass(frozen=True, slots=True)
class RoleInfo:
    """A role with all it grants."""

    id: int
    key: str
    label: Text
    description: Text
    position: int = 0
    grants: tuple[GrantRule, ...] = ()
    fields: tuple[FieldRule, ...] = ()
    holders: int = 0  # active members who have it


@dataclass(frozen=True, slots=True)
class ShareInfo:
    """A record or a saved view shared with a member or a team; ``until`` is its last day."""

    id: int
    kind: str
    object_key: str
    target_id: int
    member_id: int | None
    team_id: int | None
    level: str
    until: date | None
    note: str
    by_id: int | None
    at: datetime
    ended_at: datetime | None
