"""What a layout says of the columns of lines: linkages, conditions, what is needed and fixed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast, acting
from tests.collect.forms.conftest import Design, Make
from wubu.collect.forms import queries, uses
from wubu.collect.forms.entry.entering import Entry
from wubu.collect.forms.entry.saving import enter
from wubu.collect.forms.types import Layout
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries as records
from wubu.kernel.types import SYSTEM, Refused

PRICE = {"source": "product", "when": "{id} = {form.product}", "take": "price", "overwrite": True}
LINE = "quote_line:n1:"


def lines(design: Design, *columns: str, **cells: Any) -> Layout:
    """A quote with its customer and lines."""
    own = {"lines": "quote_line", "columns": list(columns), "cells": cells}
    return design("quote", {"field": "customer"}, {"field": "note"}, own)


def entry(layout: Layout, row: dict[str, Any], actor: Any = SYSTEM, **given: Any) -> Entry:
    return Entry(actor, layout, given, {"quote_line": [("n1", row)]})


def saved(quote: int) -> list[dict[str, Any]]:
    found = records.page(SYSTEM, "quote_line", Query(filter=f"{{quote}} = {quote}", sort=("id",)))
    return [r.values for r in found.records]


def test_it_works(design: Design, make: Make) -> None:
    layout = lines(design, "product", "quantity", "price", price={"default_from": PRICE})
    assert [c.id for c in next(i for i in layout.items if i.kind == "lines").cells] == [
        "s0.2.cells.price"
    ]
    product = make("product", name="甲", price="1200.5")
    row = {"product": f"id:{product.id}", "quantity": "2", "price": "1"}
    found = entry(layout, row).filled({f"{LINE}product"}, {f"{LINE}price"})
    assert {k: v for k, (_, v) in found.items()} == {f"{LINE}price": 120050}  # it overwrites


def test_a_column_that_nobody_types_into_is_filled_in_on_saving(design: Design, make: Make) -> None:
    product = make("product", name="甲", price="100")
    customer = make("customer", name="甲公司")
    layout = lines(design, "product", "quantity", price={"default_from": PRICE, "hidden": True})
    assert next(i for i in layout.items if i.kind == "lines").columns == ("product", "quantity")
    row = {"product": f"id:{product.id}", "quantity": "2"}
    assert entry(layout, row).filled()[f"{LINE}price"][1] == 10000
    values = {"customer": f"id:{customer.id}"}
    made = enter(actor=SYSTEM, layout=layout, values=values, children={"quote_line": [row]})
    assert [r["price"] for r in saved(made.id)] == [10000]
    fixed = lines(design, "product", "price", price={"default_from": PRICE, "read_only": True})
    row = {"product": f"id:{product.id}", "quantity": "1", "price": "7"}
    made = enter(actor=SYSTEM, layout=fixed, values=values, children={"quote_line": [row]})
    assert [r["price"] for r in saved(made.id)] == [10000]


def test_candidates_of_a_column_go_by_the_record_above(design: Design, make: Make) -> None:
    rule = {"when": "{series} = {parent.note}", "strict": True}
    own = {"lines": "quote_line", "cells": {"product": {"candidates": rule}}}
    layout = design("quote", {"field": "note"}, {"field": "customer"}, own)
    make("product", name="甲", price="1", series="台")
    other = make("product", name="乙", price="1", series="套")
    found = entry(layout, {}, note="台")
    scope, f = found.scope_of(f"{LINE}product") or (None, None)
    assert scope is not None
    assert f is not None
    limit = found.candidates_of(f)
    assert limit is not None
    assert [r.title for r in found.linker.candidates(limit, scope.get, "", 9)] == ["甲"]
    customer = make("customer", name="甲公司")
    values = {"customer": f"id:{customer.id}", "note": "台"}
    row = {"product": f"id:{other.id}", "quantity": "1", "price": "1"}
    with pytest.raises(Refused) as caught:
        enter(actor=SYSTEM, layout=layout, values=values, children={"quote_line": [{}, row]})
    wrong = [p for p in caught.value.problems if p.code == "not_a_candidate"]
    assert [(p.object, p.field, p.row) for p in wrong] == [("quote_line", "product", 1)]


def test_conditions_of_columns(design: Design, make: Make) -> None:
    """Whether a column shows is asked of the record, whether it is needed of the line."""
    cells = {
        "discount": {"required_when": "{quantity} > 10", "show_when": '{note} = "打折"'},
        "price": {"required": True},
    }
    layout = lines(design, **cells)
    few, many = {"quantity": "2", "price": ""}, {"quantity": "20", "price": "1"}
    shown = Entry(SYSTEM, layout, {"note": "打折"}, {"quote_line": [("0", few), ("1", many)]})
    assert "s0.2.cells.discount" not in shown.hidden()
    assert shown.needed_cells() == {
        "quote_line:0:price", "quote_line:1:price", "quote_line:1:discount",
    }  # fmt: skip
    hidden = Entry(SYSTEM, layout, {}, {"quote_line": [("1", many)]})
    assert "s0.2.cells.discount" in hidden.hidden()
    assert hidden.needed_cells() == {"quote_line:1:price"}
    values = {"customer": f"id:{make('customer', name='甲公司').id}", "note": "打折"}
    product = make("product", name="甲", price="100")
    rows = [{**r, "product": f"id:{product.id}"} for r in (few, many)]
    with pytest.raises(Refused) as caught:
        enter(actor=SYSTEM, layout=layout, values=values, children={"quote_line": rows})
    wrong = {(p.object, p.field, p.row) for p in caught.value.problems if p.code == "required"}
    assert wrong == {("quote_line", "price", 0), ("quote_line", "discount", 1)}
    # What does not show is not saved.
    rows = [{**rows[1], "discount": "30%"}]
    off = {**values, "note": ""}
    made = enter(actor=SYSTEM, layout=layout, values=off, children={"quote_line": rows})
    assert [r["discount"] for r in saved(made.id)] in ([None], [0])


def test_a_line_reads_the_record_above_before_it_is_saved(design: Design) -> None:
    layout = lines(design, discount={"required_when": '{quote.note} = "打折"'})
    assert entry(layout, {"quantity": "1"}, note="打折").needed_cells() == {f"{LINE}discount"}
    assert entry(layout, {"quantity": "1"}).needed_cells() == frozenset()


def test_nothing_comes_into_lines_from_out_of_sight(design: Design, make: Make, cast: Cast) -> None:
    rule = {"source": "customer", "when": '{region} = "华东"', "take": "{employees} + 1"}
    layout = lines(design, quantity={"default_from": rule})
    make("customer", name="甲", region="华东", employees="6", owner=cast.zhou_tao.id)
    assert f"{LINE}quantity" in entry(layout, {}).filled()
    assert entry(layout, {}, acting(cast.zhang_wei)).filled() == {}


def test_what_is_wrong_is_told_with_its_place(design: Design) -> None:
    with pytest.raises(Refused) as caught:
        lines(
            design,
            "product", "nothing",
            price={"default_from": {**PRICE, "when": "{id} = {form.nix}"}, "colour": 1},
            nix={"required": True},
            discount={"required_when": "{quantity} >", "show_when": "{nix} > 1"},
        )  # fmt: skip
    places = {p.field for p in caught.value.problems}
    assert places == {
        "s0.2.columns", "s0.2.cells.price.default_from.when", "s0.2.cells.price.colour",
        "s0.2.cells.nix", "s0.2.cells.discount.required_when", "s0.2.cells.discount.show_when",
    }  # fmt: skip
    assert all(p.hint for p in caught.value.problems if p.field == "s0.2.columns")


def test_the_fields_that_columns_speak_of_are_known(design: Design) -> None:
    lines(design, price={"default_from": PRICE}, discount={"required_when": "{quantity} > 1"})
    touched = next(iter(uses.finder(snapshot()))).touches
    for place in (
        ("quote_line", "price"), ("quote_line", "product"), ("product", "price"),
        ("quote_line", "quantity"),
    ):  # fmt: skip
        assert place in touched


def test_lines_may_be_needed(design: Design, make: Make) -> None:
    layout = design("quote", {"field": "customer"}, {"lines": "quote_line", "required": True})
    values = {"customer": f"id:{make('customer', name='甲公司').id}"}
    with pytest.raises(Refused) as caught:
        enter(actor=SYSTEM, layout=layout, values=values, children={"quote_line": []})
    assert [p.field for p in caught.value.problems] == ["quote_line"]
    assert queries.layout_for(SYSTEM, "quote").key == "mine"
