"""An option goes into another; an undo is undone: values follow in both directions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from tests.kernel.schema.test_convert import (
    PAIRS,
    SIZES,
    changed,
    field,
    lab,
    make,
    schema_newest,
    values,
)
from wubu.collect.views import actions as views
from wubu.control.boards import queries as boards
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Actor, Refused, Text
from wubu.kernel.workspace import unit_of_work

pytestmark = pytest.mark.django_db(transaction=True)


def without(*gone: str, accept: dict[str, str] | None = None, key: str = "lab.x") -> Any:
    """The plan of a field without some of its options."""
    object_key, field_key = key.split(".")
    spec = snapshot().object(object_key)
    f = spec.fields[field_key]
    left = replace(f, choices=tuple(c for c in f.choices if c.key not in gone))
    return schema.plan([replace(spec, fields={**spec.fields, f.key: left})], accept=accept or {})


def test_it_works() -> None:
    with unit_of_work():
        schema.add_object(lab(field("choice")), actor=SYSTEM)
        make("small", "large", "small", "n12")
        asked = without("small", "n12")
        assert [(g.choice.key, g.count, g.settled) for g in asked.conversions[0].going] == [
            ("small", 2, False),
            ("n12", 1, False),
        ]
        assert [p.code for p in asked.problems] == ["choice_in_use"]
        made = without("small", "n12", accept={"lab.x:small": "into:large", "lab.x:n12": "empty"})
        assert made.problems == ()
        assert "选项“小”并入“大”，2 条记录" in made.steps[0].description.zh
        schema.apply(made, actor=SYSTEM)
    assert values() == ["large", "large", "large", None]
    with connection.cursor() as cursor:
        cursor.execute("SELECT x, COUNT(*) FROM o_lab GROUP BY x ORDER BY COUNT(*)")
        assert cursor.fetchall() == [(None, 1), ("large", 3)]
    with unit_of_work():
        schema.undo(schema_newest(), actor=SYSTEM)
    assert values() == ["small", "large", "small", "n12"]
    with unit_of_work():
        schema.undo(schema_newest(), actor=SYSTEM)
    assert values() == ["large", "large", "large", None]


def test_of_several_values_each_is_renamed_once() -> None:
    with unit_of_work():
        schema.add_object(lab(field("multichoice")), actor=SYSTEM)
        make(["small", "large"], ["small"], ["n12", "small"])
        schema.apply(without("small", accept={"lab.x:small": "into:大"}), actor=SYSTEM)
    assert [set(v) for v in values()] == [{"large"}, {"large"}, {"n12", "large"}]


def test_some_settled_some_not_is_still_a_question() -> None:
    with unit_of_work():
        schema.add_object(lab(field("choice")), actor=SYSTEM)
        make("small", "n12")
        for said in ("into:small", "into:nothing", "into:"):
            accept = {"lab.x:small": "into:large", "lab.x:n12": said}
            made = without("small", "n12", accept=accept)
            assert [p.code for p in made.problems] == ["choice_in_use"]
            assert made.conversions[0].lost == 1


def test_what_was_written_since_is_not_lost_by_undoing() -> None:
    with unit_of_work():
        schema.add_object(lab(field("choice")), actor=SYSTEM)
        one, _ = make("small", "large")
        schema.apply(without("small", accept={"lab.x:small": "into:large"}), actor=SYSTEM)
        merged = schema_newest()
        records.update(actor=SYSTEM, object_key="lab", id=one, values={"x": "n12"})
        with pytest.raises(Refused) as refused:
            schema.undo(merged, actor=SYSTEM)
        assert [p.code for p in refused.value.problems] == ["values_moved"]


def test_what_names_the_option_is_told() -> None:
    with unit_of_work():
        schema.add_object(lab(field("choice")), actor=SYSTEM)
        make("small")
        for name, word in (("小的", "small"), ("大的", "large")):
            views.create(
                actor=SYSTEM,
                object_key="lab",
                name=name,
                kind="list",
                audience="shared",
                definition={"filter": f'{{x}} = "{word}"'},
            )
        accept = {"lab.x:small": "into:large"}
        noted = {u.label.zh: u.note for u in without("small", accept=accept).uses}
        assert noted["小的"] is not None
        assert noted["小的"].zh == "写明了“小”"
        assert noted["大的"] is None
        rule = {"key": "r", "must": '{x} = "small"', "message": {"zh": "只能小", "en": "Small"}}
        spec = snapshot().object("lab")
        schema.change(replace(spec, options={**spec.options, "checks": [rule]}), actor=SYSTEM)
        assert [p.code for p in without("small", accept=accept).problems] == ["breaks_use"]


def test_what_is_kept_beside_the_records_follows() -> None:
    """Totals of the board, open stays, and roll-ups that count by the option."""
    link = field("link", key="home")
    with unit_of_work():
        home = records.create(actor=SYSTEM, object_key="customer", values={"name": "甲"}).id
        spec = lab(field("stage"), link)
        schema.add_object(replace(spec, roles={**spec.roles, "stage": "x"}), actor=SYSTEM)
        where = {"object": "lab", "via": "home", "agg": "count", "filter": '{x} = "large"'}
        counted = FieldSpec("customer", "n", "rollup", Text("数", "Number"), options=where)
        schema.add_field(counted, actor=SYSTEM)
        one, _ = (
            records.create(
                actor=SYSTEM, object_key="lab", values={"name": "次", "home": home, "x": x}
            ).id
            for x in ("small", "large")
        )
    for step in ("merged", "undone"):
        with unit_of_work():
            if step == "merged":
                made = without("small", accept={"lab.x:small": "into:large"})
                schema.apply(made, actor=SYSTEM)
            else:
                schema.undo(schema_newest(), actor=SYSTEM)
        with unit_of_work():
            totals = {k: f.count for k, f in boards.figures(SYSTEM, "lab").items() if f.count}
            stay = queries.stage_history(SYSTEM, "lab", one)[-1]
            n = queries.get(SYSTEM, "customer", home).values["n"]
        if step == "merged":
            assert (totals, stay.stage, n) == ({"large": 2}, "large", 2)
        else:
            assert (totals, stay.stage, n) == ({"small": 1, "large": 1}, "small", 1)


@pytest.mark.parametrize(("kind", "to", "given", "expected"), PAIRS)
def test_undoing_an_undo_converts_again(
    kind: str, to: str, given: list[Any], expected: list[Any]
) -> None:
    with unit_of_work():
        schema.add_object(lab(field(kind)), actor=SYSTEM)
        make(*given)
    was = values()
    options = {"formula": "1 + 1"} if to == "formula" else {}
    with unit_of_work():
        schema.apply(changed(to, "empty", options=options), actor=SYSTEM)
        after = snapshot().object("lab")
        schema.undo(schema_newest(), actor=SYSTEM)
    assert values() == was
    for _ in range(2):
        with unit_of_work():
            schema.undo(schema_newest(), actor=SYSTEM)
            assert snapshot().object("lab") == after
        if not FIELD_TYPES[to].computed:
            assert values() == expected
        with unit_of_work():
            schema.undo(schema_newest(), actor=SYSTEM)
        assert values() == was


def test_values_that_came_in_between_are_carried_over_or_asked_for() -> None:
    with unit_of_work():
        schema.add_object(lab(field("text")), actor=SYSTEM)
        one, _ = make("12", "13")
        schema.apply(changed("number"), actor=SYSTEM)
        schema.undo(schema_newest(), actor=SYSTEM)
        records.update(actor=SYSTEM, object_key="lab", id=one, values={"x": "99"})
        schema.undo(schema_newest(), actor=SYSTEM)
    assert values() == [99, 13]
    with unit_of_work():
        schema.undo(schema_newest(), actor=SYSTEM)
        records.update(actor=SYSTEM, object_key="lab", id=one, values={"x": "约十个"})
        with pytest.raises(Refused) as refused:
            schema.undo(schema_newest(), actor=SYSTEM)
        assert [p.code for p in refused.value.problems] == ["would_lose_values"]
    assert values() == ["约十个", "13"]


def test_an_option_that_is_in_use_does_not_vanish_by_undoing_its_addition() -> None:
    with unit_of_work():
        schema.add_object(lab(replace(field("choice"), choices=SIZES[:1])), actor=SYSTEM)
        schema.change_field(field("choice"), actor=SYSTEM)
        added = schema_newest()
        make("small", "large")
        with pytest.raises(Refused) as refused:
            schema.undo(added, actor=SYSTEM)
        assert [p.code for p in refused.value.problems] == ["choice_in_use"]
    assert values() == ["small", "large"]


def test_only_who_may_set_up_merges() -> None:
    with unit_of_work():
        schema.add_object(lab(field("choice")), actor=SYSTEM)
        make("small")
        made = without("small", accept={"lab.x:small": "into:large"})
        with pytest.raises(Refused):
            schema.apply(made, actor=Actor(999_999))
