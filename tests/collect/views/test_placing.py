"""Records by day, by span and around a point."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cast import Cast, acting
from tests.collect.views.making import make
from wubu.collect.views import placing
from wubu.kernel.records import actions as records
from wubu.kernel.types import Conflict, Refused


def test_days_hold_the_first_few_and_the_count(cast: Cast) -> None:
    for n in range(7):
        make(cast.zhang_wei, f"单{n}", expected_close="2026-12-03")
    make(cast.zhang_wei, "远", expected_close="2027-03-01")
    make(cast.zhang_wei, "无日期")
    make(cast.sun_yue, "别人的", expected_close="2026-12-03")
    found = placing.month(
        acting(cast.zhang_wei),
        "opportunity",
        "",
        "expected_close",
        date(2026, 11, 30),
        date(2027, 1, 4),
        per_day=4,
        columns=["expected_close"],
    )
    assert list(found.days) == [date(2026, 12, 3)]
    day = found.days[date(2026, 12, 3)]
    assert (day.count, len(day.records)) == (7, 4)
    tray = placing.unplanned(acting(cast.zhang_wei), "opportunity", "", "expected_close", ["name"])
    assert [r.title for r in tray.records] == ["无日期"]


def test_a_moment_falls_on_the_day_of_the_office_and_keeps_its_time(cast: Cast) -> None:
    one = make(cast.zhang_wei, "单", next_step_at="2026-12-03 23:30")
    actor = acting(cast.zhang_wei)
    window = (date(2026, 12, 1), date(2026, 12, 8))
    found = placing.month(
        actor, "opportunity", "", "next_step_at", *window, per_day=3, columns=["next_step_at"]
    )
    assert list(found.days) == [date(2026, 12, 3)]
    moved, batch = placing.move(
        actor=actor,
        object_key="opportunity",
        record_id=one.id,
        days={"next_step_at": date(2026, 12, 5)},
        version=one.version,
    )
    assert moved.values["next_step_at"].astimezone(placing.zone()).isoformat()[:16] == (
        "2026-12-05T23:30"
    )
    with pytest.raises(Conflict):
        placing.move(
            actor=actor,
            object_key="opportunity",
            record_id=one.id,
            days={"next_step_at": date(2026, 12, 6)},
            version=one.version,
        )
    records.undo_batch(actor=actor, batch=batch)


def test_spans_touch_the_window(cast: Cast) -> None:
    make(cast.zhang_wei, "跨", opened_on="2026-01-01", expected_close="2026-12-31")
    make(cast.zhang_wei, "点", opened_on="2026-06-10")
    make(cast.zhang_wei, "早", opened_on="2026-01-01", expected_close="2026-02-01")
    make(cast.zhang_wei, "晚", opened_on="2026-09-01", expected_close="2026-10-01")
    found = placing.intervals(
        acting(cast.zhang_wei),
        "opportunity",
        "",
        "opened_on",
        "expected_close",
        date(2026, 6, 1),
        date(2026, 7, 1),
        columns=["name"],
    )
    assert [r.title for r in found.records] == ["跨", "点"]


def test_dates_one_may_not_see_place_nothing(cast: Cast) -> None:
    with pytest.raises(Refused):
        placing.moment(acting(cast.zhang_wei), "opportunity", "name")
    with pytest.raises(Refused):
        placing.moment(acting(cast.zhang_wei), "opportunity", "nothing")


def test_kilometres() -> None:
    shanghai, beijing = (31.2304, 121.4737), (39.9042, 116.4074)
    assert round(placing.distance(shanghai, beijing)) == 1067
    assert placing.distance(shanghai, shanghai) == 0
