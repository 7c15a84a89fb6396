"""Closing a month opens reviews whose figures never change, and actions with owner and date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests.cast import Cast, acting
from wubu.improve.actions import actions as acts
from wubu.improve.actions import queries as acts_queries
from wubu.improve.reviews import actions, queries
from wubu.improve.reviews.types import ReviewView
from wubu.kernel.calendar.types import Period
from wubu.kernel.records import actions as records
from wubu.kernel.types import SYSTEM, Conflict, Forbidden, Missing, Refused
from wubu.measure.ledger.actions import close_month, reopen_month

APRIL_3 = datetime(2026, 4, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MARCH = Period.month(2026, 3)


@pytest.fixture(autouse=True)
def april() -> Iterator[None]:
    with time_machine.travel(APRIL_3, tick=False):
        yield


def contract(cast: Cast, owner: int, amount: str, signed_on: str) -> int:
    name = f"客户 {owner} {amount} {signed_on}"
    customer = records.create(
        actor=SYSTEM, object_key="customer", values={"name": name, "owner": owner}
    ).id
    values = {
        "name": "采购",
        "customer": customer,
        "signed_on": signed_on,
        "amount": amount,
        "status": "active",
        "owner": owner,
    }
    return records.create(actor=SYSTEM, object_key="contract", values=values).id


def closed(cast: Cast) -> ReviewView:
    contract(cast, cast.zhang_wei.id, "30000", "2026-03-10")
    contract(cast, cast.sun_yue.id, "10000", "2026-03-11")
    contract(cast, cast.zhang_wei.id, "20000", "2026-02-11")
    contract(cast, cast.zhang_wei.id, "25000", "2025-03-11")
    boss = acting(cast.wang_li)
    close_month(actor=boss, month=MARCH)
    line = next(r for r in queries.reviews(boss) if r.team_id == 0)
    return queries.review(boss, line.id)


def sales(review: ReviewView) -> tuple[object, ...]:
    pinned = next(f for f in review.figures if f.metric == "sales_signed")
    return (pinned.value, pinned.previous, pinned.year_ago, pinned.previous_change)


def test_it_works(cast: Cast) -> None:
    assert sales(closed(cast)) == (4000000, 2000000, 2500000, Decimal(1))


def test_a_late_change_leaves_the_pinned_figures_alone(cast: Cast) -> None:
    review = closed(cast)
    contract(cast, cast.zhang_wei.id, "99999", "2026-03-31")
    boss = acting(cast.wang_li)
    assert sales(queries.review(boss, review.id)) == sales(review)
    reopen_month(actor=boss, month=MARCH, reason="补录合同")
    close_month(actor=boss, month=MARCH)
    rounds = {r.round: r.id for r in queries.reviews(boss) if r.team_id == 0}
    assert sales(queries.review(boss, rounds[1])) == sales(review)
    assert sales(queries.review(boss, rounds[2]))[0] == 13999900


def test_teams_and_people_add_up_to_the_company(cast: Cast) -> None:
    review = closed(cast)
    members = sum(r.values["sales_signed"] or 0 for r in review.members)
    assert members == 4000000
    top = {r.name: r.values["sales_signed"] for r in review.teams}
    assert top["明华传感"] == top["华东一组"] + top["华南组"] == 4000000


def test_a_manager_sees_his_team_and_not_the_company(cast: Cast) -> None:
    review = closed(cast)
    seen = {r.team_name for r in queries.reviews(acting(cast.li_qiang))}
    assert seen == {"华东一组"}
    with pytest.raises(Missing):
        queries.review(acting(cast.li_qiang), review.id)


def test_a_rep_sees_none(cast: Cast) -> None:
    closed(cast)
    assert queries.reviews(acting(cast.zhang_wei)) == ()


def test_a_review_without_findings_is_not_signed(cast: Cast) -> None:
    review = closed(cast)
    with pytest.raises(Refused) as refused:
        actions.sign(review.id, actor=acting(cast.wang_li))
    assert {p.field for p in refused.value.problems} == {"findings", "causes", "decisions"}


def test_written_acted_on_and_signed(cast: Cast) -> None:
    review = closed(cast)
    boss = acting(cast.wang_li)
    actions.write(review.id, actor=boss, findings="华南下滑", causes="拜访太少")
    made = acts.create(
        actor=boss,
        title="每周拜访 8 家",
        owner_id=cast.zhao_min.id,
        due_on=date(2026, 4, 30),
        review_id=review.id,
        metric_key="sales_signed",
        team_id=cast.south.id,
    )
    assert made.baseline == 1000000
    signed = actions.sign(review.id, actor=boss)
    assert (signed.state, signed.actions_open) == ("signed", 1)
    with pytest.raises(Refused):
        actions.write(review.id, actor=boss, findings="改写历史")


def test_the_second_writer_sees_both_texts(cast: Cast) -> None:
    review = closed(cast)
    actions.write(review.id, actor=acting(cast.wang_li), version=1, findings="一")
    with pytest.raises(Conflict) as conflict:
        actions.write(review.id, actor=acting(cast.wang_li), version=1, findings="二")
    assert conflict.value.theirs["findings"] == "一"
    assert conflict.value.yours["findings"] == "二"


def test_only_leader_and_period_keeper_write(cast: Cast) -> None:
    closed(cast)
    team = next(r for r in queries.reviews(acting(cast.li_qiang)))
    assert actions.write(team.id, actor=acting(cast.li_qiang), findings="好").findings == "好"
    with pytest.raises((Forbidden, Missing)):
        actions.write(team.id, actor=acting(cast.zhang_wei), findings="坏")


def test_an_action_needs_title_owner_and_date(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        acts.create(actor=acting(cast.wang_li), title=" ", owner_id=None, due_on=None)
    assert {p.field for p in refused.value.problems} == {"title", "owner_id", "due_on"}


def test_ending_an_action_takes_an_outcome(cast: Cast) -> None:
    boss = acting(cast.wang_li)
    made = acts.create(
        actor=boss, title="试点", owner_id=cast.li_qiang.id, due_on=date(2026, 4, 10)
    )
    with pytest.raises(Refused):
        acts.update(made.id, actor=acting(cast.li_qiang), state="done")
    done = acts.update(made.id, actor=acting(cast.li_qiang), state="done", outcome="赢单率升 3 点")
    assert (done.state, done.ended_at is not None) == ("done", True)
    assert not acts_queries.actions(boss, state="open")


def test_an_action_of_another_team_is_missing(cast: Cast) -> None:
    made = acts.create(
        actor=acting(cast.wang_li),
        title="华南专项",
        owner_id=cast.zhao_min.id,
        due_on=date(2026, 4, 10),
        team_id=cast.south.id,
    )
    with pytest.raises(Missing):
        acts_queries.action(acting(cast.li_qiang), made.id)
