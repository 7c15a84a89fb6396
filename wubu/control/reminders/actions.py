"""Settling what fell due, putting it off, and setting the rules."""

from __future__ import annotations

from datetime import date, datetime

from wubu.control.reminders import rules
from wubu.control.reminders.types import ReminderRule
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Record
from wubu.kernel.rules import queries as dated_queries
from wubu.kernel.types import Actor, Problem, Refused, Text

set_rule = rules.KIND.set_rule
install = rules.KIND.install


def done(rule_key: str, record_id: int, *, actor: Actor, version: int | None = None) -> Record:
    """Settle one thing with the values that its rule names. Goes through the door like any edit."""
    rule = _rule(rule_key)
    if not rule.done:
        raise Refused(
            Problem(
                "not_by_a_tap",
                Text(
                    "“{r}”不能直接标记完成，请打开记录处理。",
                    "“{r}” cannot be marked as done here; open the record.",
                ).format(r=rule.label),
            )
        )
    return records.update(
        actor=actor,
        object_key=rule.object_key,
        id=record_id,
        values=dict(rule.done),
        version=version,
    )


def snooze(
    rule_key: str,
    record_id: int,
    *,
    actor: Actor,
    until: date | datetime,
    version: int | None = None,
) -> Record:
    """Move the day or time of one thing. Goes through the door like any edit."""
    rule = _rule(rule_key)
    return records.update(
        actor=actor,
        object_key=rule.object_key,
        id=record_id,
        values={rule.when: until},
        version=version,
    )


def _rule(key: str) -> ReminderRule:
    return rules.read(dated_queries.rule(rules.SECTION, key))
