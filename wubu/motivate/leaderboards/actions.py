"""Setting leaderboards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wubu.kernel.permissions.queries import policy
from wubu.kernel.rules import actions as dated
from wubu.kernel.types import Actor
from wubu.motivate.leaderboards import rules
from wubu.motivate.leaderboards.types import BoardRule


def set_rule(
    key: str,
    definition: Mapping[str, Any],
    *,
    actor: Actor,
    active: bool = True,
    valid_from: date | None = None,
    reason: str = "",
) -> BoardRule:
    """Add or change a leaderboard from a day on. Raises Forbidden, or Refused."""
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
    """The leaderboards that a pack ships."""
    for key, definition in definitions.items():
        rules.check(key, definition)
    dated.install(rules.SECTION, definitions, actor=actor)
