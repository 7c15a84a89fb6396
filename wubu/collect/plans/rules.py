"""Collection plans as dated rules."""

from __future__ import annotations

from collections.abc import Mapping

from wubu.collect.plans.types import Plan
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.definitions.base import listed
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.definitions.kinds import DatedKind
from wubu.kernel.definitions.nested import ListOf
from wubu.kernel.definitions.plain import Choice, Words
from wubu.kernel.definitions.references import FieldRef, Ref, called
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Text

NAME = "collection"
RHYTHMS: Mapping[str, Text] = {
    "daily": Text("每个工作日", "every working day"),
    "weekly": Text("每周", "every week"),
    "monthly": Text("每月", "every month"),
    "event": Text("有事即录", "whenever it happens"),
}


def countable(f: FieldSpec) -> bool:
    """Can it be counted how many records carry this field: has it one column, typed by people?"""
    kind = FIELD_TYPES[f.type]
    alone = f.kind.refers_to_one
    return not f.retired and not kind.computed and (alone or kind.column(f) is not None)


DEFINITION = Definition(
    name=NAME,
    label=Text("采集计划", "Collection plan"),
    fields=(
        Words(name="label", label=Text("名称", "Name"), naming=True, most=200),
        Ref(
            name="object",
            label=Text("采集哪一类记录", "Of which records"),
            kind="object",
            required=True,
            asked=False,
            example="customer",
        ),
        ListOf(
            name="fields",
            label=Text("应该填写的字段", "Fields to be filled"),
            of=FieldRef(
                name="field",
                label=Text("字段", "field"),
                fit=countable,
                unfit=Text("“{f}”由系统计算，不需要采集。", "“{f}” is computed, not collected."),
                code="no_such_field",
            ),
            least=1,
            few=Text("请至少选择一个字段。", "Choose at least one field."),
            required=True,
            wide=True,
            example=["name", "industry"],
        ),
        ListOf(
            name="roles",
            label=Text("谁来录", "Who enters it"),
            of=Ref(name="role", label=Text("角色", "role"), kind="role"),
            most=100,
            wide=True,
            example=["sales_rep"],
        ),
        Choice(
            name="rhythm",
            label=Text("频率", "How often"),
            options=RHYTHMS,
            default="event",
            code="no_such_rhythm",
        ),
        FieldRef(
            name="when",
            label=Text("按哪个日期算", "By which day"),
            types=("date", "datetime"),
            unfit=Text("“{f}”不是日期。", "“{f}” is not a date."),
            code="not_a_day",
            blank=Text("录入时间", "when entered"),
        ),
        Words(name="purpose", label=Text("用来做什么", "What it is for"), wide=True),
    ),
)


def read(rule: Rule) -> Plan:
    """A dated rule as a plan."""
    d = DEFINITION.filled(rule.definition)
    return Plan(
        key=rule.key,
        label=rule.label,
        object_key=d["object"],
        fields=tuple(d.get("fields", ())),
        roles=tuple(d.get("roles", ())),
        rhythm=d["rhythm"],
        when=d.get("when", ""),
        purpose=Text.of(d.get("purpose") or ""),
        valid_from=rule.valid_from,
        active=rule.active,
    )


def sentence(plan: Plan) -> Text:
    """The plan in plain words."""
    fields = [called("field", f, plan.object_key) or Text(f, f) for f in plan.fields]
    roles = [called("role", r) or Text(r, r) for r in plan.roles]
    said = Text("{r}：“{o}”填写{f}；由{w}录入。", "{r}: {f} of “{o}”, entered by {w}.")
    return said.format(
        r=RHYTHMS[plan.rhythm],
        o=called("object", plan.object_key) or plan.object_key,
        f=listed(fields),
        w=listed(roles) if roles else Text("所有人", "everybody"),
    )


KIND = DatedKind(
    definition=DEFINITION,
    area="objects",
    read=read,
    sentence=sentence,
    label=Text("采集计划", "Collection plans"),
    new=Text("新增计划", "New plan"),
    stem="plan",
    base="/setup/collection",
    breaks=False,
    disable_help=Text(
        "停用后不再统计，历史保留。", "When disabled, it is no longer counted; its history stays."
    ),
    enable_help=Text("启用后马上统计。", "When enabled, it is counted immediately."),
)
set_rule, current, check = KIND.set_rule, KIND.current, KIND.check
