"""Making members of a pasted list: all of them or none."""

from __future__ import annotations

import secrets

from django.db import transaction

from wubu.collect.rosters import queries
from wubu.collect.rosters.types import Account, Entry
from wubu.kernel.calendar.queries import today
from wubu.kernel.people import actions as people
from wubu.kernel.people import queries as directory
from wubu.kernel.permissions.actions import set_roles
from wubu.kernel.permissions.queries import policy
from wubu.kernel.types import Actor, Problem, Refused, Text

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
MANAGERS = ("sales_manager", "sales_director")  # who leads the team that they are listed in


def save(text: str, *, actor: Actor) -> tuple[Account, ...]:
    """Create the people of the list with teams, roles and managers; each with a first password.

    Raises Refused with every problem, each with its line; Forbidden.
    """
    rights = policy(actor)
    for area in ("people", "teams", "roles"):
        rights.require_setup(area)
    roster = queries.read(text)
    if roster.problems:
        raise Refused(*roster.problems)
    if not roster.entries:
        said = Text("没有新的成员。", "There is nobody new in the list.")
        raise Refused(Problem("nobody", said, field="people"))
    with transaction.atomic():
        root = next((t.id for t in directory.tree() if t.parent_id is None), None)
        for name in roster.teams:
            people.create_team(actor=actor, name=name, parent_id=root)
        teams = {t.name: t for t in directory.tree()}
        ids = {p.name: p.id for p in directory.members()}
        made = []
        for entry in roster.entries:
            account, ids[entry.name] = _create(
                entry, teams[entry.team].id if entry.team else root, actor
            )
            made.append(account)
        for entry in roster.entries:
            if entry.manager:
                people.set_manager(
                    actor=actor,
                    member_id=ids[entry.name],
                    manager_id=ids[entry.manager],
                    from_day=today(),
                )
            if entry.role in MANAGERS and entry.team and teams[entry.team].leader_id is None:
                people.update_team(
                    actor=actor, team_id=teams[entry.team].id, leader_id=ids[entry.name]
                )
    return tuple(made)


def _create(entry: Entry, team_id: int | None, actor: Actor) -> tuple[Account, int]:
    password = "".join(secrets.choice(LETTERS) for _ in range(12))
    try:
        person = people.create_member(
            actor=actor,
            login=entry.login,
            name=entry.name,
            password=password,
            phone=entry.phone,
            email=entry.email,
            team_id=team_id,
        )
    except Refused as refused:
        raise Refused(*(_placed(p, entry) for p in refused.problems)) from refused
    if entry.role:
        set_roles(actor=actor, member_id=person.id, roles=[entry.role])
    return Account(entry.name, entry.login, password), person.id


def _placed(problem: Problem, entry: Entry) -> Problem:
    said = Text("第 {n} 行：{m}", "Line {n}: {m}").format(n=entry.line, m=problem.message)
    return Problem(problem.code, said, problem.hint, line=entry.line, field="people")
