"""Forms while they are filled in: conditions, linkage, sums; what is saved and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast, acting
from tests.collect.forms.conftest import Design, Make
from wubu.collect.forms import actions, queries
from wubu.collect.forms.entry.entering import Entry
from wubu.collect.forms.entry.saving import enter
from wubu.collect.forms.types import Layout
from wubu.kernel.permissions.actions import define_role
from wubu.kernel.permissions.queries import definition
from wubu.kernel.records import queries as records
from wubu.kernel.records.actions import update
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused

PRICE = {"source": "product", "when": "{id} = {form.product}", "take": "price"}


def ids(layout: Layout, *keys: str) -> set[str]:
    return {i.id for i in layout.items if i.key in keys}


def filled(entry: Entry, *args: Any, **more: Any) -> dict[str, Any]:
    return {name: value for name, (_, value) in entry.filled(*args, **more).items()}


def test_it_works(design: Design) -> None:
    layout = design(
        "opportunity",
        {"field": "name"},
        {"field": "amount", "required_when": '{stage} = "won"'},
        {"field": "stage"},
        {"field": "loss_reason", "show_when": '{stage} = "lost"'},
    )
    entry = Entry(SYSTEM, layout, {"stage": "lost", "name": "一"})
    assert entry.hidden() == frozenset()
    assert entry.needed() == frozenset()
    entry = Entry(SYSTEM, layout, {"stage": "won"})
    assert entry.hidden() == ids(layout, "loss_reason")
    assert entry.needed() == ids(layout, "amount")
    # What is unknown does not hold.
    assert Entry(SYSTEM, layout, {}).hidden() == ids(layout, "loss_reason")


def test_conditions_look_across_links_but_only_within_sight(
    design: Design, make: Make, cast: Cast
) -> None:
    layout = design(
        "opportunity",
        {"field": "name", "show_when": '{customer.grade} = "a"'},
        {"field": "customer"},
    )
    theirs = make("customer", name="甲", grade="a", owner=cast.zhou_tao.id)
    given = {"customer": f"id:{theirs.id}"}
    assert Entry(SYSTEM, layout, given).hidden() == frozenset()
    assert Entry(acting(cast.zhang_wei), layout, given).hidden() == ids(layout, "name")


def test_what_does_not_show_is_not_saved_and_not_lost(design: Design, make: Make) -> None:
    layout = design(
        "opportunity",
        {"field": "name"},
        {"field": "customer"},
        {"field": "stage"},
        {"field": "competitor", "show_when": '{stage} = "negotiation"'},
    )
    customer = make("customer", name="甲")
    given = {"name": "一", "customer": customer.id, "stage": "negotiation", "competitor": "对手"}
    deal = enter(actor=SYSTEM, layout=layout, values=given)
    assert deal.values["competitor"] == "对手"
    sent = {**given, "stage": "proposal", "competitor": "别的"}
    after = enter(actor=SYSTEM, layout=layout, values=sent, record=deal, version=deal.version)
    assert after.values["stage"] == "proposal"
    assert after.values["competitor"] == "对手"


def test_what_the_form_needs_is_told_with_everything_else(design: Design) -> None:
    layout = design(
        "opportunity",
        {"field": "name"},
        {"field": "customer"},
        {"field": "amount"},
        {"field": "next_step", "required": True},
        {"field": "competitor", "required_when": "{amount} > 100"},
    )
    with pytest.raises(Refused) as caught:
        enter(actor=SYSTEM, layout=layout, values={"name": "", "amount": "很多", "next_step": ""})
    told = {(p.field, p.code) for p in caught.value.problems}
    assert ("next_step", "required") in told
    assert ("name", "required") in told
    assert "amount" in {f for f, _ in told}
    assert "competitor" not in {f for f, _ in told}
    # The same record by another way is not bound by this form.
    values = {"name": "一", "amount": "200", "next_step": "x"}
    with pytest.raises(Refused) as caught:
        enter(actor=SYSTEM, layout=layout, values=values)
    assert "competitor" in {p.field for p in caught.value.problems}


def test_a_product_brings_its_price_and_what_was_typed_stays(make: Make) -> None:
    a, b = make("product", name="甲", price="100"), make("product", name="乙", price="250.5")
    layout = queries.layout_for(SYSTEM, "quote")
    name = "quote_line:n1:price"

    def line(product: int, price: str = "", **more: Any) -> Entry:
        row = {"product": f"id:{product}", "price": price, "quantity": "2", **more}
        return Entry(SYSTEM, layout, {}, {"quote_line": [("n1", row)]})

    changed = {"quote_line:n1:product"}
    entry = line(b.id)
    assert filled(entry, changed) == {name: 25050}
    assert entry.computed["quote_line:n1:amount"][1] == 50100
    assert entry.computed["amount"][1] == 50100
    assert filled(line(b.id), {"quote_line:n1:quantity"}) == {}
    assert filled(line(b.id, "100"), changed) == {name: 25050}  # it came from 甲, untouched
    assert filled(line(b.id, "80"), changed, {name}) == {}
    # A line that is there: its price was typed unless it is what the old product costs.
    was = {"quote_line:n1:product": f"id:{a.id}"}
    assert filled(line(b.id, "100", id="7"), changed, (), was) == {name: 25050}
    assert filled(line(b.id, "80", id="7"), changed, (), was) == {}


def test_one_question_for_many_lines_of_the_same_product(make: Make) -> None:
    product = make("product", name="甲", price="100")
    layout = queries.layout_for(SYSTEM, "quote")

    def ask(count: int) -> int:
        rows = [(f"n{n}", {"product": f"id:{product.id}"}) for n in range(count)]
        changed = {f"quote_line:n{n}:product" for n in range(count)}
        with CaptureQueriesContext(
            connection,
        ) as asked:
            entry = Entry(SYSTEM, layout, {}, {"quote_line": rows})
            assert len(entry.filled(changed)) == count
        return len(asked)

    assert ask(30) == ask(2)


def test_nothing_is_brought_from_what_may_not_be_seen(
    design: Design, make: Make, cast: Cast
) -> None:
    rule = {"source": "customer", "when": "{region} = {form.competitor}", "take": "phone"}
    layout = design(
        "opportunity", {"field": "competitor"}, {"field": "next_step", "default_from": rule}
    )
    make("customer", name="甲", region="华东", phone="13800001111", owner=cast.zhou_tao.id)
    given = {"competitor": "华东"}
    assert filled(Entry(SYSTEM, layout, given))["next_step"]
    assert filled(Entry(acting(cast.zhang_wei), layout, given)) == {}
    assert filled(Entry(acting(cast.zhou_tao), layout, given))["next_step"]
    hidden = definition("sales_rep")
    hidden["fields"] = {**hidden["fields"], "customer": {"phone": "hidden"}}
    define_role(actor=SYSTEM, key="sales_rep", definition=hidden)
    assert filled(Entry(acting(cast.zhou_tao), layout, given)) == {}


def test_candidates_are_those_of_the_customer(make: Make, cast: Cast) -> None:
    layout = queries.layout_for(SYSTEM, "follow_up")
    a = make("customer", name="甲", owner=cast.zhang_wei.id)
    b = make("customer", name="乙", owner=cast.zhang_wei.id)
    ada = make("contact", name="安达", customer=a.id, owner=cast.zhang_wei.id)
    make("contact", name="安宁", customer=b.id, owner=cast.zhang_wei.id)
    actor = acting(cast.zhang_wei)

    def offered(words: str = "", **given: Any) -> list[str]:
        entry = Entry(actor, layout, given)
        scope, f = entry.scope_of("contact") or (None, None)
        assert scope is not None
        assert f is not None
        rule = entry.candidates_of(f)
        assert rule is not None
        return [r.title for r in entry.linker.candidates(rule, scope.get, words, 8)]

    assert offered(customer=f"id:{a.id}") == ["安达"]
    assert offered("安", customer=f"id:{b.id}") == ["安宁"]
    assert sorted(offered()) == ["安宁", "安达"]
    # And the contact brings its customer where it is chosen first.
    entry = Entry(actor, layout, {"contact": f"id:{ada.id}"})
    assert filled(entry, {"contact"}) == {"customer": a.id}


def test_strict_candidates_of_a_layout_hold_in_this_form(design: Design, make: Make) -> None:
    rule = {"when": "{region} = {form.competitor}", "strict": True}
    layout = design(
        "opportunity",
        {"field": "name"},
        {"field": "competitor"},
        {"field": "customer", "candidates": rule},
    )
    east = make("customer", name="甲", region="华东")
    values = {"name": "一", "competitor": "华南", "customer": f"id:{east.id}"}
    with pytest.raises(Refused) as caught:
        enter(actor=SYSTEM, layout=layout, values=values)
    assert [p.code for p in caught.value.problems] == ["not_a_candidate"]
    assert enter(actor=SYSTEM, layout=layout, values={**values, "competitor": "华东"}).id


def test_a_read_only_field_takes_what_its_linkage_gives(design: Design, make: Make) -> None:
    rule = {"source": "customer", "when": "{id} = {form.customer}", "take": "region"}
    layout = design(
        "opportunity",
        {"field": "name"},
        {"field": "customer"},
        {"field": "competitor", "read_only": True, "default_from": rule},
        {"field": "next_step", "hidden": True, "default_from": rule},
    )
    customer = make("customer", name="甲", region="华东")
    values = {"name": "一", "customer": f"id:{customer.id}", "competitor": "我改的"}
    deal = enter(actor=SYSTEM, layout=layout, values=values)
    assert deal.values["competitor"] == "华东"
    assert deal.values["next_step"] == "华东"


def test_drafts_are_one_s_own(cast: Cast) -> None:
    zhang, liu = acting(cast.zhang_wei), acting(cast.liu_yang)
    kept = actions.keep_draft(
        actor=zhang,
        object_key="lead",
        record_id=None,
        slot="abcdef123456",
        values=[("name", ["孔"])],
        title="孔",
    )
    again = actions.keep_draft(
        actor=zhang,
        object_key="lead",
        record_id=None,
        slot="abcdef123456",
        values=[("name", ["孔键"]), ("tags", ["a", "b"])],
    )
    assert again.id == kept.id
    assert [d.id for d in queries.drafts(zhang)] == [kept.id]
    assert queries.drafts(liu) == ()
    assert queries.draft(zhang, kept.id)[1] == [("name", ["孔键"]), ("tags", ["a", "b"])]
    with pytest.raises(Missing):
        queries.draft(liu, kept.id)
    assert not actions.drop_draft(actor=liu, id=kept.id)
    assert actions.drop_draft(actor=zhang, slot="abcdef123456")
    for slot, words in (("", "x"), ("short", "x"), ("abcdef123456", "x" * 500_000)):
        with pytest.raises(Refused):
            actions.keep_draft(
                actor=zhang,
                object_key="lead",
                record_id=None,
                slot=slot,
                values=[("name", [words])],
            )


def test_what_comes_after_saving_is_not_kept(cast: Cast) -> None:
    """Keeping takes its time: what was on its way when the record was saved must not come back."""
    zhang = acting(cast.zhang_wei)

    def keep() -> None:
        values = [("name", ["孔"])]
        actions.keep_draft(
            actor=zhang, object_key="lead", record_id=None, slot="abcdef123456", values=values
        )

    keep()
    actions.discard_draft(actor=zhang, slot="abcdef123456")
    assert queries.drafts(zhang) == ()
    keep()
    assert queries.drafts(zhang) == ()


def test_a_draft_of_a_record_out_of_sight_is_not_offered(make: Make, cast: Cast) -> None:
    mine = make("lead", name="孔", company="甲", owner=cast.zhang_wei.id)
    actor = acting(cast.zhang_wei)
    actions.keep_draft(
        actor=actor, object_key="lead", record_id=mine.id, slot="abcdef123456", values=[]
    )
    assert len(queries.drafts(actor)) == 1
    update(actor=SYSTEM, object_key="lead", id=mine.id, values={"owner": cast.zhou_tao.id})
    assert queries.drafts(actor) == ()


def test_rights_are_those_of_the_door(design: Design, cast: Cast) -> None:
    layout = design("product", {"field": "name"})
    with pytest.raises(Forbidden):
        enter(actor=acting(cast.zhang_wei), layout=layout, values={"name": "甲"})
    assert records.count(SYSTEM, "product").number == 0


def test_a_piece_of_an_address_brings_what_depends_on_it(design: Design, make: Make) -> None:
    rule = {
        "source": "customer",
        "when": "{address.province} = {form.address.province}",
        "take": "region",
    }
    layout = design("customer", {"field": "address"}, {"field": "region", "default_from": rule})
    make("customer", name="甲", address="广东省深圳市南山区科技园 1 号", region="华南")
    entry = Entry(SYSTEM, layout, {"address": {"province": "广东省"}})
    assert filled(entry, {"address:province"}) == {"region": "华南"}
    again = Entry(SYSTEM, layout, {"address": {"province": "湖南省"}})
    assert filled(again, {"address:province"}) == {}
