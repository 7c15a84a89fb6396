"""The metrics of the sales pack, each on a handful of records and worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine

from tests.cast import Cast
from tests.measure.books import make
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import SYSTEM
from wubu.measure.figures.queries import figures

pytestmark = pytest.mark.django_db
MARCH = Period.month(2026, 3)


@pytest.fixture(autouse=True)
def spring() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 3, 20, 4, tzinfo=UTC)):
        yield


def value(metric: str, period: Period = MARCH) -> object:
    return figures(SYSTEM, [metric], period, "company").value(metric)


def test_a_new_customer_is_one_who_signs_for_the_first_time(cast: Cast) -> None:
    zhang = cast.zhang_wei.id
    for name, days in (("甲", ["2026-03-02", "2026-03-09"]), ("乙", ["2026-02-02", "2026-03-02"])):
        customer = make("customer", name=name, owner=zhang)
        for day in days:
            made = {"name": "合同", "customer": customer, "owner": zhang}
            make("contract", **made, signed_on=day, amount="100", status="active")
    assert value("new_customers") == 1
    assert value("new_customers", Period.month(2026, 2)) == 1
    assert value("new_customers", Period.quarter(2026, 1)) == 2


def test_conversion_by_period_and_by_cohort(cast: Cast) -> None:
    told = [
        # received, became a customer
        ("2026-02-10", "2026-03-05"),
        ("2026-03-01", "2026-03-15"),
        ("2026-03-02", None),
        ("2026-03-03", None),
    ]
    for number, (received, converted) in enumerate(told):
        made = {"name": f"线索{number}", "owner": cast.zhang_wei.id, "received_on": received}
        make("lead", **made, converted_on=converted, status="converted" if converted else "new")
    # Two became customers in March, three came in March, one of those three became a customer.
    assert value("conversion_rate") == Decimal(2) / 3
    assert value("lead_conversion_cohort") == Decimal(1) / 3


def test_follow_ups_are_counted_on_the_day_of_the_company(cast: Cast) -> None:
    customer = make("customer", name="甲", owner=cast.zhang_wei.id)
    for moment in ("2026-02-28T15:59:00Z", "2026-02-28T16:00:00Z", "2026-03-09T02:00:00Z"):
        made = {"customer": customer, "owner": cast.zhang_wei.id, "content": "谈价格"}
        make("follow_up", **made, type="call", happened_at=moment)
    assert value("follow_ups") == 2  # midnight in Shanghai is four in the afternoon in UTC


def test_satisfaction_is_the_mean_of_the_answers(cast: Cast) -> None:
    customer = make("customer", name="甲", owner=cast.zhang_wei.id)
    for score, owner in ((10, cast.zhang_wei), (8, cast.zhang_wei), (5, cast.sun_yue)):
        made = {"customer": customer, "owner": owner.id, "channel": "callback"}
        make("survey", **made, score=score, surveyed_on="2026-03-09")
    assert value("satisfaction") == Decimal(23) / 3


def test_the_collection_cycle_weighs_by_amount(cast: Cast) -> None:
    customer = make("customer", name="甲", owner=cast.zhang_wei.id)
    made = {"name": "合同", "customer": customer, "owner": cast.zhang_wei.id}
    signed = make("contract", **made, signed_on="2026-02-01", amount="400", status="active")
    for day, amount in (("2026-03-03", "300"), ("2026-03-13", "100")):
        paid = {"contract": signed, "customer": customer, "owner": cast.zhang_wei.id}
        make("payment", **paid, paid_on=day, amount=amount)
    # 30 days for 300 and 40 days for 100: (30×300 + 40×100) ÷ 400.
    assert value("collection_cycle") == Decimal("32.5")
    assert value("sales_paid") == 400_00
