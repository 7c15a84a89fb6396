"""Sharing one view with a person or a team, until a day.

Its receiver finds it among the tabs and sees through it what they may see anyhow; they cannot
change it, but keep a copy. Whoever may change the view shares it.
"""

from __future__ import annotations

from datetime import date

from wubu.collect.views import queries
from wubu.collect.views.models import View
from wubu.collect.views.types import ViewInfo
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.permissions import sharing
from wubu.kernel.permissions.queries import policy
from wubu.kernel.permissions.types import ShareInfo
from wubu.kernel.types import Actor, Forbidden, Problem, Text
from wubu.kernel.workspace import forget

KIND = queries.SHARED_KIND


def share(
    *,
    actor: Actor,
    view_id: int,
    member_id: int | None = None,
    team_id: int | None = None,
    until: date | None = None,
    note: str = "",
) -> ShareInfo:
    """Share a view with one member or one team (and those below it), up to and with ``until``.

    Raises Refused with every problem, Missing, Forbidden.
    """
    row = View.objects.filter(id=view_id, removed_at__isnull=True).first()
    if row is None or row.object_key not in snapshot().objects:
        raise queries.missing()
    if not may(actor, view_id):
        if any(v.id == view_id for v in _tabs(actor, row.object_key)):
            raise Forbidden(
                Problem(
                    "forbidden",
                    Text(
                        "只有能修改这个视图的人才能共享它。",
                        "Only people who can change this view can share it.",
                    ),
                    Text("可以另存为自己的视图再共享。", "Save your own copy and share that."),
                )
            )
        raise queries.missing()
    made = sharing.share(
        actor=actor,
        object_key=row.object_key,
        target_id=view_id,
        member_id=member_id,
        team_id=team_id,
        until=until,
        note=note,
        kind=KIND,
    )
    forget()
    return made


def may(actor: Actor, view_id: int) -> bool:
    """May the actor share this view: change it, and look at its object?"""
    row = View.objects.filter(id=view_id, removed_at__isnull=True).first()
    if row is None or not policy(actor).may("view", row.object_key):
        return False
    return queries.may_arrange(actor, row.audience, row.team_id, row.member_id)


def shares_of(actor: Actor, object_key: str, view_id: int) -> tuple[ShareInfo, ...]:
    """With whom a view is shared today; for whoever may change it. Raises Missing."""
    if not may(actor, view_id):
        raise queries.missing()
    return sharing.shares_of(object_key, view_id, KIND)


def shared_with(actor: Actor) -> tuple[ShareInfo, ...]:
    """The records and views that others share with the actor today.

    Newest first, shares with their teams included: those that they may see.
    """
    found = sharing.shared_with(actor, None)
    known = queries.named(actor, (s.target_id for s in found if s.kind == KIND))
    return tuple(s for s in found if s.kind != KIND or s.target_id in known)


def _tabs(actor: Actor, object_key: str) -> tuple[ViewInfo, ...]:
    return queries.views(actor, object_key) if policy(actor).may("view", object_key) else ()
