"""Kept statements say the same as those put together anew."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db.models import F, Q

from tests.kernel.formula.conftest import Company
from tests.kernel.query.test_lists import SORTS, compiled, rows
from wubu.kernel.prepared import PreparedQuery
from wubu.kernel.query import steady
from wubu.kernel.query.types import Query


class Store:
    """Statements by key, and how many were put together."""

    def __init__(self) -> None:
        self.kept: dict[Hashable, PreparedQuery] = {}

    def __call__(self, key: Hashable, make: Callable[[], PreparedQuery]) -> PreparedQuery:
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]


def told_in(cursor: str | None) -> str | None:
    """A cursor without the time at which it was signed."""
    return cursor and cursor.partition(":")[0]


def walked(query: Query, store: Store) -> list[tuple[int, ...]]:
    """The pages there and back again."""
    found, cursor, back = [], "", False
    while True:
        part, _ = steady.slice_of(compiled(replace(query, cursor=cursor)), rows, store)
        same = compiled(replace(query, cursor=cursor)).slice(rows())
        assert part.ids == same.ids
        assert told_in(part.next_cursor) == told_in(same.next_cursor)
        assert told_in(part.previous_cursor) == told_in(same.previous_cursor)
        found.append(part.ids)
        if not back and not part.next_cursor:
            back = True
        cursor = (part.previous_cursor if back else part.next_cursor) or ""
        if not cursor:
            return found


def test_it_works(company: Company) -> None:
    store = Store()
    first = walked(Query(sort=("-amount",), limit=7), store)
    made = len(store.kept)
    assert walked(Query(sort=("-amount",), limit=7), store) == first
    assert len(store.kept) == made


@pytest.mark.parametrize("sort", SORTS, ids=", ".join)
def test_every_order(company: Company, sort: tuple[str, ...]) -> None:
    query = Query(filter="{金额} > 0", sort=sort, limit=5)
    if steady.question(compiled(query)) is None:
        pytest.skip("walked or of the day")
    assert walked(query, Store())


@pytest.mark.parametrize(
    ("filter", "kept"),
    [("{金额} > 0", True), ("{opened_on} < TODAY()", False), ("{owner} = ME()", False)],
)
def test_what_the_day_or_the_asker_decide_is_not_kept(
    company: Company, filter: str, kept: bool
) -> None:
    assert (steady.question(compiled(Query(filter=filter))) is not None) == kept


def told(q: Any) -> Hashable | None:
    return steady.fingerprint(q)


def test_filters_are_told_apart() -> None:
    assert told(Q(owner_id__in=[1, 2])) == told(Q(owner_id__in=[1, 2]))
    for other in (
        Q(owner_id__in=[1]),
        Q(other_id__in=[1, 2]),
        ~Q(owner_id__in=[1, 2]),
        Q(owner_id__in=[1, 2]) | Q(name="a"),
        Q(),
    ):
        assert told(other) != told(Q(owner_id__in=[1, 2]))
    assert told(Q(a=1) | Q(b=2)) != told(Q(a=1) & Q(b=2))
    assert told(Q(a=1)) != told(Q(a=True)) != told(Q(a="1"))
    assert told(Q(day=date(2026, 3, 2))) is not None


def test_a_filter_of_more_than_values_has_no_key() -> None:
    assert told(Q(a=F("b"))) is None
    assert told(Q(pk__in=rows().values("pk"))) is None
    assert told(Q(a=1) & ~Q(Q(b=F("c")))) is None
