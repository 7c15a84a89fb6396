from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from wubu.measure.metrics.types import MetricInfo


@dataclass(frozen=True, slots=True)
class ActionView:
    """An improvement action as its reader sees it. Figures are exact, in the metric's stored unit.

    They are of the whole team, or company, and None for whoever may not see those. ``effect`` is
    now − baseline, None where either is missing. ``days_late`` is 0 unless it is open
    and past due.
    """

    id: int
    review_id: int | None
    team_id: int
    title: str
    detail: str
    owner_id: int
    owner_name: str
    due_on: date
    state: str
    outcome: str
    metric: MetricInfo | None
    baseline: Decimal | None
    wanted: Decimal | None
    now: Decimal | None
    effect: Decimal | None
    days_late: int
    created_at: datetime
    created_by: int | None
    ended_at: datetime | None
    version: int
    may_edit: bool
