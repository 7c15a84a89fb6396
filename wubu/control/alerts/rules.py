"""Alert rules: read from the dated rules, compiled to a query over records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet

from wubu.control.alerts.types import AlertRule
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formula
from wubu.kernel.formula.types import Formula
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Problem, Refused, Text

SECTION = "alerts"
BOOL, DAYS = ValueType("bool"), ("date", "datetime")
PARAM = re.compile(r"\[(\w+)\]")
NAME = re.compile(r"\{(\w+)\}")


def read(rule: Rule) -> AlertRule:
    """A dated rule as an alert rule."""
    d = rule.definition
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
        severity=d.get("severity", "warning"),
        subject=d.get("subject", ""),
        valid_from=rule.valid_from,
        active=rule.active,
    )


def _named(words: Text, params: Mapping[str, int]) -> Text:
    """``{days}`` filled in; other brackets are a manager's own and stay."""

    def filled(match: re.Match[str]) -> str:
        return str(params[match[1]]) if match[1] in params else match[0]

    return Text(NAME.sub(filled, words.zh), NAME.sub(filled, words.en))


def current(*, resting: bool = False) -> tuple[AlertRule, ...]:
    """The rules that hold today and whose object is still in use."""
    live = {o.key for o in snapshot().live}
    found = (read(r) for r in dated.rules(SECTION, resting=resting))
    return tuple(r for r in found if r.object_key in live)


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


def check(key: str, definition: Mapping[str, Any]) -> AlertRule:
    """A definition that would hold. Raises Refused with every problem."""
    label = Text.of(definition.get("label") or "")
    if not label.zh:
        raise Refused(
            Problem("required", Text("请填写规则名称。", "Give the rule a name."), field="label")
        )
    rule = read(Rule(SECTION, key, label, definition, date(2000, 1, 1), True))
    condition(rule)
    if rule.since and _parsed(rule.object_key, rule.since, rule.params).type.kind not in DAYS:
        raise Refused(
            Problem(
                "not_a_day",
                Text("“起算日”必须是日期。", "What it counts from has to be a date."),
                field="since",
                value=rule.since,
            )
        )
    if rule.subject:
        _link(rule.object_key, rule.subject)
    return rule


def _link(object_key: str, field_key: str) -> None:
    field = snapshot().object(object_key).fields.get(field_key)
    if field is None or field.type != "link":
        raise Refused(
            Problem(
                "not_a_link",
                Text(
                    "“关于”必须是一个关联字段。", "What it is about has to be a field that links."
                ),
                field="subject",
                value=field_key,
            )
        )


def filled(text: str, params: Mapping[str, int]) -> str:
    """A formula with the numbers that a manager set."""

    def number(match: re.Match[str]) -> str:
        return str(params[match[1]]) if match[1] in params else match[0]

    return PARAM.sub(number, text)


def _parsed(
    object_key: str, text: str, params: Mapping[str, int], expect: ValueType | None = None
) -> Formula:
    return formula.parse(
        filled(text, params), snapshot=snapshot(), object_key=object_key, expect=expect
    )
