"""Filters, order and pages of a list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.kernel.formula.company import SNAPSHOT
from tests.kernel.formula.conftest import STAMPS, Company
from wubu.kernel.query.queries import Compiled, compile
from wubu.kernel.query.types import Query
from wubu.kernel.types import Refused


def compiled(query: Query, **more: Any) -> Compiled:
    return compile(query, snapshot=SNAPSHOT, object_key="t_deal", **more)


def rows() -> Any:
    return SNAPSHOT.model("t_deal").objects.all()


def test_it_works(company: Company) -> None:
    query = Query(filter="{金额} > 0", sort=("-amount",))
    found = list(compiled(query).apply(rows()).values_list("id", flat=True))
    there = [(d["amount"], pk) for pk, d in company.deals.items() if (d["amount"] or 0) > 0]
    assert found == [pk for _, pk in sorted(there, reverse=True)]
    assert compiled(query).sentence("zh") == "金额大于 0"


SORTS = [
    (),
    ("id",),
    ("amount",),
    ("-amount",),
    ("stage", "-amount"),
    ("-stage", "urgent", "opened_on"),
    ("客户.客户名称", "name"),
    ("-customer",),
    ("-margin", "closed_on"),
    ("called_at", "-id"),
    ("-owner",),
]


@pytest.mark.parametrize("sort", SORTS, ids=", ".join)
@pytest.mark.parametrize("limit", [7, 1000])
def test_pages_forth_and_back_show_every_row_once(
    company: Company, sort: tuple[str, ...], limit: int
) -> None:
    query = Query(sort=sort, limit=limit)
    wanted = list(compiled(query).apply(rows()).values_list("id", flat=True))
    assert len(wanted) == len(company.deals)
    found, cursor, last = [], "", None
    while last is None or cursor:
        last = compiled(replace(query, cursor=cursor)).slice(rows())
        found += last.ids
        cursor = last.next_cursor or ""
    assert found == wanted
    back = list(last.ids)
    while last.previous_cursor:
        last = compiled(replace(query, cursor=last.previous_cursor)).slice(rows())
        back = [*last.ids, *back]
    assert back == wanted


def test_missing_values_come_last_both_ways(company: Company) -> None:
    for sort in (("amount",), ("-amount",)):
        amounts = list(compiled(Query(sort=sort)).apply(rows()).values_list("amount", flat=True))
        there = [a for a in amounts if a is not None]
        assert amounts[: len(there)] == sorted(there, reverse=sort[0] == "-amount")
        assert set(amounts[len(there) :]) == {None}


def test_options_are_sorted_in_their_own_order(company: Company) -> None:
    stages = list(compiled(Query(sort=("stage",))).apply(rows()).values_list("stage", flat=True))
    order = ["prospecting", "proposal", "won", "lost", None]
    assert stages == sorted(stages, key=order.index)


def test_a_page_keeps_its_place_when_rows_come_and_go(company: Company) -> None:
    query = Query(sort=("-amount",), limit=10)
    first = compiled(query).slice(rows())
    rows().filter(pk=first.ids[-1]).delete()  # the very row that the cursor points behind
    SNAPSHOT.model("t_deal")(amount=10**17, **STAMPS).save()  # a new first row
    wanted = list(compiled(query).apply(rows()).values_list("id", flat=True))[10:20]
    assert list(compiled(replace(query, cursor=first.next_cursor)).slice(rows()).ids) == wanted


def test_a_page_loads_its_records_in_order(company: Company) -> None:
    query = Query(sort=("name",), limit=9)
    page = compiled(query).page(rows(), list)
    assert [r.id for r in page.records] == list(compiled(query).slice(rows()).ids)
    assert page.next_cursor
    assert page.previous_cursor is None


def test_nothing_found_is_an_empty_page(company: Company) -> None:
    page = compiled(Query(filter="FALSE", sort=("name",))).page(rows(), list)
    assert (page.records, page.next_cursor, page.previous_cursor) == ((), None, None)


@pytest.mark.parametrize("change", [{"filter": "TRUE"}, {"sort": ("cost",)}, {"search": "x"}])
def test_a_cursor_is_good_for_its_own_query_only(company: Company, change: dict[str, Any]) -> None:
    query = Query(sort=("amount",), limit=5)
    cursor = compiled(query).slice(rows()).next_cursor or ""
    assert "amount" not in cursor
    for bad in (replace(query, cursor=cursor, **change), replace(query, cursor=cursor[:-2])):
        with pytest.raises(Refused) as caught:
            compiled(bad).slice(rows())
        assert caught.value.problems[0].code == "bad_cursor"


@pytest.mark.parametrize(
    ("quick", "text"),
    [
        ({"stage": ["won", "输单"]}, "{stage} IN ('won', 'lost')"),
        ({"阶段": "Won"}, "{stage} = 'won'"),
        ({"stage": None}, "ISBLANK({stage})"),
        ({"amount": {"from": "-5.5", "to": 1000}}, "{amount} BETWEEN -5.5 AND 1000"),
        ({"closed_on": {"from": "2024-06-01"}}, "{closed_on} >= '2024-06-01'"),
        ({"urgent": True, "tags": "tech"}, "{urgent} AND CONTAINS({tags}, 'tech')"),
        ({"customer.industry": ["tech"]}, "{customer.industry} = '科技'"),
        ({"name": "x'y\"z"}, "{name} = 'x''y\"z'"),
    ],
)
def test_quick_filters(company: Company, quick: dict[str, Any], text: str) -> None:
    def ids(query: Query) -> set[int]:
        return set(compiled(query).filter(rows()).values_list("id", flat=True))

    found = ids(Query(quick=quick))
    assert found == ids(Query(filter=text))
    assert 0 < len(found) < len(company.deals)


def test_quick_filters_on_links(company: Company) -> None:
    some = next(d["partners"] for d in company.deals.values() if d["partners"])
    wanted = {pk for pk, d in company.deals.items() if some[0] in (d["partners"] or ())}
    for quick in ({"partners": [str(some[0])]}, {"partners": some[0]}):
        found = compiled(Query(quick=quick)).filter(rows()).values_list("id", flat=True)
        assert sorted(found) == sorted(wanted)  # each once, however many partners it has


def test_every_problem_at_once_and_hidden_is_as_unknown() -> None:
    with pytest.raises(Refused) as caught:
        compiled(
            Query(
                filter="{cost} > 1 AND {nope}",
                quick={"stage": "wonn", "nix": 1},
                sort=("cost", "tags", "note"),
                columns=("cost", "margin"),
            ),
            readable=lambda path: path[-1] != "cost",
        )
    found = [(p.code, p.field) for p in caught.value.problems]
    assert sorted(found, key=str) == sorted(
        [
            ("unknown_field", None),
            ("unknown_field", None),
            ("unknown_choice", "stage"),
            ("unknown_field", "nix"),
            ("unknown_field", "sort"),
            ("not_sortable", "sort"),
            ("not_sortable", "sort"),
            ("unknown_field", "columns"),
        ],
        key=str,
    )
    assert not any("成本" in f"{p.hint}" for p in caught.value.problems)


def test_virtual_columns_are_annotated(company: Company) -> None:
    query = compiled(Query(columns=("name", "margin", "customer.size")))
    for row in query.annotate(rows()).values("id", "margin", "customer__size"):
        deal = company.deals[row["id"]]
        known = deal["amount"] is not None and deal["cost"] is not None
        assert row["margin"] == (deal["amount"] - deal["cost"] if known else None)
