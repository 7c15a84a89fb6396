"""Alert rules: read from the dated rules, compiled to a query over records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from wubu.control.alerts.types import AlertRule
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.definitions.formulas import FormulaField, filled
from wubu.kernel.definitions.kinds import DatedKind
from wubu.kernel.definitions.nested import MappingOf
from wubu.kernel.definitions.plain import Choice, Whole, Words
from wubu.kernel.definitions.references import FieldRef, Ref
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formula
from wubu.kernel.formula.types import Formula
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Text

SECTION = "alerts"
BOOL, DAYS = ValueType("bool"), ("date", "datetime")
NAME = re.compile(r"\{(\w+)\}")
PARAMS = MappingOf(
    name="params",
    label=Text("参数", "Parameters"),
    help=Text("公式里以 [名称] 代表", "written in formulas as [name]"),
    names={"days": Text("天数", "Days")},
    prefix="param_",
    of=Whole(
        name="",
        label=Text("天数", "Days"),
        least=1,
        most=3_650,
        code="not_a_day_count",
    ),
    example={"days": 7},
)
DEFINITION = Definition(
    name=SECTION,
    label=Text("预警规则", "Alert rule"),
    fields=(
        Words(name="label", label=Text("名称", "Name"), naming=True, required=True, most=200),
        Ref(
            name="object",
            label=Text("对象", "Object"),
            kind="object",
            required=True,
            example="payment_plan",
        ),
        PARAMS,
        FormulaField(
            name="filter",
            label=Text("条件", "Condition"),
            help=Text(
                "用字段名写，例如 {应收日期} < TODAY()",
                "With field names, such as {Due on} < TODAY()",
            ),
            params_from="params",
            required=True,
            wide=True,
            example="{due_on} < TODAY() - [days]",
        ),
        FormulaField(
            name="since",
            label=Text("从哪天算起", "Counted from"),
            help=Text("一个日期，例如 {应收日期}", "A date, such as {Due on}"),
            kinds=DAYS,
            params_from="params",
            unfit=Text("“从哪天算起”必须是日期。", "What it counts from has to be a date."),
            unfit_code="not_a_day",
            wide=True,
            example="{due_on}",
        ),
        FieldRef(
            name="subject",
            label=Text("关于", "About"),
            help=Text(
                "列表里和记录一起显示的关联记录，例如合同。",
                "The linked record shown beside it, such as the contract.",
            ),
            types=("link",),
            unfit=Text("“{f}”不是关联字段。", "“{f}” is not a field that links."),
            code="not_a_link",
            blank=Text("（不显示）", "(not shown)"),
            example="contract",
        ),
        Words(name="help", label=Text("说明", "Help"), asked=False),
        Words(name="advice", label=Text("怎么办", "What to do"), wide=True),
        Choice(
            name="severity",
            label=Text("程度", "Severity"),
            options={
                "warning": Text("提醒", "warning"),
                "danger": Text("严重", "serious"),
                "info": Text("提示", "notice"),
            },
            default="warning",
        ),
    ),
)


def read(rule: Rule) -> AlertRule:
    """A dated rule as an alert rule."""
    d = DEFINITION.filled(rule.definition)
    params = {k: int(v) for k, v in d.get("params", {}).items()}
    return AlertRule(
        key=rule.key,
        label=_named(rule.label, params),
        object_key=d["object"],
        where=d["filter"],
        since=d.get("since", ""),
        params=params,
        help=_named(Text.of(d.get("help", "")), params),
        advice=Text.of(d.get("advice", "")),
        severity=d["severity"],
        subject=d.get("subject", ""),
        valid_from=rule.valid_from,
        active=rule.active,
    )


def _named(words: Text, params: Mapping[str, int]) -> Text:
    """``{days}`` filled in; other brackets are a manager's own and stay."""

    def filled(match: re.Match[str]) -> str:
        return str(params[match[1]]) if match[1] in params else match[0]

    return Text(NAME.sub(filled, words.zh), NAME.sub(filled, words.en))


def condition(rule: AlertRule) -> Formula:
    """The parsed condition. Raises Refused with positions when it no longer makes sense."""
    return _parsed(rule.object_key, rule.where, rule.params, BOOL)


def sentence(rule: AlertRule) -> Text:
    """The rule in plain words, in both languages."""
    parsed = condition(rule)
    return Text(parsed.sentence("zh"), parsed.sentence("en"))


def matching(rule: AlertRule, ids: Iterable[int] | None = None) -> QuerySet[Any]:
    """Rows of (id, owner_id, since) of the records that meet the rule; all of the company's."""
    catalog = snapshot()
    spec = catalog.object(rule.object_key)
    rows = catalog.model(spec.key)._default_manager.filter(archived_at__isnull=True)
    if ids is not None:
        rows = rows.filter(id__in=list(ids))
    rows = rows.filter(condition(rule).expression())
    owner = spec.role("owner")
    values: list[str] = ["id"]
    if owner is not None:
        values.append(f"{owner.key}_id")
    if rule.since:
        since = _parsed(rule.object_key, rule.since, rule.params)
        rows = rows.annotate(alert_since=since.expression())
        values.append("alert_since")
    return rows.order_by().values_list(*values)


def depends_on(rule: AlertRule) -> frozenset[str]:
    """The record's own fields that the rule looks at."""
    texts = [rule.where, rule.since] if rule.since else [rule.where]
    paths = [p for t in texts for p in _parsed(rule.object_key, t, rule.params).paths]
    return frozenset(path[0] for path in paths)


def reads(rule: AlertRule) -> frozenset[tuple[str, ...]]:
    """The paths of every field that the rule looks at, as they are written."""
    texts = [rule.where, rule.since] if rule.since else [rule.where]
    return frozenset(p for t in texts for p in _parsed(rule.object_key, t, rule.params).written)


def _parsed(
    object_key: str, text: str, params: Mapping[str, int], expect: ValueType | None = None
) -> Formula:
    return formula.parse(
        filled(text, params), snapshot=snapshot(), object_key=object_key, expect=expect
    )


KIND = DatedKind(
    definition=DEFINITION,
    area="alerts",
    read=read,
    sentence=sentence,
    label=Text("预警规则", "Alert rules"),
    new=Text("新增预警", "New alert"),
    stem="alert",
    base="/setup/alerts",
    disable_help=Text(
        "停用后不再产生新的预警，已有的会关闭。",
        "When disabled, it raises no new alerts, and open ones are closed.",
    ),
    enable_help=Text(
        "启用后立即检查全部记录。", "When enabled, it checks all records immediately."
    ),
)
current, check = KIND.current, KIND.check
