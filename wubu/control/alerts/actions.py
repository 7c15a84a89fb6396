"""Setting alert rules, and putting an alert off for a stated reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from wubu.control.alerts import rules
from wubu.control.alerts.models import Alert
from wubu.control.alerts.types import AlertRule
from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.records import queries as records
from wubu.kernel.rules import queries as dated_queries
from wubu.kernel.types import Actor, Missing, Problem, Refused, Text

set_rule = rules.KIND.set_rule
switch = rules.KIND.switch
install = rules.KIND.install


def set_params(key: str, params: Mapping[str, int], *, actor: Actor, reason: str = "") -> AlertRule:
    """Change the numbers (days) of a rule, from today on. Raises Refused for names it has not."""
    rule = dated_queries.rule(rules.SECTION, key)
    known = rule.definition.get("params", {})
    wrong = [
        Problem(
            "no_such_param",
            Text("这条规则没有参数“{n}”。", "The rule has no parameter “{n}”.").format(n=name),
            Text("参数：{a}。", "It has: {a}.").format(a=", ".join(known) or "—"),
            field=name,
        )
        for name in params
        if name not in known
    ]
    wrong += rules.PARAMS.inside(params, rule.definition)
    if wrong:
        raise Refused(*wrong)
    definition = {**rule.definition, "params": {**known, **params}}
    return set_rule(key, definition, actor=actor, active=rule.active, reason=reason)


def quiet(alert_id: int, *, actor: Actor, until: date | None, reason: str) -> None:
    """Put an open alert off until a day, at most 90 days ahead, for a stated reason."""
    alert = Alert.objects.filter(pk=alert_id, resolved_at__isnull=True).first()
    if alert is None or not records.titles(actor, alert.object_key, [alert.record_id]):
        raise Missing(Problem("no_such_alert", Text("没有这条预警。", "There is no such alert.")))
    ahead = (until - today()).days if until else 0
    wrong = []
    if not reason.strip():
        wrong.append(Problem("required", Text("请写明原因。", "Give a reason."), field="reason"))
    if not 1 <= ahead <= 90:
        wrong.append(
            Problem(
                "bad_day",
                Text("请选择明天起 90 天内的日期。", "Choose a day within the next 90."),
                field="until",
                value=until.isoformat() if until else None,
            )
        )
    if wrong or until is None:
        raise Refused(*wrong)
    alert.quiet_until, alert.quiet_reason = until, reason.strip()[:500]
    alert.quiet_by_id = actor.member_id
    with transaction.atomic():
        alert.save(update_fields=["quiet_until", "quiet_reason", "quiet_by_id"])
        said = {"rule": alert.rule_key, "until": until.isoformat(), "reason": alert.quiet_reason}
        rows = [(alert.record_id, None, {"object": alert.object_key, **said}, None)]
        append(actor=actor, at=now(), object_key="_alert", action="quiet", rows=rows)
