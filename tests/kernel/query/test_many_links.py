"""Conditions over links to many: a record stands in a list once, whatever it is linked to."""

from __future__ import annotations

import pytest

from tests.kernel.formula.company import SNAPSHOT
from tests.kernel.formula.conftest import STAMPS, Company
from wubu.kernel.query.queries import aggregate, compile
from wubu.kernel.query.types import Measure, Query

CONDITIONS = [
    '{partners} IN ("ONE", "TWO")',
    '{partners} IN ("ONE") OR {partners} IN ("TWO")',
    '{partners} IN ("ONE") AND {partners} IN ("TWO")',
    "COUNT({partners}) > 1",
    'COUNT({partners}, {partners.name} = "甲方" OR {partners.name} = "乙方") > 0',
    "NOT ISBLANK({partners})",
]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_it_works(company: Company, condition: str) -> None:
    customer = SNAPSHOT.model("t_customer")
    one, two = (customer(name=n, **STAMPS) for n in ("甲方", "乙方"))
    one.save()
    two.save()
    deals = SNAPSHOT.model("t_deal")
    both = deals(name="两家", amount=700, **STAMPS)
    both.save()
    both.partners.add(one, two)
    rows = deals.objects.filter(name="两家")
    condition = condition.replace("ONE", str(one.pk)).replace("TWO", str(two.pk))
    query = Query(filter=condition, sort=("customer", "-amount"))
    made = compile(query, snapshot=SNAPSHOT, object_key="t_deal")
    assert list(made.apply(rows).values_list("id", flat=True)) == [both.pk]
    assert made.slice(rows).ids == (both.pk,)
    assert made.filter(rows).count() == 1
    (whole,) = aggregate(
        made.filter(rows),
        (),
        [Measure("count"), Measure("sum", "amount")],
        snapshot=SNAPSHOT,
        object_key="t_deal",
    )
    assert whole.values == (1, 700)
