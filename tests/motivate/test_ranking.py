"""Ranks: equal figures share a place, nobody is squeezed out."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from wubu.motivate.leaderboards.ranking import ranks, share_of_best


def test_it_works() -> None:
    assert ranks({"a": 5, "b": 9, "c": 9, "d": 1, "e": None}) == {"b": 1, "c": 1, "a": 3, "d": 4}


def test_less_may_be_better() -> None:
    assert ranks({"a": 30, "b": 12}, better="down") == {"b": 1, "a": 2}


def test_bars() -> None:
    assert share_of_best(50, [50, 200, None]) == Decimal("0.25")
    assert share_of_best(None, [1]) == 0
    assert share_of_best(-3, [-3, 10]) == 0
    assert share_of_best(0, []) == 0


@given(st.dictionaries(st.integers(), st.none() | st.integers(-50, 50)))
def test_a_rank_is_one_more_than_how_many_are_better(values: dict[int, int | None]) -> None:
    placed = ranks(values)
    have = {k: v for k, v in values.items() if v is not None}
    assert placed.keys() == have.keys()
    for key, rank in placed.items():
        assert rank == 1 + sum(v > have[key] for v in have.values())
