"""All functions and operators, by key; ``NAMES`` finds one by any of its names."""

from __future__ import annotations

from wubu.kernel.formula.functions import compare, dates, logic, numbers, parts, people, text
from wubu.kernel.formula.functions.base import Function

FUNCTIONS: dict[str, Function] = {
    f.key: f
    for family in (logic, compare, numbers, text, dates, people, parts)
    for f in family.FUNCTIONS
}
NAMES: dict[str, Function] = {
    name.casefold(): f
    for f in FUNCTIONS.values()
    if f.group != "operator"
    for name in (f.key, *f.names)
}
