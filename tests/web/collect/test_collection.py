"""The pages of the collection plan."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.collect.plans import rules

pytestmark = pytest.mark.django_db
NEW = "/setup/collection/new?object=visit"


def asked(**more: Any) -> dict[str, Any]:
    return {
        "label_zh": "拜访",
        "label_en": "Visits",
        "fields": ["customer", "purpose"],
        "roles": ["sales_rep"],
        "rhythm": "weekly",
        "purpose": "看得见跑了哪里",
        **more,
    }


def test_it_works(cast: Cast, browse: Browse) -> None:
    boss = browse(cast.wang_li)
    page = boss.get("/collection").content.decode()
    assert "客户档案" in page
    assert "/collection/customers" in page
    assert boss.get("/setup/collection/new").status_code == 200
    answer = boss.post(NEW, asked())
    assert answer.status_code == 303
    shown = boss.get(answer["Location"]).content.decode()
    assert "看得见跑了哪里" in shown
    assert "张伟" in shown  # expected, and silent


def test_what_is_missing_leads_to_the_records(cast: Cast, browse: Browse, make: Any) -> None:
    make("customer", name="缺行业的公司", owner=cast.zhang_wei.id)
    rep = browse(cast.zhang_wei)
    page = rep.get("/collection/customers").content.decode()
    link = "/o/customer/?f=ISBLANK%28%7Bindustry%7D%29"
    assert link in page
    assert "缺行业的公司" in rep.get(link).content.decode()


def test_what_was_typed_stays_beside_what_is_wrong(cast: Cast, browse: Browse) -> None:
    answer = browse(cast.wang_li).post(NEW, asked(fields=[], label_en="Trips"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请至少选择一个字段" in page
    assert "Trips" in page


def test_a_plan_rests_and_wakes(cast: Cast, browse: Browse) -> None:
    boss = browse(cast.wang_li)
    boss.post("/setup/collection/leads/switch")
    assert "leads" not in {p.key for p in rules.current()}
    boss.post("/setup/collection/leads/switch")
    assert "leads" in {p.key for p in rules.current()}


def test_a_rep_sees_but_does_not_set(cast: Cast, browse: Browse) -> None:
    rep = browse(cast.zhang_wei)
    assert rep.get("/collection").status_code == 200
    assert rep.get("/setup/collection/leads").status_code == 403
    assert rep.post("/setup/collection/leads/switch").status_code == 403
