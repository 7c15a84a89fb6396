"""What consumers are handed, and how delivery stands, as other rooms see it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wubu.kernel.audit.causes import caused_by


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one record.

    ``id`` is that of the change: a consumer that acts outside the database uses it as the key that
    makes doing it twice as good as once.
    ``before`` and ``after`` hold only the fields that changed, in JSON form.
    """

    id: int
    at: datetime
    object_key: str
    record_id: int
    action: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    actor_id: int | None
    actor_kind: str
    batch_id: int | None
    depth: int

    @property
    def record(self) -> tuple[str, int]:
        return self.object_key, self.record_id

    def answered_by(self, rule: str) -> contextlib.AbstractContextManager[None]:
        """What is written inside is logged as caused by this event, through this rule."""
        return caused_by(self.id, rule, self.depth)


@dataclass(frozen=True, slots=True)
class ConsumerView:
    """How a consumer keeps up. ``lag`` counts the changes that it has not seen yet."""

    name: str
    lag: int
    delivered_at: datetime | None
    error: str
    failed_at: datetime | None
    set_aside: int


@dataclass(frozen=True, slots=True)
class SetAsideView:
    """A change that was set aside; see the model."""

    id: int
    consumer: str
    change_id: int
    object_key: str
    record_id: int
    attempts: int
    error: str
    at: datetime
    next_at: datetime | None
