"""Which fields the points rest on, through their metrics."""

from __future__ import annotations

from collections.abc import Iterator

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.schema.types import Use
from wubu.kernel.types import Text
from wubu.measure.figures.queries import touched
from wubu.motivate.points import rules

KIND = Text("积分", "Points")


def finder(snapshot: Snapshot) -> Iterator[Use]:
    """Every points rule that is on; it breaks when its metric does, not before."""
    known = touched(snapshot)
    for rule in rules.current():
        touches = known.get(rule.metric.key, frozenset())
        if touches:
            url = f"/setup/motivation/points/{rule.key}"
            yield Use(KIND, rule.label, url, touches, breaks=False)
