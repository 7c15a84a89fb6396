from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from wubu.kernel.types import Text


@dataclass(frozen=True, slots=True)
class Pinned:
    """One figure as it stood when the month was closed, with what it is compared with.

    Values are exact and in the metric's stored unit (fen, counts, ratio 0–1, days); changes and
    attainment are ratios; None is missing.
    """

    metric: str
    label: Text
    unit: str
    scale: int
    better: str
    value: Decimal | None
    count: int
    previous: Decimal | None
    previous_change: Decimal | None
    year_ago: Decimal | None
    year_ago_change: Decimal | None
    target: Decimal | None
    attainment: Decimal | None


@dataclass(frozen=True, slots=True)
class PinnedRow:
    """The figures of one team or member in the month."""

    id: int
    name: str
    values: Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review as its reader sees it."""

    id: int
    month: date
    team_id: int
    team_name: str
    round: int
    figures: tuple[Pinned, ...]
    teams: tuple[PinnedRow, ...]
    members: tuple[PinnedRow, ...]
    findings: str
    causes: str
    decisions: str
    state: str
    created_at: datetime
    created_by: str
    signed_at: datetime | None
    signed_by: str
    version: int
    may_edit: bool
    actions_open: int = 0
    actions_all: int = 0


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A review in the list: which, how it stands, and what came of it."""

    id: int
    month: date
    team_id: int
    team_name: str
    round: int
    state: str
    actions_open: int
    actions_all: int
    reopened: bool


PinnedJson = Mapping[str, Any]
