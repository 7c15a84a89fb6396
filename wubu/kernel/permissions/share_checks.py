"""May this be shared, with them, so? Every problem at once."""

from __future__ import annotations

from datetime import date

from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import queries
from wubu.kernel.permissions.policy import Policy
from wubu.kernel.permissions.rules import SHARED
from wubu.kernel.types import Actor, Forbidden, Missing, Problem, Text


def must_share(rights: Policy, spec: ObjectSpec, target_id: int) -> None:
    """Raises Missing for a record out of sight, Forbidden for one that is not to be shared."""
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


def receiver(
    actor: Actor,
    rights: Policy,
    spec: ObjectSpec,
    member_id: int | None,
    team_id: int | None,
    level: str,
) -> list[Problem]:
    """What is wrong with whom it is shared with."""
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
    if actor.is_member(member_id):
        return [_nobody("member", Text("不用共享给自己。", "You have it already."))]
    theirs = queries.policy(Actor(member_id))
    if not theirs.may(level if level in SHARED else "view", spec.key):
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


def reveals_more(
    rights: Policy, spec: ObjectSpec, target_id: int, member_id: int | None, team_id: int | None
) -> list[Problem]:
    """The receivers who would see more than the actor may.

    They would read a field of the record that is hidden from the actor or masked, and do not see
    the record anyhow.
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
        if not rights.actor.is_member(p.id)
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


def terms(
    rights: Policy, spec: ObjectSpec, target_id: int, level: str, until: date | None, kind: str
) -> list[Problem]:
    """What is wrong with how and until when."""
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
                Text("截止日期已过。", "The end date is in the past."),
                Text("请选今天或以后的日期，或留空。", "Choose today or later, or leave it empty."),
                field="until",
                value=until.isoformat(),
            )
        )
    return found
