from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Text
from wubu.measure.metrics.types import MetricInfo


@dataclass(frozen=True, slots=True)
class PointsRule:
    """So many points for every full ``per`` of a metric, at most ``cap`` a month.

    ``per`` is in the metric's stored unit (fen, whole counts). Points are whole numbers and may be
    negative.
    """

    key: str
    label: Text
    metric: MetricInfo
    per: int
    points: int
    cap: int | None
    valid_from: date
    active: bool = True


@dataclass(frozen=True, slots=True)
class PointsLine:
    """The working of one rule for one member.

    ``value`` ÷ ``per``, whole parts only, × points, capped.

    ``month`` is the first day of the month that it was worked out for.
    """

    rule: PointsRule
    month: date
    value: int | Decimal | None
    parts: int
    points: int
    capped: bool


@dataclass(frozen=True, slots=True)
class MemberPoints:
    member_id: int
    name: str
    points: int
    lines: tuple[PointsLine, ...]


@dataclass(frozen=True, slots=True)
class PointsTable:
    period: Period
    rules: tuple[PointsRule, ...]
    rows: tuple[MemberPoints, ...]
