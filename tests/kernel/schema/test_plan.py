"""Planning a change of the company's objects: what it says, what it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cast import Cast, acting
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.records import actions as records
from wubu.kernel.schema.actions import apply, plan
from wubu.kernel.types import SYSTEM, Forbidden, Text

NAME = Text("名称", "Name")


def with_field(object_key: str, field: FieldSpec) -> ObjectSpec:
    spec = snapshot().object(object_key)
    return replace(spec, fields={**spec.fields, field.key: field})


def codes(*specs: ObjectSpec) -> set[str]:
    return {p.code for p in plan(specs).problems}


def test_it_works(unit: None) -> None:
    made = plan([with_field("customer", FieldSpec("customer", "nickname", "text", NAME))])
    assert [s.kind for s in made.steps] == ["add_field"]
    assert not made.problems
    assert len(made.operations) == 1


def test_the_same_again_changes_nothing(unit: None) -> None:
    assert plan(list(snapshot())).is_empty


def test_what_is_left_out_stays(unit: None) -> None:
    spec = snapshot().object("customer")
    made = plan([replace(spec, fields={"name": spec.fields["name"]})])
    assert made.is_empty
    assert made.wanted[0].fields.keys() == spec.fields.keys()


@pytest.mark.parametrize("key", ["Name", "1st", "two__scores", "pk", "owner_id", "x" * 41, "save"])
def test_bad_keys_are_refused_with_a_remedy(unit: None, key: str) -> None:
    made = plan([with_field("customer", FieldSpec("customer", key, "text", NAME))])
    assert {p.code for p in made.problems} <= {"bad_key", "reserved_key"}
    assert made.problems[0].hint
    assert made.problems[0].field == key


def test_all_problems_come_at_once(unit: None) -> None:
    spec = snapshot().object("customer")
    wrong = {
        "Bad": FieldSpec("customer", "Bad", "text", NAME),
        "kind": FieldSpec("customer", "kind", "colour", NAME),
        "towards": FieldSpec("customer", "towards", "link", NAME, target="nowhere"),
    }
    assert codes(replace(spec, fields={**spec.fields, **wrong})) == {
        "bad_key",
        "no_such_type",
        "no_such_target",
    }


def test_a_formula_that_does_not_parse_says_where(unit: None) -> None:
    field = FieldSpec("contract", "bonus", "formula", NAME, options={"formula": "{amount} * ("})
    problem = plan([with_field("contract", field)]).problems[0]
    assert problem.field == "bonus"
    assert problem.start is not None


def test_a_rollup_needs_a_link_back(unit: None) -> None:
    options = {"object": "payment", "via": "amount", "agg": "sum", "field": "amount"}
    field = FieldSpec("contract", "odd", "rollup", NAME, options=options)
    assert codes(with_field("contract", field)) == {"no_such_link"}


def test_a_rollup_takes_the_type_of_what_it_sums(unit: None) -> None:
    options = {"object": "payment", "via": "contract", "agg": "max", "field": "paid_on"}
    field = FieldSpec("contract", "last_paid", "rollup", NAME, options=options)
    made = plan([with_field("contract", field)])
    assert made.wanted[0].fields["last_paid"].options["result"] == "date"


def test_a_type_change_that_would_lose_values_is_refused_with_their_number(cast: Cast) -> None:
    for name in ("上海明华", "苏州恒通"):
        records.create(
            actor=SYSTEM, object_key="customer", values={"name": name, "phone": "13800000001"}
        )
    phone = replace(snapshot().object("customer").fields["phone"], type="number")
    problem = plan([with_field("customer", phone)]).problems[0]
    assert (problem.code, problem.value) == ("would_lose_values", 2)


def test_an_empty_field_may_change_its_type(unit: None) -> None:
    phone = replace(snapshot().object("customer").fields["phone"], type="longtext")
    assert not plan([with_field("customer", phone)]).problems


def test_a_choice_in_use_cannot_go(cast: Cast) -> None:
    records.create(actor=SYSTEM, object_key="customer", values={"name": "甲", "grade": "a"})
    grade = snapshot().object("customer").fields["grade"]
    fewer = replace(grade, choices=tuple(c for c in grade.choices if c.key != "a"))
    problem = plan([with_field("customer", fewer)]).problems[0]
    assert (problem.code, problem.value) == ("choice_in_use", "a")


def test_a_choice_nobody_uses_may_go(unit: None) -> None:
    grade = snapshot().object("customer").fields["grade"]
    assert not plan([with_field("customer", replace(grade, choices=grade.choices[:-1]))]).problems


def test_an_option_twice_is_refused(unit: None) -> None:
    twice = (Choice("a", NAME), Choice("a", NAME))
    field = FieldSpec("customer", "size", "choice", NAME, choices=twice)
    assert codes(with_field("customer", field)) == {"double_choice"}


def test_unique_is_refused_while_values_repeat(cast: Cast) -> None:
    firm = records.create(actor=SYSTEM, object_key="customer", values={"name": "甲"})
    for _ in range(2):
        values = {"name": "王工", "customer": firm.id}
        records.create(actor=SYSTEM, object_key="contact", values=values)
    name = replace(snapshot().object("contact").fields["name"], unique=True)
    assert codes(with_field("contact", name)) == {"not_unique"}


def test_newly_required_says_what_happens_to_the_old(cast: Cast) -> None:
    records.create(actor=SYSTEM, object_key="customer", values={"name": "甲"})
    phone = replace(snapshot().object("customer").fields["phone"], required=True)
    step = plan([with_field("customer", phone)]).steps[0]
    assert step.rows == 1
    assert step.risk


def test_only_who_may_set_objects_up_applies(cast: Cast) -> None:
    made = plan([with_field("customer", FieldSpec("customer", "nickname", "text", NAME))])
    with pytest.raises(Forbidden):
        apply(made, actor=acting(cast.zhang_wei))
