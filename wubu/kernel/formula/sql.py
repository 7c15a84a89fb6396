"""Fragments of SQL with their parameters, and the forms that differ between the databases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Protocol

from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.exact import LIMIT
from wubu.kernel.formula.typed import Node

# SQLite's parser keeps at most 100 things open at once, the surrounding statement included.
MAX_OPEN = 60
PG_TYPES = {
    "text": "text",
    "choice": "text",
    "choices": "text",
    "bool": "boolean",
    "date": "date",
    "datetime": "timestamptz",
}
_TOKEN = re.compile(r"\{(\d+)\}|\(|\)|\bCASE\b|\bEND\b")


@dataclass(frozen=True, slots=True)
class Sql:
    """A fragment. ``open`` estimates how many things SQLite's parser holds open at its deepest."""

    text: str
    params: tuple[Any, ...] = ()
    open: int = 0


@lru_cache(maxsize=2048)
def _parts(template: str) -> tuple[tuple[str, int, int], ...]:
    """(text before, argument or -1, things open there) for each argument of a template."""
    found: list[tuple[str, int, int]] = []
    position = level = deepest = 0
    for match in _TOKEN.finditer(template):
        word = match[0]
        if match[1] is not None:
            found.append((template[position : match.start()], int(match[1]), level))
            position = match.end()
        else:
            level += {"(": 3, ")": -3, "CASE": 5, "END": -5}[word]
        deepest = max(deepest, level)
    found.append((template[position:], -1, deepest))
    return tuple(found)


def fill(template: str, *args: Sql) -> Sql:
    """The template with ``{0}``, ``{1}`` … replaced, parameters in the order they appear."""
    text: list[str] = []
    params: list[Any] = []
    deepest = 0
    for before, index, level in _parts(template):
        text.append(before)
        if index >= 0:
            arg = args[index]
            text.append(arg.text)
            params.extend(arg.params)
            level += arg.open
        deepest = max(deepest, level)
    return Sql("".join(text), tuple(params), deepest)


def joined(separator: str, args: Sequence[Sql]) -> Sql:
    """The fragments between parentheses with a separator between them."""
    return fill("(" + separator.join(f"{{{i}}}" for i in range(len(args))) + ")", *args)


def let(template: str, *args: Sql) -> Sql:
    """PostgreSQL: the template over ``a0``, ``a1`` …, each argument computed and written once.

    So a formula that nests such functions does not grow beyond what was written. OFFSET 0 keeps the
    planner from writing the argument out at each of its uses.
    """
    names = ", ".join(f"{{{i}}} AS a{i}" for i in range(len(args)))
    return fill(f"(SELECT {template} FROM (SELECT {names} OFFSET 0) AS given)", *args)  # noqa: S608


class Rendering(Protocol):
    """What a function may ask while it writes its SQL."""

    pg: bool
    context: Context

    def render(self, node: Node) -> Sql:
        """Any node, constants folded."""

    def constant(self, node: Node) -> Any:
        """The value of a node that reads no field."""


def literal(pg: bool, value: Any, type_: ValueType) -> Sql:
    """A value in stored form."""
    if value is None:  # PostgreSQL must know the type to choose an operator
        return Sql(f"NULL::{PG_TYPES.get(type_.kind, 'bigint')}" if pg else "NULL")
    if isinstance(value, bool):
        return Sql(("TRUE" if value else "FALSE") if pg else str(int(value)))
    if isinstance(value, int):
        return Sql(str(value) if value >= 0 else f"({value})")
    if isinstance(value, datetime):
        return Sql("%s::timestamptz", (value,)) if pg else Sql("%s", (sqlite_instant(value),))
    if isinstance(value, date):
        return Sql("%s::date", (value,)) if pg else Sql("%s", (value.isoformat(),))
    return Sql("%s::text" if pg else "%s", (str(value),))


def sqlite_instant(value: datetime) -> str:
    """An aware instant as Django keeps it in SQLite: UTC without saying so."""
    return str(value.astimezone(UTC).replace(tzinfo=None))


def numeric(r: Rendering, arg: Sql) -> Sql:
    """A number that cannot overflow while we compute with it."""
    return fill("({0})::numeric", arg) if r.pg else arg


def within(r: Rendering, arg: Sql, low: str | int = -LIMIT, high: str | int = LIMIT) -> Sql:
    """The value, or NULL where it is not strictly between the bounds; written once only."""
    least, greatest = ("LEAST", "GREATEST") if r.pg else ("MIN", "MAX")
    return fill(
        f"NULLIF({greatest}(NULLIF({least}({{0}}, {high}), {high}), {low}), {low})",
        arg,
    )


def whole(r: Rendering, arg: Sql, bounds: tuple[int, int]) -> Sql:
    """A whole number strictly within bounds, as PostgreSQL's functions want it; else NULL."""
    return fill("{0}::int", within(r, fill("({0})::numeric", arg), *bounds))


def within_days(r: Rendering, arg: Sql) -> Sql:
    """The day, or NULL outside the years 1 to 9999."""
    if r.pg:
        return within(r, arg, "'0001-12-31 BC'::date", "'10000-01-01'::date")
    return within(r, arg, "'0000-12-31'", "'9999-12-31~'")


def up(r: Rendering, arg: Sql, by: int) -> Sql:
    """More decimals."""
    if by == 0:
        return arg
    return within(r, fill(f"({{0}} * {10**by})", numeric(r, arg)))
