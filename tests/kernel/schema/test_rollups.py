"""Roll-ups that cannot be: what is wrong with them is told before anything is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.kernel.records import stock
from tests.kernel.records.stock import rollup
from tests.kernel.records.world import new
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Text
from wubu.kernel.workspace import unit_of_work

pytestmark = pytest.mark.django_db(transaction=True)


def told(*objects: ObjectSpec) -> dict[str, str]:
    plan = schema.plan(list(objects))
    return {p.code: str(p.message.zh) for p in plan.problems}


def item(**fields: FieldSpec) -> ObjectSpec:
    return replace(stock.ITEM, fields={**stock.ITEM.fields, **fields})


def test_it_works() -> None:
    with unit_of_work():
        assert told(*stock.OBJECTS) == {}


@pytest.mark.parametrize(
    ("agg", "options", "code"),
    [
        ("median", {"field": "price"}, "bad_rollup"),
        ("average", {"field": "kind"}, "bad_rollup"),
        ("first", {"field": "place"}, "bad_rollup"),
        ("last", {"field": "price", "sort": "nowhere"}, "bad_rollup"),
        ("max", {"field": "kind"}, "bad_rollup"),
        ("sum", {"field": "price", "filter": "{at} < TODAY()"}, "moves_by_itself"),
        ("sum", {"field": "price", "filter": "{item.shelf.name} = 'x'"}, "moves_by_itself"),
        ("count", {"filter": "COUNT({item.z_move@item}) > 1"}, "moves_by_itself"),
    ],
)
def test_what_does_not_fit_is_told(agg: str, options: dict[str, Any], code: str) -> None:
    with unit_of_work():
        odd = item(odd=rollup("m_item", "odd", agg, **options))
        assert code in told(stock.SHELF, stock.PLACE, odd, stock.MOVE)


def test_roll_ups_in_a_circle_are_refused_with_the_circle() -> None:
    up = rollup("m_item", "up", "sum", field="down")
    link = FieldSpec("z_move", "of", "link", Text("of", "of"), target="m_item")
    back = FieldSpec("m_item", "part", "link", Text("part", "part"), target="z_move")
    down = FieldSpec(
        "z_move",
        "down",
        "rollup",
        Text("down", "down"),
        options={
            "object": "m_item",
            "via": "part",
            "agg": "sum",
            "field": "up",
            "result": "number",
        },
    )
    move = replace(stock.MOVE, fields={**stock.MOVE.fields, "of": link, "down": down})
    with unit_of_work():
        found = told(stock.SHELF, stock.PLACE, item(up=up, part=back), move)
    assert "m_item.up → z_move.down → m_item.up" in found["circle"] or (
        "z_move.down → m_item.up → z_move.down" in found["circle"]
    )


def test_formulas_over_linked_records_in_a_circle_are_refused() -> None:
    own = FieldSpec(
        "m_item",
        "own",
        "formula",
        Text("own", "own"),
        options={"formula": "SUM({z_move.back})", "result": "number"},
    )
    back = FieldSpec(
        "z_move",
        "back",
        "formula",
        Text("back", "back"),
        options={"formula": "{item.own} + 1", "result": "number"},
    )
    move = replace(stock.MOVE, fields={**stock.MOVE.fields, "back": back})
    with unit_of_work():
        found = told(stock.SHELF, stock.PLACE, item(own=own), move)
    assert "→" in found["circle"]


def test_a_formula_over_linked_records_is_planned_and_made() -> None:
    total = FieldSpec(
        "m_item",
        "total",
        "formula",
        Text("total", "total"),
        options={"formula": "SUM({z_move.quantity}, {z_move.kind} = 'in')", "result": "number"},
    )
    with unit_of_work():
        stock.build()
        schema.add_field(total, actor=SYSTEM)
    with unit_of_work():
        one = new("m_item", name="x").id
        new("z_move", name="m", item=one, quantity=3, kind="in")
        new("z_move", name="m", item=one, quantity=1, kind="out")
        assert queries.get(SYSTEM, "m_item", one).values["total"] == 3
        page = queries.page(SYSTEM, "m_item", Query(filter="{total} > 2", sort=("-total",)))
        assert [r.id for r in page.records] == [one]
