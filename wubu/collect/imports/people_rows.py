"""People files.

Members get logins, managers lead teams, teams stand in offices under the company.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from wubu.collect.imports.targets import PEOPLE
from wubu.kernel.fields import FIELD_TYPES, FieldError
from wubu.kernel.people import actions as people
from wubu.kernel.people import queries
from wubu.kernel.people.types import Person
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.permissions import queries as rights
from wubu.kernel.types import Actor, Problem, Text

COMPANY = Text("公司", "Company")
TEAM_OF = Text("{m}的团队", "{m}'s team")
REP, MANAGER = "sales_rep", "sales_manager"
_NOT_LOGIN = re.compile(r"[^a-z0-9.]+")

Values = Mapping[str, Any]
PeopleRow = tuple[int, Values]


@dataclass
class People:
    """What a people file did, or would do; ``problems`` with their lines."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    teams: int = 0
    problems: list[tuple[int, Problem]] = field(default_factory=list)


def check(rows: Sequence[PeopleRow]) -> People:
    """What ``save`` would do; nothing is written."""
    found, directory = People(), Directory()
    for line, values in _sound(rows, found):
        known = directory.find(values)
        if known is None:
            found.created += 1
            directory.note(_would_be(values, -line))
        else:
            found.unchanged += 1
    for manager in _managers(rows):
        if directory.named(manager) is None:
            found.created += 1
            directory.note(Person(-1, "", manager))
    return found


def save(rows: Sequence[PeopleRow], *, actor: Actor, since: date) -> People:
    """Create or complete the members, their managers, teams and roles; in one transaction.

    Who is known (by employee number, login, e-mail or name) keeps what they have; a different team
    or manager holds from ``since`` for new members and stays as it is for known ones. Raises
    Forbidden without the right to set up people.
    """
    done = People()
    with transaction.atomic():
        _Saving(actor, since, done).run(list(_sound(rows, done)))
    return done


class Directory:
    """Members found the way a spreadsheet names them."""

    def __init__(self) -> None:
        self.by: dict[tuple[str, str], Person] = {}
        self.logins: set[str] = set()
        for person in queries.members(active=None):
            self.note(person)

    def note(self, person: Person) -> None:
        self.logins.add(person.login)
        for key in ("employee_no", "login", "email", "name"):
            value = getattr(person, key)
            if value:
                self.by.setdefault((key, str(value).casefold()), person)

    def find(self, values: Values) -> Person | None:
        """By the first of employee number, login, e-mail and name that the row gives."""
        for key in ("employee_no", "login", "email", "name"):
            if values.get(key):
                found = self.by.get((key, str(values[key]).casefold()))
                if found is not None or key in {"employee_no", "login"}:
                    return found
        return None

    def named(self, name: str) -> Person | None:
        return self.by.get(("name", name.casefold()))

    def free_login(self, name: str) -> str:
        """A login nobody has yet: “Anna Snelling” → anna.snelling, 张伟 → zhangwei."""
        base = _NOT_LOGIN.sub(".", ".".join(name.lower().split())).strip(".")
        if not base.replace(".", ""):
            base = people.pinyin_of(name)[0] or "member"
        login, n = base, 1
        while login in self.logins:
            n += 1
            login = f"{base}{n}"
        return login


