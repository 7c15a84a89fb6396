"""What the designer of roles asks: a role in words, what changed, how two differ, what it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from wubu.kernel.audit import queries as audit
from wubu.kernel.audit.types import ChangeRow
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import conditions, explain, queries
from wubu.kernel.permissions.policy import Policy
from wubu.kernel.permissions.rules import (
    ACTIONS,
    ANY,
    AREAS,
    LEVELS,
    PERFORMANCE,
    SCOPES,
    SETUP,
    scope_of,
)
from wubu.kernel.permissions.types import RoleInfo
from wubu.kernel.types import LANGS, Actor, Lang, Missing, Problem, Text

ALL_OBJECTS = Text("全部对象", "All objects")
EVERYTHING = Text("数据", "all objects")  # in half a sentence
COUNTED = 10_000  # records of one object, no further


@dataclass(frozen=True, slots=True)
class RoleEffect:
    """How many records of one object somebody would see, and change, with some roles."""

    object_key: str
    label: Text
    sees: int
    edits: int
    total: int
    more: bool  # counting stopped


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two roles differ, each in words (empty: not at all)."""

    about: Text
    what: Text
    one: Text
    other: Text


def policy_of(keys: Iterable[str], member_id: int) -> Policy:
    """The policy that a member would have with exactly these roles."""
    wanted = queries.role_ids(keys)
    roles = [r for r in queries.roles() if r.id in wanted.values()]
    return Policy(
        Actor(member_id),
        False,
        {r.id: r.key for r in roles},
        tuple(g for r in roles for g in r.grants),
        tuple(f for r in roles for f in r.fields),
        queries.once(member_id),
    )


def summary(key: str) -> tuple[tuple[Text, Text], ...]:
    """A role in plain words, object by object: (object, sentence)."""
    one = queries.role(key)
    rights = policy_of([key], 0)
    labels = {one.key: one.label}
    return tuple(
        (o.plural, explain.explain(rights, labels, o.key, by=False))
        for o in snapshot().live
        if not o.part_of and any(rights.may(a, o.key) for a in ("view", "create", "import"))
    )


def headline(one: RoleInfo) -> Text:
    """A role in half a sentence: what it sees of what, the widest first."""
    return Text(*(_headline(one, lang) for lang in LANGS))


def _headline(one: RoleInfo, lang: Lang) -> str:
    by_rows: dict[str, list[str]] = defaultdict(list)
    for grant in one.grants:
        if grant.action != "view" or grant.object_key == PERFORMANCE:
            continue
        spec = snapshot().objects.get(grant.object_key)
        if grant.object_key != ANY and (spec is None or spec.retired):
            continue
        if grant.scope == "condition":
            continue
        label = EVERYTHING.say(lang) if spec is None else spec.plural.inside.say(lang)
        if label not in by_rows[grant.scope]:
            by_rows[grant.scope].append(label)
    if not by_rows:
        return "什么都看不到" if lang == "zh" else "sees nothing"
    said = []
    for scope, names in by_rows.items():
        shown = names[:3]
        rest = len(names) - len(shown)
        listed = explain.JOINT[lang].join(shown)
        if rest:
            listed += f"等 {len(names)} 类" if lang == "zh" else f" and {rest} more"
        rows = SCOPES[scope_of(scope)].say(lang)
        said.append(f"看{rows}的{listed}" if lang == "zh" else f"{rows.lower()}: {listed}")
    return ("；" if lang == "zh" else "; ").join(said)


def role_effects(keys: Sequence[str], member_id: int) -> tuple[RoleEffect, ...]:
    """What a member would see with these roles, object by object: counts within each scope."""
    rights = policy_of(keys, member_id)
    made = []
    for spec in snapshot().live:
        if spec.part_of:
            continue
        rows = snapshot().model(spec.key)._default_manager.filter(archived_at__isnull=True)
        sees = rows.filter(rights.scope("view", spec.key))[: COUNTED + 1].count()
        edits = rows.filter(rights.scope("edit", spec.key))[: COUNTED + 1].count()
        total = rows[: COUNTED + 1].count()
        made.append(
            RoleEffect(
                spec.key,
                spec.plural,
                min(sees, COUNTED),
                min(edits, COUNTED),
                min(total, COUNTED),
                total > COUNTED,
            )
        )
    return tuple(made)


