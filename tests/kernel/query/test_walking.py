"""Orders by the place of an option or by the title behind a link, walked in steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from tests.kernel.formula.company import SNAPSHOT
from tests.kernel.formula.conftest import STAMPS, Company
from wubu.kernel.query import walking
from wubu.kernel.query.queries import compile
from wubu.kernel.query.types import Query


def pages(query: Query, rows: Any, **more: Any) -> list[list[int]]:
    """The pages forth, after it was seen that the way back shows the same."""
    found: list[list[int]] = []
    cursor: str | None = ""
    last: Any = None
    while cursor is not None:
        asked = replace(query, cursor=cursor)
        last = compile(asked, snapshot=SNAPSHOT, object_key="t_deal", **more).slice(rows)
        found.append(list(last.ids))
        cursor = last.next_cursor
    back = [list(last.ids)]
    while last.previous_cursor:
        asked = replace(query, cursor=last.previous_cursor)
        last = compile(asked, snapshot=SNAPSHOT, object_key="t_deal", **more).slice(rows)
        back.insert(0, list(last.ids))
    assert back == found
    return found


def test_it_works(company: Company) -> None:
    query = Query(sort=("stage",), limit=5)
    rows = SNAPSHOT.model("t_deal").objects.all()
    order = ["prospecting", "proposal", "won", "lost", None]
    stages = {pk: d["stage"] for pk, d in company.deals.items()}
    wanted = sorted(stages, key=lambda pk: (order.index(stages[pk]), pk))
    assert [i for page in pages(query, rows) for i in page] == wanted


def test_a_page_within_one_option_asks_for_that_option_alone(company: Company) -> None:
    rows = SNAPSHOT.model("t_deal").objects.all()
    with CaptureQueriesContext(connection) as caught:
        compile(Query(sort=("stage",), limit=2), snapshot=SNAPSHOT, object_key="t_deal").slice(rows)
    assert len(caught) == 1
    assert "CASE" not in caught[0]["sql"]


@pytest.mark.parametrize("sort", ["customer", "-customer", "customer.name", "owner", "-owner"])
@pytest.mark.parametrize("most", [0, 3, 320])
def test_many_of_one_name_are_walked_as_one(
    company: Company, monkeypatch: pytest.MonkeyPatch, sort: str, most: int
) -> None:
    monkeypatch.setattr(walking, "MOST_TITLES", most)
    monkeypatch.setattr(walking, "AT_ONCE", 3)
    monkeypatch.setattr(walking, "SAME_TITLE", max(most // 100, 1))
    model = SNAPSHOT.model("t_customer")
    for name in ("同名", "同名", "同名", "Zürich", "同名", "zürich"):
        client = model(name=name, **STAMPS)
        client.save()
        for _ in range(2):
            SNAPSHOT.model("t_deal")(customer=client, **STAMPS).save()
    rows = SNAPSHOT.model("t_deal").objects.all()
    query = Query(sort=(sort,), limit=7)
    whole = compile(query, snapshot=SNAPSHOT, object_key="t_deal").apply(rows)
    found = [i for page in pages(query, rows) for i in page]
    assert found == list(whole.values_list("id", flat=True))


def test_what_is_behind_a_link_out_of_sight_counts_as_missing(company: Company) -> None:
    model = SNAPSHOT.model("t_customer")
    seen = list(model.objects.order_by("id").values_list("id", flat=True)[:2])
    more = {"across": lambda path: Q(customer__in=seen) if len(path) > 1 else Q()}
    rows = SNAPSHOT.model("t_deal").objects.all()
    query = Query(sort=("customer",), limit=6)
    whole = compile(query, snapshot=SNAPSHOT, object_key="t_deal", **more).apply(rows)
    found = [i for page in pages(query, rows, **more) for i in page]
    assert found == list(whole.values_list("id", flat=True))
