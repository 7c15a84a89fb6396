"""Rules held against all records without anybody asking: days go by without a write."""

from __future__ import annotations

from datetime import time

from wubu.control.alerts import evaluating
from wubu.kernel.jobs.actions import job
from wubu.kernel.jobs.types import Run
from wubu.kernel.types import Text


@job("alerts.sweep", label=Text("检查全部预警", "Check all alerts"), daily_at=time(0, 5))
def evaluate_all(run: Run) -> int:
    """Every rule against every record. Returns how many alerts are open."""
    return evaluating.evaluate_all()


@job("alerts.catch_up", label=Text("补查预警", "Catch up on alerts"), every_minutes=5)
def catch_up(run: Run) -> int:
    """The rules that a large write left for later."""
    return evaluating.evaluate_all(only_stale=True)
