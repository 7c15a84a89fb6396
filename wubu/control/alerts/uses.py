"""Which fields the alert rules read."""

from __future__ import annotations

from collections.abc import Iterator

from wubu.control.alerts import rules
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.definitions.formulas import filled
from wubu.kernel.fields.types import ValueType
from wubu.kernel.schema import uses
from wubu.kernel.schema.types import Reading, Use
from wubu.kernel.types import Text

KIND = Text("预警", "Alert")


def finder(snapshot: Snapshot) -> Iterator[Use]:
    """Every alert rule that is on."""
    for rule in rules.current():
        texts = [(rule.where, ValueType("bool")), (rule.since, None)]
        readings = tuple(
            Reading(rule.object_key, filled(t, rule.params), expect) for t, expect in texts if t
        )
        touches = {(rule.object_key, "")}
        for reading in readings:
            touches |= uses.read(snapshot, reading)
        if rule.subject:
            touches |= uses.along(snapshot, rule.object_key, rule.subject.split("."))
        url = f"/setup/alerts/{rule.key}"
        yield Use(KIND, rule.label, url, frozenset(touches), readings=readings)
