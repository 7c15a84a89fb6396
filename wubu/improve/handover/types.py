"""What somebody leaves behind, and who takes it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wubu.kernel.types import Text


@dataclass(frozen=True, slots=True)
class Line:
    """The records of one object that a member owns.

    ``open``: how many of them are still under way, None where nothing says so. ``suggested``: leave
    it, or hand over open ones, or all.
    """

    object_key: str
    label: Text
    total: int
    open: int | None
    suggested: str


@dataclass(frozen=True, slots=True)
class Group:
    """The customers of one kind that a member owns, to be given to somebody of their own."""

    value: str
    label: Text
    customers: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Who takes over what of ``member_id``.

    ``which`` says of each object: "" (stays), open, all or pool. ``to`` names the receiver by
    object, ``groups`` by a value of the field ``by`` of the customer: that one goes before.
    ``actions_to`` takes the open improvement actions, ``duties`` says who leads their teams
    (``_teams``), manages their people (``_reports``) and gets their roles (``_roles``).
    """

    member_id: int
    which: Mapping[str, str] = field(default_factory=dict)
    to: Mapping[str, int] = field(default_factory=dict)
    by: str = ""
    groups: Mapping[str, int] = field(default_factory=dict)
    actions_to: int | None = None
    duties: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the job, and for the form that confirms."""
        return {
            "member_id": self.member_id,
            "which": dict(self.which),
            "to": dict(self.to),
            "by": self.by,
            "groups": dict(self.groups),
            "actions_to": self.actions_to,
            "duties": dict(self.duties),
        }


@dataclass(frozen=True, slots=True)
class Step:
    """What one receiver gets of one object."""

    object_key: str
    label: Text
    receiver_id: int
    receiver: str
    count: int
