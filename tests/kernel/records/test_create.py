from __future__ import annotations

import pytest

from tests.cast import Cast, acting
from tests.kernel.records.world import codes, customer, new, opportunity, sql
from wubu.kernel.audit import queries as log
from wubu.kernel.records import actions, queries
from wubu.kernel.types import SYSTEM, Forbidden, Origin, Refused


def test_it_works(cast: Cast) -> None:
    me = acting(cast.zhang_wei)
    made = customer(actor=me, grade="A", phone="139 1234 5678")
    assert made.title == "上海华东传感器"
    assert made.values["grade"] == "a"
    assert made.values["owner"] == cast.zhang_wei.id  # its maker, as none was given
    assert made.titles["owner"] == "张伟"
    assert made.version == 1
    assert made.created_by == cast.zhang_wei.id
    assert queries.get(me, "customer", made.id) == made


def test_every_problem_at_once(cast: Cast) -> None:
    customer()
    with pytest.raises(Refused) as refused:
        new(
            "opportunity",
            name=" ",
            customer="上海华东传感",
            amount="很多",
            no_such=1,
            owner="李强强",
        )
    assert sorted(codes(refused), key=str) == [
        ("no_such_field", "no_such"),
        ("not_a_number", "amount"),
        ("required", "name"),
        ("unknown_link", "customer"),
        ("unknown_link", "owner"),
    ]
    near = {p.field: p.suggestion for p in refused.value.problems}
    assert near["customer"] == "上海华东传感器"
    assert near["owner"] == "李强"
    assert sql("SELECT count(*) FROM o_opportunity") == [(0,)]


def test_links_by_id_by_title_and_by_key(cast: Cast) -> None:
    made = customer()
    for given in (
        made.id,
        str(made.id),
        f"id:{made.id}",
        made,
        "上海华东传感器",
        " 上海华东传感器 ",
    ):
        assert opportunity(made, customer=given).values["customer"] == made.id
    by_login = opportunity(made, owner="zhang_wei")
    by_number = opportunity(made, owner=cast.zhang_wei.employee_no)
    assert by_login.values["owner"] == by_number.values["owner"] == cast.zhang_wei.id


def test_two_of_one_name_are_ambiguous(cast: Cast) -> None:
    of = customer()
    new("contact", name="王芳", customer=of.id)
    new("contact", name="王芳", customer=of.id)
    with pytest.raises(Refused) as refused:
        opportunity(of, contact="王芳")
    assert codes(refused) == [("ambiguous_link", "contact")]


def test_what_the_actor_cannot_see_cannot_be_linked(cast: Cast) -> None:
    foreign = customer(owner=cast.zhou_tao.id)
    with pytest.raises(Refused) as refused:
        opportunity(foreign, actor=acting(cast.zhang_wei))
    assert codes(refused) == [("unknown_link", "customer")]


def test_a_rep_may_not_create_for_somebody_else(cast: Cast) -> None:
    logged = log.latest_id()
    with pytest.raises(Forbidden) as refused:
        customer(actor=acting(cast.zhang_wei), owner=cast.zhou_tao.id)
    assert codes(refused) == [("out_of_reach", None)]
    assert sql("SELECT count(*) FROM o_customer") == [(0,)]
    assert log.latest_id() == logged


def test_the_log_says_who_what_and_where_from(cast: Cast) -> None:
    made = actions.create(
        actor=SYSTEM,
        object_key="customer",
        values={"name": "甲", "revenue": "12.50"},
        origin=Origin(batch=7, file="客户.xlsx", sheet="一", line=214),
    )
    (row,) = log.changes(object_key="customer", record_ids=[made.id])
    assert (row.action, row.before) == ("create", None)
    assert row.after == {"name": "甲", "revenue": "12.50", "pool": False}
    assert (row.batch_id, row.file, row.sheet, row.line) == (7, "客户.xlsx", "一", 214)


def test_serial_numbers_count_up_and_pass_over_those_in_use(cast: Cast) -> None:
    of = customer()
    first = new("quote", customer=of.id).values["number"]
    head, number = first.rsplit("-", 1)
    new("quote", customer=of.id, number=f"{head}-{int(number) + 1:05d}")
    assert new("quote", customer=of.id).values["number"] == f"{head}-{int(number) + 2:05d}"


def test_a_link_fills_what_follows_from_it(cast: Cast) -> None:
    deal = opportunity(customer())
    done = new("follow_up", opportunity=deal.id, type="call", content="谈")
    assert done.values["customer"] == deal.values["customer"]
    other = customer("另一家")
    with pytest.raises(Refused) as refused:
        new("follow_up", opportunity=deal.id, customer=other.id, type="call", content="谈")
    assert codes(refused) == [("mismatch", "opportunity")]


def test_a_computed_field_cannot_be_typed_in(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        customer(last_follow_up="2026-01-01")
    assert codes(refused) == [("computed", "last_follow_up")]
