"""How large the bench's companies are, and the bars that the program is held to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """``rounds`` of ``repeats`` calls are measured per page; the best round counts."""

    name: str
    reps: int
    opportunities: int
    follow_ups: int
    imported: int  # rows of the import job
    creates: int  # calls of the API job, one after the other
    repeats: int = 30
    rounds: int = 3

    @property
    def customers(self) -> int:
        return max(20, self.opportunities // 5)

    @property
    def teams(self) -> int:
        return max(1, self.reps // 10)

    @property
    def regions(self) -> int:
        return max(1, self.teams // 5)


SIZES = {
    # Only to see that the bench itself works.
    "XS": Size("XS", 6, 240, 600, 300, 8, repeats=1, rounds=1),
    "S": Size("S", 50, 30_000, 100_000, 20_000, 300),
    "M": Size("M", 500, 300_000, 1_000_000, 50_000, 300),
    "L": Size("L", 5_000, 3_000_000, 10_000_000, 50_000, 300),
}
PAGE_BAR = 60.0  # ms, p95
GROWTH_BAR = 1.3  # times the cost at S
