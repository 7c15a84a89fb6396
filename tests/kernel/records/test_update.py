from __future__ import annotations

import pytest

from tests.cast import Cast, acting
from tests.kernel.records.world import codes, contract, customer, new, opportunity, sql
from wubu.kernel.audit import queries as log
from wubu.kernel.records import actions, queries
from wubu.kernel.types import SYSTEM, Actor, Conflict, Forbidden, Missing, Refused


def change(object_key: str, id_: int, actor: Actor = SYSTEM, version: int | None = None, **values):
    return actions.update(
        actor=actor, object_key=object_key, id=id_, values=values, version=version
    )


def test_it_works(cast: Cast) -> None:
    made = opportunity(customer(), amount="1000")
    after = change("opportunity", made.id, amount="1234.50", name="一期项目")
    assert after.values["amount"] == 123450
    assert after.version == 2
    (row, _) = log.changes(object_key="opportunity", record_ids=[made.id])
    assert (row.action, row.before, row.after) == (
        "update",
        {"amount": "1000.00"},
        {"amount": "1234.50"},
    )


def test_nothing_different_writes_nothing(cast: Cast) -> None:
    made = opportunity(customer())
    last = log.latest_id()
    after = change("opportunity", made.id, amount="1000.00", customer="上海华东传感器")
    assert after == made
    assert log.latest_id() == last


def test_a_stale_edit_shows_both_sides(cast: Cast) -> None:
    made = opportunity(customer())
    change("opportunity", made.id, amount="2000", version=made.version)
    with pytest.raises(Conflict) as refused:
        change("opportunity", made.id, version=made.version, amount="3000")
    assert refused.value.theirs["amount"] == 200000
    assert refused.value.yours == {"amount": "3000"}
    assert queries.get(SYSTEM, "opportunity", made.id).values["amount"] == 200000
    change("opportunity", made.id, version=made.version, amount="2000")  # what it is anyway


def test_what_is_not_visible_is_missing(cast: Cast) -> None:
    foreign = opportunity(customer(), owner=cast.zhou_tao.id)
    with pytest.raises(Missing) as hidden:
        change("opportunity", foreign.id, acting(cast.zhang_wei), amount="1")
    with pytest.raises(Missing) as absent:
        change("opportunity", 99_999, acting(cast.zhang_wei), amount="1")
    assert [p.message for p in hidden.value.problems] == [p.message for p in absent.value.problems]
    for forged in ("99999", "x", "-1", "1 OR 1=1", "9" * 30, "²"):
        with pytest.raises(Missing):
            queries.get(SYSTEM, "opportunity", forged)


def test_a_field_that_may_only_be_read(cast: Cast) -> None:
    me = acting(cast.zhang_wei)
    of = customer(owner=cast.zhang_wei.id)
    made = contract(of, owner=cast.zhang_wei.id)
    with pytest.raises(Forbidden) as refused:
        change("contract", made.id, me, status="active")
    assert codes(refused) == [("read_only", "status")]
    # Sent back as it was, it is no attempt to change it.
    assert change("contract", made.id, me, status="draft", amount="2000").version == 2


def test_required_cannot_be_emptied(cast: Cast) -> None:
    made = customer()
    with pytest.raises(Refused) as refused:
        change("customer", made.id, name=" ")
    assert codes(refused) == [("required", "name")]


def test_handing_over_takes_it_out_of_reach(cast: Cast) -> None:
    me = acting(cast.zhang_wei)
    mine = customer(actor=me)
    change("customer", mine.id, me, owner=cast.zhou_tao.id)  # reps may transfer customers
    with pytest.raises(Missing):
        queries.get(me, "customer", mine.id)
    deal = opportunity(customer("乙", me), actor=me)
    with pytest.raises(Forbidden) as refused:
        change("opportunity", deal.id, me, owner=cast.zhou_tao.id)  # but not deals
    assert codes(refused) == [("out_of_reach", None)]
    assert sql("SELECT owner_id FROM o_opportunity WHERE id = %s", deal.id) == [
        (cast.zhang_wei.id,)
    ]


def test_a_unique_value_taken(cast: Cast) -> None:
    customer("甲")
    other = customer("乙")
    with pytest.raises(Refused) as refused:
        change("customer", other.id, name="甲")
    assert codes(refused) == [("not_unique", "name")]
    actions.archive(actor=SYSTEM, object_key="customer", ids=[other.id])
    customer("乙")  # free again
    with pytest.raises(Refused) as refused:
        actions.restore(actor=SYSTEM, object_key="customer", ids=[other.id])
    assert codes(refused) == [("not_unique", "name")]


def test_no_record_comes_to_stand_above_itself(cast: Cast) -> None:
    top = customer("甲")
    middle = customer("乙", parent=top.id)
    low = customer("丙", parent=middle.id)
    for above in (low, middle, top):
        with pytest.raises(Refused) as refused:
            change("customer", top.id, parent=above.id)
        assert codes(refused) == [("loop", "parent")]


