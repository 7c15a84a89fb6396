"""The pages of control, motivation and review."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests.cast import Cast, acting
from tests.web.conftest import Browse
from wubu.control.alerts import evaluating
from wubu.control.alerts.models import Alert
from wubu.improve.actions import queries as acts
from wubu.improve.reviews import queries as reviews
from wubu.kernel.records.types import Record
from wubu.kernel.rules import queries as dated

Make = Callable[..., Record]
APRIL_20 = datetime(2026, 4, 20, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def april() -> Iterator[None]:
    with time_machine.travel(APRIL_20, tick=False):
        yield


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def old_customer(make: Make, owner: int, name: str = "久未联系") -> Record:
    with time_machine.travel(datetime(2026, 1, 5, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False):
        return make("customer", name=name, owner=owner)


def test_an_alert_leads_to_its_record(browse: Browse, cast: Cast, make: Make) -> None:
    one = old_customer(make, cast.zhang_wei.id)
    evaluating.evaluate_all()
    page = text(browse(cast.zhang_wei).get("/alerts?rule=no_follow_up"))
    assert f"/o/customer/{one.id}" in page
    assert "久未联系" not in text(browse(cast.sun_yue).get("/alerts?rule=no_follow_up"))


def test_an_alert_is_put_off_with_a_reason(browse: Browse, cast: Cast, make: Make) -> None:
    old_customer(make, cast.zhang_wei.id)
    evaluating.evaluate_all()
    alert = Alert.objects.get()
    client = browse(cast.zhang_wei)
    save = f"/alerts/{alert.pk}/quiet/save"
    assert client.post(save, {"until": "2026-05-04", "reason": ""}).status_code == 422
    assert client.post(save, {"until": "2026-05-04", "reason": "客户休假"}).status_code == 303
    assert "客户休假" in text(client.get("/alerts?rule=no_follow_up&show=quiet"))


def test_nobody_puts_off_the_alert_of_another(browse: Browse, cast: Cast, make: Make) -> None:
    old_customer(make, cast.zhang_wei.id)
    evaluating.evaluate_all()
    save = f"/alerts/{Alert.objects.get().pk}/quiet/save"
    values = {"until": "2026-05-04", "reason": "x"}
    assert browse(cast.sun_yue).post(save, values).status_code == 404


def test_the_days_of_an_alert_are_set_in_setup(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    rule = dated.rule("alerts", "no_follow_up").definition
    form = {
        "label_zh": rule["label"]["zh"],
        "label_en": rule["label"]["en"],
        "object": rule["object"],
        "filter": rule["filter"],
        "since": rule["since"],
        "severity": "warning",
        "param_days": "45",
    }
    assert client.post("/setup/alerts/no_follow_up", form).status_code == 303
    assert dated.rule("alerts", "no_follow_up").definition["params"] == {"days": 45}
    wrong = client.post("/setup/alerts/no_follow_up", {**form, "filter": "{应收} <"})
    assert wrong.status_code == 422
    assert "{应收} &lt;" in text(wrong)


def test_setup_is_for_those_who_may(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    for url in ("/setup/alerts", "/setup/alerts/new", "/setup/motivation"):
        assert client.get(url).status_code == 403


def test_the_leaderboard_says_its_rule_and_opens_ones_own(
    browse: Browse, cast: Cast, make: Make
) -> None:
    for owner, amount in ((cast.zhang_wei.id, "100"), (cast.sun_yue.id, "900")):
        customer = make("customer", name=f"客户{amount}", owner=owner)
        make(
            "contract",
            name="采购",
            customer=customer.id,
            signed_on="2026-04-10",
            amount=amount,
            status="active",
            owner=owner,
        )
    page = text(browse(cast.zhang_wei).get("/leaderboard?board=sales_month"))
    assert "向全员公开" in page
    assert "¥900.00" in page
    assert f"member={cast.zhang_wei.id}" in page
    assert f"member={cast.sun_yue.id}" not in page


def test_points_show_where_they_come_from(browse: Browse, cast: Cast, make: Make) -> None:
    customer = make("customer", name="恒通", owner=cast.zhang_wei.id)
    make(
        "follow_up",
        customer=customer.id,
        type="call",
        content="确认",
        happened_at="2026-04-10 10:00",
        owner=cast.zhang_wei.id,
    )
    page = text(browse(cast.zhang_wei).get("/points"))
    assert "1 份 × 2 分" in page


def test_a_points_rule_is_added_in_setup(browse: Browse, cast: Cast) -> None:
    form = {
        "label_zh": "签约奖励",
        "metric": "sales_signed",
        "per": "50,000",
        "points": "8",
        "cap": "",
        "active": "1",
    }
    assert browse(cast.wang_li).post("/setup/motivation/points/new", form).status_code == 303
    assert dated.rule("points", "points_1").definition["per"] == 5_000_000
    wrong = browse(cast.wang_li).post("/setup/motivation/points/new", {**form, "points": "viele"})
    assert wrong.status_code == 422


def test_a_month_is_closed_reviewed_and_signed(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    closed = client.post("/review/close/2026-03")
    assert closed.status_code == 303
    review = next(r for r in reviews.reviews(acting(cast.wang_li)) if r.team_id == 0)
    url = f"/review/{review.id}"
    assert "定格的数字" in text(client.get(url))
    refused = client.post(f"{url}/sign")
    assert refused.status_code == 422
    assert "没有任何改进行动" in text(refused)
    prose = {"findings": "跟进偏少", "causes": "新人多", "decisions": "", "version": "1"}
    assert client.post(f"{url}/write", prose).status_code == 303
    action = {
        "title": "每日晨会",
        "owner_id": str(cast.li_qiang.id),
        "due_on": "2026-05-01",
        "metric_key": "follow_ups",
    }
    assert client.post(f"{url}/action", action).status_code == 303
    assert client.post(f"{url}/sign").status_code == 303
    made = acts.actions(acting(cast.wang_li))[0]
    assert (made.title, made.due_on) == ("每日晨会", date(2026, 5, 1))


def test_what_is_wrong_with_an_action_is_said_and_kept(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    client.post("/review/close/2026-03")
    review = next(r for r in reviews.reviews(acting(cast.wang_li)) if r.team_id == 0)
    wrong = {"title": "只写了标题", "owner_id": "", "due_on": ""}
    refused = client.post(f"/review/{review.id}/action", wrong)
    assert refused.status_code == 422
    assert "只写了标题" in text(refused)
    assert "请选择负责人" in text(refused)


def test_two_writers_of_a_review_both_keep_their_text(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    client.post("/review/close/2026-03")
    review = next(r for r in reviews.reviews(acting(cast.wang_li)) if r.team_id == 0)
    url = f"/review/{review.id}/write"
    first = {"findings": "甲的发现", "causes": "", "decisions": "", "version": "1"}
    client.post(url, first)
    second = client.post(url, {**first, "findings": "乙的发现"})
    assert second.status_code == 409
    assert "甲的发现" in text(second)
    assert "乙的发现" in text(second)


def test_a_month_that_is_not_over_is_not_closed(browse: Browse, cast: Cast) -> None:
    refused = browse(cast.wang_li).post("/review/close/2026-04")
    assert refused.status_code == 422
    assert "还没有结束" in text(refused)


def test_closing_is_not_for_reps(browse: Browse, cast: Cast) -> None:
    assert browse(cast.zhang_wei).post("/review/close/2026-03").status_code == 403
