"""Dated rules as packs carry them: what holds now, since when if not always, and what held before.

In a definition ``from`` is the first day of a version (left out: since ever), ``earlier`` holds the
versions before, the oldest first, and ``resting`` says that the rule rests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from wubu.kernel.calendar.queries import today
from wubu.kernel.rules.models import RuleVersion
from wubu.kernel.types import Problem

FROM, EARLIER, DISABLED = "from", "earlier", "resting"
DATED = (FROM, EARLIER)


def bare(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition alone, without days and state."""
    return {k: v for k, v in definition.items() if k not in (FROM, EARLIER, DISABLED)}


def first_day(definition: Mapping[str, Any], ever: date) -> date:
    """The day from which a version holds; ``ever`` when it does not say."""
    said = definition.get(FROM)
    return date.fromisoformat(str(said)) if said else ever


def write(definition: Mapping[str, Any], since: date, active: bool, ever: date) -> dict[str, Any]:
    """One version in portable form."""
    return (
        {**definition}
        | ({} if active else {DISABLED: True})
        | ({} if since <= ever else {FROM: since.isoformat()})
    )


def newest_with_history(versions: list[dict[str, Any]]) -> dict[str, Any]:
    """Versions, the oldest first, as one definition."""
    *earlier, newest = versions
    return newest | ({EARLIER: earlier} if earlier else {})


def export(section: str, ever: date) -> dict[str, dict[str, Any]]:
    """Every rule of a section in order, with its history."""
    found: dict[str, list[RuleVersion]] = {}
    for row in RuleVersion.objects.filter(section=section).order_by("valid_from"):
        found.setdefault(row.key, []).append(row)

    def place(rows: list[RuleVersion]) -> tuple[int, int]:
        return _holding(rows).position, rows[0].pk

    return {
        rows[0].key: newest_with_history(
            [write(r.definition, r.valid_from, r.active, ever) for r in rows]
        )
        for rows in sorted(found.values(), key=place)
    }


def _holding(rows: Iterable[RuleVersion]) -> RuleVersion:
    every = list(rows)
    day = today()
    return next((r for r in reversed(every) if r.valid_from <= day), every[0])


def numbered(problem: Problem, row: int) -> Problem:
    """The problem of the definition with this number."""
    return replace(problem, row=row)
