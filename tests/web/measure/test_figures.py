"""Money of sums and of averages is shown in its own unit, whatever kind of number carries it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.cast import Cast
from wubu.measure.figures import queries as metrics
from wubu.web import figures

pytestmark = pytest.mark.django_db


def test_a_sum_is_in_fen_as_a_whole_number_and_as_an_exact_one(cast: Cast) -> None:
    signed = metrics.metric("sales_signed")
    assert "590,008" in figures.shown(signed, 59_000_800)
    assert figures.shown(signed, Decimal(59_000_800)) == figures.shown(signed, 59_000_800)


def test_an_average_is_in_yuan(cast: Cast) -> None:
    average = replace(metrics.metric("satisfaction"), unit="money")
    assert metrics.is_derived(average)
    assert "12.50" in figures.shown(average, Decimal("12.50"))
