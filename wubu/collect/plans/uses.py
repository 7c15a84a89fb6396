"""Which fields the collection plans name."""

from __future__ import annotations

from collections.abc import Iterator

from wubu.collect.plans import rules
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.schema.types import Use
from wubu.kernel.types import Text

KIND = Text("采集计划", "Collection plan")


def finder(snapshot: Snapshot) -> Iterator[Use]:
    """Every plan that is on."""
    for plan in rules.current():
        named = (*plan.fields, plan.when) if plan.when else plan.fields
        touches = {(plan.object_key, ""), *((plan.object_key, key) for key in named)}
        yield Use(KIND, plan.label, f"/collection/{plan.key}", frozenset(touches), breaks=False)
