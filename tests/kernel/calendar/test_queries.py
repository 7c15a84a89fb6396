from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from wubu.kernel.calendar import actions, queries
from wubu.kernel.calendar.types import DayNote, Period
from wubu.kernel.types import SYSTEM, Refused

pytestmark = pytest.mark.usefixtures("unit")


@time_machine.travel(datetime(2026, 3, 31, 16, 30, tzinfo=UTC), tick=False)
def test_it_works():
    assert queries.now() == datetime(2026, 3, 31, 16, 30, tzinfo=UTC)
    assert queries.today() == date(2026, 4, 1)  # already tomorrow in Shanghai
    assert queries.current("month") == Period.month(2026, 4)
    assert queries.start_of(date(2026, 4, 1)) == datetime(2026, 3, 31, 16, tzinfo=UTC)


@time_machine.travel(datetime(2026, 3, 31, 16, 30, tzinfo=UTC), tick=False)
def test_another_time_zone_has_another_day():
    actions.update_settings(actor=SYSTEM, time_zone="America/New_York")
    assert queries.today() == date(2026, 3, 31)


def test_a_time_zone_that_is_none():
    with pytest.raises(Refused) as refused:
        actions.update_settings(actor=SYSTEM, time_zone="Mars/Base", fiscal_start_month=13)
    assert [p.code for p in refused.value.problems] == ["no_such_time_zone", "not_a_month"]


def test_fiscal_years():
    actions.update_settings(actor=SYSTEM, fiscal_start_month=4)
    assert queries.period_of("year", date(2026, 3, 1)).start == date(2025, 4, 1)
    assert queries.parse_period("2026-Q1").start == date(2026, 4, 1)


def test_chinese_working_days():
    assert not queries.is_working_day(date(2026, 2, 17))  # Spring Festival
    assert queries.is_working_day(date(2026, 2, 14))  # a Saturday worked to make up for it
    assert queries.working_days(date(2026, 2, 1), date(2026, 3, 1)) == 16
    assert queries.working_days(date(2026, 3, 1), date(2026, 2, 1)) == 0
    assert queries.add_working_days(date(2026, 2, 14), 1) == date(2026, 2, 24)
    assert queries.add_working_days(date(2026, 2, 24), -1) == date(2026, 2, 14)


def test_the_company_has_the_last_word():
    actions.declare_days(
        actor=SYSTEM,
        days=[
            DayNote(date(2026, 3, 2), False, "厂庆"),
            DayNote(date(2026, 3, 7), True, "补班"),
            DayNote(date(2026, 3, 7), True, "补班"),
        ],
    )
    assert not queries.is_working_day(date(2026, 3, 2))
    assert queries.is_working_day(date(2026, 3, 7))
    assert [d.name for d in queries.overrides()] == ["厂庆", "补班"]
    actions.clear_days(actor=SYSTEM, days=[date(2026, 3, 2)])
    assert queries.is_working_day(date(2026, 3, 2))


def test_time_progress():
    february = Period.month(2026, 2)
    half = queries.time_progress(february, date(2026, 2, 10))
    assert (half.elapsed, half.total, half.remaining) == (7, 16, 9)
    assert half.share == Decimal(7) / 16
    assert queries.time_progress(february, date(2026, 1, 1)).share == 0
    assert queries.time_progress(february, date(2026, 5, 1)).share == 1
    sunday = queries.time_progress(Period.day(date(2026, 3, 1)), date(2026, 3, 1))
    assert sunday.share is None


def test_years_nobody_knows_yet_are_said():
    far = Period.year(2090)
    assert queries.is_working_day(date(2090, 10, 2))
    [warning] = queries.calendar_warnings(far)
    assert "2090" in warning.en
    assert queries.calendar_warnings(Period.year(2025)) == []
    actions.declare_days(actor=SYSTEM, days=[DayNote(date(2090, 10, 2), False, "国庆")])
    assert queries.calendar_warnings(far) == []


def test_settings_are_read_once_a_unit(django_assert_num_queries):
    queries.today()
    with django_assert_num_queries(0):
        queries.today()
        queries.current("quarter")
