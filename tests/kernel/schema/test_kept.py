"""What is kept beside the records follows the catalog: roll-ups, search, totals, ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.kernel.records.world import contract, customer, new, opportunity
from tests.measure.books import assert_rebuilt_is_posted, total
from wubu.control.boards import queries as boards
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.records import queries
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Refused, Text
from wubu.kernel.workspace import unit_of_work
from wubu.measure.metrics import actions as metrics

pytestmark = pytest.mark.django_db(transaction=True)


def rollup(key: str, **options: Any) -> FieldSpec:
    options = {"object": "contract", "via": "customer", "agg": "sum", "field": "amount", **options}
    return FieldSpec("customer", key, "rollup", Text("签约额", "Signed"), options=options)


def value(id_: int, key: str) -> Any:
    with unit_of_work():
        return queries.get(SYSTEM, "customer", id_).values[key]


def test_a_new_roll_up_knows_the_records_that_were_there() -> None:
    with unit_of_work():
        home = customer()
        contract(home, amount="1000", status="active")
        contract(home, amount="500", status="draft")
        schema.add_field(rollup("signed"), actor=SYSTEM)
    assert value(home.id, "signed") == 150000
    with unit_of_work():
        schema.change_field(rollup("signed", filter='{status} = "active"'), actor=SYSTEM)
    assert value(home.id, "signed") == 100000


def test_a_roll_up_that_comes_back_is_up_to_date() -> None:
    with unit_of_work():
        home = customer()
        schema.add_field(rollup("signed"), actor=SYSTEM)
        schema.retire("customer", "signed", actor=SYSTEM)
        contract(home, amount="1000")
        schema.restore("customer", "signed", actor=SYSTEM)
    assert value(home.id, "signed") == 100000


@pytest.mark.parametrize(
    "condition", ['{customer.owner.name} = "A"', "{signed_on} < TODAY()", "{amount} + 1"]
)
def test_a_roll_up_depends_on_its_records_only(condition: str) -> None:
    with unit_of_work(), pytest.raises(Refused):
        schema.add_field(rollup("signed", filter=condition), actor=SYSTEM)


def test_an_object_that_becomes_searchable_is_found() -> None:
    with unit_of_work():
        spec = snapshot().object("customer")
        schema.change(replace(spec, options={**spec.options, "searchable": False}), actor=SYSTEM)
        home = customer("深圳机器人")
        assert queries.find(SYSTEM, "机器人") == []
        schema.change(replace(spec, model=None), actor=SYSTEM)
    with unit_of_work():
        assert [h.id for h in queries.find(SYSTEM, "机器人")] == [home.id]


def test_a_board_counts_by_the_field_that_is_the_amount_now() -> None:
    with unit_of_work():
        budget = FieldSpec("opportunity", "budget", "money", Text("预算", "Budget"))
        schema.add_field(budget, actor=SYSTEM)
        opportunity(customer(), amount="1000", budget="700")
        spec = snapshot().object("opportunity")
        roles = {**spec.roles, "amount": "budget"}
        schema.change(replace(spec, roles=roles, model=None), actor=SYSTEM)
    with unit_of_work():
        figures = boards.figures(SYSTEM, "opportunity")
        assert [(f.count, f.amount) for f in figures.values()] == [(1, 70000)]


def test_a_formula_that_changes_moves_the_metrics_that_use_it() -> None:
    def profit(text: str) -> FieldSpec:
        return FieldSpec(
            "contract",
            "profit",
            "formula",
            Text("毛利", "Profit"),
            options={"formula": text, "result": "money"},
        )

    with unit_of_work():
        schema.add_field(profit("{amount} * 20%"), actor=SYSTEM)
        metrics.define(
            actor=SYSTEM,
            key="profit",
            label=Text("毛利", "Profit"),
            unit="money",
            definition={
                "kind": "sum",
                "object": "contract",
                "when": "signed_on",
                "value": "{profit}",
                "credit": {"owner": "owner"},
            },
        )
        contract(customer(), amount="1000")
        assert total("profit") == 20000
        schema.change_field(profit("{amount} * 30%"), actor=SYSTEM)
    with unit_of_work():
        assert total("profit") == 30000
        assert_rebuilt_is_posted()


def test_what_is_new_needs_no_second_look() -> None:
    with unit_of_work():
        made = new("product", name="压力传感器")
        schema.add_field(
            FieldSpec("product", "weight", "number", Text("重量", "Weight")), actor=SYSTEM
        )
    with unit_of_work():
        kept = queries.get(SYSTEM, "product", made.id)
        assert (kept.version, kept.values["weight"]) == (made.version, None)
