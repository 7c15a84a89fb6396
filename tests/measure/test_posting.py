"""The ledger follows the records. Every answer is checked by SQL written by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.measure.books import assert_rebuilt_is_posted, change, entries, make, rows, total
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import actions as people
from wubu.kernel.people.types import Person
from wubu.kernel.records import actions as records
from wubu.kernel.records.types import Draft
from wubu.kernel.types import SYSTEM
from wubu.measure.ledger.actions import rebuild

pytestmark = pytest.mark.django_db


def contract(cast: Cast, **values: object) -> int:
    customer = values.pop("customer", None) or make(
        "customer", name=f"客户 {len(values)}", owner=cast.zhang_wei.id
    )
    given = {
        "name": "一号合同",
        "customer": customer,
        "signed_on": "2026-03-05",
        "amount": "1000.01",
        "status": "active",
        "owner": cast.zhang_wei.id,
    }
    return make("contract", **{**given, **values})


def test_it_works(cast: Cast) -> None:
    customer = make("customer", name="明华", owner=cast.zhang_wei.id)
    signed = contract(cast, customer=customer)
    east, zhang = cast.east.id, cast.zhang_wei.id
    assert entries("sales_signed") == [
        (signed, 0, "2026-03-05", zhang, east, 100001, "normal", None)
    ]
    assert entries("new_customers") == [(customer, 0, "2026-03-05", zhang, east, 1, "normal", None)]
    assert rows(
        "SELECT CAST(b.month AS varchar), b.member_id, b.team_id, b.value, b.count "
        "FROM wubu_ledger_month b JOIN wubu_metrics_metric m ON m.id = b.metric_id "
        "WHERE m.key = 'sales_signed'"
    ) == [("2026-03-01", zhang, east, 100001, 1)]
    assert_rebuilt_is_posted()


def test_a_draft_does_not_count_until_it_is_signed(cast: Cast) -> None:
    signed = contract(cast, status="draft")
    assert entries("sales_signed") == []
    change("contract", signed, status="active")
    assert total("sales_signed") == 100001
    change("contract", signed, amount="7.50", signed_on="2026-04-01")
    assert entries("sales_signed") == [
        (signed, 0, "2026-04-01", cast.zhang_wei.id, cast.east.id, 750, "normal", None)
    ]
    change("contract", signed, status="void")
    assert entries("sales_signed") == []
    assert_rebuilt_is_posted()


def test_a_change_of_no_consequence_leaves_the_ledger_alone(cast: Cast) -> None:
    signed = contract(cast)
    before = rows("SELECT MAX(id), COUNT(*) FROM wubu_ledger_entry")
    change("contract", signed, name="另一个名字")
    assert rows("SELECT MAX(id), COUNT(*) FROM wubu_ledger_entry") == before


def test_shares_add_up_to_the_last_fen(cast: Cast) -> None:
    shares = [(cast.zhang_wei, "33.33%"), (cast.liu_yang, "33.33%"), (cast.sun_yue, "33.34%")]
    signed = records.create(
        actor=SYSTEM,
        object_key="contract",
        values={
            "name": "三人合同",
            "customer": make("customer", name="合签客户"),
            "signed_on": "2026-03-05",
            "amount": "100.01",
            "status": "active",
            "owner": cast.zhang_wei.id,
        },
        children={"contract_split": [{"member": m.id, "share": s} for m, s in shares]},
    )
    values = [row[5] for row in entries("sales_signed")]
    assert values == [3333, 3334, 3334]  # cumulative: 33.33 %, 66.66 %, 100 % of 10001, rounded
    assert sum(values) == 10001
    assert [row[3] for row in entries("sales_signed")] == [m.id for m, _ in shares]
    assert [row[4] for row in entries("sales_signed")] == [
        cast.east.id,
        cast.east.id,
        cast.south.id,
    ]
    paid = make(
        "payment", contract=signed.id, paid_on="2026-05-04", amount="-0.05", owner=cast.wu_xia.id
    )
    assert sum(row[5] for row in entries("sales_paid")) == -5
    assert {row[0] for row in entries("sales_paid")} == {paid}
    assert_rebuilt_is_posted()


def test_shares_can_change_hands(cast: Cast) -> None:
    signed = contract(cast, amount="100")
    share(signed, (cast.liu_yang, "30%"), (cast.zhang_wei, "70%"))
    assert {r[3]: r[5] for r in entries("sales_signed")} == {
        cast.zhang_wei.id: 7000,
        cast.liu_yang.id: 3000,
    }
    share(signed, (cast.sun_yue, "100%"))
    assert [(r[3], r[5]) for r in entries("sales_signed")] == [(cast.sun_yue.id, 10000)]
    share(signed)
    assert [(r[3], r[5]) for r in entries("sales_signed")] == [(cast.zhang_wei.id, 10000)]
    assert_rebuilt_is_posted()


def share(contract_id: int, *shares: tuple[Person, str]) -> None:
    records.update(
        actor=SYSTEM,
        object_key="contract",
        id=contract_id,
        values={},
        children={"contract_split": [{"member": m.id, "share": s} for m, s in shares]},
    )


@pytest.mark.parametrize(
    ("shares", "parts"),
    [
        ((3000,), (7000, 3000)),  # what is not shared stays with the owner
        ((10000, 10000), (5000, 5000)),  # more than all is taken in proportion
        ((1, 2, 3), (9994, 1, 2, 3)),
    ],
)
def test_shares_that_do_not_add_up_never_count_twice(
    cast: Cast, shares: tuple[int, ...], parts: tuple[int, ...]
) -> None:
    """The door lets no such shares in; should they stand there anyway, the sum is still right."""
    signed = contract(cast, amount="100")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for basis_points in shares:
        snapshot().model("contract_split").objects.create(
            contract_id=signed,
            member_id=cast.liu_yang.id,
            share=basis_points,
            created_at=at,
            updated_at=at,
            version=1,
        )
    rebuild("sales_signed")
    assert tuple(r[5] for r in entries("sales_signed")) == parts
    assert sum(parts) == 10000


def test_a_corrected_signing_day_moves_the_days_of_its_payments(cast: Cast) -> None:
    signed = contract(cast, signed_on="2026-03-01")
    make("payment", contract=signed, paid_on="2026-03-31", amount="10", owner=cast.zhang_wei.id)
    assert total("payment_days") == 1000 * 30
    change("contract", signed, signed_on="2026-03-11")
    assert total("payment_days") == 1000 * 20
    change("contract", signed, signed_on=None)
    assert total("payment_days") == total("payment_dated") == 0
    assert total("sales_paid") == 1000
    assert_rebuilt_is_posted()


def test_nobodys_records_are_listed_as_unassigned(cast: Cast) -> None:
    contract(cast, owner=None)
    assert [(r[3], r[4], r[5]) for r in entries("sales_signed")] == [(0, 0, 100001)]


def test_archived_records_do_not_count(cast: Cast) -> None:
    signed = contract(cast)
    records.archive(actor=SYSTEM, object_key="contract", ids=[signed])
    assert entries("sales_signed") == []
    records.restore(actor=SYSTEM, object_key="contract", ids=[signed])
    assert total("sales_signed") == 100001
    assert_rebuilt_is_posted()


def test_the_team_is_the_one_of_that_day(cast: Cast) -> None:
    customer = make("customer", name="老客户", owner=cast.zhang_wei.id)
    early = contract(cast, customer=customer, signed_on="2026-01-10")
    late = contract(cast, customer=customer, signed_on="2026-03-10", name="二号合同")
    people.move_member(
        actor=SYSTEM,
        member_id=cast.zhang_wei.id,
        team_id=cast.south.id,
        from_day=date(2026, 3, 1),
    )
    assert [(r[0], r[4]) for r in entries("sales_signed")] == [
        (early, cast.east.id),
        (late, cast.south.id),
    ]
    assert_rebuilt_is_posted()


def test_a_day_is_a_day_of_the_workspace(cast: Cast) -> None:
    customer = make("customer", name="跟进客户", owner=cast.zhang_wei.id)
    make(
        "follow_up",
        customer=customer,
        type="call",
        content="电话",
        happened_at="2026-03-31 00:30",  # Shanghai: 16:30 UTC on the day before
        owner=cast.zhang_wei.id,
    )
    assert [r[2] for r in entries("follow_ups")] == ["2026-03-31"]


def test_stages_count_once_and_skipped_ones_count_too(cast: Cast) -> None:
    customer = make("customer", name="商机客户", owner=cast.zhang_wei.id)
    deal = make(
        "opportunity",
        name="传感器",
        customer=customer,
        stage="prospecting",
        opened_on="2026-01-05",
        amount="500",
        owner=cast.zhang_wei.id,
    )
    assert total("open_pipeline") == 50000
    change("opportunity", deal, stage="proposal", proposed_on="2026-02-01")
    change("opportunity", deal, stage="lost", closed_on="2026-03-01", loss_reason="price")
    reached = {s: [r[2] for r in entries(f"stage_reached_{s}")] for s in STAGES}
    assert reached == {
        "prospecting": ["2026-01-05"],
        "engaging": ["2026-02-01"],
        "proposal": ["2026-02-01"],
        "negotiation": [],
        "won": [],
    }
    assert total("open_pipeline") == total("open_deals") == 0
    assert (total("won_count"), total("lost_count"), total("closed_count")) == (0, 1, 1)
    assert_rebuilt_is_posted()


STAGES = ("prospecting", "engaging", "proposal", "negotiation", "won")


def test_many_records_are_posted_as_a_set(cast: Cast) -> None:
    """The number of statements does not depend on the number of records."""
    customer = make("customer", name="批量客户", owner=cast.zhang_wei.id)

    def batch(size: int) -> int:
        drafts = [
            Draft(
                {
                    "customer": customer,
                    "type": "call",
                    "content": "电话",
                    "happened_at": f"2026-03-{1 + n % 28:02} 10:00",
                    "owner": cast.reps[n % 4].id,
                }
            )
            for n in range(size)
        ]
        with CaptureQueriesContext(
            connection,
        ) as caught:
            records.save_many(actor=SYSTEM, object_key="follow_up", drafts=drafts)
        return len([q for q in caught.captured_queries if "wubu_ledger" in q["sql"]])

    assert batch(5) == batch(500)
    assert total("follow_ups") == 505
    assert_rebuilt_is_posted()
