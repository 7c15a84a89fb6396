"""A quarter at 明华传感, from the first leads to the last payment.

Every number is checked by SQL that was written by hand over the company's own tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import time_machine

from tests.cast import Cast, acting
from tests.measure.books import assert_rebuilt_is_posted, entries, rows
from wubu.improve.reviews.queries import reviews
from wubu.kernel.calendar.types import Period
from wubu.kernel.people.actions import move_member
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM, Actor
from wubu.measure.figures.queries import explain, figures
from wubu.measure.ledger.actions import close_month, reopen_month
from wubu.measure.ledger.queries import closings
from wubu.motivate.leaderboards.queries import leaderboard

JANUARY, FEBRUARY, MARCH = (Period.month(2026, m) for m in (1, 2, 3))
QUARTER = Period.of("quarter", date(2026, 1, 1))


@contextmanager
def on(month: int, day: int) -> Iterator[None]:
    """Noon in Shanghai."""
    with time_machine.travel(datetime(2026, month, day, 4, tzinfo=UTC)):
        yield


def new(actor: Actor, object_key: str, parts: Any = None, **values: Any) -> Record:
    return actions.create(actor=actor, object_key=object_key, values=values, children=parts)


def change(actor: Actor, record: Record, **values: Any) -> None:
    actions.update(actor=actor, object_key=record.object_key, id=record.id, values=values)


def test_a_quarter(cast: Cast) -> None:
    zhang, liu, sun = acting(cast.zhang_wei), acting(cast.liu_yang), acting(cast.sun_yue)
    ops, owner, finance = acting(cast.zheng_kai), acting(cast.wang_li), acting(cast.wu_xia)

    # January: four leads, two become customers; one deal is won, one lost.
    with on(1, 8):
        leads = [
            new(zhang, "lead", name=f"线索{n}", received_on="2026-01-08", owner=cast.zhang_wei.id)
            for n in range(4)
        ]
    with on(1, 20):
        customers = []
        for n, lead in enumerate(leads[:2]):
            made = new(zhang, "customer", name=f"客户{n}", owner=cast.zhang_wei.id)
            change(zhang, lead, status="converted", converted_on="2026-01-20", customer=made.id)
            customers.append(made)
        deals = [
            new(zhang, "opportunity", name=f"项目{c.title}", customer=c.id, amount="100000.01")
            for c in customers
        ]
        for deal in deals:
            change(zhang, deal, owner=cast.zhang_wei.id)
    for day, stage in ((22, "engaging"), (24, "proposal"), (27, "negotiation"), (28, "won")):
        with on(1, day):
            change(zhang, deals[0], stage=stage)
    with on(1, 29):
        change(zhang, deals[1], stage="lost", loss_reason="price")
        # 孙悦 of the other team helped: she has two fifths of the credit.
        shared = new(
            ops,
            "contract",
            {
                "contract_split": [
                    {"member": cast.zhang_wei.id, "share": "60%"},
                    {"member": cast.sun_yue.id, "share": "40%"},
                ]
            },
            name="共签合同",
            customer=customers[0].id,
            opportunity=deals[0].id,
            signed_on="2026-01-29",
            amount="100000.01",
            status="active",
            owner=cast.zhang_wei.id,
        )
    assert value("lead_new", JANUARY) == 4
    assert value("conversion_rate", JANUARY) == Decimal("0.5")
    assert (value("won_count", JANUARY), value("win_rate", JANUARY)) == (1, Decimal("0.5"))
    reached = rows("SELECT stage, count(*) FROM wubu_records_stage_span "
                   "WHERE object_key = 'opportunity' GROUP BY stage")  # fmt: skip
    for stage, count in reached:
        if stage != "lost":
            assert value(f"stage_reached_{stage}", JANUARY) == count, stage

    # February: 刘洋 moves to the South in the middle of the month.
    with on(2, 10):
        theirs = new(ops, "customer", name="刘洋的客户", owner=cast.liu_yang.id)
        signed = {"customer": theirs.id, "status": "active", "owner": cast.liu_yang.id}
        mistaken = new(ops, "contract", name="乙", signed_on="2026-02-10", amount="50000", **signed)
    with on(2, 16):
        move_member(
            actor=owner,
            member_id=cast.liu_yang.id,
            team_id=cast.south.id,
            from_day=date(2026, 2, 16),
        )
    with on(2, 25):
        new(ops, "contract", name="丙", signed_on="2026-02-20", amount="70000", **signed)
        new(ops, "contract", name="丁", signed_on="2026-02-12", amount="20000", **signed)
    with on(2, 28):
        new(finance, "payment", contract=shared.id, paid_on="2026-02-28", amount="40000",
            customer=customers[0].id, owner=cast.zhang_wei.id)  # fmt: skip
    assert by_team(cast, FEBRUARY) == {cast.east.id: 70_000_00, cast.south.id: 70_000_00}

    # March: the books are closed, then somebody finds a mistake.
    with on(3, 2):
        close_month(actor=owner, month=FEBRUARY)
        [review] = [r for r in reviews(owner, month=FEBRUARY.start) if not r.team_id]
        assert review.state == "open"
    with on(3, 5):
        change(ops, mistaken, amount="45000")
        assert (value("sales_signed", FEBRUARY), value("sales_signed", MARCH)) == (
            140_000_00,
            -5_000_00,
        )
        [late] = [e for e in entries("sales_signed") if e[6] == "adjusting"]
        assert late[:6] == (
            mistaken.id, 0, "2026-03-01", cast.liu_yang.id, cast.east.id, -5_000_00,
        )  # fmt: skip
        why = explain(owner, "sales_signed", MARCH, member=cast.liu_yang.id)
        assert [(e.value, e.of_day) for e in why.entries] == [(-5_000_00, date(2026, 2, 10))]
        [newest, *_] = queries.history(owner, "contract", mistaken.id)
        assert (newest.actor_name, newest.action) == ("郑凯", "update")
    with on(3, 6):
        reopen_month(actor=owner, month=FEBRUARY, reason="合同乙金额录错")
        assert (value("sales_signed", FEBRUARY), value("sales_signed", MARCH)) == (135_000_00, 0)
        close_month(actor=owner, month=FEBRUARY)
        assert [c.reason for c in closings(FEBRUARY)] == [None, "合同乙金额录错"]
    with on(3, 10):
        new(finance, "payment", contract=shared.id, paid_on="2026-03-10", amount="60000.01",
            customer=customers[0].id, owner=cast.zhang_wei.id)  # fmt: skip
    with on(4, 2):
        close_month(actor=owner, month=MARCH)
        checked_by_hand(cast)
        assert_rebuilt_is_posted()
        board = leaderboard(zhang, "sales_month", JANUARY)
        placed = [(p.rank, p.name, p.value, p.open) for p in board.places if p.value]
        assert placed == [(1, "张伟", 60_000_01, True), (2, "孙悦", 40_000_00, False)]
        assert liu != sun
        assert board.closed


def checked_by_hand(cast: Cast) -> None:
    """The quarter, by SQL over the contracts and payments themselves."""
    shares = rows(
        "SELECT COALESCE(s.member_id, c.owner_id), c.amount * COALESCE(s.share, 10000) / 10000.0 "
        "FROM o_contract c LEFT JOIN o_contract_split s "
        "ON s.contract_id = c.id AND s.archived_at IS NULL "
        "WHERE c.status IN ('active', 'closed') AND c.archived_at IS NULL "
        "AND c.signed_on >= '2026-01-01' AND c.signed_on < '2026-04-01'"
    )
    [(total,)] = rows("SELECT sum(amount) FROM o_contract WHERE status IN ('active', 'closed')")
    ours = by_member(QUARTER)
    assert sum(ours.values()) == total == 235_000_01  # shared deals never count twice
    for member in ours:
        theirs = sum(Decimal(str(v)) for m, v in shares if m == member)
        assert abs(ours[member] - theirs) < 1, member
    teams = rows(
        "SELECT ms.team_id, sum(c.amount * COALESCE(s.share, 10000)) / 10000.0 FROM o_contract c "
        "LEFT JOIN o_contract_split s ON s.contract_id = c.id "
        "JOIN wubu_people_membership ms ON ms.member_id = COALESCE(s.member_id, c.owner_id) "
        "AND ms.from_day <= c.signed_on AND (ms.to_day IS NULL OR c.signed_on < ms.to_day) "
        "WHERE c.status IN ('active', 'closed') GROUP BY ms.team_id"
    )
    found = by_team(cast, QUARTER)
    assert {t for t, _ in teams} == set(found) == {cast.east.id, cast.south.id}
    for team, amount in teams:
        assert abs(found[team] - Decimal(str(amount))) < 1
    [(paid, days)] = rows(
        "SELECT sum(p.amount), sum(p.amount * CASE WHEN p.paid_on = '2026-02-28' THEN 30 ELSE 40 "
        "END) FROM o_payment p"
    )
    assert value("sales_paid", QUARTER) == paid == 100_000_01
    cycle = value("collection_cycle", QUARTER)
    assert abs(Decimal(cycle) - Decimal(days) / Decimal(paid)) < Decimal("0.05")
    assert figures(SYSTEM, ["new_customers"], QUARTER, "company").value("new_customers") == 2


def value(metric: str, period: Period) -> Any:
    return figures(SYSTEM, [metric], period, "company").value(metric)


def by_member(period: Period) -> dict[Any, Any]:
    found = figures(SYSTEM, ["sales_signed"], period, "member").rows
    return {r.key: r.cells["sales_signed"].value for r in found if r.cells["sales_signed"].value}


def by_team(cast: Cast, period: Period) -> dict[Any, Any]:
    """The two teams that sell; the teams above them hold the same again."""
    found = figures(SYSTEM, ["sales_signed"], period, "team").rows
    values = {r.key: r.cells["sales_signed"].value for r in found}
    below = {t: values[t] for t in (cast.east.id, cast.south.id)}
    assert values[cast.sales.id] == values[cast.company.id] == sum(below.values())
    return below
