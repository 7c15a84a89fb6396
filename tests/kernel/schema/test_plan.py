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

NAME = Text("新字段", "New field")


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
        "kind": FieldSpec("customer", "kind", "colour", Text("颜色", "Colour")),
        "towards": FieldSpec(
            "customer", "towards", "link", Text("去向", "Towards"), target="nowhere"
        ),
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
    phone = replace(snapshot().object("customer").fields["phone"], type="date")
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
    assert (problem.code, problem.value) == ("choice_in_use", 1)


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


@pytest.mark.parametrize("label", ["手机", "phone", "PHONE"])
def test_a_label_that_is_there_already_is_refused_with_another(unit: None, label: str) -> None:
    spec = snapshot().object("customer")
    words = spec.fields["phone"].label if label == "手机" else Text(label, label)
    taken = replace(spec.fields["grade"], label=replace(words))
    labels = {spec.fields["phone"].label.en.casefold(), spec.fields["phone"].label.zh}
    problems = plan([with_field("customer", taken)]).problems
    if {words.zh.casefold(), words.en.casefold()} & labels:
        assert [p.code for p in problems] == ["label_taken"]
        assert problems[0].suggestion


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("", "no_label"),
        ("  ", "no_label"),
        ("x" * 81, "bad_label"),
        ("客户{甲}", "bad_label"),
        ("abc\u202egnp", "bad_label"),
        ("🚀 发射", None),
        ("العميل", None),
        ("👩‍🔧", None),
    ],
)
def test_labels(unit: None, label: str, code: str | None) -> None:
    field = FieldSpec("customer", "nickname", "text", Text(label, label))
    found = [p.code for p in plan([with_field("customer", field)]).problems]
    assert found == ([code] if code else [])


def test_an_object_called_as_another_is_refused(unit: None) -> None:
    twin = ObjectSpec("firm", snapshot().object("customer").label, NAME)
    assert codes(twin) == {"label_taken"}


def test_ten_thousand_options_are_fine_and_more_are_not(unit: None) -> None:
    def size(count: int) -> FieldSpec:
        every = tuple(Choice(f"c{n}", Text(f"选项{n}", f"Option {n}")) for n in range(count))
        return FieldSpec("customer", "size", "choice", NAME, choices=every)

    assert not codes(with_field("customer", size(10_000)))
    assert codes(with_field("customer", size(10_001))) == {"too_many_choices"}


def test_a_field_that_others_use_cannot_be_retired(unit: None) -> None:
    spec = snapshot().object("customer")
    gone = replace(spec.fields["name"], retired=True)
    problems = plan([with_field("customer", gone)]).problems
    assert {p.code for p in problems} == {"in_use"}
    assert all(p.hint and p.value for p in problems)


def test_an_object_that_others_link_to_cannot_be_retired(unit: None) -> None:
    problems = plan([replace(snapshot().object("product"), retired=True)]).problems
    assert {p.code for p in problems} == {"in_use"}
    assert any("商机" in p.message.zh or "opportunit" in p.message.en.lower() for p in problems)


def test_a_plan_says_who_reads_what_changes(unit: None) -> None:
    field = replace(snapshot().object("contract").fields["amount"], required=True)
    made = plan([with_field("contract", replace(field, help=NAME))])
    kinds = {u.kind.en for u in made.uses}
    assert {"Metric", "List, form and record page"} <= kinds
    assert all(u.url.startswith("/") for u in made.uses)


def test_a_type_change_that_breaks_a_formula_is_refused(unit: None) -> None:
    amount = replace(snapshot().object("contract").fields["amount"], type="text")
    found = codes(with_field("contract", amount))
    assert found & {"breaks_use", "role_of_other_type"}


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("[A-Z]{2}\\d{6}", None),
        (r"(?:\d{3,4}-)?\d{7,8}", None),
        (r"(\d{1,3}\.){3}\d{1,3}", None),
        (r"[\w.]+@[\w.]+\.[a-z]+", None),
        (r"(?:ab|cd)+", None),
        ("(a+)+b", "slow_pattern"),
        ("(a|a)*b", "slow_pattern"),
        ("(x+x+)+y", "slow_pattern"),
        (".*.*.*.*x", "slow_pattern"),
        ("(a{1,50}){1,50}", "slow_pattern"),
        (r"(a)\1", "slow_pattern"),
        ("[", "bad_pattern"),
    ],
)
def test_patterns(unit: None, pattern: str, code: str | None) -> None:
    field = FieldSpec("customer", "code", "text", NAME, options={"pattern": pattern})
    assert codes(with_field("customer", field)) == ({code} if code else set())


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"min": 5, "max": 3}, "bad_limit"),
        ({"min": "viel"}, "bad_limit"),
        ({"required_when": "{nothing} = 1"}, "unknown_field"),
        ({"required_when": "{grade} ="}, None),
    ],
)
def test_rules_that_cannot_be_kept(unit: None, options: dict[str, object], code: str) -> None:
    field = FieldSpec("customer", "seats", "number", NAME, options=options)
    found = codes(with_field("customer", field))
    assert found
    if code == "bad_limit":
        assert found == {code}


def test_checks_are_read_before_they_hold(unit: None) -> None:
    spec = snapshot().object("contract")
    checks = [
        {"key": "one", "must": "{amount} > 0"},
        {"key": "one", "must": "{amount} > 0", "message": "x"},
        {"key": "two", "must": "{amonut} > 0", "message": "x", "fields": ["nothing"]},
    ]
    problems = plan([replace(spec, options={**spec.options, "checks": checks})]).problems
    assert {"bad_rule", "no_such_field"} <= {p.code for p in problems}
    assert len(problems) >= 4
