"""What the room takes and hands out. All immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Text
from wubu.measure.metrics.types import Cell

WHOLE = 10_000  # basis points
Missing = Literal["set_aside", "zero"]
State = Literal["ok", "no_target", "no_data"]


@dataclass(frozen=True, slots=True)
class WeightedLine:
    """A metric with its weight in basis points.

    ``cap`` limits the attainment that counts, in basis points; None is no limit.
    """

    metric: str
    weight: int
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class CardWeights:
    """The lines of a scorecard from a day on.

    ``missing`` says what becomes of a line without target or figure: its weight is set aside and
    the others weigh more in proportion, or it scores zero.
    """

    valid_from: date
    lines: tuple[WeightedLine, ...]
    missing: Missing
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A scorecard with its weights by date, the oldest first."""

    id: int
    key: str
    label: Text
    weights: tuple[CardWeights, ...]

    def on(self, day: date) -> CardWeights:
        """The weights that held on a day; the first ones for days before them."""
        found = self.weights[0]
        for weights in self.weights:
            if weights.valid_from <= day:
                found = weights
        return found


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One line of a score.

    ``weight`` is as set and ``effective`` as used after lines were set aside, both ratios;
    ``counted`` is the attainment after the cap, ``points`` = 100 × effective × counted.
    """

    metric: str
    label: Text
    weight: Decimal
    effective: Decimal
    target: int | Decimal | None
    actual: Cell
    attainment: Decimal | None
    cap: Decimal | None
    counted: Decimal | None
    points: Decimal | None
    state: State


@dataclass(frozen=True, slots=True)
class Score:
    """A member's score: 100 is every target just reached. None when no line could be judged.

    ``covered`` is the share of weights that could be judged. ``working`` is the same as JSON, as
    stored on closing.
    """

    member_id: int
    label: Text
    score: Decimal | None
    covered: Decimal
    lines: tuple[ScoreLine, ...]
    working: Mapping[str, Any]
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class RankedScore:
    """A member's name and score; ``working`` as in ``Score``."""

    label: Text
    score: Decimal | None
    working: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a period, the best first, those without one last.

    ``rule`` says in words how they are made.
    """

    card: Card
    period: Period
    weights: CardWeights
    rule: Text
    rows: tuple[Score, ...]
    frozen: bool = False
