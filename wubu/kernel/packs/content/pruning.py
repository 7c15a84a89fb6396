"""What a base says of something that a variant leaves out goes with it.

A pack that has no leads needs no list of leads, no right to see them and no column that shows them;
what the variant itself says is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

NAMED = re.compile(r"\{([a-z0-9_]+)")
LISTS = ("fields", "card", "columns", "list", "sort", "frozen")


def prune(made: dict[str, Any], base: Mapping[str, Any], change: Mapping[str, Any]) -> None:
    """Take out of ``made`` (the base with the change) whatever the base says of gone things."""
    objects: Mapping[str, Any] = made.get("objects") or {}
    before: Mapping[str, Any] = base.get("objects") or {}
    gone = {key for key in before if key not in objects}
    fields = {
        key: {f for f in spec.get("fields", {}) if f not in objects[key].get("fields", {})}
        for key, spec in before.items()
        if key in objects
    }
    for key in objects:
        said = (change.get("objects") or {}).get(key) or {}
        if key in before:
            _object(key, objects[key], said, gone, fields)
    for name, section in made.items():
        own = change.get(name) or {}
        if name == "roles":
            for key, role in section.items():
                _role(role, own.get(key) or {}, gone, fields)
        elif isinstance(section, dict) and name not in ("objects", "label", "description"):
            for key in [k for k in section if k not in own]:
                if isinstance(section[key], dict) and not _item(section[key], gone, fields):
                    del section[key]


def _object(
    key: str, spec: dict[str, Any], said: Mapping[str, Any], gone: set[str], fields: Any
) -> None:
    lost = fields.get(key, set())
    if "panels" in spec and "panels" not in said:
        spec["panels"] = [
            {
                **p,
                "columns": [
                    c for c in p.get("columns", ()) if c not in fields.get(p["object"], ())
                ],
            }
            for p in spec["panels"]
            if p.get("object") not in gone
        ]
    if "list" in spec and "list" not in said:
        spec["list"] = [c for c in spec["list"] if c not in lost]
    if "form" in spec and "form" not in said:
        kept = [{**s, "fields": [f for f in s["fields"] if f not in lost]} for s in spec["form"]]
        spec["form"] = [s for s in kept if s["fields"]]
    card = (spec.get("options") or {}).get("card")
    if card and "card" not in (said.get("options") or {}):
        spec["options"]["card"] = [c for c in card if c not in lost]


def _role(role: dict[str, Any], said: Mapping[str, Any], gone: set[str], fields: Any) -> None:
    if "grants" in role and "grants" not in said:
        role["grants"] = [g for g in role["grants"] if g.get("object") not in gone]
    levels = role.get("fields")
    if levels and "fields!" not in said:
        role["fields"] = {
            o: {f: v for f, v in some.items() if f not in fields.get(o, ())}
            for o, some in levels.items()
            if o not in gone
        }


def _item(item: dict[str, Any], gone: set[str], fields: Any) -> bool:
    """Whether a view, an alert, a list of what is collected … still makes sense."""
    key = item.get("object")
    if key in gone:
        return False
    lost = fields.get(key, set())
    if not lost:
        return True
    for name in LISTS:
        if isinstance(item.get(name), list):
            item[name] = [f for f in item[name] if str(f).lstrip("-") not in lost]
    for name, value in item.items():
        if (
            name not in LISTS
            and isinstance(value, str)
            and (value in lost or set(NAMED.findall(value)) & lost)
        ):
            return False
    return True
