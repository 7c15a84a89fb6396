"""Adding a version of a rule. The past is never rewritten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.rules import portable
from wubu.kernel.rules.models import RuleVersion
from wubu.kernel.types import Actor, Problem, Refused, Text
from wubu.kernel.workspace import forget

BEGINNING = date(2000, 1, 1)


def upsert(
    section: str,
    key: str,
    definition: Mapping[str, Any],
    *,
    actor: Actor,
    valid_from: date | None = None,
    active: bool = True,
    reason: str = "",
    position: int | None = None,
) -> None:
    """Let a definition hold from a day on (today unless said); a version of the same day is
    replaced.

    Whether the actor may do so, and whether the definition makes sense, is for the room to check
    before. Raises Refused ``past_rule`` when the day is past and the rule has a version already:
    what was, was.
    """
    day = valid_from or today()
    with transaction.atomic():
        older = RuleVersion.objects.filter(section=section, key=key).order_by("-valid_from").first()
        if older is not None and day < today():
            raise Refused(_past(day))
        before = older.definition if older else None
        if position is None:
            position = older.position if older else 0
        RuleVersion.objects.update_or_create(
            section=section,
            key=key,
            valid_from=day,
            defaults={
                "definition": dict(definition),
                "active": active,
                "position": position,
                "reason": reason[:500],
                "created_at": now(),
                "created_by_id": actor.member_id,
            },
        )
        after = {"key": key, "from": day.isoformat(), "active": active, "is": dict(definition)}
        append(
            actor=actor,
            at=now(),
            object_key=f"_{section}",
            action="rule",
            rows=[(0, {"was": before} if before else None, {**after, "reason": reason}, None)],
        )
    forget()


def install(section: str, definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> int:
    """Put the rules that a pack ships and the company does not have yet, with the versions that
    held before. Returns how many.
    """
    there = set(RuleVersion.objects.filter(section=section).values_list("key", flat=True))
    added = 0
    for position, (key, definition) in enumerate(definitions.items()):
        if key in there:
            continue
        upsert(
            section,
            key,
            portable.bare(definition),
            actor=actor,
            valid_from=portable.first_day(definition, BEGINNING),
            active=not definition.get(portable.DISABLED, False),
            position=position,
        )
        RuleVersion.objects.bulk_create(
            RuleVersion(
                section=section,
                key=key,
                valid_from=portable.first_day(earlier, BEGINNING),
                definition=portable.bare(earlier),
                active=not earlier.get(portable.DISABLED, False),
                position=position,
                created_at=now(),
                created_by_id=actor.member_id,
            )
            for earlier in definition.get(portable.EARLIER) or ()
        )
        added += 1
    if added:
        forget()
    return added


def _past(day: date) -> Problem:
    return Problem(
        "past_rule",
        Text(
            "规则不能从过去的日期({d})开始修改。",
            "A rule cannot be changed from a day that is past ({d}).",
        ).format(d=day.isoformat()),
        Text("选择今天或以后的日期。", "Choose today or a later day."),
        field="valid_from",
        value=day.isoformat(),
    )
