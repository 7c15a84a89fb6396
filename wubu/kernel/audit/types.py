"""What crosses the room: one logged change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One ``Change`` as it stands in the log; values are in their JSON form, unfiltered by
    permission.
    """

    id: int
    at: datetime
    actor_id: int | None
    entrance: str
    object_key: str
    record_id: int
    action: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    batch_id: int | None
    file: str
    sheet: str
    line: int | None
