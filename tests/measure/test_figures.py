"""Figures by person, team and month, checked by hand and by SQL over the records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast, acting
from tests.measure.books import make, rows
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import actions as people
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.types import SYSTEM, Missing
from wubu.measure.figures.queries import compare, figures, series
from wubu.measure.ledger.actions import photograph

pytestmark = pytest.mark.django_db
MARCH = Period.month(2026, 3)


@pytest.fixture(autouse=True)
def spring() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 3, 20, 4, tzinfo=UTC)):
        yield


@pytest.fixture
def deals(cast: Cast) -> Cast:
    """A few closed deals of 张伟 and 孙悦 in February and March; nobody else has any."""
    customer = make("customer", name="客户", owner=cast.zhang_wei.id)
    told = [
        (cast.zhang_wei, "won", "2026-03-02", "100.10"),
        (cast.zhang_wei, "won", "2026-03-09", "200.20"),
        (cast.zhang_wei, "lost", "2026-03-10", "50"),
        (cast.sun_yue, "lost", "2026-03-11", "75"),
        (cast.sun_yue, "won", "2026-02-11", "300.05"),
        (cast.liu_yang, "engaging", None, "1000"),
    ]
    for person, stage, closed, amount in told:
        make(
            "opportunity",
            name="商机",
            customer=customer,
            stage=stage,
            closed_on=closed,
            opened_on="2026-01-05",
            amount=amount,
            owner=person.id,
            **({"loss_reason": "price"} if stage == "lost" else {}),
        )
    return cast


def test_it_works(deals: Cast) -> None:
    found = figures(SYSTEM, ["won_count", "won_amount", "win_rate", "win_rate_amount"], MARCH)
    assert found.value("won_amount") == 30030
    assert found.value("win_rate") == Decimal(2) / 4
    zhang, sun, zhou = deals.zhang_wei.id, deals.sun_yue.id, deals.zhou_tao.id
    assert found.value("win_rate", zhang) == Decimal(2) / 3
    assert found.value("win_rate_amount", zhang) == Decimal(30030) / Decimal(35030)
    assert found.value("won_count", sun) == 0
    assert found.value("win_rate", sun) == 0  # one lost, none won: that is a rate of 0
    assert found.value("won_count", zhou) == 0
    assert found.value("win_rate", zhou) is None  # nothing closed: no rate at all
    assert rows(
        "SELECT COUNT(*), SUM(amount) FROM o_opportunity WHERE stage = 'won' "
        "AND closed_on >= '2026-03-01' AND closed_on < '2026-04-01'"
    ) == [(2, 30030)]


def test_ratios_of_a_team_are_divided_sums_not_averages(deals: Cast) -> None:
    quarter = Period.quarter(2026, 1)
    found = figures(SYSTEM, ["win_rate", "won_amount"], quarter, "team")
    # East 2 of 3, South 1 of 2: the department has 3 of 5, not the mean of the two.
    assert found.value("win_rate", deals.sales.id) == Decimal(3) / 5
    assert found.value("won_amount", deals.sales.id) == 60035
    assert found.value("won_amount", deals.east.id) == 30030
    assert found.value("won_amount", deals.company.id) == found.value("won_amount")
    assert found.value("win_rate", deals.finance.id) is None


def test_months_and_days_add_up(deals: Cast) -> None:
    quarter = Period.quarter(2026, 1)
    months = figures(SYSTEM, ["won_amount", "win_rate"], quarter, "month")
    assert [r.cells["won_amount"].value for r in months.rows] == [0, 30005, 30030]
    assert [r.cells["win_rate"].value for r in months.rows] == [None, 1, Decimal(1) / 2]
    days = figures(SYSTEM, ["won_amount"], MARCH, "day")
    assert {
        r.key: r.cells["won_amount"].value for r in days.rows if r.cells["won_amount"].value
    } == {
        date(2026, 3, 2): 10010,
        date(2026, 3, 9): 20020,
    }
    assert days.value("won_amount") == 30030
    part = Period.custom(date(2026, 3, 1), date(2026, 3, 9))
    assert figures(SYSTEM, ["won_amount"], part, "company").value("won_amount") == 10010


def test_like_is_compared_with_like_while_the_month_lasts(deals: Cast) -> None:
    (amount,) = compare(SYSTEM, ["won_amount"], MARCH)
    assert amount.partial
    assert amount.period == Period.custom(date(2026, 3, 1), date(2026, 3, 21))
    assert amount.previous_period == Period.custom(date(2026, 2, 1), date(2026, 2, 21))
    assert (amount.now.value, amount.previous.value) == (30030, 30005)
    assert amount.previous_change == Decimal(25) / Decimal(30005)
    assert amount.year_ago.value == 0
    assert amount.year_ago_change is None
    (early,) = compare(SYSTEM, ["won_amount"], MARCH, as_of=date(2026, 3, 5))
    assert (early.now.value, early.previous.value) == (10010, 0)


def test_a_series_of_months_and_quarters(deals: Cast) -> None:
    months = series(SYSTEM, ["won_count"], [Period.month(2026, m) for m in (1, 2, 3)])
    assert [cells["won_count"].value for _, cells in months] == [0, 1, 2]
    quarters = series(SYSTEM, ["won_count"], [Period.quarter(2025, 4), Period.quarter(2026, 1)])
    assert [cells["won_count"].value for _, cells in quarters] == [0, 3]


def test_an_open_pipeline_is_what_stands_now(deals: Cast) -> None:
    found = figures(SYSTEM, ["open_pipeline", "open_deals"], MARCH)
    assert found.value("open_pipeline") == 100000
    assert found.value("open_pipeline", deals.liu_yang.id) == 100000
    assert found.value("open_deals", deals.zhang_wei.id) == 0
    teams = figures(SYSTEM, ["open_pipeline"], MARCH, "team")
    assert teams.value("open_pipeline", deals.sales.id) == 100000
    assert teams.value("open_pipeline", deals.south.id) == 0
    # February was never photographed: nobody can say.
    february = Period.month(2026, 2)
    assert figures(SYSTEM, ["open_pipeline"], february).value("open_pipeline") is None
    photograph(date(2026, 2, 28))
    assert figures(SYSTEM, ["open_pipeline"], february).value("open_pipeline") == 100000
    months = figures(SYSTEM, ["open_pipeline"], Period.quarter(2026, 1), "month")
    assert [r.cells["open_pipeline"].value for r in months.rows] == [None, 100000, 100000]
    assert months.value("open_pipeline") == 100000


def test_whoever_moved_counts_in_each_team_for_its_days(deals: Cast) -> None:
    people.move_member(
        actor=SYSTEM,
        member_id=deals.zhang_wei.id,
        team_id=deals.south.id,
        from_day=date(2026, 3, 5),
    )
    found = figures(SYSTEM, ["won_amount"], MARCH, "team")
    assert found.value("won_amount", deals.east.id) == 10010
    assert found.value("won_amount", deals.south.id) == 20020
    east = figures(SYSTEM, ["won_amount"], MARCH, teams=[deals.east.id])
    assert east.value("won_amount", deals.zhang_wei.id) == 10010
    assert deals.liu_yang.id in {r.key for r in east.rows}  # without entries, but in the team


def test_everybody_sees_what_the_grants_reach(deals: Cast) -> None:
    assert {r.key for r in figures(acting(deals.zhang_wei), ["won_count"], MARCH).rows} == {
        deals.zhang_wei.id
    }
    mine = figures(acting(deals.zhang_wei), ["won_amount"], MARCH)
    assert mine.restricted
    assert mine.value("won_amount") == 30030
    others = figures(acting(deals.zhang_wei), ["won_amount"], MARCH, members=[deals.sun_yue.id])
    assert (others.rows, others.value("won_amount")) == ((), 0)
    permissions.set_roles(actor=SYSTEM, member_id=deals.zhao_min.id, roles=["sales_manager"])
    leader = figures(acting(deals.zhao_min), ["won_amount"], Period.quarter(2026, 1))
    assert leader.value("won_amount", deals.sun_yue.id) == 30005
    assert deals.zhang_wei.id not in {r.key for r in leader.rows}
    boss = figures(acting(deals.wang_li), ["won_amount"], Period.quarter(2026, 1))
    assert boss.value("won_amount") == 60035
    assert not boss.restricted


def test_nobodys_deals_are_a_row_of_their_own(deals: Cast) -> None:
    make("opportunity", name="无主", stage="won", closed_on="2026-03-03", amount="1")
    found = figures(SYSTEM, ["won_amount"], MARCH)
    assert found.rows[-1].key == 0
    assert str(found.rows[-1].label) == "未分配"
    assert sum(r.cells["won_amount"].value or 0 for r in found.rows) == found.value("won_amount")


def test_the_cost_does_not_grow_with_people_or_metrics(deals: Cast) -> None:
    def queries(keys: list[str], by: str) -> int:
        figures(SYSTEM, keys, MARCH, by)  # type: ignore[arg-type]
        with CaptureQueriesContext(connection) as caught:
            figures(SYSTEM, keys, MARCH, by)  # type: ignore[arg-type]
        return len(caught)

    many = ["won_amount", "win_rate", "sales_signed", "follow_ups", "satisfaction", "new_customers"]
    for by in ("member", "team", "company", "month", "day"):
        assert queries(["won_amount"], by) == queries(many, by) <= 3


def test_an_unknown_metric_is_missing() -> None:
    with pytest.raises(Missing):
        figures(SYSTEM, ["no_such"], MARCH)
