"""Settling what fell due, putting it off, and setting the rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from wubu.control.reminders import rules
from wubu.control.reminders.types import ReminderRule
from wubu.kernel.permissions.queries import policy
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Record
from wubu.kernel.rules import actions as dated
from wubu.kernel.rules import queries as dated_queries
from wubu.kernel.types import Actor, Problem, Refused, Text


def done(rule_key: str, record_id: int, *, actor: Actor, version: int | None = None) -> Record:
    """Settle one thing with the values that its rule names. Goes through the door like any edit."""
    rule = _rule(rule_key)
    if not rule.done:
        raise Refused(
            Problem(
                "not_by_a_tap",
                Text(
                    "“{r}”不能直接标记完成,请打开记录处理。",
                    "“{r}” cannot simply be ticked off; open the record.",
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


def put_off(
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


def set_rule(
    key: str,
    definition: Mapping[str, Any],
    *,
    actor: Actor,
    active: bool = True,
    valid_from: date | None = None,
    reason: str = "",
) -> ReminderRule:
    """Add or change a rule from a day on. Raises Forbidden, or Refused with every problem."""
    policy(actor).require_setup("alerts")
    rule = rules.check(key, definition)
    dated.put(
        rules.SECTION,
        key,
        definition,
        actor=actor,
        active=active,
        valid_from=valid_from,
        reason=reason,
    )
    return rule


def install(definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> None:
    """The rules that a pack ships."""
    for key, definition in definitions.items():
        rules.check(key, definition)
    dated.install(rules.SECTION, definitions, actor=actor)


def _rule(key: str) -> ReminderRule:
    return rules.read(dated_queries.rule(rules.SECTION, key))
