"""Who writes, when, and what they may: settled once for a whole call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.permissions.queries import policy
from wubu.kernel.permissions.types import Policy
from wubu.kernel.records.events import ChangeSet
from wubu.kernel.records.resolve import Resolver
from wubu.kernel.types import Actor, Origin, must_write

Aliases = Mapping[str, Mapping[str, str]]  # field → name as written → name as meant


@dataclass
class Context:
    """One call of the door. ``at`` is the instant of the write, ``day`` the workspace's date."""

    actor: Actor
    snapshot: Snapshot
    policy: Policy
    origin: Origin
    at: datetime
    day: date
    resolver: Resolver
    accept: Aliases = field(default_factory=dict)
    writing: bool = True  # False: only asked what would happen
    undoing: bool = False  # a batch is taken back piece by piece: totals are whole only at its end
    unguarded: list[ChangeSet] = field(default_factory=list)  # what such pieces moved

    def place(self, row: Any) -> dict[str, Any]:
        """Where a problem of a draft is."""
        line = row.draft.line
        return {"row": row.index, "line": self.origin.line if line is None else line}


def context(
    actor: Actor,
    origin: Origin | None = None,
    accept: Aliases | None = None,
    *,
    writing: bool = True,
) -> Context:
    """The context of a call that begins now. Raises Forbidden for who only looks."""
    if writing:
        must_write(actor)
    current = snapshot()
    may = policy(actor)
    return Context(
        actor=actor,
        snapshot=current,
        policy=may,
        origin=origin or Origin(),
        at=now(),
        day=today(),
        resolver=Resolver(current, may, digits_are_ids=actor.entrance != "import"),
        accept=accept or {},
        writing=writing,
    )
