"""Which fields the reminder rules read."""

from __future__ import annotations

from collections.abc import Iterator

from wubu.control.reminders import rules
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.schema import uses
from wubu.kernel.schema.types import Reading, Use
from wubu.kernel.types import Text

KIND = Text("提醒", "Reminder")


def finder(snapshot: Snapshot) -> Iterator[Use]:
    """Every reminder rule that is on."""
    for rule in rules.current():
        where = Reading(rule.object_key, rule.where, ValueType("bool"))
        readings = (where,) if rule.where else ()
        touches = {(rule.object_key, ""), (rule.object_key, rule.when)}
        touches |= {(rule.object_key, key) for key in rule.done}
        touches |= uses.read(snapshot, where)
        if rule.subject:
            touches |= uses.along(snapshot, rule.object_key, rule.subject.split("."))
        yield Use(KIND, rule.label, "/", frozenset(touches), readings=readings)
