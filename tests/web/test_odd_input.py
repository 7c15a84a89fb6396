"""Odd input: numbers that are none, and that no database holds, in addresses and forms."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.kernel.calendar.queries import now
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM

Make = Callable[..., Record]
ODD = {
    "superscript": "²",
    "too large": "9" * 30,
    "too long": "9" * 5000,
    "wide": "９",
    "negative": "-1",
    "null": "\x00",
}


def test_it_works(browse: Browse, cast: Cast, make: Make) -> None:
    plan = make("follow_plan", subject="送样品", due_at=now().isoformat(), owner=cast.wang_li.id)
    boss = browse(cast.wang_li)
    assert "送样品" in boss.get(f"/o/follow_plan/new?copy={plan.id}").content.decode()


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_address_with_an_odd_number_is_answered(browse: Browse, cast: Cast, odd: str) -> None:
    boss = browse(cast.wang_li)
    for path, name in (
        ("/cockpit", "team"),
        ("/metrics/sales_signed", "member"),
        ("/alerts", "owner"),
        ("/alerts", "after"),
        ("/o/customer/new", "copy"),
        ("/o/customer/new", "draft"),
        ("/o/customer/new", "owner"),
        ("/setup/objects/history", "before"),
        ("/setup/log", "before"),
        ("/leaderboard", "team"),
        ("/targets", "team"),
        ("/scorecard", "team"),
        ("/collection/customer", "cursor"),
    ):
        value = f"2026-01-01_{odd}" if name == "after" else odd
        response = boss.get(path, {name: value})
        assert response.status_code in {200, 302, 303, 404, 422}, (path, name, odd)
        assert "</html>" in response.content.decode() or response.status_code in {302, 303}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_what_is_posted_with_an_odd_number_harms_nothing(
    browse: Browse, cast: Cast, make: Make, odd: str
) -> None:
    plan = make("follow_plan", subject="送样品", due_at=now().isoformat(), owner=cast.wang_li.id)
    boss = browse(cast.wang_li)
    told = [
        boss.post(f"/due/plan_due/{plan.id}/later", {"days": odd}),
        boss.post(f"/o/follow_plan/{plan.id}/edit", {"subject": "送样品", "version": odd}),
        boss.post("/o/follow_plan/bulk", {"do": "transfer", "id": str(plan.id), "owner": odd}),
        boss.post("/o/follow_plan/draft", {"record": odd, "subject": "x"}),
        boss.post(f"/o/follow_plan/{plan.id}/note", {"next": odd}),
        boss.post("/targets/save?metric=sales_signed", {f"t-{odd[:40]}-2026-03": "1", "t-": "1"}),
    ]
    assert {r.status_code for r in told} <= {200, 302, 303, 404, 409, 422}
    assert queries.get(SYSTEM, "follow_plan", plan.id).values["owner"] == cast.wang_li.id


def test_a_record_that_no_database_numbers_is_missing(browse: Browse, cast: Cast) -> None:
    assert browse(cast.wang_li).get(f"/o/customer/{'9' * 30}").status_code == 404
