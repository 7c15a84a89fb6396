"""Metrics of one's own, made and changed on a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import Cast
from tests.measure.books import assert_rebuilt_is_posted, rows, total
from tests.web.conftest import Browse
from wubu.kernel.calendar.queries import today
from wubu.kernel.calendar.types import Period
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM
from wubu.measure.figures.queries import metric, metrics
from wubu.measure.ledger.actions import close_month

Make = Callable[..., Record]
pytestmark = pytest.mark.django_db
NEW = "/setup/metrics/new"
SUM = f"{NEW}?kind=sum&object=contract"


def asked(**more: Any) -> dict[str, Any]:
    return {
        "label_zh": "大合同额",
        "label_en": "Large contracts",
        "value": "{合同金额}",
        "when": "signed_on",
        "credit": "owner",
        "filter": "{合同金额} >= 1000",
        "unit": "money",
        "better": "up",
        "place": "sales_signed",
        "text_purpose": "看大生意",
        **more,
    }


def contract(cast: Cast, make: Make, amount: str, day: str = "") -> Record:
    owner = cast.zhang_wei.id
    customer = make("customer", name=f"客户 {amount} {day}", owner=owner)
    return make(
        "contract",
        name=f"合同 {amount} {day}",
        customer=customer.id,
        signed_on=day or today().isoformat(),
        status="active",
        amount=amount,
        owner=owner,
    )


def test_it_works(cast: Cast, browse: Browse, make: Make) -> None:
    """What was there is counted at once, what comes is posted, and it stands where it was put."""
    contract(cast, make, "1000.50")
    contract(cast, make, "999")
    boss = browse(cast.wang_li)
    assert "/setup/metrics/new" in boss.get("/metrics/").content.decode()
    assert boss.get(NEW).status_code == 200
    assert "{amount}" in boss.get(SUM).content.decode()
    answer = boss.post(SUM, asked())
    assert (answer.status_code, answer["Location"]) == (303, "/metrics/large_contracts")
    assert total("large_contracts") == 100050
    contract(cast, make, "2000")
    by_hand = rows(
        "SELECT SUM(e.value) FROM wubu_ledger_entry e JOIN wubu_metrics_metric m "
        "ON m.id = e.metric_id WHERE m.key = 'large_contracts' AND e.member_id = %s",
        cast.zhang_wei.id,
    )
    assert int(by_hand[0][0]) == 300050
    keys = [m.key for m in metrics()]
    assert keys[keys.index("sales_signed") + 1] == "large_contracts"
    assert metric("large_contracts").purpose.zh == "看大生意"
    assert "3,000.50" in boss.get("/metrics/large_contracts").content.decode()
    assert "大合同额" in boss.get("/targets").content.decode()
    assert_rebuilt_is_posted()


def test_a_count_a_stage_a_stock_and_a_ratio(cast: Cast, browse: Browse, make: Make) -> None:
    boss = browse(cast.wang_li)
    contract(cast, make, "3000")
    contract(cast, make, "10")
    for kind, object_key, more in (
        ("count", "contract", {"label_en": "Many", "unit": "count", "filter": ""}),
        ("count", "contract", {"label_en": "Large", "unit": "count"}),
        ("stock", "contract", {"label_en": "Standing", "unit": "count", "value": ""}),
        ("reached", "opportunity", {"label_en": "Talked", "unit": "count", "filter": ""}),
    ):
        url = f"{NEW}?kind={kind}&object={object_key}"
        page = boss.get(url)
        assert page.status_code == 200
        stage = {"stage": "proposal"} if kind == "reached" else {}
        given = {k: v for k, v in asked(**more).items() if k != "value" or kind == "stock"}
        answer = boss.post(url, {**given, **stage})
        assert answer.status_code == 303, answer.content.decode()
    assert (total("many"), total("large"), total("standing")) == (2, 1, 1)
    url = f"{NEW}?kind=ratio"
    assert boss.get(url).status_code == 200
    share = {"label_zh": "大单占比", "label_en": "", "numerator": "large", "denominator": "many"}
    share |= {"unit": "ratio", "better": "up", "place": "-"}
    assert boss.post(url, share)["Location"] == "/metrics/metric_1"
    assert metrics()[0].key == "metric_1"
    assert "50.0%" in boss.get("/metrics/metric_1").content.decode()


def test_everything_wrong_is_said_at_once_and_what_was_typed_stays(
    cast: Cast, browse: Browse
) -> None:
    answer = browse(cast.wang_li).post(
        SUM,
        asked(
            label_zh="",
            label_en="",
            value="{没有的字段}",
            filter="{合同金额}",
            when="amount",
            credit="customer",
            place="nowhere",
        ),
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    for said in ("请填写名称", "没有的字段", "不能用在这里", "没有指标“nowhere”"):
        assert said in page, said
    assert page.count("w-wrong") >= 6
    assert "看大生意" in page
    assert "metric_1" not in {m.key for m in metrics()}


def test_a_unit_that_would_show_the_figure_wrong_is_refused(cast: Cast, browse: Browse) -> None:
    page = browse(cast.wang_li).post(SUM, asked(unit="count"))
    assert page.status_code == 422
    assert "这个单位不适合所数的内容" in page.content.decode()


def test_changing_words_moves_no_rule_and_a_rule_changes_by_date(
    cast: Cast, browse: Browse, make: Make
) -> None:
    boss = browse(cast.wang_li)
    contract(cast, make, "500", "2026-01-05")
    boss.post(SUM, asked())
    url = "/setup/metrics/large_contracts"
    assert "一开始" in boss.get(url).content.decode()
    same = asked(value="{amount}", filter="{amount} >= 1000", place="sales_signed")
    assert boss.post(url, {**same, "label_zh": "大单", "text_purpose": ""}).status_code == 303
    info = metric("large_contracts")
    assert (info.label.zh, info.purpose.zh, len(info.rules)) == ("大单", "", 1)
    lower = {**same, "filter": "{amount} >= 100", "reason": "门槛降低"}
    assert boss.post(url, {**lower, "valid_from": "2026-02-01"}).status_code == 303
    assert [r.reason for r in metric("large_contracts").rules] == [None, "门槛降低"]
    assert total("large_contracts") == 0
    bad = boss.post(
        url, {**lower, "label_zh": "", "label_en": "", "valid_from": "soon", "filter": "{"}
    )
    assert bad.status_code == 422
    assert bad.content.decode().count("w-wrong") >= 3
    early = boss.post(url, {**lower, "filter": "", "valid_from": "2026-01-01"})
    assert "早于现行规则的生效日" in early.content.decode()


def test_a_wrong_first_rule_is_corrected_since_ever(cast: Cast, browse: Browse, make: Make) -> None:
    boss = browse(cast.wang_li)
    contract(cast, make, "500", "2026-01-05")
    boss.post(SUM, asked())
    url = "/setup/metrics/large_contracts"
    assert boss.post(url, asked(filter="{合同金额} >= 100", correct="1")).status_code == 303
    assert (len(metric("large_contracts").rules), total("large_contracts")) == (1, 50000)
    close_month(actor=SYSTEM, month=Period.of("month", today()).previous())
    assert "以前已关账" in boss.get(SUM).content.decode()
    closed = boss.post(url, asked(filter="", correct="1"))
    assert closed.status_code == 422
    assert "已经关账，从这一天起不能再改" in closed.content.decode()


def test_what_the_form_does_not_ask_stays(cast: Cast, browse: Browse) -> None:
    boss = browse(cast.wang_li)
    before = metric("sales_signed")
    d = before.rule.definition
    page = {"label_zh": before.label.zh, "label_en": before.label.en, "value": d.value}
    page |= {"when": "signed_on", "credit": "owner", "filter": d.filter, "better": "up"}
    page |= {f"text_{n}": getattr(before, n).zh for n in ("owner", "source", "principle")}
    page |= {f"text_{n}": getattr(before, n).zh for n in ("purpose", "scene", "worth", "tools")}
    page |= {"place": "-"}
    assert boss.post("/setup/metrics/sales_signed", page).status_code == 303
    after = metric("sales_signed")
    assert after.rules == before.rules
    assert (after.purpose, after.worth) == (before.purpose, before.worth)


def test_it_is_retired_and_comes_back(cast: Cast, browse: Browse) -> None:
    boss = browse(cast.wang_li)
    boss.post(SUM, asked())
    boss.post("/setup/metrics/large_contracts/switch")
    assert "large_contracts" not in {m.key for m in metrics()}
    assert "/setup/metrics/large_contracts" in boss.get("/metrics/").content.decode()
    boss.post("/setup/metrics/large_contracts/switch")
    assert "large_contracts" in {m.key for m in metrics()}


def test_a_rep_may_not(cast: Cast, browse: Browse) -> None:
    rep = browse(cast.zhang_wei)
    assert "/setup/metrics" not in rep.get("/metrics/").content.decode()
    assert rep.get(SUM).status_code == 403
    assert rep.post(SUM, asked()).status_code == 403
    assert rep.get("/setup/metrics/sales_signed").status_code == 403
    assert rep.post("/setup/metrics/sales_signed/switch").status_code == 403
    assert "large_contracts" not in {m.key for m in metrics()}


def test_it_counts_from_a_day_on(cast: Cast, browse: Browse, make: Make) -> None:
    """With months closed the form offers the first open day, and the past stays out of it."""
    boss = browse(cast.wang_li)
    contract(cast, make, "5000", "2026-01-05")
    contract(cast, make, "1000")
    close_month(actor=SYSTEM, month=Period.of("month", today()).previous())
    opened = today().replace(day=1).isoformat()
    assert f'value="{opened}"' in boss.get(SUM).content.decode()
    bad = boss.post(SUM, asked(since="soon", value="{没有}")).content.decode()
    assert ("soon" in bad, bad.count("w-wrong")) == (True, 2)
    boss.post(SUM, asked(since=opened))
    assert total("large_contracts") == 100000
    assert opened not in str(metric("large_contracts").rules[0].valid_from)
    assert boss.get("/metrics/large_contracts").status_code == 200
    boss.post(SUM, asked(label_en="All days", since=""))
    assert total("all_days") == 100000  # closed is closed, whatever the form leaves open
    assert_rebuilt_is_posted()
