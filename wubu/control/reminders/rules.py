"""Reminder rules, read from the dated rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from wubu.control.reminders.types import ReminderRule
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formula
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Problem, Refused, Text

SECTION = "reminders"
WHEN_TYPES = ("date", "datetime")
BOOL = ValueType("bool")


def read(rule: Rule) -> ReminderRule:
    """A dated rule as a reminder rule."""
    d = rule.definition
    return ReminderRule(
        key=rule.key,
        label=rule.label,
        object_key=d["object"],
        when=d["when"],
        where=d.get("filter", ""),
        done=d.get("done", {}),
        ahead_days=int(d.get("ahead_days", 0)),
        subject=d.get("subject", ""),
        valid_from=rule.valid_from,
        active=rule.active,
    )


def current(*, resting: bool = False) -> tuple[ReminderRule, ...]:
    """The rules that hold today and whose object is still in use."""
    live = {o.key for o in snapshot().live}
    found = (read(r) for r in dated.rules(SECTION, resting=resting))
    return tuple(r for r in found if r.object_key in live)


def sentence(rule: ReminderRule) -> Text:
    """The rule in plain words, in both languages."""
    spec = snapshot().object(rule.object_key)
    when = spec.field(rule.when).label
    words = Text("“{o}”的“{w}”到期时提醒负责人", "Remind the owner when “{w}” of “{o}” is due")
    said = words.format(o=spec.label, w=when)
    if not rule.where:
        return said
    parsed = formula.parse(rule.where, snapshot=snapshot(), object_key=rule.object_key)
    return Text(f"{said.zh}；条件：{parsed.sentence('zh')}", f"{said.en}, if {parsed.clause('en')}")


def check(key: str, definition: Mapping[str, Any]) -> ReminderRule:
    """A definition that would hold. Raises Refused with every problem."""
    label = Text.of(definition.get("label") or key)
    rule = read(Rule(SECTION, key, label, definition, date(2000, 1, 1), True))
    spec = snapshot().object(rule.object_key)
    wrong: list[Problem] = []
    if spec.field(rule.when).type not in WHEN_TYPES:
        wrong.append(
            Problem(
                "not_a_day",
                Text(
                    "“{f}”不是日期字段，不能用来提醒。", "“{f}” is not a date; it cannot remind."
                ).format(f=spec.field(rule.when).label),
                object=spec.key,
                field=rule.when,
            )
        )
    for name in (*rule.done, *filter(None, [rule.subject])):
        spec.field(name)
    if rule.where:
        try:
            formula.parse(rule.where, snapshot=snapshot(), object_key=rule.object_key, expect=BOOL)
        except Refused as refused:
            wrong += [replace(p, field=p.field or "filter") for p in refused.problems]
    if wrong:
        raise Refused(*wrong)
    return rule
