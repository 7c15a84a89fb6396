"""Data linkage: conditions over two objects, with the form's values put in before SQL."""

from __future__ import annotations

from typing import Any

import pytest

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.query import linked
from wubu.kernel.records import actions, queries
from wubu.kernel.types import SYSTEM, Refused


def rule(form: str = "quote_line", parent: str = "quote", **definition: Any) -> linked.Linkage:
    return linked.read(definition, snapshot=snapshot(), form=form, parent=parent)


def rows(found: linked.Linkage, **values: Any) -> list[str]:
    got = found.filter(
        queries.visible(SYSTEM, found.source), lambda path: values.get("_".join(path[1:]))
    )
    return sorted(r.title for r in queries.present(SYSTEM, found.source, got))


def make(object_key: str, **values: Any) -> int:
    return actions.create(actor=SYSTEM, object_key=object_key, values=values).id


def test_it_works(unit: None) -> None:
    cheap, _ = make("product", name="甲", price="10"), make("product", name="乙", price="20")
    found = rule(source="product", when="{id} = {form.product}", take="price")
    assert rows(found, product=cheap) == ["甲"]
    assert rows(found, product=None) == []
    got = found.filter(queries.visible(SYSTEM, "product"), lambda path: cheap)
    assert found.taken_from(got, 1) == [1000]
    assert linked.depends_on(found) == {("form", "product")}


def test_conditions_join_with_and_or_and_speak_chinese(unit: None) -> None:
    make("product", name="甲", price="10")
    make("product", name="乙", price="20")
    make("product", name="丙", price="30")
    found = rule(
        source="product", when='{标准价} > {表单.单价} OR {产品名称} = "甲"', take="标准价"
    )
    assert rows(found, price=2000) == ["丙", "甲"]
    assert found.condition is not None
    assert found.condition.canonical() == '{price} > {form.price} OR {name} = "甲"'


def test_a_text_of_the_form_is_never_read_as_a_formula(unit: None) -> None:
    make("customer", name="甲", region='a" OR TRUE OR "')
    make("customer", name="乙", region="b")
    found = rule("customer", "", source="customer", when="{region} = {form.region}", take="name")
    assert rows(found, region='" OR TRUE OR "') == []
    assert rows(found, region='a" OR TRUE OR "') == ["甲"]


def test_everything_wrong_is_told_with_its_part(unit: None) -> None:
    with pytest.raises(Refused) as caught:
        rule(source="product", when="{没有} = {form.product} AND {form.nothing} = 1", take="nix")
    parts = [p.field for p in caught.value.problems]
    assert set(parts) == {"when", "take"}
    assert parts.count("when") == 2
    assert all(p.start is not None for p in caught.value.problems)
    with pytest.raises(Refused) as caught:
        rule(source="nowhere", when="TRUE", take="x")
    assert caught.value.problems[0].code == "no_such_object"
    for bad in ([], {"source": 3}, {"sauce": "x"}):
        with pytest.raises(Refused):
            linked.read(bad, snapshot=snapshot(), form="quote")


def test_fields_of_many_values_are_no_condition(unit: None) -> None:
    with pytest.raises(Refused) as caught:
        rule("follow_up", "", source="customer", when='CONTAINS({form.files}, "x")', take="name")
    assert caught.value.problems
