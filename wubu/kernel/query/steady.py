"""Questions that say the same each time: the SQL of a page is put together once and kept.

What decides the words of a statement must be in its key. A filter that says more than plain values
(or a formula that knows neither the day nor the asker) has no key, and is never kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from wubu.kernel.formula.context import NOWHERE
from wubu.kernel.formula.expression import FormulaExpression
from wubu.kernel.prepared import Param, PreparedQuery
from wubu.kernel.query.compiled import Compiled, Slice
from wubu.kernel.query.cursors import Position
from wubu.kernel.query.sorting import ALIAS

Rows = QuerySet[Any]
Keep = Callable[[Hashable, Callable[[], PreparedQuery]], PreparedQuery]
PLAIN = (int, str, bool, date, type(None))


class Same:
    """A thing as a key: it is itself, whatever it looks like."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.thing is self.thing


def fingerprint(q: Q) -> Hashable | None:
    """All that a filter says; None when that cannot be told from what another one says."""
    parts: list[Hashable] = []
    for child in q.children:
        part = fingerprint(child) if isinstance(child, Q) else _fingerprint(child)
        if part is None:
            return None
        parts.append(part)
    return (q.connector, q.negated, tuple(parts))


def _fingerprint(child: Any) -> Hashable | None:
    if isinstance(child, FormulaExpression):
        return (Same(child.node), child.prefix) if child.context is NOWHERE else None
    if not isinstance(child, tuple):
        return None
    name, value = child
    if isinstance(value, PLAIN):
        return (name, type(value), value)
    if isinstance(value, list | tuple) and all(isinstance(v, int | str) for v in value):
        return (name, tuple(value))
    return None


def question(compiled: Compiled) -> Hashable | None:
    """All that a query asks but for its page; None when the day or the reader decide."""
    if any(c.is_ambient for c in compiled.conditions):
        return None
    if not all(s.steady and s.walk is None for s in compiled.sorts):
        return None
    within = fingerprint(compiled.within)
    if within is None:
        return None
    names = tuple(s.name for s in compiled.sorts)
    return (compiled.conditions, names, compiled.ids_descend, within)


def slice_of(
    compiled: Compiled,
    rows: Callable[[], Rows],
    keep: Keep,
    wide: Callable[[Rows], Rows] | None = None,
) -> tuple[Slice, list[tuple[Any, ...]]]:
    """``compiled.slice`` over kept statements, of a query that has a ``question``.

    ``wide`` reads more of each row than its place, where there are no sort keys; the id is first.
    Raises Refused for a bad cursor.
    """
    position, back, limit = compiled.start()
    found: list[tuple[Any, ...]] = []
    for null, here in _halves(compiled, position, back):
        blanks = here and tuple(v is None for v in here.values)

        def make(null: bool | None = null, here: Position | None = here) -> PreparedQuery:
            part = _part(compiled, rows(), null, here, back)
            return PreparedQuery((wide or _places(compiled))(part)[: limit + 1])

        asked = keep((null, blanks, back, limit), make)
        given = {} if here is None else {f"v{i}": v for i, v in enumerate(here.values)}
        found += asked.rows(id=here.id if here else 0, **given)
        if len(found) > limit:
            break
    return compiled.cut(found, position)


def _places(compiled: Compiled) -> Callable[[Rows], Rows]:
    names = ("id", *(ALIAS.format(i) for i in range(len(compiled.sorts))))
    return lambda rows: rows.values_list(*names)


def _halves(
    compiled: Compiled, position: Position | None, back: bool
) -> Iterator[tuple[bool | None, Position | None]]:
    """Rows with a first key and those without one, and where the position lies among them."""
    if not compiled.sorts:
        yield None, position
        return
    missing = position is not None and position.values[0] is None
    for null in (True, False) if back else (False, True):
        if position is None or null == missing:
            yield null, position
        elif null != back:
            yield null, None  # the half that lies wholly beyond


def _part(
    compiled: Compiled, rows: Rows, null: bool | None, position: Position | None, back: bool
) -> Rows:
    filtered = compiled.filter(rows)
    marked = position and _marked(compiled, filtered, position)
    return compiled.part(filtered, null, marked, back)


def _marked(compiled: Compiled, rows: Rows, position: Position) -> Position:
    """The same position with places instead of values."""
    values = tuple(
        None if value is None else Param(f"v{i}", kind)
        for i, (value, kind) in enumerate(zip(position.values, compiled.kinds(rows), strict=True))
    )
    return Position(values, Param("id"), position.back)  # type: ignore[arg-type]
