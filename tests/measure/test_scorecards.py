"""Scores: 60/20/20, always 100 %, over-achievers do not tie, what is missing is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from tests.cast import Cast, acting
from tests.measure.books import make
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import SYSTEM, Forbidden, Refused, Text
from wubu.measure.ledger.actions import close_month, reopen_month
from wubu.measure.scorecards.actions import create_card, set_weights
from wubu.measure.scorecards.queries import card, rule, score
from wubu.measure.scorecards.types import WeightedLine
from wubu.measure.targets.actions import set_targets
from wubu.measure.targets.types import TargetDraft

pytestmark = pytest.mark.django_db
MARCH = Period.month(2026, 3)


@pytest.fixture(autouse=True)
def spring() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 4, 2, 4, tzinfo=UTC)):
        yield


@pytest.fixture
def month(cast: Cast) -> Cast:
    """张伟: sales 150 %, 1 of 2 follow-ups, 9 points of 9. 刘洋: sales 120 %, 8 follow-ups.
    孙悦 has sales but no targets.
    """
    zhang, liu = cast.zhang_wei.id, cast.liu_yang.id
    customer = make("customer", name="客户", owner=zhang)
    for owner, amount in ((zhang, "150"), (liu, "120"), (cast.sun_yue.id, "10")):
        make(
            "contract",
            name="合同",
            customer=customer,
            signed_on="2026-03-05",
            amount=amount,
            status="active",
            owner=owner,
        )
    for owner, times in ((zhang, 1), (liu, 8)):
        for n in range(times):
            make(
                "follow_up",
                customer=customer,
                type="call",
                content="电话",
                happened_at=f"2026-03-{n + 1:02} 10:00",
                owner=owner,
            )
    make("survey", customer=customer, surveyed_on="2026-03-09", score=9, owner=zhang)
    aims = {"sales_signed": 10000, "follow_ups": 2, "satisfaction": 900}
    set_targets(
        actor=SYSTEM,
        drafts=[TargetDraft(m, MARCH, who, v) for m, v in aims.items() for who in (zhang, liu)],
    )
    return cast


def test_it_works(month: Cast) -> None:
    found = score(SYSTEM, "default", MARCH)
    rows = {r.member_id: r for r in found.rows}
    zhang = rows[month.zhang_wei.id]
    assert zhang.score == Decimal("120.00")  # 60 × 1.5 + 20 × 0.5 + 20 × 1
    assert [line.points for line in zhang.lines] == [90, 10, 20]
    assert zhang.covered == 1
    liu = rows[month.liu_yang.id]
    # No surveys: 20 % are set aside, 60 and 20 become 75 and 25; 8 of 2 follow-ups count as 150 %.
    assert [line.state for line in liu.lines] == ["ok", "ok", "no_data"]
    assert [line.effective for line in liu.lines] == [Decimal("0.75"), Decimal("0.25"), 0]
    assert liu.score == Decimal("127.50")  # 75 × 1.2 + 25 × 1.5
    assert liu.covered == Decimal("0.8")
    sun = rows[month.sun_yue.id]
    assert sun.score is None
    assert {line.state for line in sun.lines} == {"no_target"}
    assert [r.member_id for r in found.rows] == [
        month.liu_yang.id,
        month.zhang_wei.id,
        month.sun_yue.id,
    ]


def test_the_working_can_be_checked_by_hand(month: Cast) -> None:
    zhang = score(SYSTEM, "default", MARCH, [month.zhang_wei.id]).rows[0]
    work = json.loads(json.dumps(dict(zhang.working)))
    total = sum(
        100 * Decimal(x["effective"]) * Decimal(x["counted"]) for x in work["lines"] if x["points"]
    )
    assert total == Decimal(work["score"])
    assert [(x["metric"], x["weight"], x["target"], x["actual"]) for x in work["lines"]] == [
        ("sales_signed", "0.6", "10000", "15000"),
        ("follow_ups", "0.2", "2", "1"),
        ("satisfaction", "0.2", "9.00", "9"),
    ]


def test_the_rule_is_said_in_words() -> None:
    said = rule("default", MARCH)
    assert "60 %" in said.zh
    assert "权重 × 完成率" in said.zh
    assert "Sales signed 60 %, Follow-ups 20 % (at most 150 % counts)" in said.en


@pytest.mark.parametrize("weights", [(6000, 2000, 1999), (6000, 4001), (5000,)])
def test_weights_total_exactly_100_percent(weights: tuple[int, ...]) -> None:
    metrics = ("sales_signed", "follow_ups", "satisfaction")
    lines = [WeightedLine(m, w) for m, w in zip(metrics, weights, strict=False)]
    with pytest.raises(Refused, match="须恰好为 100 %"):
        set_weights(actor=SYSTEM, key="default", lines=lines)


def test_everything_wrong_with_weights_is_said_at_once() -> None:
    lines = [
        WeightedLine("no_such", 5000),
        WeightedLine("follow_ups", 0),
        WeightedLine("follow_ups", 5000, cap=5000),
        WeightedLine("open_pipeline", 1),
    ]
    with pytest.raises(Refused) as refused:
        create_card(actor=SYSTEM, key="odd", label=Text("怪", "Odd"), lines=lines)
    assert {p.code for p in refused.value.problems} == {
        "no_such_metric",
        "not_whole",
        "stock",
        "twice",
        "not_100",
    }
    hints = [p.hint.en for p in refused.value.problems if p.code == "not_whole" and p.hint]
    assert hints == [
        "It must be a whole number from 1 to 10,000.",
        "It must be a whole number from 10,000 to 1,000,000.",
    ]


def test_new_weights_leave_earlier_months_alone(month: Cast) -> None:
    zhang = month.zhang_wei.id
    set_weights(
        actor=SYSTEM,
        key="default",
        lines=[WeightedLine("sales_signed", 10000)],
        valid_from=date(2026, 4, 1),
        reason="只看销售额",
    )
    assert score(SYSTEM, "default", MARCH, [zhang]).rows[0].score == 120
    assert [w.valid_from for w in card("default").weights][1:] == [date(2026, 4, 1)]
    with pytest.raises(Forbidden):
        set_weights(
            actor=acting(month.zhang_wei),
            key="default",
            lines=[WeightedLine("sales_signed", 10000)],
        )


def test_closing_freezes_the_scores(month: Cast) -> None:
    live = score(SYSTEM, "default", MARCH)
    close_month(actor=SYSTEM, month=MARCH)
    frozen = score(SYSTEM, "default", MARCH)
    assert frozen.frozen
    assert [(r.member_id, r.score, r.covered) for r in frozen.rows] == [
        (r.member_id, r.score, r.covered) for r in live.rows
    ]
    assert [[x.points for x in r.lines] for r in frozen.rows] == [
        [x.points for x in r.lines] for r in live.rows
    ]
    assert [[x.actual.value for x in r.lines] for r in frozen.rows] == [
        [x.actual.value for x in r.lines] for r in live.rows
    ]
    # Whoever asks sees only whom the grants reach.
    own = score(acting(month.zhang_wei), "default", MARCH)
    assert [r.member_id for r in own.rows] == [month.zhang_wei.id]
    reopen_month(actor=SYSTEM, month=MARCH, reason="再看")
    assert not score(SYSTEM, "default", MARCH).frozen
