"""docs/reference/objects.md"""

from __future__ import annotations

from scripts.reference.markdown import both, code, table
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields import FIELD_TYPES

INTRO = """\
# Objects of the sales pack

What a company starts with. Each object is a table of its own; labels may be renamed and fields
added, the keys stay. A **role** says what a field is for: the program speaks of an object's
title, owner, amount or stage, not of opportunities. The types are explained in [field
types](fields.md).

"""


def page() -> str:
    parts = [INTRO]
    for spec in sorted(snapshot().live, key=lambda o: o.position):
        roles = {key: role for role, key in spec.roles.items()}
        rows = [
            (code(f.key), both(f.label), _type(f), roles.get(f.key, ""), _notes(f))
            for f in spec.live_fields
        ]
        of = ""
        if spec.part_of:
            of = f"Part of {code(spec.fields[spec.part_of].target)}: seen and written with it.\n\n"
        heads = ("key", "name", "type", "role", "")
        parts.append(f"## {both(spec.label)} `{spec.key}`\n\n{of}{table(heads, rows)}\n")
    return "".join(parts).rstrip("\n") + "\n"


def _type(f: FieldSpec) -> str:
    said = code(f.type)
    return f"{said} → `{f.target}`" if f.target else said


def _notes(f: FieldSpec) -> str:
    notes = [word for word in ("required", "unique") if getattr(f, word)]
    if f.type == "formula":
        notes.append(code(f.options["formula"]))
    if f.type == "rollup":
        o = f.options
        what = f"{o['agg']} of {o['object']}" + (f".{o['field']}" if o.get("field") else "")
        notes.append(code(what))
    if FIELD_TYPES[f.type].has_choices:
        notes.append(", ".join(both(c.label) for c in f.choices))
    return "; ".join(notes)
