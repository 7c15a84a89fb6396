"""Whose performance an actor may see:

a member sees what the grants reach, a leader the teams below.
"""

from __future__ import annotations

from collections.abc import Iterable

from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import policy
from wubu.kernel.types import Actor
from wubu.measure.ledger.queries import Scope


def visible_members(actor: Actor) -> frozenset[int] | None:
    """Members whose figures the actor may see; None is everybody."""
    found = policy(actor).members("view")
    return None if isinstance(found, str) else frozenset(found)


def scope(
    actor: Actor, members: Iterable[int] | None = None, teams: Iterable[int] | None = None
) -> Scope:
    """What may be summed:

    the members asked for that the actor may see, in the teams asked for and below.

    Whoever left a team still counts in it on the days they were there, for those who answer for
    that team.
    """
    seen = visible_members(actor)
    below = None if teams is None else people.subtrees(teams)
    if members is not None:
        wanted = frozenset(members)
        return Scope(wanted if seen is None else wanted & seen, below)
    if seen is None:
        return Scope(None, below)
    return Scope(seen, below, visible_teams(actor) or frozenset())


def visible_teams(actor: Actor) -> frozenset[int] | None:
    """Teams whose totals the actor may see; None is every team."""
    found = policy(actor).teams("view")
    return None if isinstance(found, str) else frozenset(found)
