"""Which fields the boards show: the stages that are their columns, and what they count."""

from __future__ import annotations

from collections.abc import Iterator

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.schema.types import Use
from wubu.kernel.types import Text

KIND = Text("看板", "Board")


def finder(snapshot: Snapshot) -> Iterator[Use]:
    """The board of every object that has stages."""
    for spec in snapshot.live:
        if spec.role("stage") is None:
            continue
        shown = {spec.roles[r] for r in ("stage", "amount", "owner", "title") if r in spec.roles}
        touches = frozenset((spec.key, key) for key in shown)
        yield Use(KIND, spec.label, f"/o/{spec.key}/board", touches, breaks=False)
