"""Whose performance an actor may see.

A member sees what the grants reach, a leader the teams below.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.formula.queries import parse
from wubu.kernel.permissions.queries import policy
from wubu.kernel.types import Actor, Refused
from wubu.measure.ledger.queries import Scope
from wubu.measure.metrics.types import MetricInfo


def visible_members(actor: Actor) -> frozenset[int] | None:
    """Members whose figures the actor may see; None is everybody."""
    found = policy(actor).members("view")
    return None if isinstance(found, str) else frozenset(found)


def scope(
    actor: Actor, members: Iterable[int] | None = None, teams: Iterable[int] | None = None
) -> Scope:
    """What may be summed.

    The members asked for that the actor may see, in the teams asked for and below.

    Whoever left a team still counts in it on the days they were there, for those who answer for
    that team.
    """
    seen = visible_members(actor)
    below = None if teams is None else frozenset(teams)
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


def reads_value(actor: Actor, info: MetricInfo, on: date) -> bool:
    """May the actor read, of a record that they see, what one entry of this metric counts?

    Not where the field that is summed is hidden from them or masked: then the entry keeps its
    value to itself, while sums go by the right to see figures.
    """
    rights, rule = policy(actor), info.rule_on(on).definition
    text, object_key = getattr(rule, "value", ""), getattr(rule, "object", "")
    if rights.everything or not text or not rights.may("view", object_key):
        return True
    try:
        formula = parse(text, snapshot=snapshot(), object_key=object_key)
    except Refused:
        return True
    return all(rights.readable(object_key, path) for path in formula.written)


def reads_rule(actor: Actor, info: MetricInfo, on: date) -> bool:
    """May the actor read all that the rule of a metric looks at: value, condition and day?"""
    rights, d = policy(actor), info.rule_on(on).definition
    object_key = getattr(d, "object", "")
    if rights.everything or not object_key:
        return True
    if getattr(d, "when", ()) and not rights.readable(object_key, d.when):
        return False
    try:
        paths = [
            path
            for text in (getattr(d, "value", ""), getattr(d, "filter", ""))
            if text
            for path in parse(text, snapshot=snapshot(), object_key=object_key).written
        ]
    except Refused:
        return True
    return all(rights.readable(object_key, path) for path in paths)
