"""Teams by the API: the tree of a day, changes from a day on, what a change would move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from tests.api.conftest import Caller, problem
from tests.cast import Cast
from tests.measure.books import make
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import SYSTEM
from wubu.measure.ledger.actions import close_month


@pytest.fixture(autouse=True)
def april(people: Cast) -> Iterator[None]:
    with time_machine.travel(datetime(2026, 4, 10, 4, tzinfo=UTC)):
        yield


def parents(boss: Caller, day: str = "") -> dict[str, str | None]:
    found = boss.get(f"/teams?day={day}" if day else "/teams").json()
    return {t["id"]: t["parent_id"] for t in found}


def test_it_works(boss: Caller, people: Cast) -> None:
    east, south, sales = (str(t.id) for t in (people.east, people.south, people.sales))
    body = {"parent_id": south, "from_day": "2026-04-20"}
    assert boss("PATCH", f"/teams/{east}", body).status_code == 200
    assert parents(boss)[east] == sales
    assert parents(boss, "2026-04-19")[east] == sales
    assert parents(boss, "2026-04-20")[east] == south
    history = boss.get(f"/teams/{east}/history").json()
    assert [(p["from_day"], p["parent_id"]) for p in history] == [
        ("0001-01-01", sales),
        ("2026-04-20", south),
    ]


def test_closed_days_are_refused_with_the_nearest_day(boss: Caller, people: Cast) -> None:
    close_month(actor=SYSTEM, month=Period.month(2026, 3))
    body = {"parent_id": str(people.company.id), "from_day": "2026-03-31"}
    answer = boss("PATCH", f"/teams/{people.east.id}", body)
    (wrong,) = problem(answer, 422)["errors"]
    assert (wrong["code"], wrong["field"]) == ("closed_past", "from_day")
    assert wrong["suggestion"] == "2026-04-01"


@pytest.mark.parametrize(
    ("day", "allowed", "effects"),
    [("2026-03-31", False, 0), ("2026-04-05", True, 1), ("2026-04-06", True, 0)],
)
def test_what_a_change_would_move(
    boss: Caller, people: Cast, day: str, allowed: bool, effects: int
) -> None:
    """One sale on 5 April, in East; March is closed."""
    close_month(actor=SYSTEM, month=Period.month(2026, 3))
    me = people.zhang_wei.id
    with time_machine.travel(datetime(2026, 4, 5, 4, tzinfo=UTC)):
        make("contract", name="合同", customer=make("customer", name="客户"), amount="100",
             signed_on="2026-04-05", status="active", owner=me)  # fmt: skip
    for kind, key in (("member", str(me)), ("team", str(people.sales.id))):
        found = boss.get(f"/open-days?kind={kind}&key={key}&valid_from={day}").json()
        assert found["first_day"] == "2026-04-01"
        assert (found["allowed"], len(found["effects"])) == (allowed, effects)


def test_not_for_everybody(rep: Caller, boss: Caller, people: Cast) -> None:
    url = f"/open-days?kind=team&key={people.east.id}&valid_from=2026-04-05"
    problem(rep.get(url), 403)
    problem(boss.get("/open-days?kind=team&key=east&valid_from=2026-04-05"), 422)
    problem(boss.get(f"/open-days?kind=team&key={people.east.id}&valid_from=soon"), 422)
