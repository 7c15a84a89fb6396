"""What formulas and sums will be, from what stands in a form:

Shown while it is typed, never saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FieldError
from wubu.kernel.fields.registry import FIELD_TYPES, show
from wubu.kernel.formula import queries as formulas
from wubu.kernel.permissions.queries import Policy
from wubu.kernel.types import Refused

Line = Mapping[str, Any]


def preview(
    spec: ObjectSpec,
    given: Line,
    parts: Mapping[str, Sequence[Line]],
    rights: Policy,
    post: QueryDict,
) -> dict[str, str]:
    """Shown values by input name, and ``sum:<part>:<field>`` for the columns of parts."""
    found: dict[str, str] = {}
    kept: dict[str, list[dict[str, Any]]] = {}
    for child in snapshot().children(spec.key):
        numbers = post.getlist(f"parts:{child.key}:row")
        rows = [stored(child, line) for line in parts.get(child.key, ())]
        kept[child.key] = rows
        # Lines left empty are not among the parts, so shown numbers follow the filled ones.
        filled = [n for n in numbers if _is_filled(post, child, n)]
        for number, row in zip(filled, rows, strict=False):
            for f in _computed(child, rights):
                found[f"{child.key}:{number}:{f.key}"] = show(f, row.get(f.key)) or "–"
        for f in child.live_fields:
            if _summed(child, f):
                numbers_ = [r[f.key] for r in rows if r.get(f.key) is not None]
                if numbers_:
                    found[f"sum:{child.key}:{f.key}"] = show(f, sum(numbers_))
    own = stored(spec, given)
    for f in spec.live_fields:
        source = kept.get(str(f.options.get("object", "")))
        if f.type == "rollup" and source is not None:
            own[f.key] = _rolled(f, source)
    for f in _computed(spec, rights):
        if f.type == "rollup" and str(f.options.get("object", "")) not in kept:
            continue
        value = own.get(f.key) if f.type == "rollup" else _formula(f, own)
        found[f.key] = show(f, value) or "–"
    return found


def stored(spec: ObjectSpec, given: Line) -> dict[str, Any]:
    """Stored values of what can be read already, and the formulas over them."""
    found: dict[str, Any] = {}
    for f in spec.live_fields:
        if f.key in given and not FIELD_TYPES[f.type].computed:
            try:
                value = FIELD_TYPES[f.type].parse(f, given[f.key])
            except FieldError:
                value = None
            found[f.key] = value
    for f in spec.live_fields:
        if f.type == "formula":
            found[f.key] = _formula(f, found)
    return found


def _formula(f: FieldSpec, own: Mapping[str, Any]) -> Any:
    try:
        formula = formulas.of_field(f, snapshot=snapshot())
    except Refused:
        return None
    if any(len(path) != 1 for path in formula.paths):
        return None  # what another record says is known when it is saved
    return formula.value(lambda path: own.get(path[0]))


def _rolled(f: FieldSpec, rows: Sequence[Mapping[str, Any]]) -> Any:
    key = str(f.options.get("field", ""))
    numbers = [r[key] for r in rows if r.get(key) is not None]
    match f.options.get("agg"):
        case "count":
            return len(rows)
        case "sum":
            return sum(numbers)
        case "min":
            return min(numbers, default=None)
        case "max":
            return max(numbers, default=None)
        case _:
            return None


def _computed(spec: ObjectSpec, rights: Policy) -> list[FieldSpec]:
    return [
        f
        for f in spec.live_fields
        if FIELD_TYPES[f.type].computed and rights.clear(spec.key, f.key)
    ]


def _summed(child: ObjectSpec, f: FieldSpec) -> bool:
    """Prices and discounts do not add up; the amount of a line does, and what must total."""
    total = child.options.get("children_total") or {}
    return f.key in (child.roles.get("amount"), total.get("field"))


def _is_filled(post: QueryDict, child: ObjectSpec, number: str) -> bool:
    prefix = f"{child.key}:{number}:"
    return any(
        v.strip() and v != "false" for f in child.live_fields for v in post.getlist(prefix + f.key)
    ) or bool(post.get(f"{prefix}id"))
