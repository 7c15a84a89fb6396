"""Groups and sums, exact to the fen."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from django.db import connection

from tests.kernel.formula.company import SNAPSHOT
from tests.kernel.formula.conftest import Company
from wubu.kernel.query.queries import aggregate
from wubu.kernel.query.types import Group, Measure
from wubu.kernel.types import Refused

NOW = ("2026-01-01 00:00:00+00", "2026-01-01 00:00:00+00")


def groups(by: tuple[str, ...], *measures: Measure, **more: Any) -> list[Group]:
    rows = SNAPSHOT.model("t_deal").objects.all()
    return aggregate(rows, by, measures, snapshot=SNAPSHOT, object_key="t_deal", **more)


def test_it_works(company: Company) -> None:
    measures = Measure("count"), Measure("sum", "amount"), Measure("min", "closed_on")
    found = groups(("stage",), *measures)
    wanted: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for deal in company.deals.values():
        wanted[deal["stage"]].append(deal)
    assert {g.by[0] for g in found} == set(wanted)
    assert found[-1].by == (None,)  # missing last
    for group in found:
        deals = wanted[group.by[0]]
        amounts = [d["amount"] for d in deals if d["amount"] is not None]
        days = [d["closed_on"] for d in deals if d["closed_on"] is not None]
        assert group.values == (
            len(deals),
            sum(amounts) if amounts else None,
            min(days, default=None),
        )


def test_a_group_by_month_across_a_link(company: Company) -> None:
    found = groups(("customer.industry", "MONTHSTART({opened_on})"), Measure("count"))
    assert sum(g.values[0] for g in found) == len(company.deals)
    assert {type(g.by[1]) for g in found} <= {date, type(None)}
    assert len({g.by for g in found}) == len(found)


def test_without_groups_there_is_one(company: Company) -> None:
    measures = Measure("count"), Measure("count", "amount"), Measure("sum", "{amount} * 2")
    (only,) = groups((), *measures)
    amounts = [d["amount"] for d in company.deals.values() if d["amount"] is not None]
    assert only == Group((), (len(company.deals), len(amounts), sum(amounts) * 2))


def test_money_is_exact_to_the_fen(tables: None, db: None) -> None:
    rnd = random.Random(7)
    amounts = [rnd.randint(-(10**13), 10**14) for _ in range(50_000)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO o_t_deal (amount, cost, stage, version, created_at, updated_at)"
            " VALUES (%s, 7, %s, 1, %s, %s)",
            [(a, rnd.choice(("won", "lost")), *NOW) for a in amounts],
        )
    (only,) = groups((), Measure("sum", "amount"), Measure("sum", "margin"))
    assert only.values == (sum(amounts), sum(amounts) - 7 * len(amounts))
    parts = groups(("stage",), Measure("sum", "amount"))
    assert sum(g.values[0] for g in parts) == sum(amounts)


def test_what_cannot_be_measured_is_refused(company: Company) -> None:
    with pytest.raises(Refused) as caught:
        groups(
            ("nope",),
            Measure("sum", "name"),
            Measure("average", "amount"),  # type: ignore[arg-type]
            Measure("sum", "cost"),
            readable=lambda path: path != ("cost",),
        )
    assert [p.code for p in caught.value.problems] == [
        "unknown_field",
        "not_a_number",
        "no_such_measure",
        "unknown_field",
    ]
