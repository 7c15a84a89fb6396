"""Roles as packs carry them, and in a form in which two versions of a role are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import parse
from wubu.kernel.permissions import actions, queries
from wubu.kernel.permissions.rules import ACTIONS, BRINGS, WIDTH, Scope, scope_of
from wubu.kernel.rules.portable import numbered
from wubu.kernel.types import Actor, Forbidden, Problem, Refused, Text

BY_CONDITION = "condition: "
GRANTS = "grants"


def export() -> dict[str, dict[str, Any]]:
    """Every role in order, its grants by object."""
    raw = {role.key: queries.definition(role.key) for role in queries.roles()}
    return {key: dict(written(tree)) for key, tree in normal(raw, snapshot()).items()}


def normal(definitions: Mapping[str, Any], catalog: Snapshot) -> dict[str, dict[str, Any]]:
    """Roles by object and rows.

    ``grants: {customer: {own: [view, edit]}}``, complete and sorted, so that one right more is one
    difference.
    """
    return {key: _normal(raw, catalog) for key, raw in definitions.items()}


def install(definitions: Mapping[str, Any], *, actor: Actor) -> None:
    """Add the roles that are not there yet."""
    there = {role.key for role in queries.roles()}
    _each(definitions, lambda k, d: None if k in there else _define(k, d, actor))


def apply(definitions: Mapping[str, Any], *, actor: Actor) -> None:
    """Let roles be as a newer pack has them; who has them keeps them."""
    _each(definitions, lambda k, d: _define(k, d, actor))


def _define(key: str, raw: Mapping[str, Any], actor: Actor) -> None:
    actions.define_role(actor=actor, key=key, definition=written(raw))


def _each(definitions: Mapping[str, Any], do: Callable[[str, Mapping[str, Any]], Any]) -> None:
    """Raises Refused with the problems of all, each with the number of its definition."""
    problems: list[Problem] = []
    for row, (key, raw) in enumerate(definitions.items()):
        try:
            do(key, raw)
        except Forbidden:
            raise
        except Refused as refused:
            problems += [numbered(p, row) for p in refused.problems]
    if problems:
        raise Refused(*problems)


def retire(keys: Sequence[str], *, actor: Actor) -> None:
    """Remove roles. Raises Refused when a member still has one."""
    for key in keys:
        actions.delete_role(actor=actor, key=key)


def written(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """A role in either form as packs write it."""
    grants = raw.get(GRANTS)
    if not isinstance(grants, Mapping):
        return raw
    made = []
    for object_key, by_rows in grants.items():
        for rows, can in by_rows.items():
            one: dict[str, Any] = {"object": object_key, "rows": rows, **_brief(can)}
            if rows.startswith(BY_CONDITION):
                one |= {"rows": "condition", "condition": rows.removeprefix(BY_CONDITION)}
            made.append(one)
    return {**raw, GRANTS: made}


def _brief(can: Sequence[str]) -> dict[str, Any]:
    brought = {b for action in can for b in BRINGS.get(action, ())}
    without = sorted(brought - set(can))
    short = {"actions": [a for a in can if a not in brought]}
    return short | ({"without": without} if without else {})


def _normal(raw: Mapping[str, Any], catalog: Snapshot) -> dict[str, Any]:
    raw = written(raw)
    grants: dict[str, dict[str, set[str]]] = {}
    for grant in raw.get(GRANTS) or ():
        rows = grant.get("rows", "condition" if grant.get("condition") else "own")
        for object_key in grant.get("objects") or [grant.get("object")]:
            which = rows
            if rows == "condition":
                which += ": " + _canonical(str(grant.get("condition")), object_key, catalog)
            grants.setdefault(object_key, {}).setdefault(which, set()).update(_all(grant))
    fields = {o: dict(sorted(levels.items())) for o, levels in (raw.get("fields") or {}).items()}
    return {
        "label": Text.of(raw["label"]).as_dict(),
        "description": Text.of(raw.get("description") or "").as_dict(),
        GRANTS: {
            o: {r: sorted(can, key=_place) for r, can in sorted(by.items())}
            for o, by in sorted(grants.items())
        },
        "fields": dict(sorted(fields.items())),
        "setup": sorted(raw.get("setup") or ()),
        "performance": raw.get("performance") or _widest(grants),
    }


def _all(grant: Mapping[str, Any]) -> set[str]:
    named = grant.get("actions") or ()
    if named in ("all", "*", ["*"]):
        named = tuple(ACTIONS)
    return {*named, *(b for a in named for b in BRINGS.get(a, ()))} - set(
        grant.get("without") or ()
    )


def _place(action: str) -> int:
    return list(ACTIONS).index(action) if action in ACTIONS else len(ACTIONS)


def _widest(grants: Mapping[str, Mapping[str, set[str]]]) -> Scope:
    wide = [
        scope_of(rows)
        for by in grants.values()
        for rows, can in by.items()
        if "view" in can and rows in WIDTH
    ]
    return max((s for s in wide if WIDTH[s] >= 0), key=lambda s: WIDTH[s], default="own")


def _canonical(text: str, object_key: str, catalog: Snapshot) -> str:
    try:
        parsed = parse(text, snapshot=catalog, object_key=object_key, expect=ValueType("bool"))
        return parsed.canonical()
    except Refused:
        return text  # told when it is installed
