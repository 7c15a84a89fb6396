"""The pages of dated rules follow from how each kind is declared."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast, acting
from tests.web.conftest import Browse
from wubu.kernel.rules import queries
from wubu.kernel.types import SYSTEM, Refused
from wubu.motivate.points.rules import KIND

pytestmark = pytest.mark.django_db
BASE = "/setup/motivation/points"
REMEDY = "应为-1,000,000 到 1,000,000 之间、不为 0 的整数。"


def form(**more: Any) -> dict[str, Any]:
    return {"label_zh": "甲", "metric": "sales_signed", "per": "1", "active": "1", **more}


@pytest.mark.parametrize("points", [50_000, 1_000_000, -1_000_000])
def test_it_works(cast: Cast, browse: Browse, points: int) -> None:
    answer = browse(cast.wang_li).post(f"{BASE}/new", form(points=f"{points:,}"))
    assert answer.status_code == 303
    found = queries.rule("points", "points_1").definition
    assert (found["points"], found["per"]) == (points, 100)


@pytest.mark.parametrize("points", ["1000001", "-1000001", "0"])
def test_one_limit_at_every_entrance(cast: Cast, browse: Browse, points: str) -> None:
    answer = browse(cast.wang_li).post(f"{BASE}/new", form(points=points))
    assert answer.status_code == 422
    assert REMEDY in answer.content.decode()
    definition = {"label": "甲", "metric": "sales_signed", "points": int(points)}
    with pytest.raises(Refused) as refused:
        KIND.set_rule("mine", definition, actor=acting(cast.wang_li))
    assert [str(p.hint) for p in refused.value.problems] == [REMEDY]
    with pytest.raises(Refused) as refused:
        KIND.install({"mine": definition}, actor=SYSTEM)
    assert [(p.row, str(p.hint)) for p in refused.value.problems] == [(0, REMEDY)]


def test_everything_wrong_stands_beside_what_was_typed(cast: Cast, browse: Browse) -> None:
    wrong = form(label_zh="", label_en="Bonus", per="12.345", points="viele", cap="0")
    answer = browse(cast.wang_li).post(f"{BASE}/new", wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    for typed in ("Bonus", "12.345", "viele"):
        assert f'value="{typed}"' in page
    for said in ("请填写“名称”", "0.01 到 10,000,000,000,000 元", REMEDY, "1 到 1,000,000,000"):
        assert said in page
    assert "points_1" not in {r.key for r in queries.rules("points", with_disabled=True)}


def test_a_rule_is_disabled_and_enabled_where_it_stands(cast: Cast, browse: Browse) -> None:
    boss, url = browse(cast.wang_li), f"{BASE}/follow_up_points"
    kept = form(metric="follow_ups", points="2", label_zh="跟进", active="")
    assert boss.post(url, kept).status_code == 303
    assert not queries.rule("points", "follow_up_points").active
    assert "停用" in boss.get(url).content.decode()
    assert boss.post(f"{url}/switch").status_code == 303
    assert queries.rule("points", "follow_up_points").active


def test_who_may_not_set_rules_sees_none_of_it(cast: Cast, browse: Browse) -> None:
    rep = browse(cast.zhang_wei)
    assert rep.get(f"{BASE}/new").status_code == 403
    assert rep.post(f"{BASE}/new", form(points="5")).status_code == 403
    assert rep.post(f"{BASE}/follow_up_points/switch").status_code == 403


BANDS = "/setup/rules/price_bands"
BAND = {
    "label_zh": "大额",
    "field": "amount",
    "lowest": "100",
    "highest": "200",
    "severity": "danger",
}


def test_a_kind_without_pages_of_its_own_gets_them(cast: Cast, browse: Browse, make: Any) -> None:
    boss, url = browse(cast.wang_li), f"{BANDS}/new?object=contract"
    assert "还没有价格带" in boss.get(BANDS).content.decode()
    assert 'name="object"' in boss.get(f"{BANDS}/new").content.decode()
    wrong = boss.post(url, BAND | {"lowest": "300", "field": "name"})
    assert wrong.status_code == 422
    assert "不是金额、数字或百分比" in wrong.content.decode()
    assert 'value="300"' in wrong.content.decode()
    assert boss.post(url, BAND).status_code == 303
    assert "应在 100 元 到 200 元 之间" in boss.get(BANDS).content.decode()
    customer = make("customer", name="恒通", owner=cast.zhang_wei.id)
    record = make(
        "contract",
        name="超价合同",
        customer=customer.id,
        amount="200.01",
        signed_on="2026-03-10",
        status="active",
        owner=cast.zhang_wei.id,
    )
    assert "超价合同" in boss.get(f"{BANDS}/band_1").content.decode()
    page = browse(cast.zhang_wei).get(f"/o/contract/{record.id}").content.decode()
    assert "应在 100 元 到 200 元 之间" in page
    assert 'class="w-alert is-bad"' in page
    assert boss.post(f"{BANDS}/band_1/switch").status_code == 303
    page = browse(cast.zhang_wei).get(f"/o/contract/{record.id}").content.decode()
    assert "应在 100 元 到 200 元 之间" not in page


def test_who_may_not_set_them_gets_none_of_these_pages(cast: Cast, browse: Browse) -> None:
    rep = browse(cast.zhang_wei)
    for url in (BANDS, f"{BANDS}/new", f"{BANDS}/new?object=contract"):
        assert rep.get(url).status_code == 403
    assert rep.post(f"{BANDS}/new?object=contract", BAND).status_code == 403
    assert BANDS not in rep.get("/o/contract/").content.decode()
