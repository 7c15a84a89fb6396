"""Orders by what stands elsewhere: the place of an option, the title behind a link.

No index of the records holds it, so a page would sort all of them. Instead the options (titles)
are walked in their order, a few at a time, and the records of each are found by the index of their
own column, until the page is full. Each step takes more than the one before it, so many empty
ones cost little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from django.db import connection
from django.db.models import F, Func, IntegerField, Q, Value
from django.db.models.lookups import (
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
)

COMPARED = {
    "gt": GreaterThan,
    "gte": GreaterThanOrEqual,
    "lt": LessThan,
    "lte": LessThanOrEqual,
}
AT_ONCE = 128  # titles read in one question
MOST_TITLES = 320  # beyond, the rest is sorted as a whole
SAME_TITLE = 1_000  # records that are called alike, walked as one


@dataclass(frozen=True, slots=True)
class Step:
    """Some neighbouring keys: which rows have them, and what those are compared by.

    ``compare`` says from which sort key on rows are held against the cursor: None when all of them
    lie beyond it. ``single``: all rows share one key, so the order begins with the second.
    """

    rows: Q
    value: Any = None
    single: bool = False
    compare: int | None = None


class Walk(Protocol):
    """How the first key of an order is walked."""

    blank: Q | None  # the rows without a key; None: as the sort's expression says

    def steps(self, at: Any, falling: bool) -> Iterator[Step]:
        """All keys from ``at`` on (None: from the beginning), in steps."""


class Unindexed(Func):
    """A value as it is, by which SQLite is not to choose its way: it knows no numbers of rows."""

    template = "%(expressions)s"
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **more)


def _sizes(growth: int) -> Iterator[int]:
    """1, 1, 2, 4, 8 …"""
    yield 1
    size = 1
    while True:
        yield size
        size *= growth


class Options:
    """The options of a choice in their own order.

    ``ranking`` makes the place among some of them; a key is the place among all.
    """

    def __init__(
        self, column: str, options: Sequence[str], ranking: Callable[[Sequence[str]], Any]
    ) -> None:
        self.column = column
        self.options = options
        self.ranking = ranking
        self.blank: Q | None = Q(**{f"{column}__isnull": True}) | ~Q(**{f"{column}__in": options})

    def steps(self, at: Any, falling: bool) -> Iterator[Step]:
        places = range(len(self.options))
        if at is not None:
            if at in places:
                yield self._one(at, compare=1)
            places = range(at) if falling else range(at + 1, len(self.options))
        walked = reversed(places) if falling else iter(places)
        for size in _sizes(2):
            some = list(islice(walked, size))
            if not some:
                return
            yield self._one(some[0]) if len(some) == 1 else self._some(min(some), max(some) + 1)

    def _one(self, place: int, compare: int | None = None) -> Step:
        rows = Q(**{self.column: self.options[place]})
        return Step(rows, Value(place, output_field=IntegerField()), True, compare)

    def _some(self, first: int, last: int) -> Step:
        some = self.options[first:last]
        return Step(Q(**{f"{self.column}__in": some}), self.ranking(some) + Value(first))


class Titles:
    """Links to records, members or teams in the order of their titles.

    ``few``: a target has few records. SQLite then finds them first: it would else go by any other
    column that the reader's rows or the filter name.
    """

    blank: Q | None = None

    def __init__(self, link: str, rows: Any, title: str, *, few: bool) -> None:
        model = rows._meta.get_field(link).related_model
        self.link = link
        self.title = title
        self.rows = rows._default_manager.order_by() if few else None
        self.targets = model._default_manager.filter(**{f"{title}__isnull": False}).order_by()

    def steps(self, at: Any, falling: bool) -> Iterator[Step]:
        further = f"{self.title}__{'lt' if falling else 'gt'}"
        if at is not None:
            alike = self.targets.filter(**{self.title: at}).values_list("pk", flat=True)
            ids = list(alike[: SAME_TITLE + 1])
            if len(ids) > SAME_TITLE:
                yield Step(self._rest(f"{further}e", at), compare=0)
                return
            yield self._of(ids, single=True, compare=1)
        walked, sizes = 0, _sizes(4)
        while walked < MOST_TITLES:
            rows = self.targets if at is None else self.targets.filter(**{further: at})
            order = F(self.title).desc() if falling else F(self.title).asc()
            found = list(rows.order_by(order).values_list(self.title, "pk")[: AT_ONCE + 1])
            whole = len(found) <= AT_ONCE
            if not whole:  # a title is walked with all that are called so, or not yet
                found = [f for f in found if f[0] != found[-1][0]]
            if not found:
                break
            walked += len(found)
            at = found[-1][0]
            yield from self._taken(found, sizes)
            if whole:
                return
        yield Step(self._rest(further, at))

    def _rest(self, lookup: str, at: Any) -> Q:
        if at is None:
            return Q()
        sign = lookup.rpartition("__")[2]
        compared: Any = COMPARED[sign](Unindexed(F(f"{self.link}__{self.title}")), Value(at))
        return Q(compared)

    def _taken(self, found: list[tuple[Any, int]], sizes: Iterator[int]) -> Iterator[Step]:
        start = 0
        while start < len(found):
            end = min(start + next(sizes), len(found))
            while end < len(found) and found[end][0] == found[end - 1][0]:
                end += 1
            some = found[start:end]
            yield self._of([pk for _, pk in some], single=some[0][0] == some[-1][0])
            start = end

    def _of(self, ids: list[int], *, single: bool, compare: int | None = None) -> Step:
        rows = Q(**{self.link: ids[0]}) if len(ids) == 1 else Q(**{f"{self.link}__in": ids})
        if self.rows is not None and connection.vendor == "sqlite":
            rows = Q(pk__in=self.rows.filter(rows).values("pk"))
        return Step(rows, None, single, compare)
