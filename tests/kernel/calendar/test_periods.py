from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wubu.kernel.calendar.types import Period, add_months
from wubu.kernel.types import Refused

days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
fiscal = st.integers(1, 12)
kinds = st.sampled_from(["day", "week", "month", "quarter", "year"])


def test_it_works():
    march = Period.month(2026, 3)
    assert (march.start, march.end, march.last) == (
        date(2026, 3, 1),
        date(2026, 4, 1),
        date(2026, 3, 31),
    )
    assert march.previous() == Period.month(2026, 2)
    assert march.year_ago() == Period.month(2025, 3)
    assert (march.label("zh"), march.label("en")) == ("2026年3月", "Mar 2026")
    assert date(2026, 3, 31) in march
    assert date(2026, 4, 1) not in march


@pytest.mark.parametrize(
    ("period", "key", "zh", "en"),
    [
        (Period.year(2026), "2026", "2026年", "2026"),
        (Period.year(2026, 4), "2026", "2026/27财年", "FY 2026/27"),
        (Period.quarter(2026, 1), "2026-Q1", "2026年第1季度", "Q1 2026"),
        (Period.quarter(2026, 4, 4), "2026-Q4", "2026/27财年第4季度", "Q4 FY 2026/27"),
        (Period.week(date(2026, 3, 1)), "2026-W09", "2026年第9周", "Week 9, 2026"),
        (Period.day(date(2026, 3, 5)), "2026-03-05", "2026年3月5日", "5 Mar 2026"),
        (
            Period.custom(date(2026, 3, 1), date(2026, 3, 16)),
            "2026-03-01..2026-03-15",
            "2026年3月1日至2026年3月15日",
            "1 Mar 2026 – 15 Mar 2026",
        ),
    ],
)
def test_names(period, key, zh, en):
    assert (period.key, period.label("zh"), period.label("en")) == (key, zh, en)
    assert Period.parse(key, period.fiscal_start) == period


@pytest.mark.parametrize("text", ["", "2026-13", "2026-W60", "2026-02-30", "x..y", "2026-3", "20"])
def test_what_is_not_a_period(text):
    with pytest.raises(Refused) as refused:
        Period.parse(text)
    assert refused.value.problems[0].code == "not_a_period"


def test_backwards_is_refused():
    with pytest.raises(Refused):
        Period.custom(date(2026, 3, 2), date(2026, 3, 2))


def test_leap_days():
    assert Period.day(date(2024, 2, 29)).year_ago() == Period.day(date(2023, 2, 28))
    assert Period.month(2025, 2).year_ago().days == 29
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert Period.custom(date(2024, 2, 1), date(2024, 3, 1)).year_ago().last == date(2023, 2, 28)


def test_a_week_a_year_ago_has_the_same_weekdays():
    week = Period.week(date(2026, 3, 4))
    assert week.start.weekday() == week.year_ago().start.weekday() == 0


@given(kinds, days, fiscal)
def test_a_period_holds_its_day_and_meets_its_neighbours(kind, day, start):
    period = Period.of(kind, day, start)
    assert day in period
    assert period.previous().end == period.start
    assert period.next().start == period.end
    assert period.next().previous() == period
    assert period.previous() == Period.of(kind, period.start - timedelta(days=1), start)
    assert Period.parse(period.key, start) == period


@given(days, fiscal)
def test_quarters_and_months_fill_the_year(day, start):
    year = Period.of("year", day, start)
    quarters = [Period.of("quarter", m.start, start) for m in year.months()]
    assert len(year.months()) == 12
    assert len(set(quarters)) == 4
    assert all(a.end == b.start for a, b in pairwise(year.months()))
    assert sum(q.days for q in set(quarters)) == year.days
