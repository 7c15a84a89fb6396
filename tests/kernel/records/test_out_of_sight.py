"""What lies out of the actor's sight stays there, whichever way one asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cast import Cast, acting
from tests.kernel.records.world import customer, new, opportunity
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.query.types import Measure, Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Draft
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import SYSTEM, Actor, Conflict, Missing, Refused, Text
from wubu.kernel.workspace import unit_of_work


@pytest.fixture
def deal(cast: Cast) -> tuple[Actor, int]:
    """张伟 owns an opportunity at a customer that 周涛 owns."""
    foreign = customer("深圳机器人", owner=cast.zhou_tao.id, phone="13800001111")
    mine = opportunity(foreign, owner=cast.zhang_wei.id)
    own = customer("上海汽车电子", owner=cast.zhang_wei.id)
    opportunity(own, "二期项目", owner=cast.zhang_wei.id)
    return acting(cast.zhang_wei), mine.id


def test_a_column_behind_a_link_shows_nothing_of_what_is_not_visible(
    deal: tuple[Actor, int],
) -> None:
    actor, id_ = deal
    asked = Query(columns=("name", "customer", "customer.phone", "customer.name"))
    by_id = {r.id: r for r in queries.page(actor, "opportunity", asked).records}
    assert by_id[id_].values["customer.phone"] is None
    assert by_id[id_].values["customer.name"] is None
    (other,) = (r for r in by_id.values() if r.id != id_)
    assert other.values["customer.name"] == "上海汽车电子"
    everything = {r.id: r for r in queries.page(SYSTEM, "opportunity", asked).records}
    assert everything[id_].values["customer.name"] == "深圳机器人"


def test_a_condition_or_an_order_finds_nothing_out_there(deal: tuple[Actor, int]) -> None:
    actor, id_ = deal

    def found(**asked: object) -> list[int]:
        page = queries.page(actor, "opportunity", Query(**asked))  # type: ignore[arg-type]
        return [r.id for r in page.records]

    assert found(filter='{customer.name} = "深圳机器人"') == []
    assert found(filter='{customer.name} <> "深圳机器人"') != [id_]
    assert found(quick={"customer.name": "深圳机器人"}) == []
    assert len(found(filter='{customer.name} = "上海汽车电子"')) == 1
    # Last, as what has no customer at all.
    assert found(sort=("customer.name",))[-1] == id_
    assert found(sort=("-customer.name",))[-1] == id_
    assert found(sort=("customer",))[-1] == id_
    asked = Query(sort=("-customer.name",), limit=1)
    first = queries.page(actor, "opportunity", asked)
    second = queries.page(actor, "opportunity", replace(asked, cursor=first.next_cursor or ""))
    assert [r.id for r in second.records] == [id_]


def test_groups_do_not_tell_it(deal: tuple[Actor, int]) -> None:
    actor, _ = deal
    groups = queries.aggregate(actor, "opportunity", ["customer.name"], [Measure("count")])
    assert [(g.by, g.values) for g in groups] == [(("上海汽车电子",), (1,)), ((None,), (1,))]
    (most,) = queries.aggregate(actor, "opportunity", [], [Measure("max", "customer.name")])
    assert most.values == ("上海汽车电子",)


def test_whoever_has_no_customer_still_meets_a_condition_about_one(cast: Cast) -> None:
    actor = acting(cast.zhang_wei)
    lead = new("lead", name="王经理", company="某公司", owner=cast.zhang_wei.id)
    page = queries.page(actor, "lead", Query(filter="ISBLANK({customer.name})"))
    assert [r.id for r in page.records] == [lead.id]


def hidden_name(cast: Cast) -> Actor:
    """刘洋 sees all customers, but not what they are called."""
    define_role(
        actor=SYSTEM,
        key="blind",
        definition={
            "label": {"zh": "盲", "en": "Blind"},
            "grants": [
                {"object": "customer", "actions": ["view"], "rows": "all"},
                {"object": "opportunity", "actions": ["view", "create", "edit"], "rows": "all"},
            ],
            "fields": {"customer": {"name": "hidden"}},
        },
    )
    set_roles(actor=SYSTEM, member_id=cast.liu_yang.id, roles=["blind"])
    return acting(cast.liu_yang)


def test_a_hidden_name_is_hidden_behind_links_and_in_suggestions(cast: Cast) -> None:
    actor = hidden_name(cast)
    made = opportunity(customer("深圳机器人"))
    seen = queries.get(actor, "opportunity", made.id)
    assert seen.titles["customer"] == f"#{made.values['customer']}"
    assert "机器人" not in str(queries.history(actor, "opportunity", made.id))
    with pytest.raises(Refused) as refused:
        actions.update(
            actor=actor, object_key="opportunity", id=made.id, values={"customer": "深圳机器"}
        )
    assert "机器人" not in str([(p.hint, p.suggestion) for p in refused.value.problems])
    with pytest.raises(Refused):
        actions.update(
            actor=actor, object_key="opportunity", id=made.id, values={"customer": "深圳机器人"}
        )


def test_a_stale_edit_beside_a_forged_part_shows_only_ones_own(cast: Cast) -> None:
    theirs = new(
        "quote",
        customer=customer("广州", owner=cast.zhou_tao.id).id,
        owner=cast.zhou_tao.id,
    )
    product = new("product", name="压力传感器")
    line = new("quote_line", quote=theirs.id, product=product.id, quantity="1", price="9876.54")
    actions.update(actor=SYSTEM, object_key="quote_line", id=line.id, values={"quantity": "2"})
    home = customer("上海", owner=cast.zhang_wei.id)
    mine = new("quote", acting(cast.zhang_wei), customer=home.id)
    actions.update(actor=SYSTEM, object_key="quote", id=mine.id, values={"status": "sent"})
    with pytest.raises((Conflict, Missing, Refused)) as refused:
        actions.update(
            actor=acting(cast.zhang_wei),
            object_key="quote",
            id=mine.id,
            version=mine.version,
            values={"customer": home.id, "status": "accepted"},
            children={"quote_line": [{"id": str(line.id), "version": 1, "quantity": "3"}]},
        )
    told = getattr(refused.value, "theirs", {})
    assert "price" not in told


def test_stays_are_not_told_to_whom_the_stage_is_hidden(cast: Cast) -> None:
    define_role(
        actor=SYSTEM,
        key="no_stage",
        definition={
            "label": {"zh": "无阶段", "en": "No stage"},
            "grants": [{"object": "opportunity", "actions": ["view"], "rows": "all"}],
            "fields": {"opportunity": {"stage": "hidden"}},
        },
    )
    set_roles(actor=SYSTEM, member_id=cast.liu_yang.id, roles=["no_stage"])
    made = opportunity(customer())
    assert queries.stage_history(SYSTEM, "opportunity", made.id)
    assert queries.stage_history(acting(cast.liu_yang), "opportunity", made.id) == []


def test_a_value_put_back_makes_no_circle(cast: Cast) -> None:
    top, below = customer("总公司"), customer("子公司")
    change = {"actor": SYSTEM, "object_key": "customer"}
    actions.update(**change, id=top.id, values={"parent": below.id})
    actions.update(**change, id=top.id, values={"parent": None})
    cleared = queries.history(SYSTEM, "customer", top.id)[0]
    actions.update(**change, id=below.id, values={"parent": top.id})
    with pytest.raises(Refused) as refused:
        actions.restore_value(**change, id=top.id, change_id=cleared.id)
    assert [p.code for p in refused.value.problems] == ["loop"]


@pytest.mark.django_db(transaction=True)
def test_a_number_that_was_taken_back_is_given_anew() -> None:
    """Objects that are new to the search index never share a number."""
    with unit_of_work():
        spec = snapshot().object("customer")
        for key in ("plant", "machine"):
            schema.add_object(
                replace(
                    spec,
                    key=key,
                    label=Text(key, key),
                    plural=Text(key, key),
                    fields={"name": replace(spec.fields["name"], object=key)},
                    roles={"title": "name"},
                    options={"searchable": True},
                    model=None,
                ),
                actor=SYSTEM,
            )
    with unit_of_work():
        tried = actions.save_many(
            actor=SYSTEM, object_key="plant", drafts=[Draft({"name": "苏州厂"})], dry_run=True
        )
        assert not tried.problems
        new("plant", name="苏州厂")
    with unit_of_work():
        new("machine", name="注塑机")
        assert [h.object_key for h in queries.find(SYSTEM, "注塑机")] == ["machine"]
        assert [h.object_key for h in queries.find(SYSTEM, "苏州厂")] == ["plant"]
