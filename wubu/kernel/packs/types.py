"""What the packs room answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wubu.kernel.packs.compare import Kept
from wubu.kernel.schema.types import Plan
from wubu.kernel.types import Text


@dataclass(frozen=True, slots=True)
class Pack:
    """An installed pack."""

    key: str
    label: Text
    version: int
    installed_at: datetime


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What a newer shipped pack would change, and where the company's own version would stay."""

    key: str
    installed_version: int
    shipped_version: int
    plan: Plan
    kept: tuple[Kept, ...]