def history(key: str, limit: int = 5) -> list[tuple[ChangeRow, str]]:
    """The last changes of a role, newest first, each with who made it."""
    rows = audit.changes(object_key="_role", record_ids=[queries.role(key).id], limit=limit)
    names = people.names({r.actor_id for r in rows if r.actor_id})
    return [(r, names.get(r.actor_id or 0, "")) for r in rows]


def before_last(key: str) -> dict[str, Any]:
    """How the role was before its last change. Raises Missing when it never changed."""
    rows = [r for r, _ in history(key, 1)]
    before = rows[0].before if rows and rows[0].action == "update" else None
    if not before:
        raise Missing(
            Problem("no_change", Text("没有可撤销的修改。", "There is no change to undo."))
        )
    return dict(before)


def compare(one: str, other: str) -> tuple[Difference, ...]:
    """In what two roles differ: actions by object, fields, figures, settings."""
    sides = (queries.role(one), queries.role(other))
    found = [*_by_action(sides), *_by_field(sides)]
    held = [{g.object_key for g in r.grants if g.action == SETUP} for r in sides]
    for area, label in AREAS.items():
        has = [ANY in h or area in h for h in held]
        if has[0] != has[1]:
            yes, no = Text("可以", "yes"), Text("", "")
            found.append(
                Difference(
                    Text("设置", "Settings"), label, yes if has[0] else no, yes if has[1] else no
                )
            )
    return tuple(found)


def _by_action(sides: Sequence[RoleInfo]) -> Iterable[Difference]:
    said: list[dict[tuple[str, str], Text]] = [{}, {}]
    for words, role in zip(said, sides, strict=True):
        grouped: dict[tuple[str, str], list[Text]] = defaultdict(list)
        for g in role.grants:
            if g.action in ACTIONS:
                grouped[g.object_key, g.action].append(_rows(g.scope, g.condition, g.object_key))
        for pair, rows in grouped.items():
            every = list(dict.fromkeys(rows))
            words[pair] = Text("、".join(t.zh for t in every), ", ".join(t.en for t in every))
    none = Text("", "")
    order = list(ACTIONS)
    for pair in sorted({*said[0], *said[1]}, key=lambda p: (p[0], order.index(p[1]))):
        mine, theirs = said[0].get(pair, none), said[1].get(pair, none)
        if mine != theirs:
            what = Text("查看", "view") if pair[0] == PERFORMANCE else ACTIONS[pair[1]]
            yield Difference(_object(pair[0]), what, mine, theirs)


def _rows(scope: str, condition: str, object_key: str) -> Text:
    if scope != "condition":
        return SCOPES[scope_of(scope)]
    return Text(
        f"“{conditions.sentence(condition, object_key, 'zh')}”",
        f"“{conditions.sentence(condition, object_key, 'en')}”",
    )


def _object(key: str) -> Text:
    if key == ANY:
        return ALL_OBJECTS
    if key == PERFORMANCE:
        return Text("业绩", "Figures")
    spec = snapshot().objects.get(key)
    return spec.plural if spec else Text(key, key)


def _by_field(sides: Sequence[RoleInfo]) -> Iterable[Difference]:
    held = [{(f.object_key, f.field_key): f.level for f in r.fields} for r in sides]
    for pair in sorted({*held[0], *held[1]}):
        mine, theirs = held[0].get(pair), held[1].get(pair)
        if mine == theirs:
            continue
        spec = snapshot().objects.get(pair[0])
        f = spec.fields.get(pair[1]) if spec else None
        none = Text("随对象", "as the object")
        yield Difference(
            _object(pair[0]),
            f.label if f else Text("全部字段", "all fields"),
            LEVELS[mine] if mine else none,
            LEVELS[theirs] if theirs else none,
        )
