from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.fields.support import field
from wubu.kernel.fields import FieldError, from_json, parser, show, to_json

DAY = field("date")
MOMENT = field("datetime")
# The time zone is the workspace's, and so in the database.
pytestmark = pytest.mark.usefixtures("unit")


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026/3/1", date(2026, 3, 1)),
        ("2026.3.1", date(2026, 3, 1)),
        ("2026年3月1日", date(2026, 3, 1)),
        ("２０２６年３月１日", date(2026, 3, 1)),
        ("2026年 3月 1号", date(2026, 3, 1)),
        ("20260301", date(2026, 3, 1)),
        ("15 Apr, 2021 00:02:00", date(2021, 4, 15)),
        ("15-Apr-21", date(2021, 4, 15)),
        ("Apr 15, 2021", date(2021, 4, 15)),
        ("April 15th, 2021", date(2021, 4, 15)),
        ("3/4/2026", date(2026, 3, 4)),
        ("25/3/2026", date(2026, 3, 25)),
        ("2026-03-01 14:30", date(2026, 3, 1)),
        ("2026-03-01T14:30:00Z", date(2026, 3, 1)),
        ("2026年3月1日 下午2:30", date(2026, 3, 1)),
        (date(2026, 3, 1), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 10), date(2026, 3, 1)),  # noqa: DTZ001 (a spreadsheet cell has no zone)
        (datetime(2026, 2, 28, 17, tzinfo=UTC), date(2026, 3, 1)),  # already 1 March in Shanghai
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read_as_people_write_them(raw: Any, day: date | None) -> None:
    assert parser(DAY)(raw) == day


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("2026-02-30", "no_such_date"),
        ("2026年13月1日", "no_such_date"),
        ("30 Feb, 2026", "no_such_date"),
        ("2026-03-01 25:00", "no_such_date"),
        ("0026-03-01", "out_of_range"),
        ("3026-03-01", "out_of_range"),
        ("下周三", "not_a_date"),
        ("15 Foo 2021", "not_a_date"),
        ("2026-03-01 quite early", "not_a_date"),
        ("44197", "not_a_date"),
        (44197, "not_a_date"),
        (True, "not_a_date"),
    ],
)
def test_what_is_no_date_gets_a_clear_problem(raw: Any, code: str) -> None:
    for spec in (DAY, MOMENT):
        with pytest.raises(FieldError) as caught:
            parser(spec)(raw)
        assert caught.value.code == code
        assert caught.value.hint is not None


def test_excel_serials_are_read_when_told() -> None:
    read = parser(field("date", excel=True))
    assert read(44197) == date(2021, 1, 1)
    assert read("44197") == date(2021, 1, 1)
    assert read(44197.75) == date(2021, 1, 1)
    assert read(1) == date(1900, 1, 1)
    assert read(59) == date(1900, 2, 28)
    assert read(61) == date(1900, 3, 1)
    with pytest.raises(FieldError):
        read(-1)
    at = parser(field("datetime", excel=True))(44197.75)
    assert at == datetime(2021, 1, 1, 10, tzinfo=UTC)  # 18:00 in Shanghai


def test_day_first_when_told() -> None:
    assert parser(field("date", day_first=True))("3/4/2026") == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("raw", "hour_utc"),
    [
        ("2026-03-01 14:30", 6),
        ("2026年3月1日 下午2:30", 6),
        ("2026年3月1日 下午2点30分", 6),
        ("2026-03-01 2:30 PM", 6),
        ("2026-03-01T14:30:00+08:00", 6),
        ("2026-03-01T06:30:00Z", 6),
        ("2026-03-01T06:30:00.123Z", 6),
    ],
)
def test_moments_are_read_in_the_workspace_zone(raw: str, hour_utc: int) -> None:
    assert parser(MOMENT)(raw) == datetime(2026, 3, 1, hour_utc, 30, tzinfo=UTC)


def test_moments_of_other_kinds() -> None:
    read = parser(MOMENT)
    assert read(date(2026, 3, 1)) == datetime(2026, 2, 28, 16, tzinfo=UTC)
    cell = datetime(2026, 3, 1, 8)  # noqa: DTZ001 (a spreadsheet cell has no zone)
    assert read(cell) == datetime(2026, 3, 1, tzinfo=UTC)
    tokyo = datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    assert read(tokyo) == datetime(2026, 3, 1, tzinfo=UTC)
    assert read("2026-03-01 12:05 am") == datetime(2026, 2, 28, 16, 5, tzinfo=UTC)


def test_both_languages_say_dates_their_way() -> None:
    assert show(DAY, date(2026, 3, 1), "zh") == "2026年3月1日"
    assert show(DAY, date(2026, 3, 1), "en") == "1 Mar 2026"
    at = datetime(2026, 3, 1, 6, 5, tzinfo=UTC)
    assert show(MOMENT, at, "zh") == "2026年3月1日 14:05"
    assert show(MOMENT, at, "en") == "1 Mar 2026 14:05"
    assert to_json(DAY, date(2026, 3, 1)) == "2026-03-01"
    assert to_json(MOMENT, at) == "2026-03-01T06:05:00Z"


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_days_shown_read_back(day: date) -> None:
    for lang in ("zh", "en"):
        assert parser(DAY)(show(DAY, day, lang)) == day  # type: ignore[arg-type]
    assert from_json(DAY, to_json(DAY, day)) == day


@given(
    st.datetimes(
        datetime(1950, 1, 2),  # noqa: DTZ001 (hypothesis adds the zone)
        datetime(2200, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    )
)
def test_moments_survive_json_and_shown_minutes_read_back(at: datetime) -> None:
    assert from_json(MOMENT, to_json(MOMENT, at)) == at
    minute = at.replace(second=0, microsecond=0)
    for lang in ("zh", "en"):
        assert parser(MOMENT)(show(MOMENT, minute, lang)) == minute  # type: ignore[arg-type]
