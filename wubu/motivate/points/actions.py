"""Setting points rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wubu.kernel.permissions.queries import policy
from wubu.kernel.rules import actions as dated
from wubu.kernel.types import Actor
from wubu.motivate.points import rules
from wubu.motivate.points.types import PointsRule


def set_rule(
    key: str,
    definition: Mapping[str, Any],
    *,
    actor: Actor,
    active: bool = True,
    valid_from: date | None = None,
    reason: str = "",
) -> PointsRule:
    """Add or change a rule from a day on. Raises Forbidden, or Refused with every problem."""
    policy(actor).require_setup("points")
    rule = rules.check(key, definition)
    dated.put(
        rules.SECTION,
        key,
        definition,
        actor=actor,
        active=active,
        valid_from=valid_from,
        reason=reason,
    )
    return rule


def install(definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> None:
    """The rules that a pack ships."""
    for key, definition in definitions.items():
        rules.check(key, definition)
    dated.install(rules.SECTION, definitions, actor=actor)
