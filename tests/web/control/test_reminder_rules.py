"""Reminders of one's own, set without code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import Cast, acting
from tests.web.conftest import Browse
from wubu.control.reminders import queries, rules
from wubu.kernel.calendar.queries import today
from wubu.kernel.records.types import Record

Make = Callable[..., Record]
pytestmark = pytest.mark.django_db
NEW = "/setup/reminders/new?object=contract"


def asked(**more: Any) -> dict[str, Any]:
    return {
        "label_zh": "合同签订日",
        "label_en": "Contract day",
        "when": "signed_on",
        "ahead_days": "3",
        "filter": '{状态} = "draft"',
        "done": "status=active",
        "subject": "customer",
        **more,
    }


def test_it_works(cast: Cast, browse: Browse, make: Make) -> None:
    boss = browse(cast.wang_li)
    assert boss.get("/setup/reminders/new").status_code == 200
    assert "{" in boss.get(NEW).content.decode()
    assert boss.post(NEW, asked()).status_code == 303
    rule = next(r for r in rules.current() if r.when == "signed_on")
    assert (rule.ahead_days, rule.done, rule.subject) == (3, {"status": "active"}, "customer")
    owner = cast.zhang_wei.id
    customer = make("customer", name="甲公司", owner=owner)
    make(
        "contract",
        name="年框",
        customer=customer.id,
        signed_on=today().isoformat(),
        status="draft",
        amount="1000",
        owner=owner,
    )
    due = [d for d in queries.due(acting(cast.zhang_wei)) if d.rule.key == rule.key]
    assert [d.title for d in due] == ["年框"]


def test_everything_wrong_is_said_at_once_and_what_was_typed_stays(
    cast: Cast, browse: Browse
) -> None:
    answer = browse(cast.wang_li).post(
        NEW, asked(label_zh="", ahead_days="soon", done="status=nowhere")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("soon") >= 1
    assert "请填写“名称”" in page
    assert "0 到 365" in page
    assert "不能这样标记完成" in page


def test_a_reminder_rests_and_wakes(cast: Cast, browse: Browse) -> None:
    boss = browse(cast.wang_li)
    assert "跟进计划" in boss.get("/setup/reminders/plan_due").content.decode()
    boss.post("/setup/reminders/plan_due/switch")
    assert "plan_due" not in {r.key for r in rules.current()}
    boss.post("/setup/reminders/plan_due/switch")
    assert "plan_due" in {r.key for r in rules.current()}


def test_changing_the_name_leaves_what_packs_set(cast: Cast, browse: Browse) -> None:
    before = next(r for r in rules.current() if r.key == "plan_due")
    page = {
        "label_zh": "计划到期",
        "label_en": "",
        "when": before.when,
        "ahead_days": "0",
        "filter": before.where,
        "done": "done=true",
        "subject": "customer",
    }
    assert browse(cast.wang_li).post("/setup/reminders/plan_due", page).status_code == 303
    after = next(r for r in rules.current() if r.key == "plan_due")
    assert str(after.label.zh) == "计划到期"
    assert after.done == before.done


def test_a_rep_may_not(cast: Cast, browse: Browse) -> None:
    assert browse(cast.zhang_wei).get(NEW).status_code == 403
