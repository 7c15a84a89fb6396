from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wubu.kernel.types import Text


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it holds on the day that was asked for.

    ``valid_from`` is the first day of this version.
    """

    section: str
    key: str
    label: Text
    definition: Mapping[str, Any]
    valid_from: date
    active: bool
    reason: str = ""
    created_at: datetime | None = None
    created_by: int | None = None
