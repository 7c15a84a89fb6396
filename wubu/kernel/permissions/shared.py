"""Shares as a policy asks of them: which levels there are, and the ids of the shared records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from wubu.kernel.calendar.queries import today
from wubu.kernel.permissions.models import Share
from wubu.kernel.permissions.rules import SHARED
from wubu.kernel.prepared import Param
from wubu.kernel.types import Actor

READING = frozenset({"view", "print", "copy", "export"})


@dataclass(frozen=True, slots=True)
class Shares:
    """What is shared with somebody: by object the levels there are, and by which teams."""

    objects: Mapping[str, frozenset[str]] = field(default_factory=dict)
    teams: frozenset[int] = frozenset()


def levels(held: Shares, object_key: str, action: str, *, said: bool) -> frozenset[str]:
    """The levels of shares that open an action; ``said``: a role names shared rows for it."""
    there = held.objects.get(object_key, frozenset())
    if not there or action == "share":  # what one was given is not one's own to give on
        return frozenset()
    named = frozenset(SHARED) if action in READING else frozenset({"edit"})
    return frozenset(
        level for level in there if action in SHARED[level] or (said and level in named)
    )


def holds(day: date | Param) -> Q:
    """Shares that are in force on a day: not ended, and not past their last day."""
    return Q(ended_at__isnull=True) & (Q(until__isnull=True) | Q(until__gte=day))


def received(member_id: int, teams: Iterable[int]) -> Q:
    """Shares with a member, or with one of these teams."""
    wanted = sorted(set(teams))
    return Q(member_id=member_id) | Q(team_id__in=wanted) if wanted else Q(member_id=member_id)


def record_ids(
    actor: Actor, held: Shares, object_key: str, of_levels: Iterable[str]
) -> QuerySet[Any, Any]:
    """The ids of the records of an object that are shared with the actor, as a subquery."""
    rows = Share.objects.filter(
        holds(today()),
        received(actor.member_id or 0, held.teams),
        kind="record",
        object_key=object_key,
        level__in=sorted(of_levels),
    )
    return rows.values("target_id")
