"""What the rooms below ask of permissions and the log, answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now
from wubu.kernel.people.events import PeopleChange
from wubu.kernel.permissions.queries import MEMORY, policy
from wubu.kernel.types import Actor
from wubu.kernel.workspace import forget


def guard(actor: Actor, area: str) -> None:
    """Raises Forbidden unless the actor may set up the area."""
    policy(actor).require_setup(area)


def record(
    actor: Actor,
    kind: str,
    record_id: int,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """Log a change of the set-up, under ``_member``, ``_team`` …"""
    row = (record_id, dict(before) or None, dict(after) or None, None)
    append(actor=actor, at=now(), object_key=f"_{kind}", action=action, rows=[row])


def people_changed(change: PeopleChange) -> None:
    """Rights depend on who is where: they are read anew."""
    forget(MEMORY)
