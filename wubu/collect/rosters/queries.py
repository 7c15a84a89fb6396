"""Reading a pasted list of people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from rapidfuzz import process

from wubu.collect.imports.reading import rows, sources
from wubu.collect.rosters.types import Entry, Roster
from wubu.kernel.people import queries as people
from wubu.kernel.people.actions import pinyin_of
from wubu.kernel.permissions import queries as permissions
from wubu.kernel.types import Problem, Text

MOST = 2_000  # lines
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "名字", "成员", "name", "full name"),
    "login": (
        "登录名",
        "账号",
        "用户名",
        "login",
        "user",
        "username",
        "登录名/手机",
        "login/phone",
    ),
    "phone": ("手机", "电话", "手机号", "phone", "mobile"),
    "email": ("邮箱", "邮件", "email", "e-mail", "mail"),
    "team": ("团队", "部门", "小组", "team", "department"),
    "role": ("角色", "岗位", "role", "position"),
    "manager": ("上级", "经理", "直属上级", "主管", "manager", "reports to"),
}
WITHOUT_HEADINGS = ("name", "login", "team", "role", "manager")
_PHONE = re.compile(r"\+?[\d\s-]{7,18}")
_NOT_LOGIN = re.compile(r"[^a-z0-9._-]+")


def read(text: str) -> Roster:
    """The people of a pasted list: tabs, commas or semicolons between the columns.

    Headings may be there or not. Those who are members already are passed over.
    """
    listed = [(n, _cells(line)) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    problems: list[Problem] = []
    if len(listed) > MOST:
        problems.append(
            _problem(
                MOST,
                "too_many",
                "一次最多 {n} 人，请分批粘贴或用“导入”。",
                "At most {n} people at once; paste them in parts or use Import.",
                n=MOST,
            )
        )
        listed = listed[:MOST]
    columns: tuple[str, ...] = WITHOUT_HEADINGS
    if listed and (found := _headings(listed[0][1])):
        columns, listed = found, listed[1:]
    known = {p.name: p for p in people.members(active=None)}
    logins = {p.login for p in known.values()} | {p.login for p in people.members(active=None)}
    roles = {r.label.zh: r.key for r in permissions.roles()}
    roles |= {r.label.en.casefold(): r.key for r in permissions.roles()}
    roles |= {r.key: r.key for r in permissions.roles()}
    teams = {t.name for t in people.tree()}
    entries, passed = list[Entry](), list[str]()
    for line, cells in listed:
        raw = dict(zip(columns, cells, strict=False))
        if raw.get("name") in known:
            passed.append(raw["name"])
            continue
        entry, wrong = _entry(line, raw, logins, roles)
        problems += wrong
        if entry:
            logins.add(entry.login)
            entries.append(entry)
    problems += _double(entries)
    problems += _managers(entries, known)
    new = dict.fromkeys(e.team for e in entries if e.team and e.team not in teams)
    return Roster(tuple(entries), tuple(new), tuple(passed), tuple(problems))


def of_file(path: Path, name: str) -> str:
    """The first sheet of a file as if it had been pasted. Raises Refused for what is no table."""
    source = sources(path, name)[0]
    lines = [source.header, *(cells for _, cells in rows(source))]
    return "\n".join("\t".join(_plain(cell) for cell in line) for line in lines)


def _plain(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else " ".join(str(cell).split())


def _cells(line: str) -> list[str]:
    parts = line.split("\t") if "\t" in line else re.split(r"[,，;；]", line)
    return [p.strip() for p in parts]


def _headings(cells: Iterable[str]) -> tuple[str, ...] | None:
    known = {word: key for key, words in HEADINGS.items() for word in words}
    found = tuple(known.get(cell.casefold(), "") for cell in cells)
    return found if "name" in found else None


def _entry(
    line: int, raw: Mapping[str, str], logins: set[str], roles: Mapping[str, str]
) -> tuple[Entry | None, list[Problem]]:
    wrong: list[Problem] = []
    name, login, phone = raw.get("name", ""), raw.get("login", ""), raw.get("phone", "")
    if not name:
        return None, [_problem(line, "required", "没有姓名。", "The name is missing.")]
    if _PHONE.fullmatch(login):
        login, phone = "", phone or login
    login = login.lower()
    if login and login in logins:
        wrong.append(
            _problem(line, "taken", "登录名“{v}”已有人使用。", "The login “{v}” is taken.", v=login)
        )
    role = raw.get("role", "")
    key = roles.get(role) or roles.get(role.casefold(), "")
    if role and not key:
        near = process.extractOne(role, list(roles), score_cutoff=50)
        wrong.append(
            _problem(
                line,
                "no_such_role",
                "没有角色“{v}”。",
                "There is no role “{v}”.",
                Text("是不是“{w}”？", "Did you mean “{w}”?").format(w=near[0])
                if near
                else Text("可以写：{all}。", "There are: {all}.").format(
                    all="、".join(list(roles)[:12])
                ),
                v=role,
            )
        )
    entry = Entry(
        line,
        name,
        login or _free(name, logins),
        phone,
        raw.get("email", ""),
        raw.get("team", ""),
        key,
        raw.get("manager", ""),
    )
    return entry, wrong


def _free(name: str, logins: set[str]) -> str:
    """A login that nobody has: 张伟 → zhangwei, the second one zhangwei2."""
    base = _NOT_LOGIN.sub("", pinyin_of(name)[0]) or "member"
    login, n = base, 1
    while login in logins:
        n += 1
        login = f"{base}{n}"
    return login


def _double(entries: list[Entry]) -> Iterable[Problem]:
    first: dict[str, int] = {}
    for one in entries:
        if one.name in first:
            yield _problem(
                one.line,
                "twice",
                "“{v}”在第 {n} 行已有。同名的人请分别建立。",
                "“{v}” stands in line {n} already. Add people of one name one by one.",
                v=one.name,
                n=first[one.name],
            )
        first.setdefault(one.name, one.line)


def _managers(entries: list[Entry], known: Mapping[str, object]) -> Iterable[Problem]:
    names = {*known, *(e.name for e in entries)}
    above = {e.name: e.manager for e in entries if e.manager}
    for one in entries:
        if one.manager and one.manager not in names:
            near = process.extractOne(one.manager, list(names), score_cutoff=50)
            yield _problem(
                one.line,
                "no_such_member",
                "没有成员“{v}”。",
                "There is no member “{v}”.",
                Text("是不是“{w}”？", "Did you mean “{w}”?").format(w=near[0]) if near else None,
                v=one.manager,
            )
        seen, here = {one.name}, above.get(one.name)
        while here and here not in seen:
            seen.add(here)
            here = above.get(here)
        if here == one.name:
            yield _problem(
                one.line,
                "circle",
                "“{v}”的上级绕回了自己。",
                "The managers of “{v}” go round in a circle.",
                v=one.name,
            )


def _problem(
    line: int, code: str, zh: str, en: str, hint: Text | None = None, **values: object
) -> Problem:
    said = Text(f"第 {line} 行：{zh}", f"Line {line}: {en}").format(**values)
    return Problem(code, said, hint, line=line, field="people", value=values.get("v"))
