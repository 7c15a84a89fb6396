"""All functions and operators, by key; ``NAMES`` finds one by any of its names."""

from __future__ import annotations

from wubu.kernel.formula.functions import (
    compare,
    dates,
    formatting,
    linked,
    logic,
    numbers,
    parts,
    people,
    periods,
    rounding,
    text,
    words,
)
from wubu.kernel.formula.functions.base import Function

FAMILIES = (
    logic,
    compare,
    numbers,
    rounding,
    text,
    words,
    formatting,
    dates,
    periods,
    parts,
    linked,
    people,
)
FUNCTIONS: dict[str, Function] = {f.key: f for family in FAMILIES for f in family.FUNCTIONS}
NAMES: dict[str, Function] = {
    name.casefold(): f
    for f in FUNCTIONS.values()
    if f.group != "operator"
    for name in (f.key, *f.names)
}
