"""Targets: dated versions, sums by team, attainment beyond 100 %, who has none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from tests.cast import Cast, acting
from tests.measure.books import make, rows
from wubu.kernel.calendar.queries import time_progress
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import SYSTEM, Forbidden, Refused
from wubu.measure.ledger.actions import close_month
from wubu.measure.targets.actions import set_targets
from wubu.measure.targets.grid import parse_grid
from wubu.measure.targets.queries import attainment, history, targets, targets_of
from wubu.measure.targets.types import TargetDraft, TargetsSet

pytestmark = pytest.mark.django_db
FEBRUARY, MARCH = Period.month(2026, 2), Period.month(2026, 3)


@pytest.fixture(autouse=True)
def spring() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 3, 20, 4, tzinfo=UTC)):
        yield


def signed(owner: int, day: str, amount: str) -> None:
    customer = make("customer", name=f"客户 {owner} {day} {amount}", owner=owner)
    make(
        "contract",
        name="合同",
        customer=customer,
        signed_on=day,
        amount=amount,
        status="active",
        owner=owner,
    )


def surveyed(owner: int, day: str, score: int) -> None:
    customer = make("customer", name=f"客户 {owner} {day} {score}", owner=owner)
    make("survey", customer=customer, surveyed_on=day, score=score, owner=owner)


def aim(metric: str, month: Period, **values: int | None) -> TargetsSet:
    drafts = [TargetDraft(metric, month, int(m[1:]), v) for m, v in values.items()]
    return set_targets(actor=SYSTEM, drafts=drafts)


def key(member_id: int) -> str:
    return f"m{member_id}"


def test_it_works(cast: Cast) -> None:
    zhang, liu, sun = cast.zhang_wei.id, cast.liu_yang.id, cast.sun_yue.id
    signed(zhang, "2026-03-05", "150")
    signed(liu, "2026-03-06", "20")
    aim("sales_signed", MARCH, **{key(zhang): 10000, key(liu): 20000})
    found = attainment(SYSTEM, ["sales_signed"], MARCH)
    row = {r.key: r.lines["sales_signed"] for r in found.rows}
    assert row[zhang].attainment == Decimal("1.5")  # never capped
    assert row[zhang].gap == -5000
    assert row[zhang].daily_need is None
    assert row[liu].attainment == Decimal("0.1")
    progress = time_progress(MARCH)
    assert found.progress == progress
    assert row[liu].expected == Decimal(20000) * progress.elapsed / progress.total
    assert row[liu].daily_need == Decimal(18000) / progress.remaining
    assert (row[zhang].on_pace, row[liu].on_pace) == (True, False)
    assert row[sun].target is None
    assert row[sun].attainment is None

    teams = attainment(SYSTEM, ["sales_signed"], MARCH, "team")
    by_team = {r.key: r for r in teams.rows}
    east = by_team[cast.east.id].lines["sales_signed"]
    assert (east.target, east.actual.value) == (30000, 17000)
    assert by_team[cast.company.id].lines["sales_signed"].target == 30000
    assert by_team[cast.south.id].lines["sales_signed"].target is None
    assert rows(
        "SELECT SUM(t.value) FROM wubu_targets_target t JOIN wubu_metrics_metric m "
        "ON m.id = t.metric_id WHERE m.key = 'sales_signed' AND t.month = '2026-03-01'"
    ) == [(30000,)]


def test_who_has_no_target_is_listed(cast: Cast) -> None:
    signed(cast.sun_yue.id, "2026-03-05", "1")
    aim("sales_signed", MARCH, **{key(cast.zhang_wei.id): 100})
    found = attainment(SYSTEM, ["sales_signed"], MARCH)
    # 刘洋 and 李强 share a team with 张伟, 孙悦 has sales; finance is not missed.
    assert set(found.lacking["sales_signed"]) == {
        cast.liu_yang.id,
        cast.li_qiang.id,
        cast.sun_yue.id,
    }


def test_a_quarter_is_the_sum_of_its_months(cast: Cast) -> None:
    zhang = cast.zhang_wei.id
    signed(zhang, "2026-02-05", "30")
    signed(zhang, "2026-03-05", "60")
    aim("sales_signed", FEBRUARY, **{key(zhang): 5000})
    aim("sales_signed", MARCH, **{key(zhang): 7000})
    found = attainment(SYSTEM, ["sales_signed"], Period.quarter(2026, 1), members=[zhang])
    assert found.rows[0].lines["sales_signed"].target == 12000
    assert found.rows[0].lines["sales_signed"].attainment == Decimal("0.75")


def test_a_teams_target_of_a_ratio_is_weighted_not_averaged(cast: Cast) -> None:
    zhang, liu = cast.zhang_wei.id, cast.liu_yang.id
    for score in (8, 9, 10):
        surveyed(zhang, "2026-03-05", score)
    surveyed(liu, "2026-03-05", 6)
    aim("satisfaction", MARCH, **{key(zhang): 900, key(liu): 700})  # 9.00 and 7.00 points
    found = attainment(SYSTEM, ["satisfaction"], MARCH)
    row = {r.key: r.lines["satisfaction"] for r in found.rows}
    assert (row[zhang].target, row[zhang].attainment) == (9, 1)
    east = targets_of(SYSTEM, ["satisfaction"], MARCH, teams=[cast.east.id])["satisfaction"]
    assert east == (9 * 3 + 7 * 1) / Decimal(4)


def test_where_less_is_better(cast: Cast) -> None:
    zhang = cast.zhang_wei.id
    customer = make("customer", name="客户", owner=zhang)
    contract = make(
        "contract",
        name="合同",
        customer=customer,
        signed_on="2026-02-01",
        amount="300",
        status="active",
        owner=zhang,
    )
    make("payment", contract=contract, paid_on="2026-03-03", amount="100", owner=zhang)  # 30 days
    make("payment", contract=contract, paid_on="2026-03-13", amount="50", owner=zhang)  # 40 days
    aim("collection_cycle", MARCH, **{key(zhang): 400})  # 40.0 days
    line = attainment(SYSTEM, ["collection_cycle"], MARCH, members=[zhang]).rows[0].lines
    cycle = line["collection_cycle"]
    assert cycle.actual.value == Decimal(10000 * 30 + 5000 * 40) / Decimal(15000)
    assert cycle.target == 40
    assert cycle.attainment == 40 / (Decimal(500000) / Decimal(15000))
    assert cycle.on_pace


def test_what_held_on_a_day_is_not_forgotten(cast: Cast) -> None:
    zhang = cast.zhang_wei.id
    with time_machine.travel(datetime(2026, 3, 1, 4, tzinfo=UTC)):
        assert aim("follow_ups", MARCH, **{key(zhang): 50}) == TargetsSet(created=1)
    with time_machine.travel(datetime(2026, 3, 10, 4, tzinfo=UTC)):
        assert aim("follow_ups", MARCH, **{key(zhang): 60}) == TargetsSet(updated=1)
        assert aim("follow_ups", MARCH, **{key(zhang): 60}) == TargetsSet(unchanged=1)
    place = ("follow_ups", zhang, MARCH.start)
    assert targets(["follow_ups"], MARCH)[place] == 60
    assert targets(["follow_ups"], MARCH, as_of=date(2026, 3, 9))[place] == 50
    assert targets(["follow_ups"], MARCH, as_of=date(2026, 2, 9)) == {}
    assert aim("follow_ups", MARCH, **{key(zhang): None}) == TargetsSet(removed=1)
    assert targets(["follow_ups"], MARCH) == {}
    assert [v.value for v in history("follow_ups", MARCH, zhang)] == [50, 60, None]


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_written(cast: Cast) -> None:
    close_month(actor=SYSTEM, month=FEBRUARY)
    zhang = cast.zhang_wei.id
    drafts = [
        TargetDraft("sales_signed", MARCH, zhang, 1),
        TargetDraft("no_such", MARCH, zhang, 1),
        TargetDraft("sales_signed", FEBRUARY, zhang, 1),
        TargetDraft("sales_signed", MARCH, 99999, 1),
        TargetDraft("follow_ups", MARCH, zhang, -1),
        TargetDraft("sales_signed", MARCH, zhang, 2),
    ]
    with pytest.raises(Refused) as refused:
        set_targets(actor=SYSTEM, drafts=drafts)
    assert {(p.row, p.code) for p in refused.value.problems} == {
        (1, "no_such_metric"),
        (2, "closed_past"),
        (3, "no_such_member"),
        (4, "negative"),
        (5, "twice"),
    }
    assert rows("SELECT COUNT(*) FROM wubu_targets_target") == [(0,)]
    with pytest.raises(Forbidden):
        set_targets(actor=acting(cast.zhang_wei), drafts=drafts[:1])


def test_a_pasted_grid(cast: Cast) -> None:
    drafts = parse_grid(
        "姓名\t2026-03\t2026-04\n张伟\t12万\t130,000.50\n liu_yang\t\t¥5000\n", "sales_signed", []
    )
    april = Period.month(2026, 4)
    assert drafts == (
        TargetDraft("sales_signed", MARCH, cast.zhang_wei.id, 12000000),
        TargetDraft("sales_signed", april, cast.zhang_wei.id, 13000050),
        TargetDraft("sales_signed", MARCH, cast.liu_yang.id, None),
        TargetDraft("sales_signed", april, cast.liu_yang.id, 500000),
    )
    assert parse_grid("张伟\t85%", "win_rate", [MARCH])[0].value == 8500
    with pytest.raises(Refused) as refused:
        parse_grid("王二\t1\n张伟\t很多\n张伟\t1\t2", "sales_signed", [MARCH])
    assert [(p.line, p.code) for p in refused.value.problems] == [
        (1, "unknown_member"),
        (2, "not_a_number"),
        (3, "too_many_columns"),
    ]
