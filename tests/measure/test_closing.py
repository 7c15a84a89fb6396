"""A story over three months: January is closed, late changes are booked where they may be."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from tests.cast import Cast, acting
from tests.measure.books import assert_rebuilt_is_posted, change, entries, make
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import SYSTEM, Actor, Forbidden, Refused
from wubu.measure.figures.queries import explain, figures, metric
from wubu.measure.ledger import events
from wubu.measure.ledger import queries as ledger
from wubu.measure.ledger.actions import close_month, first_open_month, reopen_month
from wubu.measure.ledger.types import Closing, SnapshotRow

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY, MARCH = (Period.month(2026, m) for m in (1, 2, 3))


def test_it_works(cast: Cast) -> None:
    zhang = cast.zhang_wei.id
    customer = make("customer", name="客户", owner=zhang)
    values = {"customer": customer, "status": "active", "owner": zhang, "name": "合同"}
    with time_machine.travel(datetime(2026, 1, 20, 4, tzinfo=UTC)):
        first = make("contract", signed_on="2026-01-15", amount="100", **values)
        with pytest.raises(Refused, match="还没有结束"):
            close_month(actor=SYSTEM, month=JANUARY)

    with time_machine.travel(datetime(2026, 2, 3, 4, tzinfo=UTC)):
        closing = close_month(actor=acting(cast.wang_li), month=JANUARY, note="一月")
        assert closing.closed_by == cast.wang_li.id
        assert [(r.member_id, r.value) for r in _sales(ledger.snapshot(closing.id))] == [
            (zhang, 10000)
        ]
        with pytest.raises(Refused, match="已经关账"):
            close_month(actor=SYSTEM, month=JANUARY)

    with time_machine.travel(datetime(2026, 2, 10, 4, tzinfo=UTC)):
        change("contract", first, amount="150")  # a correction
        forgotten = make("contract", signed_on="2026-01-20", amount="30", **values)
        assert sales(JANUARY) == 10000
        assert sales(FEBRUARY) == 8000
        assert [(r[0], r[2], r[5], r[6], r[7]) for r in entries("sales_signed")] == [
            (first, "2026-01-15", 10000, "normal", None),
            (first, "2026-02-01", 5000, "adjusting", "2026-01-15"),
            (forgotten, "2026-02-01", 3000, "adjusting", "2026-01-20"),
        ]
        change("contract", first, amount="120")  # corrected again: one adjusting entry, not two
        assert sales(FEBRUARY) == 5000
        change("contract", first, signed_on="2026-02-07")  # it was never January's
        assert (sales(JANUARY), sales(FEBRUARY)) == (10000, -10000 + 12000 + 3000)
        why = explain(SYSTEM, "sales_signed", FEBRUARY, member=zhang)
        assert [p.value for p in why.parts] == [5000, -7000]
        assert "2026-01-15" in str(next(e.note for e in why.entries if e.of_day))
        assert_rebuilt_is_posted()

    with time_machine.travel(datetime(2026, 3, 2, 4, tzinfo=UTC)):
        close_month(actor=SYSTEM, month=FEBRUARY)
        change("contract", forgotten, status="void")
        assert (sales(JANUARY), sales(FEBRUARY), sales(MARCH)) == (10000, 5000, -3000)
        with pytest.raises(Refused, match="最后关账"):
            reopen_month(actor=SYSTEM, month=JANUARY, reason="核对")
        with pytest.raises(Refused, match="原因"):
            reopen_month(actor=SYSTEM, month=FEBRUARY, reason=" ")
        again = reopen_month(actor=acting(cast.wang_li), month=FEBRUARY, reason="漏了作废")
        assert (again.reason, again.is_closed) == ("漏了作废", False)
        assert (sales(FEBRUARY), sales(MARCH)) == (2000, 0)
        reopen_month(actor=SYSTEM, month=JANUARY, reason="核对")
        assert (sales(JANUARY), sales(FEBRUARY)) == (0, 12000)
        assert {e[6] for e in entries("sales_signed")} == {"normal"}
        close_month(actor=SYSTEM, month=JANUARY)
        assert [c.is_closed for c in ledger.closings(JANUARY)] == [True, False]
        assert_rebuilt_is_posted()


def sales(month: Period) -> object:
    return figures(SYSTEM, ["sales_signed"], month, "company").value("sales_signed")


def _sales(rows: tuple[SnapshotRow, ...]) -> list[SnapshotRow]:
    return [r for r in rows if r.metric_id == metric("sales_signed").id]


def test_earlier_months_close_with_it(cast: Cast) -> None:
    with time_machine.travel(datetime(2026, 4, 3, 4, tzinfo=UTC)):
        close_month(actor=SYSTEM, month=MARCH)
        assert ledger.is_closed(date(2025, 12, 1))
        customer = make("customer", name="客户")
        make(
            "contract",
            name="很早的",
            customer=customer,
            signed_on="2025-06-01",
            amount="1",
            status="active",
        )
        assert [(r[2], r[6], r[7]) for r in entries("sales_signed")] == [
            ("2026-04-01", "adjusting", "2025-06-01")
        ]


def test_the_first_month_to_close_is_the_last_that_is_over(cast: Cast) -> None:
    with time_machine.travel(datetime(2026, 3, 20, 4, tzinfo=UTC)):
        assert first_open_month() == MARCH  # of a company that has no past
        customer = make("customer", name="客户")
        signed = {"signed_on": "2025-11-03", "amount": "1", "status": "active"}
        make("contract", name="旧合同", customer=customer, **signed)
        assert first_open_month() == FEBRUARY
        close_month(actor=SYSTEM, month=FEBRUARY)
        assert first_open_month() == MARCH


def test_only_who_may_set_up_periods_closes(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        close_month(actor=acting(cast.zhang_wei), month=Period.month(2024, 1))
    with pytest.raises(Forbidden):
        reopen_month(actor=acting(cast.zhang_wei), month=Period.month(2024, 1), reason="x")


def test_upper_rooms_are_told(cast: Cast) -> None:
    told: list[tuple[Closing, Actor]] = []

    def listen(closing: Closing, actor: Actor) -> None:
        told.append((closing, actor))

    events.subscribe(listen)
    try:
        close_month(actor=SYSTEM, month=Period.month(2024, 1))
        reopen_month(actor=SYSTEM, month=Period.month(2024, 1), reason="再看")
    finally:
        events._subscribers.remove(listen)
    assert [c.is_closed for c, _ in told] == [True, False]


def test_a_late_record_of_nothing_is_there_when_its_month_is_opened_again(cast: Cast) -> None:
    customer = make("customer", name="客户", owner=cast.zhang_wei.id)
    values = {"customer": customer, "status": "active", "owner": cast.zhang_wei.id, "name": "合同"}
    with time_machine.travel(datetime(2026, 2, 3, 4, tzinfo=UTC)):
        close_month(actor=SYSTEM, month=JANUARY)
        make("contract", signed_on="2026-01-20", amount="0", **values)
        assert entries("sales_signed") == []
        reopen_month(actor=SYSTEM, month=JANUARY, reason="漏记")
        assert [(r[2], r[5], r[6]) for r in entries("sales_signed")] == [
            ("2026-01-20", 0, "normal")
        ]
        assert_rebuilt_is_posted()
