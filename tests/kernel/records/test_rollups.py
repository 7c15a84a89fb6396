"""Roll-ups are right after anything at all, says SQL written by hand."""

from __future__ import annotations

import random

from tests.cast import Cast
from tests.kernel.records.world import contract, customer, new, sql
from wubu.kernel.records import actions, events, queries
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM

PAID = """
    SELECT c.id, c.paid, COALESCE((SELECT SUM(p.amount) FROM o_payment p
        WHERE p.contract_id = c.id AND p.archived_at IS NULL), 0)
    FROM o_contract c"""
INVOICED = """
    SELECT c.id, c.invoiced, COALESCE((SELECT SUM(i.amount) FROM o_invoice i
        WHERE i.contract_id = c.id AND i.archived_at IS NULL AND i.status <> 'void'), 0)
    FROM o_contract c"""
FIRST = """
    SELECT c.id, c.first_signed_on, (SELECT MIN(k.signed_on) FROM o_contract k
        WHERE k.customer_id = c.id AND k.archived_at IS NULL AND k.status IN ('active', 'closed'))
    FROM o_customer c"""


def wrong() -> list[tuple[object, ...]]:
    return [
        row for query in (PAID, INVOICED, FIRST) for row in sql(query) if str(row[1]) != str(row[2])
    ]


def test_random_operations(cast: Cast) -> None:
    rnd = random.Random(5)
    customers = [customer(f"客户{n}") for n in range(3)]
    contracts = [
        contract(rnd.choice(customers), name=f"合同{n}", status="active") for n in range(4)
    ]
    for _ in range(60):
        act = rnd.randrange(7)
        some = {k: queries.visible(SYSTEM, k).order_by("?").first() for k in ("payment", "invoice")}
        of = rnd.choice(contracts)
        if act == 0 or not all(some.values()):
            new(
                "payment",
                contract=of.id,
                amount=f"{rnd.randrange(1, 9999)}.{rnd.randrange(100):02}",
                paid_on="2026-01-02",
            )
            new(
                "invoice",
                contract=of.id,
                amount=rnd.randrange(1, 99),
                issued_on="2026-01-02",
                status="issued",
            )
        elif act == 1:
            update("payment", some["payment"].id, amount=rnd.randrange(1, 99))
        elif act == 2:  # moved to another contract
            update(
                "payment",
                some["payment"].id,
                contract=of.id,
                customer=of.values["customer"],
                payment_plan=None,
            )
        elif act == 3:
            update("invoice", some["invoice"].id, status=rnd.choice(["issued", "void"]))
        elif act == 4:
            key = rnd.choice(["payment", "invoice"])
            actions.archive(actor=SYSTEM, object_key=key, ids=[some[key].id])
        elif act == 5:
            gone = queries.visible(SYSTEM, "payment", archived=True).first()
            if gone:
                actions.restore(actor=SYSTEM, object_key="payment", ids=[gone.id])
        else:
            update(
                "contract",
                of.id,
                signed_on=f"2025-0{rnd.randrange(1, 9)}-01",
                status=rnd.choice(["active", "draft"]),
            )
        assert wrong() == []
    assert sql("SELECT sum(paid) FROM o_contract")[0][0] > 0
    actions.recompute(actor=SYSTEM, object_key="contract")
    assert wrong() == []


def update(object_key: str, id_: int, **values: object) -> None:
    actions.update(actor=SYSTEM, object_key=object_key, id=id_, values=values)


def test_who_listens_hears_of_rollups_that_moved(cast: Cast) -> None:
    heard: list[events.ChangeSet] = []
    events.subscribe(heard.append, rollups=True)
    try:
        made = contract(customer(), status="active")
        new("payment", contract=made.id, amount=5, paid_on="2026-01-02")
    finally:
        events.unsubscribe(heard.append)
    told = [(c.object_key, c.action, sorted(c.changed)) for c in heard if c.action == "rollup"]
    assert told == [("customer", "rollup", ["first_signed_on"]), ("contract", "rollup", ["paid"])]
    assert (heard[-1].before[0]["paid"], heard[-1].after[0]["paid"]) == (0, 500)


def test_new_parts_move_the_last_and_never_back(cast: Cast) -> None:
    one, other = customer("甲公司"), customer("乙公司")

    def follow_up(of: int, day: str) -> Draft:
        values = {"customer": of, "content": "电话", "happened_at": f"2026-{day}T01:00:00Z"}
        return Draft(values)

    def last() -> list[object]:
        rows = sql("SELECT last_follow_up FROM o_customer ORDER BY id")
        return [None if row[0] is None else str(row[0])[:10] for row in rows]

    def save(*drafts: Draft) -> None:
        done = actions.save_many(actor=SYSTEM, object_key="follow_up", drafts=drafts)
        assert not done.problems

    save(follow_up(one.id, "03-05"), follow_up(one.id, "03-02"))
    assert last() == ["2026-03-05", None]
    save(follow_up(one.id, "02-01"), follow_up(other.id, "01-01"))
    assert last() == ["2026-03-05", "2026-01-01"]
    save(follow_up(one.id, "03-09"))
    assert last() == ["2026-03-09", "2026-01-01"]
