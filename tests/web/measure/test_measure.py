"""The pages of measuring: cockpit, metrics, targets, scorecard, funnel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.kernel.calendar.types import Period
from wubu.kernel.people.actions import update_member
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM
from wubu.measure.targets import actions as targets
from wubu.measure.targets import queries as target_queries
from wubu.measure.targets.types import TargetDraft

Make = Callable[..., Record]
MARCH_20 = datetime(2026, 3, 20, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def march() -> Iterator[None]:
    with time_machine.travel(MARCH_20, tick=False):
        yield


def contract(
    make: Make, owner: int, amount: str, name: str = "采购一号", day: str = "2026-03-10"
) -> Record:
    customer = make("customer", name=f"客户 {owner} {amount} {day}", owner=owner)
    return make(
        "contract",
        name=name,
        customer=customer.id,
        signed_on=day,
        amount=amount,
        status="active",
        owner=owner,
    )


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_the_cockpit_shows_figures_that_open(browse: Browse, cast: Cast, make: Make) -> None:
    contract(make, cast.zhang_wei.id, "12345.60")
    page = text(browse(cast.wang_li).get("/cockpit"))
    assert "¥1.2万" in page
    assert "/metrics/sales_signed?period=2026-03" in page


def test_the_cockpit_compares_with_last_month_and_last_year(
    browse: Browse, cast: Cast, make: Make
) -> None:
    owner = cast.zhang_wei.id
    contract(make, owner, "30000")
    contract(make, owner, "20000", day="2026-02-10")
    contract(make, owner, "24000", day="2025-03-10")
    page = text(browse(cast.wang_li).get("/cockpit"))
    sales = page.split("/metrics/sales_signed?period=2026-03", 1)[1].split("</a>", 1)[0]
    assert sales.index("环比") < sales.index("50.0%") < sales.index("同比") < sales.index("25.0%")


def test_the_cockpit_of_an_empty_company_says_what_to_do(browse: Browse, cast: Cast) -> None:
    page = browse(cast.wang_li).get("/cockpit")
    assert page.status_code == 200
    assert "/o/opportunity/new" in text(page)


def test_a_manager_reads_his_team_only(browse: Browse, cast: Cast, make: Make) -> None:
    contract(make, cast.zhang_wei.id, "10000")
    contract(make, cast.sun_yue.id, "70000")
    page = text(browse(cast.li_qiang).get("/cockpit"))
    assert "¥1万" in page
    assert "¥8万" not in page
    assert "孙悦" not in page


def test_a_figure_opens_into_rule_parts_and_records(browse: Browse, cast: Cast, make: Make) -> None:
    made = contract(make, cast.zhang_wei.id, "10000")
    page = text(browse(cast.wang_li).get("/metrics/sales_signed?period=2026-03"))
    assert "怎么算" in page
    assert f"/o/contract/{made.id}" in page
    assert "¥10,000.00" in page


def test_the_figures_of_others_cannot_be_asked_for(browse: Browse, cast: Cast, make: Make) -> None:
    contract(make, cast.sun_yue.id, "70000", "华南机密合同")
    client = browse(cast.zhang_wei)
    assert client.get(f"/metrics/sales_signed?member={cast.sun_yue.id}").status_code == 404
    page = text(client.get("/metrics/sales_signed"))
    assert "华南机密合同" not in page
    assert "¥70,000" not in page


def test_a_senseless_period_is_said_and_the_page_still_comes(browse: Browse, cast: Cast) -> None:
    page = browse(cast.wang_li).get("/metrics/sales_signed?period=2026-99")
    assert page.status_code == 200
    assert "周期无法识别" in text(page)


def test_an_unknown_metric_is_missing(browse: Browse, cast: Cast) -> None:
    assert browse(cast.wang_li).get("/metrics/luck").status_code == 404


def test_the_dictionary_says_every_rule_in_both_languages(browse: Browse, cast: Cast) -> None:
    chinese = text(browse(cast.wang_li).get("/metrics/"))
    update_member(actor=SYSTEM, member_id=cast.wang_li.id, language="en")
    english = text(browse(cast.wang_li).get("/metrics/"))
    assert "销售额" in chinese
    for words in ("设定原则", "适用场景", "工具推荐", "合同、业绩台账", "管理价值"):
        assert words in chinese
    assert "Metric dictionary" in english
    assert "销售额" not in english


def test_targets_are_typed_like_in_a_sheet(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    cell = f"t-{cast.zhang_wei.id}-2026-03"
    done = client.post(
        "/targets/save?metric=sales_signed", {cell: "120,000", "metric": "sales_signed"}
    )
    assert done.status_code == 303
    held = target_queries.targets(("sales_signed",), Period.month(2026, 3))
    assert list(held.values()) == [12_000_000]


def test_what_is_not_a_number_is_said_and_kept(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    cells = {
        f"t-{cast.zhang_wei.id}-2026-03": "many",
        f"t-{cast.liu_yang.id}-2026-03": "500",
        "metric": "sales_signed",
    }
    refused = client.post("/targets/save?metric=sales_signed&period=2026", cells)
    page = text(refused)
    assert refused.status_code == 422
    assert "“many”不是数字" in page
    assert 'value="many"' in page
    assert 'value="500"' in page
    assert not target_queries.targets(("sales_signed",), Period.month(2026, 3))


def test_targets_are_pasted(browse: Browse, cast: Cast) -> None:
    sheet = "姓名\t2026-03\t2026-04\n张伟\t12万\t13万\n刘洋\t9万\t"
    client = browse(cast.wang_li)
    done = client.post("/targets/save?metric=sales_signed", {"sheet": sheet, "reason": "年初"})
    assert done.status_code == 303
    held = target_queries.targets(("sales_signed",), Period.year(2026))
    assert sorted(held.values()) == [9_000_000, 12_000_000, 13_000_000]


def test_a_rep_sees_his_targets_and_may_not_set_them(browse: Browse, cast: Cast) -> None:
    draft = TargetDraft("sales_signed", Period.month(2026, 3), cast.zhang_wei.id, 5_000_000)
    other = TargetDraft("sales_signed", Period.month(2026, 3), cast.sun_yue.id, 8_765_400)
    targets.set_targets(actor=SYSTEM, drafts=[draft, other])
    client = browse(cast.zhang_wei)
    page = text(client.get("/targets?metric=sales_signed"))
    assert "50,000" in page
    assert "87,654" not in page
    cell = f"t-{cast.zhang_wei.id}-2026-03"
    assert client.post("/targets/save?metric=sales_signed", {cell: "1"}).status_code == 403


def test_how_a_target_came_about(browse: Browse, cast: Cast) -> None:
    march = Period.month(2026, 3)
    for value, reason in ((1_000_000, "年初"), (2_000_000, "扩编")):
        draft = TargetDraft("sales_signed", march, cast.zhang_wei.id, value)
        targets.set_targets(actor=SYSTEM, drafts=[draft], reason=reason)
    url = f"/targets/sales_signed/{cast.zhang_wei.id}/2026-03"
    boss = browse(cast.wang_li)
    assert f'href="{url}"' in text(boss.get("/targets?metric=sales_signed&period=2026"))
    page = text(boss.get(url))
    assert "年初" in page
    assert "扩编" in page
    assert 'href="/targets?metric=sales_signed&amp;period=2026-03"' in page
    assert browse(cast.sun_yue).get(url).status_code == 404


def test_a_score_shows_its_working(browse: Browse, cast: Cast, make: Make) -> None:
    draft = TargetDraft("sales_signed", Period.month(2026, 3), cast.zhang_wei.id, 2_000_000)
    targets.set_targets(actor=SYSTEM, drafts=[draft])
    contract(make, cast.zhang_wei.id, "10000")
    page = text(browse(cast.zhang_wei).get("/scorecard"))
    assert "50.0" in page
    assert f"/metrics/sales_signed?period=2026-03&amp;member={cast.zhang_wei.id}" in page


def test_the_funnel_counts_what_one_may_see(browse: Browse, cast: Cast, make: Make) -> None:
    make("opportunity", name="甲", stage="proposal", amount="100", owner=cast.zhang_wei.id)
    make("opportunity", name="乙", stage="proposal", amount="900", owner=cast.sun_yue.id)
    page = text(browse(cast.zhang_wei).get("/funnel"))
    assert "¥100.00" in page
    assert "¥1,000.00" not in page