class _Saving:
    """One run over one file."""

    def __init__(self, actor: Actor, since: date, done: People) -> None:
        self.actor, self.since, self.done = actor, since, done
        self.directory = Directory()
        self.nodes = {(t.parent_id, t.name): t.id for t in queries.tree()}
        self.led = {t.leader_id: t.id for t in queries.tree() if t.leader_id}
        self.roles = {r.key for r in rights.roles()}
        self.new: set[int] = set()

    def run(self, rows: Sequence[PeopleRow]) -> None:
        managers = _managers(rows)
        office_of = {v["manager"]: v.get("office") for _, v in rows if v.get("manager")}
        for _, values in rows:
            if values["name"] not in managers:
                self._member(values, values.get("role") or REP)
        own = {v["name"]: v for _, v in rows}
        for name in managers:
            self._member(own.get(name, {"name": name}), MANAGER)
        for name in managers:
            self._team_of(name, office_of.get(name), own.get(name, {}))
        for _, values in rows:
            self._place(values)

    def _member(self, values: Values, role: str) -> None:
        known = self.directory.find(values)
        if known is not None:
            self.done.unchanged += 1
            return
        position = values.get("position")
        more = {k: values[k] for k in ("email", "phone", "employee_no") if values.get(k)}
        if position:
            more["position_id"] = people.create_position(actor=self.actor, name=position).id
        person = people.create_member(
            actor=self.actor,
            login=values.get("login") or self.directory.free_login(values["name"]),
            name=values["name"],
            joined_on=values.get("joined_on") or self.since,
            language=self.actor.lang,
            **more,
        )
        if role in self.roles:
            permissions.set_roles(actor=self.actor, member_id=person.id, roles=[role])
        self.directory.note(person)
        self.new.add(person.id)
        self.done.created += 1

    def _root(self) -> int:
        roots = [t for t in queries.tree() if t.parent_id is None]
        return roots[0].id if roots else self._team(None, COMPANY.say(self.actor.lang))

    def _team(self, parent: int | None, name: str, leader: int | None = None) -> int:
        found = self.nodes.get((parent, name))
        if found is None:
            found = people.create_team(
                actor=self.actor, name=name, parent_id=parent, leader_id=leader
            ).id
            self.nodes[parent, name] = found
            self.done.teams += 1
        return found

    def _above(self, office: str | None) -> int:
        root = self._root()
        return self._team(root, office) if office else root

    def _team_of(self, manager: str, office: str | None, values: Values) -> int:
        """The team that a manager leads: named in the file, else called after them."""
        leader = self.directory.named(manager)
        if leader is None:  # the row that named them was refused
            return self._above(office)
        if leader.id in self.led:
            return self.led[leader.id]
        name = values.get("team") or TEAM_OF.say(self.actor.lang).format(m=manager)
        team = self._team(self._above(office), name, leader.id)
        people.update_team(actor=self.actor, team_id=team, leader_id=leader.id)
        self.led[leader.id] = team
        if leader.id in self.new:
            people.move_member(
                actor=self.actor, member_id=leader.id, team_id=team, from_day=self._day(values)
            )
        return team

    def _day(self, values: Values) -> date:
        day = values.get("joined_on")
        return max(day, self.since) if isinstance(day, date) else self.since

    def _place(self, values: Values) -> None:
        """A new member's team, manager and last day."""
        person = self.directory.find(values)
        if person is None or person.id not in self.new:
            return
        manager = values.get("manager")
        boss = self.directory.named(manager) if manager else None
        team = None
        if person.id in self.led:
            team = None  # they lead a team of their own and are in it already
        elif values.get("team"):
            team = self._team(self._above(values.get("office")), values["team"])
        elif boss is not None:
            team = self.led.get(boss.id)
        elif values.get("office"):
            team = self._above(values["office"])
        day = self._day(values)
        if team is not None:
            people.move_member(actor=self.actor, member_id=person.id, team_id=team, from_day=day)
        if boss is not None and boss.id != person.id:
            people.set_manager(
                actor=self.actor, member_id=person.id, manager_id=boss.id, from_day=day
            )
        if values.get("left_on"):
            people.deactivate(actor=self.actor, member_id=person.id, left_on=values["left_on"])


def _managers(rows: Sequence[PeopleRow]) -> list[str]:
    """Everybody who is named as somebody's manager, in order of appearance."""
    return list(dict.fromkeys(str(v["manager"]).strip() for _, v in rows if v.get("manager")))


def _sound(rows: Sequence[PeopleRow], found: People) -> list[PeopleRow]:
    """The rows that can be read, their values in stored form; the others become problems."""
    parsers: dict[str, Callable[[object], Any]] = {
        k: FIELD_TYPES[f.type].parser(f) for k, f in PEOPLE.fields.items()
    }
    sound: list[PeopleRow] = []
    lines: dict[tuple[str, Any], int] = {}
    for line, values in rows:
        read: dict[str, Any] = {}
        bad = False
        for key, raw in values.items():
            try:
                read[key] = parsers[key](raw)
            except FieldError as error:
                bad = True
                found.problems.append((line, error.problem(PEOPLE.fields[key], raw)))
        if not read.get("name") and not bad:
            bad = True
            found.problems.append((line, _no_name(line)))
        who = next(
            ((k, read[k]) for k in ("employee_no", "login", "email", "name") if read.get(k)), None
        )
        if who is not None and who in lines:
            bad = True
            found.problems.append((line, _twice(who, lines[who])))
        elif who is not None:
            lines[who] = line
        if not bad:
            sound.append((line, read))
    return sound


def _would_be(values: Values, id_: int) -> Person:
    return Person(
        id_,
        values.get("login") or "",
        values["name"],
        values.get("email"),
        employee_no=values.get("employee_no"),
    )


def _no_name(line: int) -> Problem:
    return Problem(
        "required",
        Text("缺少姓名。", "The name is missing."),
        Text("请填写姓名，或删去这一行。", "Give the name, or drop the line."),
        field="name",
        line=line,
    )


def _twice(who: tuple[str, Any], before: int) -> Problem:
    return Problem(
        "duplicate_in_file",
        Text("“{v}”在第 {l} 行已经出现过。", "“{v}” is on line {l} already.").format(
            v=who[1], l=before
        ),
        Text("同名的人请用工号区分。", "Tell people of one name apart by employee number."),
        field=who[0],
        value=who[1],
    )
