"""A role as the designer shows it, and back: objects and actions, conditions, fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.formula import queries as formulas
from wubu.kernel.permissions.types import ACTIONS, ANY, BRINGS, LEVELS, SCOPES
from wubu.kernel.types import Refused, Text
from wubu.web.ui import Ask

ALL_OBJECTS = Text("全部对象", "All objects")
# One cell holds the widest set of owners: all that is narrower lies within it.
MENU = {k: v for k, v in SCOPES.items() if k != "condition"}
WIDEST = ("all", "team_below", "team", "own", "shared")
Definition = Mapping[str, Any]


def rows(definition: Definition, also: Iterable[str] = ()) -> list[dict[str, Any]]:
    """One row for every object that the role speaks of, with all objects at the top."""
    held: dict[str, dict[str, str]] = defaultdict(dict)
    conditions: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for grant in definition["grants"]:
        for action in all_of(grant):
            if grant["rows"] == "condition":
                conditions[grant["object"]][grant.get("condition", "")].add(action)
            else:
                there = held[grant["object"]].get(action, "")
                held[grant["object"]][action] = _wider(there, grant["rows"])
    spoken = {ANY, *held, *conditions, *also}
    shown = [(ANY, ALL_OBJECTS)]
    shown += [(o.key, o.plural) for o in snapshot().live if not o.part_of and o.key in spoken]
    number = 0
    made = []
    for key, label in shown:
        requested = []
        for text, actions in conditions[key].items():
            requested.append(condition(number, key, text, actions))
            number += 1
        made.append(
            {
                "key": key,
                "label": label,
                "cells": [(a, w, held[key].get(a, "")) for a, w in ACTIONS.items()],
                "conditions": requested,
            }
        )
    return made


def all_of(grant: Mapping[str, Any]) -> list[str]:
    """The actions of a grant as packs write it, with those that they bring along."""
    said = list(grant["actions"])
    without = grant.get("without", ())
    more = [b for a in said for b in BRINGS.get(a, ())]
    return [a for a in dict.fromkeys([*said, *more]) if a not in without]


def _wider(one: str, other: str) -> str:
    return next((s for s in WIDEST if s in (one, other)), other)


def condition(number: int | str, key: str, text: str, actions: Iterable[str]) -> dict[str, Any]:
    """A line for the rows that a condition names."""
    ask = Ask(
        f"c:{number}:text",
        Text("条件", "Condition"),
        "formula",
        labelled(text, key),
        object=key,
        expect="bool",
        placeholder=Text('例如 {行业} = "制造业"', 'for example {Industry} = "Retail"'),
    )
    held = set(actions)
    return {
        "number": number,
        "object": key,
        "ask": ask,
        "cells": [(a, w, a in held) for a, w in ACTIONS.items()],
    }


def labelled(text: str, object_key: str) -> str:
    """A stored condition with today's labels; as it is when it can no longer be read."""
    if not text or object_key not in snapshot().objects:
        return text
    try:
        return formulas.parse(text, snapshot=snapshot(), object_key=object_key).labelled()
    except Refused:
        return text


def others(shown: Iterable[Mapping[str, Any]]) -> list[tuple[str, Text]]:
    """The objects that can be added to the matrix."""
    there = {row["key"] for row in shown}
    return [(o.key, o.plural) for o in snapshot().live if not o.part_of and o.key not in there]


def grants(post: QueryDict) -> list[dict[str, Any]]:
    """What the form says of actions and rows, in the form that packs write."""
    grouped: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for name in [ANY, *(o.key for o in snapshot().live if not o.part_of)]:
        for action in ACTIONS:
            scope = post.get(f"{name}:{action}", "")
            if scope:
                grouped[name, scope, ""].append(action)
    for name in post:
        if name.startswith("c:") and name.endswith(":text") and post.get(name, "").strip():
            number = name.split(":")[1]
            key = post.get(f"c:{number}:object", "")
            chosen = post.getlist(f"c:{number}:actions")
            if chosen:
                grouped[key, "condition", post.get(name, "").strip()] += chosen
    return [_grant(*where, actions) for where, actions in grouped.items()]


def _grant(object_key: str, rows_: str, text: str, actions: list[str]) -> dict[str, Any]:
    without = [b for a in actions for b in BRINGS.get(a, ()) if b not in actions]
    made: dict[str, Any] = {"object": object_key, "actions": actions, "rows": rows_}
    return made | ({"condition": text} if text else {}) | ({"without": without} if without else {})


def fields(definition: Definition) -> list[dict[str, Any]]:
    """The objects whose fields can be told apart: those the role can do something with."""
    granted = {g["object"] for g in definition["grants"]}
    shown = []
    for o in snapshot().live:
        if not (o.key in granted or ANY in granted or o.part_of):
            continue
        levels = definition["fields"].get(o.key, {})
        counts = [(LEVELS[k], k, sum(v == k for v in levels.values())) for k in LEVELS]
        shown.append(
            {"object": o, "counts": [c for c in counts if c[2]], "size": len(o.live_fields)}
        )
    return shown


def field_lines(definition: Definition, object_key: str) -> list[tuple[Any, str]]:
    """Each field of an object with the level that the role sets, empty where it sets none."""
    levels = definition["fields"].get(object_key, {})
    return [(f, levels.get(f.key, "")) for f in snapshot().object(object_key).live_fields]


def field_levels(post: QueryDict, before: Definition) -> dict[str, dict[str, str]]:
    """What the form says of fields; those it did not show stay."""
    found: dict[str, dict[str, str]] = {k: dict(v) for k, v in before["fields"].items()}
    for name in post:
        if not name.startswith("field:"):
            continue
        _, object_key, field_key = name.split(":", 2)
        level = post.get(name, "")
        if level:
            found.setdefault(object_key, {})[field_key] = level
        else:
            found.get(object_key, {}).pop(field_key, None)
    return {k: v for k, v in found.items() if v}
