"""What a role grants, and the nouns of permission."""

from __future__ import annotations

from dataclasses import dataclass

from wubu.kernel.permissions.policy import Policy as Policy
from wubu.kernel.permissions.rules import (
    ACTIONS,
    ANY,
    AREAS,
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
    "LEVELS",
    "PERFORMANCE",
    "SCOPES",
    "FieldRule",
    "GrantRule",
    "Level",
    "Policy",
    "RoleInfo",
    "Scope",
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
