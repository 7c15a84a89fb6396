"""Stored rules of an earlier release, written anew as the present one writes them.

Reading lifts a definition every time (see ``upgrading``); an upgrade of the workspace writes the
result down, so that a later release may drop the step. What a rule means, and from which day on,
stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from wubu.kernel.rules.models import RuleVersion

Lift = Callable[[Mapping[str, Any]], dict[str, Any]]
BATCH = 500  # rows of one UPDATE


def outdated(sections: Collection[str], is_old: Callable[[str, Any], bool]) -> dict[str, int]:
    """How many versions of rules are written as an earlier release did, by section. One query."""
    found: dict[str, int] = {}
    for row in _rows(sections, is_old):
        found[row.section] = found.get(row.section, 0) + 1
    return found


def lift(lifts: Mapping[str, Lift], is_old: Callable[[str, Any], bool]) -> int:
    """Write them anew; how many. ``lifts`` makes a definition of a section a present one."""
    rows = list(_rows(lifts.keys(), is_old))
    for row in rows:
        row.definition = lifts[row.section](row.definition)
    RuleVersion.objects.bulk_update(rows, ["definition"], batch_size=BATCH)
    return len(rows)


def _rows(sections: Collection[str], is_old: Callable[[str, Any], bool]) -> Iterator[RuleVersion]:
    if not sections:
        return
    for row in RuleVersion.objects.filter(section__in=list(sections)).order_by("id"):
        if is_old(row.section, row.definition):
            yield row
