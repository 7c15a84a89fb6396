"""Sharing one record, or one saved view, with a person or a team, until a day.

A share widens rows only: its receiver needs a role that allows the action on the object at all,
and sees the fields that their own roles show. Nobody shares with whoever would see more of the
record than they do themself. What may no longer be shared by who gave it is no longer shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.permissions import queries
from wubu.kernel.permissions import share_checks as checks
from wubu.kernel.permissions.models import Share
from wubu.kernel.permissions.rules import SHARED
from wubu.kernel.permissions.shared import holds, received
from wubu.kernel.permissions.types import ShareInfo
from wubu.kernel.types import (
    SYSTEM,
    Actor,
    Missing,
    Problem,
    Refused,
    Text,
    must_write,
)
from wubu.kernel.workspace import forget

LEVELS: dict[str, Text] = {
    "view": Text("可查看", "May view"),
    "edit": Text("可编辑", "May edit"),
}
Listener = Callable[[ShareInfo], None]
MayShare = Callable[[Actor, int], bool]
_listeners: list[Listener] = []
_kinds: dict[str, MayShare] = {}
COLUMNS = tuple(ShareInfo.__slots__)
AT_ONCE = 500  # records named in one question; of more, all shares of the object are looked at


def share(
    *,
    actor: Actor,
    object_key: str,
    target_id: int,
    member_id: int | None = None,
    team_id: int | None = None,
    level: str = "view",
    until: date | None = None,
    note: str = "",
    kind: str = "record",
) -> ShareInfo:
    """Share a record with one member or one team (and those below it), up to and with ``until``.

    Asks the right to share the record, and for the level ``edit`` the right to edit it oneself. A
    share with the same receiver is replaced. For another ``kind`` the room that keeps it is asked.
    Raises Refused with every problem, Missing, Forbidden.
    """
    must_write(actor)
    rights = queries.policy(actor)
    spec = snapshot().object(object_key)
    if kind == "record":
        checks.must_share(rights, spec, target_id)
    elif not _kinds[kind](actor, target_id):
        raise _no_such_share()
    problems = [
        *checks.receiver(actor, rights, spec, member_id, team_id, level),
        *checks.terms(rights, spec, target_id, level, until, kind),
    ]
    if kind == "record" and not problems:
        problems += checks.reveals_more(rights, spec, target_id, member_id, team_id)
    if problems:
        raise Refused(*problems)
    with transaction.atomic():
        same = Q(member_id=member_id) if member_id is not None else Q(team_id=team_id)
        _open(kind, object_key, [target_id]).filter(same).update(ended_at=now())
        row = Share.objects.create(
            kind=kind,
            object_key=object_key,
            target_id=target_id,
            member_id=member_id,
            team_id=team_id,
            level=level,
            until=until,
            note=note.strip()[:255],
            by_id=actor.member_id,
            at=now(),
        )
        _log(actor, "share", row)
        forget(queries.MEMORY)
        made = _to_views(Share.objects.filter(pk=row.pk))[0]
        for fn in tuple(_listeners):
            fn(made)
    return made


def subscribe(fn: Listener) -> Listener:
    """Call ``fn`` with each new share, in its transaction; twice is once."""
    if fn not in _listeners:
        _listeners.append(fn)
    return fn


def answer_for(kind: str, may: MayShare) -> None:
    """``may`` says whether an actor may share what has this kind and id: other than records."""
    _kinds[kind] = may


def end_share(*, actor: Actor, share_id: int) -> None:
    """Take a share back: who gave it, or who may share the record. Raises Missing."""
    must_write(actor)
    row = Share.objects.filter(pk=share_id, ended_at__isnull=True).first()
    if row is None or not _may_end(actor, row):
        raise _no_such_share()
    with transaction.atomic():
        _end(actor, row)
    forget()


def resume_share(*, actor: Actor, share_id: int) -> ShareInfo:
    """Undo that a share was taken back, as it was.

    By whoever may take it back, while who gave it could give it anew. Raises Missing, Refused.
    """
    must_write(actor)
    with transaction.atomic():
        row = Share.objects.select_for_update().filter(pk=share_id, ended_at__isnull=False).first()
        if row is None or not _may_end(actor, row) or not _still(row):
            raise _no_such_share()
        giver = SYSTEM if row.by_id is None else Actor(row.by_id)
        rights, spec = queries.policy(giver), snapshot().object(row.object_key)
        asked = (rights, spec, row.target_id)
        problems = [
            *checks.receiver(giver, rights, spec, row.member_id, row.team_id, row.level),
            *checks.terms(*asked, row.level, row.until, row.kind),
        ]
        if row.kind == "record" and not problems:
            problems += checks.reveals_more(*asked, row.member_id, row.team_id)
        if problems:
            raise Refused(*problems)
        same = Q(member_id=row.member_id) if row.team_id is None else Q(team_id=row.team_id)
        _open(row.kind, row.object_key, [row.target_id]).filter(same).update(ended_at=now())
        row.ended_at = None
        row.save(update_fields=["ended_at"])
        _log(actor, "share", row)
    forget()
    return _to_views(Share.objects.filter(pk=row.pk))[0]


def _no_such_share() -> Missing:
    return Missing(Problem("no_such_share", Text("没有这条共享。", "There is no such share.")))


def _end(actor: Actor, row: Share) -> None:
    row.ended_at = now()
    row.save(update_fields=["ended_at"])
    _log(actor, "end_share", row)
    forget(queries.MEMORY)


def shares_of(object_key: str, target_id: int, kind: str = "record") -> tuple[ShareInfo, ...]:
    """With whom a record (a view) is shared today; whoever sees it may be told."""
    return _to_views(_open(kind, object_key, [target_id]).filter(holds(today())))


def shared_with(actor: Actor, kind: str | None = "record") -> tuple[ShareInfo, ...]:
    """What others share with the actor today, newest first, teams included.

    Of records those that they may see, as their roles stand. ``kind`` None: of every kind.
    """
    teams = queries.teams_above(actor.member_id or 0)
    mine = received(actor.member_id or 0, teams)
    of_kind = Q() if kind is None else Q(kind=kind)
    found = _to_views(Share.objects.filter(holds(today()), mine, of_kind))
    seen = {s.id for s in _seen(actor, (s for s in found if s.kind == "record"))}
    return tuple(s for s in found if s.kind != "record" or s.id in seen)


def reaching(member_id: int | None, object_key: str, kind: str) -> QuerySet[Share, Any]:
    """The ids of what may be shared with a member today, as a subquery.

    All that is shared with any team is among it, so ``given_to`` is to be asked of what it finds.
    """
    to = Q(member_id=member_id or 0) | Q(team_id__isnull=False)
    rows = Share.objects.filter(holds(today()), to, kind=kind, object_key=object_key)
    return rows.values("target_id")


def given_to(actor: Actor, object_key: str, kind: str, ids: Iterable[int]) -> dict[int, ShareInfo]:
    """Of these, by id, what is shared with the actor today.

    Of several shares the one that lasts longest.
    """
    if actor.kind != "member" or actor.member_id is None:  # kind: of an actor, not of a field
        return {}
    rows = _to_views(_open(kind, object_key, ids).filter(holds(today())))
    teams = queries.teams_above(actor.member_id) if any(s.team_id for s in rows) else ()
    mine = [s for s in rows if actor.is_member(s.member_id) or s.team_id in teams]
    mine.sort(key=lambda s: s.until or date.max)
    return {s.target_id: s for s in mine}


def shared_by(actor: Actor) -> tuple[ShareInfo, ...]:
    """The records and views that the actor shares today, newest first."""
    return _to_views(Share.objects.filter(holds(today()), by_id=actor.member_id or 0))


def may_share(actor: Actor, object_key: str, record_id: int, owner_id: int | None) -> bool:
    """May the actor share this record, of which they see that it is ``owner_id``'s?

    Asked of the database only where the owner does not say it.
    """
    owners = queries.policy(actor).owner_ids("share", object_key, seen=True)
    if owners is None:
        rows = snapshot().model(object_key)._default_manager.filter(id=record_id)
        return rows.filter(queries.policy(actor).scope("share", object_key)).exists()
    return owners == "all" or owner_id in owners


def settle(object_key: str, ids: Iterable[int], actor: Actor, kind: str = "record") -> int:
    """End shares whose givers may no longer share; returns how many.

    Of records (or what has this kind), as when these were handed over. What the system shared
    stays.
    """
    wanted = set(ids)
    rows = Share.objects.filter(
        holds(today()), kind=kind, object_key=object_key, by_id__isnull=False
    )
    if len(wanted) <= AT_ONCE:
        rows = rows.filter(target_id__in=wanted)
    ended = [row for row in rows if row.target_id in wanted and not _still(row)]
    for row in ended:
        _end(actor, row)
    return len(ended)


def _still(row: Share) -> bool:
    """May who gave it share the record as it now stands?"""
    giver = SYSTEM if row.by_id is None else Actor(row.by_id)
    if row.kind != "record":
        return _kinds[row.kind](giver, row.target_id)
    if row.object_key not in snapshot().objects:
        return False
    rights = queries.policy(giver)
    rows = snapshot().model(row.object_key)._default_manager.filter(id=row.target_id)
    return rows.filter(rights.scope("share", row.object_key)).exists()


def _seen(actor: Actor, shares: Iterable[ShareInfo]) -> tuple[ShareInfo, ...]:
    rights, every = queries.policy(actor), list(shares)
    there: set[tuple[str, int]] = set()
    for key in {s.object_key for s in every} & snapshot().objects.keys():
        ids = [s.target_id for s in every if s.object_key == key]
        rows = snapshot().model(key)._default_manager.filter(rights.scope("view", key), id__in=ids)
        there |= {(key, id_) for id_ in rows.values_list("id", flat=True)}
    return tuple(s for s in every if (s.object_key, s.target_id) in there)


def _open(kind: str, object_key: str, ids: Iterable[int]) -> QuerySet[Share]:
    return Share.objects.filter(
        kind=kind, object_key=object_key, target_id__in=list(ids), ended_at__isnull=True
    )


def _to_views(rows: QuerySet[Share]) -> tuple[ShareInfo, ...]:
    return tuple(ShareInfo(**row) for row in rows.order_by("-id").values(*COLUMNS))


def _may_end(actor: Actor, row: Share) -> bool:
    rights = queries.policy(actor)
    if actor.is_member(row.by_id) or rights.may_setup("roles"):
        return True
    if row.kind != "record":
        return _kinds[row.kind](actor, row.target_id)
    if row.object_key not in snapshot().objects:
        return False
    rows = snapshot().model(row.object_key)._default_manager.filter(id=row.target_id)
    return rows.filter(rights.scope("share", row.object_key)).exists()


def _log(actor: Actor, action: str, row: Share) -> None:
    said: dict[str, Any] = {
        "kind": row.kind,
        "object": row.object_key,
        "target": row.target_id,
        "member": row.member_id,
        "team": row.team_id,
        "level": row.level,
        "until": row.until.isoformat() if row.until else None,
    }
    before, after = (said, None) if action == "end_share" else (None, said)
    append(
        actor=actor,
        at=now(),
        object_key="_share",
        action=action,
        rows=[(row.pk, before, after, None)],
    )


def of_records(object_key: str, ids: Iterable[int]) -> QuerySet[Share]:
    """The shares in force of some records, for explaining who sees them."""
    return _open("record", object_key, ids).filter(holds(today()), Q(level__in=SHARED))
