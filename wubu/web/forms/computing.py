"""How a form stands while it is typed: what shows, what is needed, computed and filled in.

Shown, never saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wubu.collect.forms.entry.entering import Entry
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES, show
from wubu.kernel.people import queries as people
from wubu.kernel.records import queries as records
from wubu.kernel.types import Actor
from wubu.web import forms

CHANGED, TOUCHED, WAS = "live:changed", "live:touched", "live:was:"


def preview(
    entry: Entry,
    changed: Iterable[str] = (),
    touched: Iterable[str] = (),
    was: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a page shows for what stands in its form now.

    ``values`` are computed ones by input name (``sum:<part>:<field>`` for columns of parts),
    ``set`` what linkages fill in, ``hidden`` and ``needed`` ids of the layout, ``needed_cells`` the
    inputs of lines that are asked for, ``options`` the choices that may be chosen.
    """
    filled = entry.filled(set(changed), set(touched), was)
    values = {name: in_words(entry.actor, f, v) for name, (f, v) in entry.computed.items()}
    return {
        "values": values | _sums(entry),
        "set": setting(entry.actor, filled),
        "hidden": sorted(entry.hidden()),
        "needed": sorted(entry.needed()),
        "needed_cells": sorted(entry.needed_cells()),
        "options": entry.offered(),
    }


def setting(actor: Actor, filled: Mapping[str, tuple[FieldSpec, Any]]) -> dict[str, Any]:
    """By input name what is to stand in it, and how a link is called."""
    made = [forms.Input(f, name, forms.raw_of(f, value)) for name, (f, value) in filled.items()]
    forms.name_links(actor, made)
    return {one.name: {"value": one.value, "shown": one.shown} for one in made}


def in_words(actor: Actor, f: FieldSpec, value: Any) -> str:
    """A computed value in words; the name behind a link."""
    if value is None:
        return "–"
    kind = FIELD_TYPES[f.type].refers_to(f) if f.kind.looks_up else f.options.get("result")
    # kind: the object behind an id, or the result that a formula declares
    target = f.target if kind == "link" else str(kind or "")
    if isinstance(value, int) and target == "member":
        return people.names([value]).get(value, "–")
    if isinstance(value, int) and target in snapshot().objects:
        return records.titles(actor, target, [value]).get(value, "–")
    return show(f, value) or "–"


def _sums(entry: Entry) -> dict[str, str]:
    found = {}
    for key, rows in entry.rows.items():
        child = entry.snapshot.object(key)
        for f in child.live_fields:
            if summed(child, f):
                numbers = [r.own[f.key] for r in rows if r.own.get(f.key) is not None]
                if numbers:
                    found[f"sum:{key}:{f.key}"] = show(f, sum(numbers))
    return found


def summed(child: ObjectSpec, f: FieldSpec) -> bool:
    """Prices and discounts do not add up; the amount of a line does, and what must total."""
    total = child.options.get("children_total") or {}
    return f.key in (child.roles.get("amount"), total.get("field"))
