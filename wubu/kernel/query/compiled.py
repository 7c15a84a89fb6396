"""A compiled query: filters rows, orders them, and reads them page by page without OFFSET."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Value

from wubu.kernel.formula.queries import Asked
from wubu.kernel.formula.types import Formula
from wubu.kernel.query.cursors import Position, decode, encode, fingerprint
from wubu.kernel.query.sorting import ALIAS, Sort
from wubu.kernel.query.types import MAX_LIMIT, Page, Query
from wubu.kernel.query.walking import Walk
from wubu.kernel.types import Lang

Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Slice:
    """The ids of one page in order, and the cursors to its neighbours (None: there is none)."""

    ids: tuple[int, ...]
    next_cursor: str | None = None
    previous_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query checked against the catalog and the reader's rights, ready for any rows.

    ``conditions`` are the filter and the quick filters; ``ids_descend`` breaks ties.
    """

    query: Query
    object_key: str
    conditions: tuple[Formula, ...]
    sorts: tuple[Sort, ...]
    ids_descend: bool
    formulas: tuple[tuple[str, Formula], ...] = ()  # virtual columns asked for, by alias
    context: Asked = None  # when and for whom; None: here and now for whoever is asking
    within: Q = field(default_factory=Q)  # where the conditions look at nothing out of sight

    def filter(self, rows: Rows) -> Rows:
        """The rows for which every condition holds; where one is unknown it does not hold."""
        for condition in self.conditions:
            rows = rows.filter(condition.expression(context=self.context))
        return rows.filter(self.within) if self.within else rows

    def apply(self, rows: Rows) -> Rows:
        """Filtered and ordered: missing values last, ids break ties."""
        return self._ordered(self._keyed(self.filter(rows)), back=False, plain=False)

    def annotate(self, rows: Rows) -> Rows:
        """With the values of the formula fields among the columns, under ``a__b`` for ``a.b``."""
        values = {alias: f.expression(context=self.context) for alias, f in self.formulas}
        wider: Rows = rows.annotate(**values)
        return wider

    def sentence(self, lang: Lang | None = None) -> str:
        """The conditions in plain words; empty when there are none."""
        said = [c.sentence(lang) for c in self.conditions]
        return ("；" if lang == "zh" else "; ").join(said)

    def slice(self, rows: Rows) -> Slice:
        """The ids of the page that the query's cursor points at. Raises Refused for a bad cursor.

        Rows with and without a value of the first sort key are read one after the other, so that
        each half is a plain range of an index.
        """
        position, back, limit = self.start()
        found: list[tuple[Any, ...]] = []
        for part in self._parts(self.filter(rows), position, back):
            names = ("id", *(ALIAS.format(i) for i in range(len(self.sorts))))
            found += part.values_list(*names)[: limit + 1 - len(found)]
            if len(found) > limit:
                break
        return self.cut(found, position)[0]

    def start(self) -> tuple[Position | None, bool, int]:
        """Where the page begins, whether it is read backwards, and how many rows it has at most.
        Raises Refused for a bad cursor.
        """
        position, cursor = None, self.query.cursor
        if cursor:
            bound = fingerprint(self.object_key, self.query)
            position = decode(cursor, bound, len(self.sorts))
        limit = max(1, min(self.query.limit, MAX_LIMIT))
        return position, position is not None and position.back, limit

    def cut(
        self, found: list[tuple[Any, ...]], position: Position | None
    ) -> tuple[Slice, list[tuple[Any, ...]]]:
        """The page and its rows, of rows that begin with id and sort keys.

        One more than the page has says that there are others.
        """
        limit = max(1, min(self.query.limit, MAX_LIMIT))
        back = position is not None and position.back
        more = len(found) > limit
        found = found[:limit]
        if back:
            found.reverse()
        if not found:
            return Slice(()), found
        keys, bound = 1 + len(self.sorts), fingerprint(self.object_key, self.query)

        def at(row: tuple[Any, ...], backwards: bool) -> str:
            return encode(Position(tuple(row[1:keys]), row[0], backwards), bound)

        after = more if not back else True
        before = more if back else position is not None
        part = Slice(
            ids=tuple(row[0] for row in found),
            next_cursor=at(found[-1], False) if after else None,
            previous_cursor=at(found[0], True) if before else None,
        )
        return part, found

    def cursor_at(self, rows: Rows, id_: int, *, back: bool) -> str | None:
        """The cursor from which the rows after (before) one row are read; None without that row.

        ``rows`` need not be filtered: a row that no longer fits has its place all the same.
        """
        names = ("id", *(ALIAS.format(i) for i in range(len(self.sorts))))
        row = self._keyed(rows.filter(pk=id_)).values_list(*names).first()
        if row is None:
            return None
        bound = fingerprint(self.object_key, self.query)
        return encode(Position(tuple(row[1:]), row[0], back), bound)

    def page(self, rows: Rows, load: Callable[[Rows], Iterable[Any]]) -> Page:
        """One page: ``load`` makes records of the page's rows, whose order is then put right."""
        part = self.slice(rows)
        if not part.ids:
            return Page((), part.next_cursor, part.previous_cursor)
        place = {id_: i for i, id_ in enumerate(part.ids)}
        records = sorted(load(rows.filter(pk__in=part.ids)), key=lambda r: place[r.id])
        return Page(tuple(records), part.next_cursor, part.previous_cursor)

    def _keyed(self, rows: Rows, first: Any = None) -> Rows:
        """With what is compared; ``first`` in place of the first key's own expression."""
        keys = {ALIAS.format(i): s.expression for i, s in enumerate(self.sorts)}
        if first is not None:
            keys[ALIAS.format(0)] = first
        keyed: Rows = rows.annotate(**keys)
        return keyed

    def _ordered(self, rows: Rows, *, back: bool, plain: bool, start: int = 0) -> Rows:
        """``plain``: the first key is never missing here, so nothing is said about nulls.

        ``start``: the keys before it are all alike.
        """
        terms = [
            s.order(ALIAS.format(i), back, nulls=i > 0 or not plain)
            for i, s in enumerate(self.sorts)
            if i >= start
        ]
        return rows.order_by(*terms, "-id" if self.ids_descend != back else "id")

    def kinds(self, rows: Rows) -> list[Any]:
        """What the sort keys are, as fields of Django."""
        made = self._keyed(rows).query.annotations
        return [made[ALIAS.format(i)].output_field for i in range(len(self.sorts))]

    def part(self, rows: Rows, null: bool | None, position: Position | None, back: bool) -> Rows:
        """Filtered rows in order, from a position on.

        Of those without a first key when ``null``, of those with one when not; None where there are
        no sort keys.
        """
        if null is None:
            where = self._beyond(position, 0, back) if position else Q()
            return self._ordered(rows.filter(where), back=back, plain=True)
        return self._without(rows, position, back) if null else self._range(rows, position, back)

    def _parts(self, rows: Rows, position: Position | None, back: bool) -> Iterable[Rows]:
        if not self.sorts:
            yield self.part(rows, None, position, back)
            return
        missing = position is not None and position.values[0] is None
        for null in (True, False) if back else (False, True):
            here = position if position is not None and null == missing else None
            if position is not None and here is None and null == back:
                continue  # the half that lies wholly before
            if null:
                yield self._without(rows, here, back)
            elif self.sorts[0].walk is not None:
                yield from self._steps(rows, here, back, self.sorts[0].walk)
            else:
                yield self._range(rows, here, back)

    def _range(self, rows: Rows, position: Position | None, back: bool) -> Rows:
        """The rows that have a first key, from a position on: a plain range of an index."""
        first = ALIAS.format(0)
        part = self._keyed(rows).filter(**{f"{first}__isnull": False})
        if position is not None:
            upto = "lte" if self.sorts[0].descending != back else "gte"
            part = part.filter(self._beyond(position, 0, back))
            # Said again as a plain range: the databases do not see it through the OR.
            part = part.filter(**{f"{first}__{upto}": position.values[0]})
        return self._ordered(part, back=back, plain=True)

    def _without(self, rows: Rows, position: Position | None, back: bool) -> Rows:
        """The rows that have no first key."""
        blank = self.sorts[0].walk.blank if self.sorts[0].walk else None
        if blank is None:
            part = self._keyed(rows).filter(**{f"{ALIAS.format(0)}__isnull": True})
        else:
            none = Value(None, output_field=IntegerField())
            part = self._keyed(rows.filter(blank), none)
        if position is not None:
            part = part.filter(self._beyond(position, 1, back))
        return self._ordered(part, back=back, plain=True, start=1)

    def _steps(
        self, rows: Rows, position: Position | None, back: bool, walk: Walk
    ) -> Iterable[Rows]:
        falling = self.sorts[0].descending != back
        for step in walk.steps(position.values[0] if position else None, falling):
            part = self._keyed(rows.filter(step.rows), step.value)
            if step.value is None:  # behind the link may be out of sight
                part = part.filter(**{f"{ALIAS.format(0)}__isnull": False})
            if position is not None and step.compare is not None:
                part = part.filter(self._beyond(position, step.compare, back))
            yield self._ordered(part, back=back, plain=True, start=1 if step.single else 0)

    def _beyond(self, position: Position, start: int, back: bool) -> Q:
        """The rows strictly after (before) a position, comparing from the ``start``-th key on."""
        same = Q()
        found: Q | None = None
        for i in range(start, len(self.sorts)):
            sort, alias, value = self.sorts[i], ALIAS.format(i), position.values[i]
            step = same & sort.beyond(alias, value, back, nulls=i > 0)
            found = step if found is None else found | step
            same &= sort.same(alias, value)
        further = "lt" if self.ids_descend != back else "gt"
        last = same & Q(**{f"id__{further}": position.id})
        return last if found is None else found | last
