"""Collection plans as dated rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from wubu.collect.plans.types import Plan, Rhythm
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.permissions import queries as permissions
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.sections import Section
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Problem, Refused, Text

NAME = "collection"
RHYTHMS: Mapping[str, Text] = {
    "daily": Text("每个工作日", "every working day"),
    "weekly": Text("每周", "every week"),
    "monthly": Text("每月", "every month"),
    "event": Text("有事即录", "whenever it happens"),
}


def read(rule: Rule) -> Plan:
    """A dated rule as a plan."""
    d = rule.definition
    return Plan(
        key=rule.key,
        label=rule.label,
        object_key=d["object"],
        fields=tuple(d.get("fields", ())),
        roles=tuple(d.get("roles", ())),
        rhythm=d.get("rhythm", "event"),
        when=d.get("when", ""),
        purpose=Text.of(d.get("purpose") or ""),
        valid_from=rule.valid_from,
        active=rule.active,
    )


def current(*, resting: bool = False) -> tuple[Plan, ...]:
    """The plans that hold today and whose object is still in use."""
    live = {o.key for o in snapshot().live}
    found = (read(r) for r in dated.rules(NAME, resting=resting))
    return tuple(p for p in found if p.object_key in live)


def countable(f: FieldSpec) -> bool:
    """Can it be counted how many records carry this field: has it one column, typed by people?"""
    kind = FIELD_TYPES[f.type]
    alone = f.type in ("link", "member", "team")
    return not f.retired and not kind.computed and (alone or kind.column(f) is not None)


def check(key: str, definition: Mapping[str, Any]) -> Plan:
    """A definition that would hold. Raises Refused with every problem, Missing for no object."""
    label = Text.of(definition.get("label") or key)
    plan = read(Rule(NAME, key, label, definition, date(2000, 1, 1), True))
    spec = snapshot().object(plan.object_key)
    wrong = [*_fields(spec, plan), *_roles(plan), *_when(spec, plan)]
    if plan.rhythm not in get_args(Rhythm):
        said = Text("没有频率“{r}”。", "There is no rhythm “{r}”.").format(r=plan.rhythm)
        hint = Text("可选：{all}。", "Choose one of {all}.").format(all=", ".join(RHYTHMS))
        wrong.append(Problem("no_such_rhythm", said, hint, field="rhythm", value=plan.rhythm))
    if wrong:
        raise Refused(*wrong)
    return plan


def _fields(spec: ObjectSpec, plan: Plan) -> list[Problem]:
    wrong = []
    for name in plan.fields:
        f = spec.fields.get(name)
        if f is None or f.retired:
            said = Text("“{o}”没有字段“{f}”。", "“{o}” has no field “{f}”.")
        elif not countable(f):
            said = Text("“{f}”由系统计算，不需要采集。", "“{f}” is computed, not collected.")
        else:
            continue
        words = said.format(o=spec.label, f=f.label if f else name)
        wrong.append(Problem("no_such_field", words, object=spec.key, field="fields", value=name))
    if not plan.fields:
        said = Text("请至少选择一个字段。", "Choose at least one field.")
        wrong.append(Problem("required", said, object=spec.key, field="fields"))
    return wrong


def days(spec: ObjectSpec) -> list[FieldSpec]:
    """The fields that can say when something happened."""
    return [f for f in spec.live_fields if f.type in ("date", "datetime")]


def _when(spec: ObjectSpec, plan: Plan) -> list[Problem]:
    if not plan.when or plan.when in {f.key for f in days(spec)}:
        return []
    said = Text("“{f}”不是日期字段。", "“{f}” is not a date.").format(f=plan.when)
    return [Problem("not_a_day", said, object=spec.key, field="when", value=plan.when)]


def _roles(plan: Plan) -> list[Problem]:
    known = {r.key for r in permissions.roles()}
    return [
        Problem(
            "no_such_role",
            Text("没有角色“{r}”。", "There is no role “{r}”.").format(r=name),
            field="roles",
            value=name,
        )
        for name in plan.roles
        if name not in known
    ]


SECTION = Section(
    NAME,
    "objects",
    check,
    {
        "label": "words",
        "object": "text",
        "fields": "texts",
        "roles": "texts",
        "rhythm": "text",
        "when": "text",
        "purpose": "words",
    },
    ("object", "fields"),
)
set_rule = SECTION.set_rule
