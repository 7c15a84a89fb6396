from __future__ import annotations

from dataclasses import dataclass

from wubu.kernel.catalog.types import Choice
from wubu.kernel.records.types import Page


@dataclass(frozen=True, slots=True)
class Column:
    """One stage of a board: its totals and the first cards. ``stage`` None: those in no stage.

    ``amount`` is in the minor unit of the object's amount field; None when no record has one, or
    when the reader may not see it. ``weighted`` is amount × probability, rounded half up, or None.
    """

    stage: Choice | None
    count: int
    amount: int | None
    weighted: int | None
    cards: Page


@dataclass(frozen=True, slots=True)
class Board:
    object_key: str
    columns: tuple[Column, ...]
    amount_field: str | None

    @property
    def count(self) -> int:
        return sum(c.count for c in self.columns)


@dataclass(frozen=True, slots=True)
class StageFigure:
    """Count and sum of one stage within what the reader may see."""

    stage: str
    count: int
    amount: int | None
