"""Adding a version of a rule. The past is never rewritten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from wubu.kernel import past
from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.past import BEGINNING as BEGINNING
from wubu.kernel.rules import portable
from wubu.kernel.rules.models import RuleVersion
from wubu.kernel.types import Actor
from wubu.kernel.workspace import forget


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
    """Let a definition hold from a day on (today unless said).

    A version of the same day is replaced.

    Whether the actor may do so, and whether the definition makes sense, is for the room to check
    before. Raises Refused when the day is closed, for a new rule too: what was, was.
    """
    day = valid_from or today()
    past.require(day)
    with transaction.atomic():
        versions = RuleVersion.objects.filter(section=section, key=key)
        older = (
            versions.filter(valid_from__lte=day).order_by("-valid_from").first()
            or versions.order_by("valid_from").first()
        )
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
    """Add the rules of a pack that the company does not have yet.

    The versions that held before come with them. Returns how many.
    """
    there = set(RuleVersion.objects.filter(section=section).values_list("key", flat=True))
    added = 0
    for position, (key, definition) in enumerate(definitions.items()):
        if key in there:
            continue
        for day, version in _open(definition).items():
            upsert(
                section,
                key,
                portable.bare(version),
                actor=actor,
                valid_from=day,
                active=not version.get(portable.DISABLED, False),
                position=position,
            )
        added += 1
    if added:
        forget()
    return added


def _open(definition: Mapping[str, Any]) -> dict[date, Mapping[str, Any]]:
    """The versions that a new rule brings, by the day from which each holds.

    Those of closed days come down to the one that holds on the first open day.
    """
    versions = [*(definition.get(portable.EARLIER) or ()), definition]
    ordered = sorted(versions, key=lambda v: portable.first_day(v, BEGINNING))
    return {past.earliest(portable.first_day(v, BEGINNING)): v for v in ordered}
