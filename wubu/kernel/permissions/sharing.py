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
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import queries
from wubu.kernel.permissions.models import Share
from wubu.kernel.permissions.policy import Policy
from wubu.kernel.permissions.rules import SHARED
from wubu.kernel.permissions.shared import holds, received
from wubu.kernel.permissions.types import ShareInfo
from wubu.kernel.types import Actor, Forbidden, Missing, Problem, Refused, Text, must_write
from wubu.kernel.workspace import forget

LEVELS: dict[str, Text] = {
    "view": Text("可查看", "May view"),
    "edit": Text("可编辑", "May edit"),
}
Listener = Callable[[ShareInfo], None]
_listeners: list[Listener] = []
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
    share with the same receiver is replaced. For ``kind`` view the caller has asked whose view it
    is. Raises Refused with every problem, Missing, Forbidden.
    """
    must_write(actor)
    rights = queries.policy(actor)
    spec = snapshot().object(object_key)
    if kind == "record":
        _must_share(rights, spec, target_id)
    problems = [
        *_receiver(actor, rights, spec, member_id, team_id, level, kind),
        *_terms(rights, spec, target_id, level, until, kind),
    ]
    if kind == "record" and not problems:
        problems += _more(rights, spec, target_id, member_id, team_id)
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
        made = _told(Share.objects.filter(pk=row.pk))[0]
        for fn in tuple(_listeners):
            fn(made)
    return made


def subscribe(fn: Listener) -> Listener:
    """Call ``fn`` with each new share, in its transaction; twice is once."""
    if fn not in _listeners:
        _listeners.append(fn)
    return fn


def end_share(*, actor: Actor, share_id: int) -> None:
    """Take a share back: who gave it, or who may share the record. Raises Missing."""
    must_write(actor)
    row = Share.objects.filter(pk=share_id, ended_at__isnull=True).first()
    if row is None or not _may_end(actor, row):
        raise Missing(Problem("no_such_share", Text("没有这条共享。", "There is no such share.")))
    with transaction.atomic():
        row.ended_at = now()
        row.save(update_fields=["ended_at"])
        _log(actor, "end_share", row)
        forget(queries.MEMORY)


def shares_of(object_key: str, target_id: int, kind: str = "record") -> tuple[ShareInfo, ...]:
    """With whom a record (a view) is shared today; whoever sees it may be told."""
    return _told(_open(kind, object_key, [target_id]).filter(holds(today())))


def shared_with(actor: Actor, kind: str = "record") -> tuple[ShareInfo, ...]:
    """What others share with the actor today, newest first, teams included; of records those that
    they may see, as their roles stand.
    """
    teams = queries.teams_above(actor.member_id or 0)
    mine = received(actor.member_id or 0, teams)
    found = _told(Share.objects.filter(holds(today()), mine, kind=kind))
    return _seen(actor, found) if kind == "record" else found


def shared_by(actor: Actor) -> tuple[ShareInfo, ...]:
    """The records and views that the actor shares today, newest first."""
    return _told(Share.objects.filter(holds(today()), by_id=actor.member_id))


def may_share(actor: Actor, object_key: str, record_id: int, owner_id: int | None) -> bool:
    """May the actor share this record, of which they see that it is ``owner_id``'s? Asked of the
    database only where the owner does not say it.
    """
    owners = queries.policy(actor).owner_ids("share", object_key, seen=True)
    if owners is None:
        rows = snapshot().model(object_key)._default_manager.filter(id=record_id)
        return rows.filter(queries.policy(actor).scope("share", object_key)).exists()
    return owners == "all" or owner_id in owners


def settle(object_key: str, ids: Iterable[int], actor: Actor) -> int:
    """End the shares of records whose givers may no longer share them, as when these were handed
    over; how many. What the system shared stays.
    """
    wanted = set(ids)
    rows = Share.objects.filter(
        holds(today()), kind="record", object_key=object_key, by_id__isnull=False
    )
    if len(wanted) <= AT_ONCE:
        rows = rows.filter(target_id__in=wanted)
    ended = [row for row in rows if row.target_id in wanted and not _still(row)]
    for row in ended:
        row.ended_at = now()
        row.save(update_fields=["ended_at"])
        _log(actor, "end_share", row)
    if ended:
        forget(queries.MEMORY)
    return len(ended)


def _still(row: Share) -> bool:
    """May who gave it share the record as it now stands?"""
    rights = queries.policy(Actor(row.by_id))
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


def _told(rows: QuerySet[Share]) -> tuple[ShareInfo, ...]:
    return tuple(ShareInfo(**row) for row in rows.order_by("-id").values(*COLUMNS))


def _must_share(rights: Policy, spec: ObjectSpec, target_id: int) -> None:
    rows = snapshot().model(spec.key)._default_manager.filter(id=target_id)
    if not rows.filter(rights.scope("view", spec.key)).exists():
        raise Missing(
            Problem(
                "no_such_record",
                Text(
                    "没有这条{o}记录，或您无权查看。",
                    "There is no such {o}, or you may not see it.",
                ).format(o=spec.label),
                object=spec.key,
            )
        )
    if not rows.filter(rights.scope("share", spec.key)).exists():
        raise Forbidden(
            Problem(
                "forbidden",
                Text("您无权共享这条{o}。", "You may not share this {o}.").format(o=spec.label),
                Text("请联系管理员开通“共享”权限。", "Ask for the right to share."),
                object=spec.key,
            )
        )


def _receiver(
    actor: Actor,
    rights: Policy,
    spec: ObjectSpec,
    member_id: int | None,
    team_id: int | None,
    level: str,
    kind: str,
) -> list[Problem]:
    if (member_id is None) == (team_id is None):
        return [
            Problem(
                "share_with_one",
                Text("请选择一位成员或一个团队。", "Choose one person or one team."),
                field="with",
            )
        ]
    if team_id is not None:
        found = next((t for t in people.tree() if t.id == team_id), None)
        if found is None:
            return [_nobody("team", Text("没有这个团队。", "There is no such team."))]
        return []
    person = people.persons([member_id or 0]).get(member_id or 0)
    if person is None or not person.is_active:
        return [_nobody("member", Text("没有这位成员。", "There is no such member."))]
    if member_id == actor.member_id:
        return [_nobody("member", Text("不用共享给自己。", "You have it already."))]
    theirs = queries.policy(Actor(member_id))
    if kind == "record" and not theirs.may(level if level in SHARED else "view", spec.key):
        return [
            Problem(
                "share_needs_role",
                Text(
                    "{n} 的角色不能{a}{o}，共享了也打不开。",
                    "The roles of {n} do not let them {a} {o}: a share would open nothing.",
                ).format(
                    n=person.name,
                    a=Text("编辑", "edit") if level == "edit" else Text("查看", "view"),
                    o=spec.plural,
                ),
                Text("请先给一个角色。", "Give them a role first."),
                field="with",
            )
        ]
    return []


def _more(
    rights: Policy, spec: ObjectSpec, target_id: int, member_id: int | None, team_id: int | None
) -> list[Problem]:
    """The receivers who would read a field of the record that is hidden from the actor or masked,
    and who do not see the record anyhow.
    """
    closed = [
        (part.key, f.key)
        for part in (spec, *_parts(spec))
        for f in part.live_fields
        if not rights.clear(part.key, f.key)
    ]
    if rights.everything or not closed:
        return []
    ids = [member_id or 0] if team_id is None else people.members_of(people.subtree(team_id))
    persons = [p for p in people.persons(ids).values() if p.is_active]
    theirs = queries.policies(persons)
    rows = snapshot().model(spec.key)._default_manager.filter(id=target_id)
    named = [
        p.name
        for p in persons
        if p.id != rights.actor.member_id
        and any(theirs[p.id].clear(*field) for field in closed)
        and not rows.filter(theirs[p.id].scope("view", spec.key)).exists()
    ]
    if not named:
        return []
    return [
        Problem(
            "share_tells_more",
            Text(
                "{n} 的角色能看到这条{o}里您看不到的字段。",
                "The roles of {n} show fields of this {o} that you do not see.",
            ).format(n=Text("、".join(named[:5]), ", ".join(named[:5])), o=spec.label),
            Text(
                "请由能看到全部字段的人来共享。",
                "Ask somebody who sees all of its fields to share it.",
            ),
            field="with",
        )
    ]


def _parts(spec: ObjectSpec) -> list[ObjectSpec]:
    """What is part of it, and part of these: they are seen with it."""
    below = snapshot().children(spec.key)
    return [*below, *(part for child in below for part in _parts(child))]


def _nobody(field: str, words: Text) -> Problem:
    return Problem("no_such_receiver", words, field="with", value=field)


def _terms(
    rights: Policy, spec: ObjectSpec, target_id: int, level: str, until: date | None, kind: str
) -> list[Problem]:
    found = []
    if level not in SHARED:
        found.append(
            Problem(
                "share_level",
                Text("共享方式应为可查看或可编辑。", "A share is to view or to edit."),
                field="level",
                value=level,
            )
        )
    elif level == "edit" and kind == "record":
        rows = snapshot().model(spec.key)._default_manager.filter(id=target_id)
        if not rows.filter(rights.scope("edit", spec.key)).exists():
            found.append(
                Problem(
                    "share_level",
                    Text(
                        "您自己不能编辑这条{o}，只能共享为“可查看”。",
                        "You may not edit this {o} yourself: share it to view.",
                    ).format(o=spec.label),
                    field="level",
                    value=level,
                )
            )
    if until is not None and until < today():
        found.append(
            Problem(
                "share_over",
                Text("截止日期已过。", "The last day is over."),
                Text("请选今天或以后的日期，或留空。", "Choose a day from today on, or none."),
                field="until",
                value=until.isoformat(),
            )
        )
    return found


def _may_end(actor: Actor, row: Share) -> bool:
    rights = queries.policy(actor)
    if row.by_id == actor.member_id or rights.may_setup("roles"):
        return True
    if row.kind != "record" or row.object_key not in snapshot().objects:
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
