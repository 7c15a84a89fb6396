"""What cannot be read cannot be found out by asking either: by filter, sort, search or formula."""

from __future__ import annotations

import pytest

from tests.cast import acting
from tests.leaks.world import LATIN, MARK, PHONE, World, told
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries
from wubu.kernel.types import Refused


def found(world: World, filter: str, object_key: str = "opportunity") -> set[int]:
    me = acting(world.cast.zhang_wei)
    page = queries.page(me, object_key, Query(filter=filter, limit=100))
    return {r.id for r in page.records}


def test_a_filter_does_not_read_through_a_link(world: World) -> None:
    """张伟's deal links to a customer of 孙悦: the customer's fields are missing to him."""
    crossed = world.crossed["opportunity"].id
    assert crossed in found(world, "TRUE")
    for guess in (
        f'{{customer.name}} = "{MARK}customer"',
        f'CONTAINS({{customer.name}}, "{MARK}")',
        f'{{contact.email}} = "{LATIN}@example.com"',
        "NOT ISBLANK({customer.phone})",
        "{customer.revenue} > 0",
    ):
        assert crossed not in found(world, guess), guess


def test_a_sort_does_not_read_through_a_link(world: World) -> None:
    me = acting(world.cast.zhang_wei)
    try:
        page = queries.page(me, "opportunity", Query(sort=("-customer.name",), limit=100))
    except Refused:
        return
    ids = [r.id for r in page.records]
    assert ids.index(world.crossed["opportunity"].id) == len(ids) - 1  # as one without a name


def test_a_column_does_not_read_through_a_link(world: World) -> None:
    me = acting(world.cast.zhang_wei)
    for key, record in world.crossed.items():
        seen = queries.get(me, key, record.id)
        assert told(str(seen.titles)) == []
        assert told(str(queries.history(me, key, record.id))) == []
        listed = queries.page(me, key, Query(limit=100)).records
        assert told(str([r.titles for r in listed])) == []


def test_a_hidden_field_is_not_found_by_its_tail(world: World) -> None:
    """Finance may see customers but not their phone numbers."""
    me = acting(world.cast.wu_xia)
    customer = world.theirs["customer"].id
    assert customer in {h.id for h in queries.find(me, MARK, limit=50)}
    for words in (PHONE, PHONE[-4:], PHONE[-8:]):
        hits = {(h.object_key, h.id) for h in queries.find(me, words, limit=50)}
        assert ("customer", customer) not in hits, words
        page = queries.page(me, "customer", Query(search=words, limit=50))
        assert customer not in {r.id for r in page.records}, words


@pytest.mark.parametrize("path", ["customer.phone", "customer.note", "opportunity.next_step"])
def test_a_hidden_field_is_no_field_through_links_too(world: World, path: str) -> None:
    me = acting(world.cast.wu_xia)
    told_by = []
    for asked in (path, path.split(".")[0] + ".no_such_field"):
        with pytest.raises(Refused) as refused:
            queries.page(me, "contract", Query(filter=f"NOT ISBLANK({{{asked}}})"))
        told_by.append(
            [(p.code, str(p.message).replace(asked, "…")) for p in refused.value.problems]
        )
    assert [t[0] for t in told_by[0]] == [t[0] for t in told_by[1]]
