"""The parts of the story that need no database rows of their own."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest

from wubu.collect.practice.seasons import Days, moment, spring_festival, weight
from wubu.demo.deals import STAGES, Dealer, Plan
from wubu.demo.market import Market, imagine
from wubu.demo.staff import Staff, reps
from wubu.kernel.calendar.queries import is_working_day
from wubu.kernel.fields import FieldSpec, parser
from wubu.kernel.types import Text

TODAY = date(2026, 3, 18)
START = date(2024, 3, 1)


@pytest.fixture
def staff() -> Staff:
    found = Staff(reps(TODAY))
    for number, rep in enumerate(found.reps, 1):
        rep.id = number
    return found


@pytest.fixture
def market(unit: None, staff: Staff) -> Market:
    return imagine(random.Random(1), staff, Days(START, TODAY))


def test_spring_festival_is_where_the_moon_puts_it() -> None:
    assert spring_festival(2025) == date(2025, 1, 28)
    assert spring_festival(2026) == date(2026, 2, 15)
    assert spring_festival(2027) == date(2027, 2, 6)
    assert spring_festival(2100).month == 2


def test_the_weeks_around_spring_festival_are_quiet() -> None:
    assert weight(date(2026, 2, 12)) < 0.2 * weight(date(2026, 3, 12))


def test_days_are_working_days_within_bounds(unit: None) -> None:
    days, rnd = Days(START, TODAY), random.Random(2)
    for _ in range(300):
        day = days.draw(rnd, date(2025, 1, 20), date(2025, 2, 20))
        assert date(2025, 1, 20) <= day <= date(2025, 2, 20)
        assert is_working_day(day)
    assert days.draw(rnd, TODAY + timedelta(days=5)) == TODAY
    assert days.after(date(2026, 2, 14), 1) == date(2026, 2, 24)
    local = moment(date(2026, 3, 2), rnd)
    assert 1 <= local.hour <= 10  # UTC


def test_the_same_seed_tells_the_same_story(unit: None, staff: Staff) -> None:
    days = Days(START, TODAY)
    one, two = (imagine(random.Random(9), staff, days) for _ in range(2))
    assert [c.name for c in one.customers] == [c.name for c in two.customers]
    assert [lead for lead, _ in one.leads][:50] == [lead for lead, _ in two.leads][:50]


def test_customers_are_who_they_say(market: Market) -> None:
    names = [c.name for c in market.customers]
    assert len(names) == len(set(names)) > 1_000
    code = FieldSpec("customer", "c", "text", Text("码", "Code"), options={"format": "credit_code"})
    read = parser(code)
    codes = [c.values["credit_code"] for c in market.customers if "credit_code" in c.values]
    assert len({read(c) for c in codes}) == len(codes)
    assert all(c.since <= TODAY for c in market.customers)
    assert all((c.owner is None) == c.values["pool"] for c in market.customers)


def test_deals_move_forward_and_stop_at_today(market: Market, staff: Staff) -> None:
    dealer = Dealer(random.Random(3), staff, Days(START, TODAY))
    deals = dealer.play(market.customers)
    assert len(deals) == 4_000
    for deal in deals:
        days = list(deal.dates.values())
        assert all(a <= b for a, b in pairwise(days))
        assert list(deal.dates) == list(STAGES[: len(days)])
        assert days[-1] <= (deal.closed or TODAY) <= TODAY
        assert (deal.closed is None) == (deal.stage in STAGES)
        assert deal.rep.works_on(days[0])
        assert deal.amount == sum(line.amount for line in deal.lines)
        assert deal.name
    suspect = staff.rep("machao")
    assert suspect.suspicious_from is not None
    late = [
        d for d in deals if d.rep is suspect and d.dates["prospecting"] >= suspect.suspicious_from
    ]
    won = [d for d in late if d.stage == "won"]
    assert len(won) > 0.8 * len([d for d in late if d.closed])
    assert all(d.amount % 10_000 == 0 for d in won)


def test_contracts_add_up(market: Market, staff: Staff) -> None:
    dealer = Dealer(random.Random(3), staff, Days(START, TODAY))
    contracts = dealer.sign(dealer.play(market.customers))
    overdue: list[Plan] = []
    for contract in contracts:
        assert contract.signed <= TODAY
        assert not contract.splits or sum(share for _, share in contract.splits) == 100
        if contract.plans:
            assert sum(p.amount for p in contract.plans) == contract.amount
        for plan in contract.plans:
            assert sum(a for _, a in plan.payments) <= plan.amount
            assert all(contract.signed <= day <= TODAY for day, _ in plan.payments)
            if plan.due < TODAY and sum(a for _, a in plan.payments) < plan.amount:
                overdue.append(plan)
    assert 20 < len(overdue) < len(contracts) / 3
    assert len({c.number for c in contracts}) == len(contracts)
