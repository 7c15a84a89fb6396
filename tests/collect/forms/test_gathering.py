"""Roll-ups over lines while they are typed agree with what the door keeps when it saves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collect.forms.conftest import Make
from wubu.collect.forms import queries
from wubu.collect.forms.entry.entering import Entry
from wubu.collect.forms.entry.saving import enter
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.schema.actions import add_field
from wubu.kernel.types import SYSTEM, Text

ROLLUPS: dict[str, dict[str, Any]] = {
    "mean": {"agg": "average", "field": "price"},
    "mean_quantity": {"agg": "average", "field": "quantity"},
    "mean_amount": {"agg": "average", "field": "amount"},
    "cheapest": {"agg": "first", "field": "discount", "sort": "price"},
    "dearest": {"agg": "last", "field": "quantity", "sort": "price"},
    "newest": {"agg": "last", "field": "price"},
    "oldest": {"agg": "first", "field": "price"},
    "kinds": {"agg": "distinct", "field": "product"},
    "many": {"agg": "average", "field": "price", "filter": "{quantity} > 1"},
    "lines": {"agg": "count"},
}


LINES = [("甲", "2", "100"), ("乙", "1", "33.33"), ("甲", "3", "0.01"), ("丙", "1", "")]


@pytest.mark.django_db(transaction=True)
def test_it_works(unit: None, make: Make) -> None:
    added = [
        FieldSpec(
            "quote",
            key,
            "rollup",
            Text(key, key),
            options={"object": "quote_line", "via": "quote", **options},
        )
        for key, options in ROLLUPS.items()
    ]
    for f in added:
        add_field(f, actor=SYSTEM)
    products = {name: make("product", name=name, price="1").id for name in "甲乙丙"}
    rows = [
        {"product": f"id:{products[name]}", "quantity": quantity, "price": price, "discount": "5%"}
        for name, quantity, price in LINES
    ]
    layout = queries.layout_for(SYSTEM, "quote")
    values = {"customer": f"id:{make('customer', name='甲公司').id}"}

    def typed(count: int) -> dict[str, Any]:
        lines = {"quote_line": [(str(n), r) for n, r in enumerate(rows[:count])]}
        computed = Entry(SYSTEM, layout, {}, lines).computed
        return {key: computed[key][1] for key in ROLLUPS}

    for count in (3, 1, 0):
        children = {"quote_line": rows[:count]}
        saved = enter(actor=SYSTEM, layout=layout, values=values, children=children)
        assert typed(count) == {key: saved.values[key] for key in ROLLUPS}
    # A price is needed for saving; while lines are typed, what is missing is left out.
    four = typed(4)
    assert (four["kinds"], four["lines"]) == (3, 4)
    assert four["mean"] == 4445  # 133.34 / 3 = 44.4467
