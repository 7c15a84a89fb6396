"""What somebody is besides what they own: leader of teams, manager of people, holder of roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.improve.handover.types import Line, Step
from wubu.kernel.calendar.queries import today
from wubu.kernel.people import actions as people_actions
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.permissions import queries as rights
from wubu.kernel.types import Actor, Refused, Text

TEAMS, REPORTS, ROLES = "_teams", "_reports", "_roles"
LABELS = {
    TEAMS: Text("所带的团队", "Teams they lead"),
    REPORTS: Text("直接下属", "People who report to them"),
    ROLES: Text("角色", "Roles"),
}
AREAS = {TEAMS: "teams", REPORTS: "people", ROLES: "roles"}


def held_by(actor: Actor, member_id: int) -> dict[str, tuple[Any, ...]]:
    """Ids of teams and of people, keys of roles, as far as the actor may hand them over."""
    may = rights.policy(actor).may_setup
    led = tuple(t.id for t in people.tree() if t.leader_id == member_id)
    everyone = [m.id for m in people.members() if m.id != member_id]
    managers = people.manager_on(everyone, today())
    found = {
        TEAMS: led,
        REPORTS: tuple(i for i in everyone if managers.get(i) == member_id),
        ROLES: rights.roles_of([member_id]).get(member_id, ()),
    }
    return {k: v for k, v in found.items() if v and may(AREAS[k])}


def lines(actor: Actor, member_id: int) -> tuple[Line, ...]:
    """The duties that can be handed over, each with its number."""
    return tuple(
        Line(k, LABELS[k], len(v), None, "all") for k, v in held_by(actor, member_id).items()
    )


def names(actor: Actor, member_id: int) -> dict[str, str]:
    """The teams, people and roles by name, in the reader's language."""
    found = held_by(actor, member_id)
    teams = {t.id: t.name for t in people.tree()}
    labels = {r.key: str(r.label) for r in rights.roles()}
    persons = people.names(found.get(REPORTS, ()))
    known: dict[str, Mapping[Any, str]] = {TEAMS: teams, REPORTS: persons, ROLES: labels}
    joint = str(Text("、", ", "))
    return {k: joint.join(known[k].get(i, str(i)) for i in v) for k, v in found.items()}


def steps(actor: Actor, member_id: int, wanted: Mapping[str, int]) -> tuple[Step, ...]:
    """What each receiver would be."""
    called = people.names(wanted.values())
    return tuple(
        Step(k, LABELS[k], wanted[k], called.get(wanted[k], ""), len(v))
        for k, v in held_by(actor, member_id).items()
        if k in wanted
    )


def hand_over(
    actor: Actor, member_id: int, wanted: Mapping[str, int]
) -> tuple[dict[str, Any], list[str]]:
    """Do it: what moved, as ``give_back`` takes it, and what could not move, in words."""
    moved: dict[str, Any] = {}
    said: list[str] = []
    for kind, things in held_by(actor, member_id).items():
        if kind not in wanted:
            continue
        to = wanted[kind]
        if kind == ROLES:
            there = rights.roles_of([to]).get(to, ())
            new = [k for k in things if k not in there]
            if new:
                permissions.give_roles(actor=actor, roles=new, member_ids=[to])
            moved[kind] = {"to": to, "what": new}
            continue
        done = []
        for one in things:
            try:
                _lead(actor, kind, one, to, member_id)
            except Refused as refused:
                said += [f"{LABELS[kind]}: {p.message}" for p in refused.problems]
            else:
                done.append(one)
        moved[kind] = {"to": to, "what": done}
    return moved, said


def give_back(actor: Actor, member_id: int, moved: Mapping[str, Any]) -> int:
    """What is still as the handover left it goes back to whom it came from; how many."""
    person = people.person(member_id)
    count = 0
    for kind, raw in moved.items():
        to, things = int(raw["to"]), list(raw["what"])
        if kind == ROLES:
            known = {r.key for r in rights.roles()}
            things = [k for k in things if k in known]
            if things:
                permissions.give_roles(actor=actor, roles=things, member_ids=[to], take=True)
                count += len(things)
            continue
        if not person.is_active:
            continue  # who left leads nobody
        count += sum(_back(actor, kind, int(one), to, member_id) for one in things)
    return count


def _lead(actor: Actor, kind: str, one: int, to: int, member_id: int) -> None:
    if kind == TEAMS:
        people_actions.update_team(actor=actor, team_id=one, leader_id=to)
        return
    manager: int | None = to
    if one == to:  # who takes over no longer reports to whom they replace
        manager = people.manager_on([member_id], today()).get(member_id)
    people_actions.set_manager(actor=actor, member_id=one, manager_id=manager, from_day=today())


def _back(actor: Actor, kind: str, one: int, to: int, member_id: int) -> bool:
    if kind == TEAMS:
        if people.team(one).leader_id != to:
            return False
        people_actions.update_team(actor=actor, team_id=one, leader_id=member_id)
        return True
    above = people.manager_on([one], today()).get(one)
    if above != to and one != to:
        return False
    try:
        people_actions.set_manager(
            actor=actor, member_id=one, manager_id=member_id, from_day=today()
        )
    except Refused:
        return False  # a circle by now
    return True