def test_stages_leave_a_trail(cast: Cast) -> None:
    made = opportunity(customer(), stage="prospecting")
    change("opportunity", made.id, stage="won")
    won = queries.get(SYSTEM, "opportunity", made.id)
    assert won.values["closed_on"] is not None  # the day of the outcome is filled in
    change("opportunity", made.id, stage="negotiation")
    assert queries.get(SYSTEM, "opportunity", made.id).values["closed_on"] is None
    trail = queries.stage_history(SYSTEM, "opportunity", made.id)
    assert [s.stage for s in trail] == ["prospecting", "won", "negotiation"]
    assert [s.left_on for s in trail[:-1]] == [s.entered_on for s in trail[1:]]
    assert trail[-1].left_on is None


def test_history_arrives_with_its_dates(cast: Cast) -> None:
    made = opportunity(
        customer(),
        stage="won",
        opened_on="2025-01-05",
        proposed_on="2025-02-01",
        closed_on="2025-03-01",
    )
    trail = queries.stage_history(SYSTEM, "opportunity", made.id)
    assert [(s.stage, s.entered_on.isoformat()) for s in trail] == [
        ("prospecting", "2025-01-05"),
        ("proposal", "2025-02-01"),
        ("won", "2025-03-01"),
    ]
    change("opportunity", made.id, closed_on="2025-03-15")
    assert (
        queries.stage_history(SYSTEM, "opportunity", made.id)[-1].entered_on.isoformat()
        == "2025-03-15"
    )
    assert (
        queries.stage_history(SYSTEM, "opportunity", made.id)[-2].left_on.isoformat()
        == "2025-03-15"
    )


def test_in_the_bin_it_is_not_edited(cast: Cast) -> None:
    made = customer()
    actions.archive(actor=SYSTEM, object_key="customer", ids=[made.id])
    with pytest.raises(Refused) as refused:
        change("customer", made.id, grade="B")
    assert codes(refused) == [("archived", None)]


def test_parts_are_written_with_the_whole(cast: Cast) -> None:
    sensor = new("product", name="压力传感器", code="P1")
    lines = [
        {"product": sensor.id, "quantity": "2", "price": "10.50"},
        {"product": "P1", "quantity": 3, "price": 1},
    ]
    made = actions.create(
        actor=SYSTEM,
        object_key="quote",
        values={"customer": customer().id},
        children={"quote_line": lines},
    )
    assert made.values["amount"] == 2400
    first = queries.visible(SYSTEM, "quote_line").order_by("id").first()
    after = actions.update(
        actor=SYSTEM,
        object_key="quote",
        id=made.id,
        version=made.version,
        values={},
        children={"quote_line": [{"id": str(first.id), "quantity": 4}]},
    )
    assert (after.values["amount"], after.version) == (4200, 2)
    assert queries.visible(SYSTEM, "quote_line").count() == 1
    with pytest.raises(Conflict):  # somebody else changed the lines meanwhile
        actions.update(
            actor=SYSTEM,
            object_key="quote",
            id=made.id,
            version=made.version,
            values={},
            children={"quote_line": []},
        )


def test_a_part_of_another_record_cannot_be_taken(cast: Cast) -> None:
    sensor = new("product", name="压力传感器")
    of = customer()
    line = {"product": sensor.id, "quantity": 1, "price": 1}
    mine, other = (
        actions.create(
            actor=SYSTEM,
            object_key="quote",
            values={"customer": of.id},
            children={"quote_line": [line]},
        )
        for _ in range(2)
    )
    (theirs,) = queries.visible(SYSTEM, "quote_line").filter(quote=other.id)
    with pytest.raises(Missing):
        actions.update(
            actor=SYSTEM,
            object_key="quote",
            id=mine.id,
            values={},
            children={"quote_line": [{"id": theirs.id, "quantity": 9}]},
        )


def test_shares_total_one_or_there_are_none(cast: Cast) -> None:
    of = customer()
    halves = [
        {"member": cast.zhang_wei.id, "share": "60%"},
        {"member": cast.liu_yang.id, "share": "30%"},
    ]
    with pytest.raises(Refused) as refused:
        actions.create(
            actor=SYSTEM,
            object_key="contract",
            values={"name": "合同", "customer": of.id, "amount": 1},
            children={"contract_split": halves},
        )
    assert codes(refused) == [("wrong_total", "share")]
    assert sql("SELECT count(*) FROM o_contract") == [(0,)]
    halves[1]["share"] = "40%"
    made = actions.create(
        actor=SYSTEM,
        object_key="contract",
        values={"name": "合同", "customer": of.id, "amount": 1},
        children={"contract_split": halves},
    )
    one = queries.visible(SYSTEM, "contract_split").filter(contract=made.id).first()
    with pytest.raises(Refused):
        actions.archive(actor=SYSTEM, object_key="contract_split", ids=[one.id])
    actions.update(
        actor=SYSTEM, object_key="contract", id=made.id, values={}, children={"contract_split": []}
    )
