"""Which fields the leaderboards rest on, through their metrics."""

from __future__ import annotations

from collections.abc import Iterator

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.schema.types import Use
from wubu.kernel.types import Text
from wubu.measure.figures.queries import touched
from wubu.motivate.leaderboards.queries import leaderboards

KIND = Text("排行榜", "Leaderboard")


def finder(snapshot: Snapshot) -> Iterator[Use]:
    """Every leaderboard that ranks by a metric; it breaks when that does, not before."""
    known = touched(snapshot)
    for rule in leaderboards():
        touches = known.get(rule.of, frozenset()) if rule.source == "metric" else frozenset()
        if touches:
            yield Use(KIND, rule.label, f"/setup/motivation/boards/{rule.key}", touches, False)
