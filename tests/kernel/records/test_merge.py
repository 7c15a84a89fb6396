from __future__ import annotations

import pytest

from tests.cast import Cast, acting
from tests.kernel.records.world import codes, contract, customer, new, opportunity, sql
from wubu.kernel.audit import queries as log
from wubu.kernel.records import actions, queries
from wubu.kernel.types import SYSTEM, Forbidden, Missing, Refused


def test_it_works_and_can_be_taken_back(cast: Cast) -> None:
    keep = customer("华东仪表", grade="A", phone="13912345678")
    drop = customer("华东仪表公司", grade="B", region=None, note="旧资料", parent=keep.id)
    deal = opportunity(drop)
    signed = contract(drop, status="active")
    below = customer("子公司", parent=drop.id)
    merged = actions.merge(
        actor=SYSTEM,
        object_key="customer",
        keep=keep.id,
        drop=drop.id,
        choices={"grade": drop.id, "name": drop.id},
    )
    assert merged.title == "华东仪表公司"
    assert (merged.values["grade"], merged.values["note"]) == ("b", "旧资料")
    assert merged.values["phone"] == "+8613912345678"
    assert merged.values["first_signed_on"] == signed.values["signed_on"]
    for object_key, id_, field in (
        ("opportunity", deal.id, "customer"),
        ("contract", signed.id, "customer"),
        ("customer", below.id, "parent"),
    ):
        assert queries.get(SYSTEM, object_key, id_).values[field] == keep.id
    assert [h.id for h in queries.find(SYSTEM, "华东仪表", objects=["customer"])] == [keep.id]

    (batch,) = {c.batch_id for c in log.changes(object_key="customer", record_ids=[drop.id])} - {
        None
    }
    undone = actions.undo_batch(actor=SYSTEM, batch=batch)
    assert undone.kept == ()
    assert queries.get(SYSTEM, "customer", drop.id).archived_at is None
    assert queries.get(SYSTEM, "customer", keep.id).values["grade"] == "a"
    assert queries.get(SYSTEM, "opportunity", deal.id).values["customer"] == drop.id
    assert queries.get(SYSTEM, "customer", below.id).values["parent"] == drop.id
    assert queries.get(SYSTEM, "customer", keep.id).values["first_signed_on"] is None
    with pytest.raises(Refused):
        actions.undo_batch(actor=SYSTEM, batch=batch)


def test_both_must_be_live_and_different(cast: Cast) -> None:
    one = customer("甲")
    gone = customer("乙")
    actions.archive(actor=SYSTEM, object_key="customer", ids=[gone.id])
    for drop in (one.id, gone.id):
        with pytest.raises(Refused):
            actions.merge(actor=SYSTEM, object_key="customer", keep=one.id, drop=drop)


def test_it_asks_the_right_to_delete_the_one(cast: Cast) -> None:
    me = acting(cast.zhang_wei)
    one, two = customer("甲", me), customer("乙", me)
    with pytest.raises(Forbidden):
        actions.merge(actor=me, object_key="customer", keep=one.id, drop=two.id)
    assert sql("SELECT count(*) FROM o_customer WHERE archived_at IS NULL") == [(2,)]


def test_a_choice_must_be_a_field_of_theirs(cast: Cast) -> None:
    one, two = customer("甲"), customer("乙")
    with pytest.raises(Refused) as refused:
        actions.merge(
            actor=SYSTEM, object_key="customer", keep=one.id, drop=two.id, choices={"no": two.id}
        )
    assert codes(refused) == [("no_such_field", "no")]


def test_shares_that_would_double_are_refused(cast: Cast) -> None:
    of = customer()
    deals = [
        actions.create(
            actor=SYSTEM,
            object_key="contract",
            values={"name": "合同", "customer": of.id, "amount": 1},
            children={"contract_split": [{"member": cast.zhang_wei.id, "share": 1}]},
        )
        for _ in range(2)
    ]
    with pytest.raises(Refused) as refused:
        actions.merge(actor=SYSTEM, object_key="contract", keep=deals[0].id, drop=deals[1].id)
    assert codes(refused) == [("wrong_total", "share")]
    assert new("contact", name="王芳", customer=of.id).id


def test_taking_it_back_asks_what_the_merge_asked(cast: Cast) -> None:
    """The links of others move with an undone merge.

    Even when the merged one was restored since, so that nothing is left to take out of the bin.
    """
    keep, drop = (customer(n, owner=cast.zhang_wei.id, pool=False) for n in "甲乙")
    deal = opportunity(drop, owner=cast.sun_yue.id)
    actions.merge(actor=SYSTEM, object_key="customer", keep=keep.id, drop=drop.id)
    changed = log.changes(object_key="customer", record_ids=[drop.id])
    (batch,) = {c.batch_id for c in changed} - {None}
    actions.restore(actor=SYSTEM, object_key="customer", ids=[drop.id])
    with pytest.raises(Forbidden):  # both are his, but he may not delete customers
        actions.undo_batch(actor=acting(cast.zhang_wei), batch=batch)
    with pytest.raises(Missing):
        actions.undo_batch(actor=acting(cast.zhou_tao), batch=batch)
    assert queries.get(SYSTEM, "opportunity", deal.id).values["customer"] == keep.id
    actions.undo_batch(actor=SYSTEM, batch=batch)
    assert queries.get(SYSTEM, "opportunity", deal.id).values["customer"] == drop.id
