"""Which rules hold on a day, and how they came to be so."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import DateField, QuerySet

from wubu.kernel.calendar.queries import today
from wubu.kernel.prepared import Param, compiled
from wubu.kernel.rules.models import RuleVersion
from wubu.kernel.rules.types import Rule
from wubu.kernel.rules.upgrading import current
from wubu.kernel.types import Missing, Problem, Text
from wubu.kernel.workspace import remember


def rules(
    section: str, day: date | None = None, *, with_disabled: bool = False
) -> tuple[Rule, ...]:
    """The rules of a section that hold on a day (today unless said), in order.

    Resting rules are left out unless ``with_disabled`` is true.
    """
    at = day or today()
    found = remember(("rules", section, at), lambda: _on(section, at))
    return tuple(r for r in found if r.active or with_disabled)


def rule(section: str, key: str, day: date | None = None) -> Rule:
    """One rule as it holds on a day, resting or not. Raises Missing."""
    for found in rules(section, day, with_disabled=True):
        if found.key == key:
            return found
    raise Missing(
        Problem(
            "no_such_rule",
            Text("没有规则“{k}”。", "There is no rule “{k}”.").format(k=key),
            value=key,
        )
    )


def history(section: str, key: str) -> tuple[Rule, ...]:
    """Every version of a rule, the newest first, those to come included."""
    rows = RuleVersion.objects.filter(section=section, key=key).order_by("-valid_from")
    return tuple(_rule(row) for row in rows)


def _on(section: str, day: date) -> tuple[Rule, ...]:
    asked = compiled(RuleVersion, "on a day", _upto)
    newest = {row[0]: row for row in asked.rows(section=section, day=day)}
    ordered = sorted(newest.values(), key=lambda row: row[-2:])
    return tuple(Rule(section, *_read(section, *row[:-2])) for row in ordered)


def _upto() -> QuerySet[RuleVersion, Any]:
    rows = RuleVersion.objects.filter(
        section=Param("section"), valid_from__lte=Param("day", DateField())
    )
    return rows.order_by("valid_from").values_list(
        "key", "definition", "valid_from", "active", "reason", "created_at", "created_by_id",
        "position", "id",
    )  # fmt: skip


def _read(section: str, key: str, definition: dict[str, Any], *rest: Any) -> tuple[Any, ...]:
    return (key, Text.of(definition.get("label") or key), current(section, definition), *rest)


def _rule(row: RuleVersion) -> Rule:
    return Rule(
        section=row.section,
        key=row.key,
        label=Text.of(row.definition.get("label") or row.key),
        definition=current(row.section, row.definition),
        valid_from=row.valid_from,
        active=row.active,
        reason=row.reason,
        created_at=row.created_at,
        created_by=row.created_by_id,
    )
