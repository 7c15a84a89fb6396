"""Setting alert rules, and putting an alert off for a stated reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from wubu.control.alerts import rules, sweeping
from wubu.control.alerts.models import Alert, Sweep
from wubu.control.alerts.types import AlertRule
from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.records import queries as records
from wubu.kernel.rules import queries as dated_queries
from wubu.kernel.rules.sections import Section
from wubu.kernel.types import Actor, Missing, Problem, Refused, Text

SHAPE = {
    "label": "words",
    "object": "text",
    "filter": "text",
    "since": "text",
    "subject": "text",
    "severity": "text",
    "params": "numbers",
    "help": "words",
    "advice": "words",
}
SECTION = Section(rules.SECTION, "alerts", rules.check, SHAPE, ("label", "object", "filter"))


def set_rule(
    key: str,
    definition: Mapping[str, Any],
    *,
    actor: Actor,
    active: bool = True,
    valid_from: date | None = None,
    reason: str = "",
) -> AlertRule:
    """Add or change a rule from a day on. Raises Forbidden, or Refused with every problem."""
    with transaction.atomic():
        rule = SECTION.set_rule(
            key, definition, actor=actor, active=active, valid_from=valid_from, reason=reason
        )
        Sweep.objects.update_or_create(rule_key=key, defaults={"stale": True})
    if (valid_from or today()) <= today():
        sweeping.sweep(only_stale=True)
    return rule


def set_params(key: str, params: Mapping[str, int], *, actor: Actor, reason: str = "") -> AlertRule:
    """Change the days (or other whole numbers) of a rule, from today on."""
    rule = dated_queries.rule(rules.SECTION, key)
    known = rule.definition.get("params", {})
    wrong = [
        Problem(
            "not_a_day_count",
            Text("请输入 1 到 3650 之间的整数。", "Give a whole number from 1 to 3650."),
            field=name,
            value=value,
        )
        for name, value in params.items()
        if name not in known or not 1 <= value <= 3650
    ]
    if wrong:
        raise Refused(*wrong)
    definition = {**rule.definition, "params": {**known, **params}}
    return set_rule(key, definition, actor=actor, active=rule.active, reason=reason)


def rest(key: str, *, actor: Actor, resting: bool, reason: str = "") -> None:
    """Let a rule rest, or wake it, from today on."""
    rule = dated_queries.rule(rules.SECTION, key)
    set_rule(key, rule.definition, actor=actor, active=not resting, reason=reason)


def quiet(alert_id: int, *, actor: Actor, until: date | None, reason: str) -> None:
    """Put an open alert off until a day, at most 90 days ahead, for a stated reason."""
    alert = Alert.objects.filter(pk=alert_id, resolved_at__isnull=True).first()
    if alert is None or not records.titles(actor, alert.object_key, [alert.record_id]):
        raise Missing(Problem("no_such_alert", Text("没有这条预警。", "There is no such alert.")))
    ahead = (until - today()).days if until else 0
    wrong = []
    if not reason.strip():
        wrong.append(Problem("required", Text("请写明原因。", "Say why."), field="reason"))
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


def install(definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> None:
    """The rules that a pack ships, held against the records at once."""
    if SECTION.install(definitions, actor=actor):
        sweeping.sweep()


def put(definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> None:
    """Rules as a newer pack has them, from today on, held against the records at once."""
    SECTION.put(definitions, actor=actor)
    _anew(definitions)


def retire(keys: Sequence[str], *, actor: Actor) -> None:
    """Let rules rest from today on; their open alerts go."""
    SECTION.retire(keys, actor=actor)
    _anew(keys)


def _anew(keys: Iterable[str]) -> None:
    for key in keys:
        Sweep.objects.update_or_create(rule_key=key, defaults={"stale": True})
    sweeping.sweep(only_stale=True)
