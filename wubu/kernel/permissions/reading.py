"""Reads a role as packs write it, and finds everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.permissions import conditions
from wubu.kernel.permissions.rules import (
    ACTIONS,
    ANY,
    AREAS,
    BRINGS,
    LEVELS,
    PERFORMANCE,
    SCOPES,
    SETUP,
    WIDTH,
    scope_of,
)
from wubu.kernel.types import Problem, Refused, Text

PAGES = ("compare", "assign")  # what stands beside the roles in addresses
Grants = list[tuple[str, str, str, str]]
Fields = list[tuple[str, str, str]]


def read_role(key: str, given: Mapping[str, Any]) -> tuple[Text, Text, Grants, Fields]:
    """Label, description, grants and field levels. Raises Refused with every problem."""
    problems: list[Problem] = []

    def wrong(what: Text, value: object, place: str) -> None:
        problems.append(Problem("bad_role", what.format(v=value), field=place, value=value))

    if not key.replace("_", "").isalnum() or not key.isascii() or len(key) > 60:
        wrong(_KEY, key, "key")
    elif key in PAGES:
        wrong(_RESERVED, key, "key")
    if not given.get("label"):
        wrong(_LABEL, "", "label")
    grants: Grants = []
    for number, grant in enumerate(given.get("grants") or ()):
        place = f"grants.{number}"
        try:
            grants += _read_grant(grant, place, wrong)
        except Refused as refused:
            problems += refused.problems
    fields: Fields = []
    for object_key, levels in (given.get("fields") or {}).items():
        spec = None if object_key == ANY else snapshot().objects.get(object_key)
        if object_key != ANY and spec is None:
            wrong(_OBJECT, object_key, f"fields.{object_key}")
        for field, level in levels.items():
            if level not in LEVELS:
                wrong(_LEVEL, level, f"fields.{object_key}.{field}")
            if field != ANY and spec is not None and field not in spec.fields:
                wrong(_FIELD, field, f"fields.{object_key}.{field}")
            fields.append((object_key, field, level))
    setup = given.get("setup") or ()
    for area in [ANY] if setup in ("all", ANY) else setup:
        if area not in AREAS and area != ANY:
            wrong(_AREA, area, "setup")
        grants.append((area, SETUP, "all", ""))
    figures = given.get("performance") or _widest_view(grants)
    if figures not in SCOPES or WIDTH[scope_of(figures)] < 0:
        wrong(_ROWS, figures, "performance")
    grants.append((PERFORMANCE, "view", figures, ""))
    if problems:
        raise Refused(*problems)
    label, description = Text.of(given["label"]), Text.of(given.get("description") or "")
    return label, description, list(dict.fromkeys(grants)), fields


def _read_grant(grant: Mapping[str, Any], place: str, wrong: Any) -> Grants:
    objects = grant.get("objects") or [grant.get("object")]
    actions = grant.get("actions") or ()
    actions = [*ACTIONS] if actions in ("all", [ANY], ANY) else list(actions)
    without = grant.get("without") or ()
    for action in [a for a in without if a not in ACTIONS]:
        wrong(_ACTION, action, f"{place}.without")
    # A role written before these actions had names, or by hand, means them too.
    actions += [b for a in actions for b in BRINGS.get(a, ()) if b not in actions]
    actions = [a for a in actions if a not in without]
    rows, condition = grant.get("rows", "own"), grant.get("condition", "")
    if condition and "rows" not in grant:
        rows = "condition"
    if rows not in SCOPES:
        wrong(_ROWS, rows, f"{place}.rows")
    if (rows == "condition") != bool(condition):
        wrong(_CONDITION, condition, f"{place}.condition")
    if not actions:
        wrong(_ACTION, "", f"{place}.actions")
    found: Grants = []
    for object_key in objects:
        known = object_key in snapshot().objects
        if object_key != ANY and not known:
            wrong(_OBJECT, object_key, f"{place}.object")
        if condition and known:
            found_condition = conditions.checked(condition, object_key)
        elif condition:
            found_condition = ""
            wrong(_CONDITION, condition, f"{place}.condition")
        else:
            found_condition = ""
        for action in actions:
            if action not in ACTIONS:
                wrong(_ACTION, action, f"{place}.actions")
            found.append((object_key, action, rows, found_condition))
    return found


def _widest_view(grants: Grants) -> str:
    """Whoever sees the records of a team sees its figures, unless the role says otherwise."""
    scopes = [scope_of(s) for _, action, s, _ in grants if action == "view" and s in WIDTH]
    return max((s for s in scopes if WIDTH[s] >= 0), key=lambda s: WIDTH[s], default="own")


_KEY = Text(
    "角色标识“{v}”只能含字母、数字和下划线。",
    "“{v}” is not a valid key: use letters, digits and _ only.",
)
_RESERVED = Text("“{v}”是保留名，请换一个角色标识。", "“{v}” is reserved; choose another key.")
_LABEL = Text("请填写角色名称。", "Give the role a name.")
_OBJECT = Text("没有对象“{v}”。", "There is no object “{v}”.")
_FIELD = Text("没有字段“{v}”。", "There is no field “{v}”.")
_ACTION = Text("没有操作“{v}”。", "There is no action “{v}”.")
_ROWS = Text(
    "范围“{v}”应为 own、team、team_below、all、shared 或 condition。",
    "“{v}” is not own, team, team_below, all, shared or condition.",
)
_CONDITION = Text(
    "范围为 condition 时（且仅此时）要写针对某一对象的条件。",
    "A condition about one object goes with the rows “condition”, and only with them.",
)
_LEVEL = Text(
    "“{v}”应为 hidden、masked、read 或 write。", "“{v}” is not hidden, masked, read or write."
)
_AREA = Text("没有设置项“{v}”。", "There is no settings area “{v}”.")
