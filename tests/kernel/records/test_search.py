from __future__ import annotations

import pytest

from tests.cast import Cast, acting
from tests.kernel.records.world import customer, new, opportunity
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.indexing import tokens
from wubu.kernel.types import SYSTEM


def titles(text: str, actor=SYSTEM, **more) -> list[str]:
    return [hit.title for hit in queries.find(actor, text, **more)]


@pytest.mark.parametrize(
    "text",
    [
        "上海",
        "海重",
        "重庆",
        "上",
        "司",
        "shcq",
        "cqcgq",
        "chuangan",
        "ShangHai",
        "gtx",
        "GTX-200",
        "上海 gtx",
        "ＧＴＸ",
    ],
)
def test_found_by_any_part(cast: Cast, text: str) -> None:
    customer("上海重庆传感器公司 GTX-200")
    customer("北京仪表")
    assert titles(text) == ["上海重庆传感器公司 GTX-200"]


@pytest.mark.parametrize("text", ["5678", "345678", "13912345678", "8613912345678", "1391"])
def test_found_by_phone(cast: Cast, text: str) -> None:
    customer("甲", phone="13912345678")
    customer("乙", phone="13700000000")
    assert titles(text) == ["甲"]


@pytest.mark.parametrize(
    "text", ["", "  ", "？", "'", '"', "*", "a' OR 1=1 --", "NEAR(", ")", "\\", "乙方"]
)
def test_what_means_nothing_finds_nothing(cast: Cast, text: str) -> None:
    customer("甲方")
    assert titles(text) == []


def test_the_index_follows_every_write(cast: Cast) -> None:
    made = customer("旧名字")
    actions.update(actor=SYSTEM, object_key="customer", id=made.id, values={"name": "新名字"})
    assert (titles("旧名"), titles("新名")) == ([], ["新名字"])
    actions.archive(actor=SYSTEM, object_key="customer", ids=[made.id])
    assert titles("新名") == []
    actions.restore(actor=SYSTEM, object_key="customer", ids=[made.id])
    assert titles("新名") == ["新名字"]
    assert actions.reindex(actor=SYSTEM, object_key="customer") == 1
    assert titles("新名") == ["新名字"]


def test_only_what_may_be_seen(cast: Cast) -> None:
    mine = customer("华东一号", owner=cast.zhang_wei.id)
    customer("华东二号", owner=cast.zhou_tao.id)
    opportunity(mine, "华东项目", owner=cast.zhang_wei.id)
    assert titles("华东", acting(cast.zhang_wei)) == ["华东一号", "华东项目"]
    assert titles("华东", acting(cast.li_qiang)) == ["华东一号", "华东项目"]
    assert titles("华东", acting(cast.zhou_tao)) == ["华东二号"]
    actions.transfer(actor=SYSTEM, object_key="customer", ids=[mine.id], owner=cast.zhou_tao.id)
    assert titles("华东", acting(cast.zhou_tao)) == ["华东二号", "华东一号"]
    assert titles("华东", acting(cast.zhang_wei)) == ["华东项目"]


def test_a_hidden_phone_is_not_searched(cast: Cast) -> None:
    customer("甲", phone="13912345678")
    grants = [{"object": "customer", "actions": ["view"], "rows": "all"}]
    role = {
        "label": {"zh": "客服", "en": "Care"},
        "grants": grants,
        "fields": {"customer": {"phone": "hidden"}},
    }
    define_role(actor=SYSTEM, key="care", definition=role)
    set_roles(actor=SYSTEM, member_id=cast.wu_xia.id, roles=["care"])
    assert titles("甲", acting(cast.wu_xia)) == ["甲"]
    assert titles("5678", acting(cast.wu_xia)) == []
    (record,) = queries.page(acting(cast.wu_xia), "customer", Query()).records
    assert "phone" not in record.values


def test_lists_search_too(cast: Cast) -> None:
    for name in ("华东甲", "华东乙", "西北丙"):
        customer(name, grade="A")
    found = queries.page(SYSTEM, "customer", Query(search="huadong", sort=("name",)))
    assert {r.title for r in found.records} == {"华东甲", "华东乙"}
    assert queries.count(SYSTEM, "customer", Query(search="hd")).number == 2


def test_names_that_begin_so_come_first(cast: Cast) -> None:
    for name in ("东方仪表", "华东", "华东仪表", "大华东"):
        customer(name)
    assert titles("华东") == ["华东", "华东仪表", "大华东"]
    assert titles("华东", limit=1) == ["华东"]
    assert titles("华东", objects=["contact"]) == []


def test_phrases_decide_how_a_character_is_read() -> None:
    assert tokens.read_aloud("重庆银行") == ["chong", "qing", "yin", "hang"]
    assert tokens.read_aloud("绿") == ["lv"]


def test_the_contact_names_its_customer(cast: Cast) -> None:
    of = customer("华东仪表")
    new("contact", name="王小芳", customer=of.id, owner=cast.zhang_wei.id)
    (hit,) = queries.find(SYSTEM, "wxf")
    assert hit.subtitle == "华东仪表 · 张伟"
