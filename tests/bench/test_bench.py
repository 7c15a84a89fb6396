"""The bench still runs: every job on the smallest company, with bars, floors and figures."""

from __future__ import annotations

import os

import pytest

from tests.bench import report
from tests.bench.timing import Result, quantile


def test_quantiles_are_times_that_were_taken() -> None:
    times = [5.0, 1.0, 2.0, 3.0, 4.0]
    assert quantile(times, 0.5) == 3.0
    assert quantile(times, 0.95) == 5.0
