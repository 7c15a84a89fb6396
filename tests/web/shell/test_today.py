"""Today: what needs me now."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.kernel.calendar.queries import now, period_of, today
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM
from wubu.measure.targets import actions as targets
from wubu.measure.targets.types import TargetDraft

Make = Callable[..., Record]


def plan(make: Make, owner: int, days: int) -> Record:
    when = (now() + timedelta(days=days)).isoformat()
    return make("follow_plan", subject="送样品", due_at=when, owner=owner)


def test_it_works(browse: Browse, cast: Cast, make: Make) -> None:
    plan(make, cast.zhang_wei.id, -2)
    said = browse(cast.zhang_wei).get("/").content.decode()
    assert "送样品" in said
    assert "逾期 2 天" in said


def test_when_all_is_done_it_says_so(browse: Browse, cast: Cast) -> None:
    assert "今天的事都做完了" in browse(cast.zhang_wei).get("/").content.decode()


def test_a_tap_settles_it_and_another_puts_it_off(browse: Browse, cast: Cast, make: Make) -> None:
    first, second = plan(make, cast.zhang_wei.id, -1), plan(make, cast.zhang_wei.id, -1)
    client = browse(cast.zhang_wei)
    assert client.post(f"/due/plan_due/{first.id}/done").status_code == 303
    assert queries.get(SYSTEM, "follow_plan", first.id).values["done"] is True
    client.post(f"/due/plan_due/{second.id}/later", {"days": "3"})
    assert queries.get(SYSTEM, "follow_plan", second.id).values["due_at"] > now()


def test_a_manager_sees_who_is_late(browse: Browse, cast: Cast, make: Make) -> None:
    plan(make, cast.zhang_wei.id, -2)
    assert "张伟" in browse(cast.li_qiang).get("/").content.decode()
    assert "张伟" not in browse(cast.zhao_min).get("/").content.decode()


def test_the_navigation_is_the_method_and_shows_what_one_may(browse: Browse, cast: Cast) -> None:
    said = browse(cast.wang_li).get("/").content.decode()
    for word in ("工作台", "采集", "过程", "设置", "跟进记录", "商机"):
        assert word in said
    assert "角色" not in browse(cast.zhang_wei).get("/").content.decode()


def test_a_rep_sees_targets_rank_and_pipeline(browse: Browse, cast: Cast, make: Make) -> None:
    month = period_of("month", today())
    draft = TargetDraft("sales_signed", month, cast.zhang_wei.id, 100_000_00)
    targets.set_targets(actor=SYSTEM, drafts=[draft])
    buyer = make("customer", name="甲公司", owner=cast.zhang_wei.id)
    make(
        "contract",
        name="合同一",
        customer=buyer.id,
        signed_on=today().isoformat(),
        amount="25000",
        status="active",
        owner=cast.zhang_wei.id,
    )
    make(
        "opportunity",
        name="在谈一",
        customer=buyer.id,
        stage="proposal",
        amount="80000",
        owner=cast.zhang_wei.id,
    )
    said = browse(cast.zhang_wei).get("/").content.decode()
    for words in ("我的本月目标", "25%", "还差 ¥7.5万", "第 1 名", "我的在谈商机", "¥8万"):
        assert words in said
    a_day = re.search(r"每个工作日 ¥([\d.,]+)(万?)", said)
    if a_day:  # none is left on the last evening of a month
        yuan = float(a_day[1].replace(",", "")) * (10_000 if a_day[2] else 1)
        assert 75_000 / 31 <= yuan <= 75_000
    assert "团队本月目标" not in said
    assert "团队本月目标" in browse(cast.li_qiang).get("/").content.decode()


def test_it_costs_the_same_with_more_records(
    browse: Browse, cast: Cast, make: Make, django_assert_max_num_queries: Any
) -> None:
    client = browse(cast.zhang_wei)
    plan(make, cast.zhang_wei.id, -1)
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    for n in range(8):
        plan(make, cast.zhang_wei.id, -n)
        make("opportunity", name=f"在谈{n}", stage="proposal", amount="5", owner=cast.zhang_wei.id)
    with django_assert_max_num_queries(len(few) + 6):
        client.get("/")


def test_a_new_workspace_is_led_to_the_next_step(browse: Browse, cast: Cast, make: Make) -> None:
    client = browse(cast.wang_li)
    said = client.get("/").content.decode()
    assert 'href="/import" aria-current="step"' in said  # the people are there already
    assert said.count('id="p-start"') == 1
    buyer = make("customer", name="甲公司", owner=cast.zhang_wei.id)
    assert 'href="/targets" aria-current="step"' in client.get("/").content.decode()
    draft = TargetDraft("sales_signed", period_of("month", today()), cast.zhang_wei.id, 100)
    targets.set_targets(actor=SYSTEM, drafts=[draft])
    assert 'href="/o/follow_up/new" aria-current="step"' in client.get("/").content.decode()
    said_then = {"type": "call", "content": "谈了", "happened_at": now().isoformat()}
    make("follow_up", customer=buyer.id, owner=cast.zhang_wei.id, **said_then)
    assert 'id="p-start"' not in client.get("/").content.decode()
    assert 'id="p-start"' not in browse(cast.zhang_wei).get("/").content.decode()


def test_empty_pages_say_where_to_begin(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    for url in ("/cockpit", "/metrics/sales_signed", "/o/opportunity/board"):
        assert "/import" in client.get(url).content.decode()
