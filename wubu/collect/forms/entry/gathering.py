"""Roll-ups over lines that are still being typed, as the door will reckon them when it saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.records.aggregates.rolling import sorting

Values = Mapping[str, Any]


def rolled(f: FieldSpec, source: ObjectSpec, lines: Sequence[Values]) -> Any:
    """The stored value of a roll-up over lines in their order; missing for none.

    An average is the exact sum through the count, rounded as the field says, halves away from zero.
    """
    key, agg = str(f.options.get("field") or ""), f.options.get("agg", "count")
    if agg in ("first", "last"):
        return _end(key, sorting(source, f), lines, last=agg == "last")
    values = [v for line in lines if (v := line.get(key)) is not None]
    match agg:
        case "count":
            return len(values) if key else len(lines)
        case "distinct":
            return len(set(values))
        case "sum":
            return sum(values)
        case "min":
            return min(values, default=None)
        case "max":
            return max(values, default=None)
        case _:
            return _average(f, source.fields[key], values) if values else None


def _average(f: FieldSpec, summed: FieldSpec, values: Sequence[int]) -> int:
    wanted, raw = (FIELD_TYPES[x.type].type_of(x).scale for x in (f, summed))
    exact = Fraction(sum(values), len(values)) * Fraction(10) ** (wanted - raw)
    whole = int(abs(exact) + Fraction(1, 2))
    return whole if exact >= 0 else -whole


def _end(key: str, sort: str, lines: Sequence[Values], *, last: bool) -> Any:
    """Lines without what they are sorted by come last; of equal ones their order decides."""
    sorted_ = [(line[sort], n) for n, line in enumerate(lines) if line.get(sort) is not None]
    if sorted_:
        return lines[(max if last else min)(sorted_)[1]].get(key)
    return lines[-1 if last else 0].get(key) if lines else None
