from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Text
from wubu.measure.metrics.types import MetricInfo

Audience = Literal["everyone", "permitted"]
Source = Literal["metric", "scorecard", "points"]
State = Literal["ranked", "not_started", "no_figure"]
Level = Literal["leaves", "1", "2", "3", "chosen"]


@dataclass(frozen=True, slots=True)
class BoardRule:
    """A leaderboard: what is ranked, by what, over which kind of period, and who may see the ranks.

    ``audience`` everyone: names, ranks and figures are published to all members; what is behind a
    figure still opens only for those who may see it. permitted: each sees those he may see. Teams
    are ranked on one ``level`` of the tree: those without teams below, a depth (1 is the top), or
    chosen ``teams``; never a whole beside its parts.
    """

    key: str
    label: Text
    source: Source
    of: str  # key of the metric or scorecard; empty for points
    by: Literal["member", "team"]
    period: Literal["month", "quarter", "year"]
    audience: Audience
    roles: tuple[str, ...] = ()
    level: Level = "leaves"
    teams: tuple[str, ...] = ()  # ids, where they are chosen
    valid_from: date | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """One line. Equal figures share a rank and the next rank is left out (1, 2, 2, 4).

    ``value`` is exact, in the metric's stored unit; None is shown as missing and has no rank.
    ``moved`` is ranks gained since the previous period (None: not ranked then). ``open`` says
    whether the reader may open the working. ``state``: who has neither figure nor activity has not
    started, and stands apart without a rank.
    """

    rank: int | None
    id: int
    name: str
    team: str
    value: int | Decimal | None
    share: Decimal  # of the best, 0–1, for the bar
    moved: int | None
    open: bool
    state: State = "ranked"
    working: Mapping[str, Any] = field(default_factory=dict)
    target: int | Decimal | None = None
    attainment: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Leaderboard:
    rule: BoardRule
    period: Period
    metric: MetricInfo | None
    places: tuple[Place, ...]
    left_out: int = 0  # people without a figure, listed at the end with no rank
    unassigned: int | Decimal | None = None  # what belongs to nobody: ranked nowhere, but said
    closed: bool = False
