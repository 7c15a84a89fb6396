"""Layouts: who gets which, what is wrong with one, every saving kept, two at once told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.cast import Cast, acting
from tests.collect.forms.conftest import Design
from wubu.collect.forms import actions, queries, uses
from wubu.collect.forms.layouts import reading, standard
from wubu.kernel.audit.models import Change
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.types import SYSTEM, Conflict, Forbidden, Missing, Refused


def save(key: str = "mine", object_key: str = "opportunity", **definition: Any) -> Any:
    given = {"label": {"zh": "我", "en": "Me"}, **definition}
    given.setdefault("sections", [{"label": "一", "items": [{"field": "name"}]}])
    return actions.save_layout(actor=SYSTEM, object_key=object_key, key=key, definition=given)


def got(actor: Any, **values: Any) -> str:
    return queries.layout_for(actor, "opportunity", get=lambda path: values.get(path[0])).key


def test_it_works(design: Design) -> None:
    layout = design("opportunity", {"field": "name", "span": 2}, {"field": "amount"})
    assert [i.key for i in layout.items] == ["name", "amount"]
    assert [i.id for i in layout.items] == ["s0.0", "s0.1"]
    assert layout.version == 1
    assert got(SYSTEM) == "mine"


def test_without_any_it_is_as_the_pack_says(unit: None) -> None:
    layout = queries.layout_for(SYSTEM, "quote")
    assert layout.fallback
    assert [i.key for i in layout.items if i.kind == "lines"] == ["quote_line"]
    keys = [i.key for i in layout.items if i.kind == "field"]
    assert keys[:2] == ["customer", "opportunity"] or "customer" in keys
    again, stored = reading.read(
        snapshot(), snapshot().object("quote"), "x", standard.as_definition(layout)
    )
    assert [i.key for i in again.items] == [i.key for i in layout.items]
    assert stored["sections"][0]["items"]


def test_the_first_that_fits_wins(cast: Cast) -> None:
    save("reps", roles=["sales_rep"])
    save("late", stages=["won", "lost"])
    save("large", when="{amount} > 1000")
    save("rest")
    assert got(acting(cast.zhang_wei)) == "reps"
    assert got(acting(cast.li_qiang), stage="won") == "late"
    assert got(acting(cast.li_qiang), stage="proposal", amount=100_001) == "large"
    assert got(acting(cast.li_qiang), stage="proposal", amount=100_000) == "rest"
    actions.order(actor=SYSTEM, object_key="opportunity", keys=["rest"])
    assert got(acting(cast.zhang_wei)) == "rest"
    actions.set_disabled(actor=SYSTEM, object_key="opportunity", key="rest")
    assert got(acting(cast.zhang_wei)) == "reps"


def test_everything_wrong_is_told_with_its_place(unit: None) -> None:
    items = [
        {"field": "nothing"},
        {"field": "name", "show_when": "{amount} >"},
        {"field": "name"},
        {"field": "amount", "required_when": "{name}", "colour": "red"},
        {"field": "contact", "candidates": {"when": "{nix} = {form.customer}"}},
        {"lines": "quote_line"},
    ]
    with pytest.raises(Refused) as caught:
        save(sections=[{"label": "一", "columns": 7, "items": items}], stages=["never"])
    places = {p.field for p in caught.value.problems}
    assert places == {
        "s0.0", "s0.1.show_when", "s0.2", "s0.3.required_when", "s0.3.colour",
        "s0.4.candidates.when", "s0.5", "s0.columns", "stages",
    }  # fmt: skip
    wrong = next(p for p in caught.value.problems if p.field == "s0.1.show_when")
    assert wrong.start is not None
    for bad in (None, [], "x", {"sections": 3}, {"sections": [3]}, {"sections": []}):
        with pytest.raises(Refused):
            actions.save_layout(actor=SYSTEM, object_key="quote", key="x", definition=bad)  # type: ignore[arg-type]
    for key in ("", "Bad Key", "default", "x" * 60):
        with pytest.raises(Refused):
            save(key)


def test_conditions_are_stored_by_key(unit: None) -> None:
    rule = {"when": "{客户} = {表单.客户}"}
    items = [
        {"field": "name", "show_when": "{商机金额} > 100"},
        {"field": "contact", "candidates": rule},
    ]
    info = save(sections=[{"label": "一", "items": items}])
    stored = info.definition["sections"][0]["items"]
    assert stored[0]["show_when"] == "{amount} > 100"
    assert stored[1]["candidates"] == {"source": "contact", "when": "{customer} = {form.customer}"}


def test_two_designers_at_once(unit: None) -> None:
    save()
    section = {"label": "二", "items": [{"field": "amount"}]}
    definition = {"label": "乙", "sections": [section]}
    common = {"actor": SYSTEM, "object_key": "opportunity", "key": "mine"}
    actions.save_layout(**common, definition=definition, version=1)
    with pytest.raises(Conflict) as caught:
        actions.save_layout(**common, definition={**definition, "label": "丙"}, version=1)
    assert caught.value.theirs["version"] == 2
    assert caught.value.theirs["definition"]["label"] == "乙"
    assert caught.value.yours["label"] == "丙"
    with pytest.raises(Conflict):
        actions.save_layout(
            actor=SYSTEM, object_key="opportunity", key="new", definition=definition, version=3
        )


def test_every_saving_is_kept_and_can_be_brought_back(unit: None) -> None:
    save()
    save(sections=[{"label": "二", "items": [{"field": "amount"}]}])
    save(sections=[{"label": "二", "items": [{"field": "amount"}]}])  # nothing new is no saving
    assert [v.version for v in queries.versions("opportunity", "mine")] == [2, 1]
    info = actions.bring_back(actor=SYSTEM, object_key="opportunity", key="mine", version=1)
    assert info.version == 3
    assert info.definition["sections"][0]["items"] == [{"field": "name"}]
    assert Change.objects.filter(object_key="_form").count() == 3
    with pytest.raises(Missing):
        actions.bring_back(actor=SYSTEM, object_key="opportunity", key="mine", version=9)


def test_who_may_design(cast: Cast) -> None:
    save()
    for act in (
        lambda: actions.save_layout(
            actor=acting(cast.zhang_wei), object_key="quote", key="x", definition={}
        ),
        lambda: actions.set_disabled(
            actor=acting(cast.zhang_wei), object_key="opportunity", key="mine"
        ),
        lambda: actions.order(actor=acting(cast.zhang_wei), object_key="opportunity", keys=[]),
        lambda: actions.bring_back(
            actor=acting(cast.zhang_wei), object_key="opportunity", key="mine", version=1
        ),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_field_that_is_gone_is_passed_over(unit: None) -> None:
    save(sections=[{"label": "一", "items": [{"field": "name"}, {"field": "amount"}]}])
    spec = snapshot().object("opportunity")
    amount = replace(spec.fields["amount"], retired=True)
    without = replace(spec, fields={**spec.fields, "amount": amount})
    definition = queries.layout("opportunity", "mine").definition
    left = reading.usable(snapshot(), without, "mine", definition)
    assert [i.key for i in left.items] == ["name"]


def test_what_is_exported_installs_again(unit: None) -> None:
    save(roles=["sales_rep"])
    told = queries.export()
    actions.set_disabled(actor=SYSTEM, object_key="opportunity", key="mine")
    assert actions.install(told, actor=SYSTEM) == 0
    assert told["opportunity"]["mine"]["roles"] == ["sales_rep"]
    again = {"lead": {"mine": {"label": "线索", "sections": [{"items": [{"field": "name"}]}]}}}
    assert actions.install(again, actor=SYSTEM) == 1
    assert queries.layout_for(SYSTEM, "lead").key == "mine"
    with pytest.raises(Refused):
        actions.install({"lead": {"bad": {"sections": []}}}, actor=SYSTEM)


def test_the_quick_layout_has_what_must_be_filled_in(unit: None) -> None:
    layout = queries.layout_for(SYSTEM, "contact", use="quick")
    spec = snapshot().object("contact")
    needed = {f.key for f in spec.live_fields if f.required and f.default is None}
    assert needed <= {i.key for i in layout.items}
    save("few", object_key="contact", use="quick")
    assert queries.layout_for(SYSTEM, "contact", use="quick").key == "few"
    assert queries.layout_for(SYSTEM, "contact").fallback


def test_a_layout_says_which_fields_it_reads(unit: None) -> None:
    rule = {"source": "customer", "when": "{id} = {form.customer}", "take": "region"}
    items = [
        {"field": "name", "show_when": '{customer.grade} = "a" OR {amount} > 1'},
        {"field": "next_step", "default_from": rule},
    ]
    save(sections=[{"label": "一", "items": items}])
    (use,) = uses.finder(snapshot())
    assert use.url == "/setup/objects/opportunity/forms/mine"
    assert not use.breaks
    for touched in (
        ("opportunity", "name"),
        ("opportunity", "amount"),
        ("opportunity", "customer"),
        ("customer", "grade"),
        ("customer", "region"),
    ):
        assert touched in use.touches


def test_linkages_that_go_round_are_refused_with_the_circle(unit: None) -> None:
    def rule(other: str, **more: Any) -> dict[str, Any]:
        when = f"{{name}} = {{form.{other}}}"
        return {"source": "customer", "when": when, "take": "region", **more}

    hard = [
        {"field": "competitor", "default_from": rule("next_step", overwrite=True)},
        {"field": "next_step", "default_from": rule("competitor", overwrite=True)},
        {"field": "name", "default_from": rule("name")},
    ]
    with pytest.raises(Refused) as caught:
        save(sections=[{"label": "一", "items": hard}])
    assert [(p.code, p.field) for p in caught.value.problems] == [
        ("circle", "s0.2.default_from"),
        ("circle", "s0.0.default_from"),
    ]
    assert "竞争对手 → 下一步 → 竞争对手" in caught.value.problems[1].message.zh
    assert all(p.hint for p in caught.value.problems)
    # One that leaves alone what stands there comes to rest.
    soft = [{**hard[0], "default_from": rule("next_step")}, hard[1]]
    assert save(sections=[{"label": "一", "items": soft}]).version == 1


def test_a_condition_that_broke_since_never_holds(unit: None) -> None:
    """A layout for large deals must not become that of all deals when its field is gone."""
    save("large", when="{amount} > 1000", sections=[{"label": "一", "items": [{"field": "name"}]}])
    given = queries.export()["opportunity"]["large"]
    spec, field = snapshot().object("opportunity"), {"field": "amount"}

    def without(fields: Any) -> Any:
        objects = {**snapshot().objects, "opportunity": replace(spec, fields=fields)}
        return replace(snapshot(), objects=objects, token="other")

    gone = without({k: v for k, v in spec.fields.items() if k != "amount"})
    assert reading.usable(gone, gone.object("opportunity"), "large", given).broken
    # One that is retired keeps its values; it is named where the layout is designed.
    now = without({**spec.fields, "amount": replace(spec.fields["amount"], retired=True)})
    assert not reading.usable(now, now.object("opportunity"), "large", given).broken
    wrong = {**given, "sections": [{"items": [field, {"field": "name"}]}]}
    with pytest.raises(Refused) as caught:
        reading.read(now, now.object("opportunity"), "large", wrong)
    assert {p.field for p in caught.value.problems} == {"s0.0", "when"}
    assert all("已停用" in p.message.zh and p.hint for p in caught.value.problems)
