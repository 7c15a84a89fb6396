"""The formula editor's questions: words, what is wrong, what it gives; within what one may see."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast
from tests.kernel.records.world import contract, customer
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.records import queries
from wubu.kernel.types import SYSTEM, Actor


def look(browser: Any, text: str, object_key: str = "customer", **more: Any) -> dict[str, Any]:
    given = {"object": object_key, "text": text, **more}
    response = browser.post("/formulas/look", given)
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def test_it_works(browse: Any, cast: Cast) -> None:
    one = customer("华东传感器")
    contract(one, amount="1200", status="active")
    boss = browse(cast.wang_li)
    found = look(boss, "SUM({合同.合同金额}) * 2", record=one.id)
    assert (found["problems"], found["value"]) == ([], "2,400")
    assert found["record"] == {"id": str(one.id), "title": "华东传感器"}
    assert "合同" in found["sentence"]


def test_words_are_found_by_label_and_initials(browse: Any, cast: Cast) -> None:
    boss = browse(cast.wang_li)
    found = boss.get("/formulas/words", {"object": "customer"}).json()
    fields = {f["path"]: f for f in found["fields"]}
    assert fields["name"]["initials"] == "khmc"
    assert fields["contract@customer"]["links"]
    assert any("求和" in f["names"] for f in found["functions"])
    behind = boss.get("/formulas/words", {"object": "customer", "path": "contract@customer"}).json()
    assert "contract@customer.amount" in {f["path"] for f in behind["fields"]}
    assert boss.get("/formulas/words", {"object": "nothing"}).status_code == 404


def test_problems_come_with_their_places_and_what_would_do(browse: Any, cast: Cast) -> None:
    found = look(browse(cast.wang_li), "SUMM({客户名稱}, 1")
    assert {p["code"] for p in found["problems"]} == {"unfinished"}
    found = look(browse(cast.wang_li), "LENN({客户名称})")
    (problem,) = found["problems"]
    assert (problem["start"], problem["end"], problem["suggestion"]) == (0, 4, "LEN")


def test_stored_keys_are_shown_as_labels(browse: Any, cast: Cast) -> None:
    found = look(browse(cast.wang_li), "ISBLANK({name})", expect="bool")
    assert found["labelled"] == "ISBLANK({客户名称})"
    said = look(browse(cast.wang_li), "{created_at} < TODAY() - [days]", param_days="45")
    assert "45" in said["sentence"]
    assert look(browse(cast.wang_li), "{created_at} < ADDDAYS(NOW(), -[days])")["problems"] == []


def test_no_value_of_what_one_may_not_see(browse: Any, cast: Cast) -> None:
    """A sales rep sees their own customers; an aggregate would tell of all contracts."""
    rep = browse(cast.zhang_wei)
    actor = Actor(cast.zhang_wei.id)
    others = customer("别人的客户", owner=cast.wang_li.id)
    seen = queries.visible(actor, "customer").filter(id=others.id).exists()
    assert not seen
    found = look(rep, "{客户名称}", record=others.id)
    assert found["value"] is None
    assert found["record"] is None
    assert "别人" not in str(found)
    assert [p["code"] for p in look(rep, "COUNT({合同})")["problems"]] != []


def test_for_a_list_only_what_its_reader_may_read_is_named(browse: Any, cast: Cast) -> None:
    half = {
        "label": "半",
        "grants": [{"object": "customer", "actions": ["view"], "rows": "all"}],
        "fields": {"customer": {"phone": "hidden"}},
        "setup": ["alerts"],
    }
    define_role(actor=SYSTEM, key="half", definition=half)
    set_roles(actor=SYSTEM, member_id=cast.zhang_wei.id, roles=["half"])
    client = browse(cast.zhang_wei)
    asked = {"object": "customer", "text": "ISBLANK({phone})", "expect": "bool"}
    assert client.post("/formulas/look", asked).json()["problems"] == []
    own = client.post("/formulas/look", {**asked, "own": "1", "plain": "1"}).json()
    assert own["problems"]
    assert own["record"] is None
    for more, there in (({}, True), ({"own": "1"}, False)):
        words = client.get("/formulas/words", {"object": "customer", **more}).json()["fields"]
        assert ("phone" in [w["path"] for w in words]) is there


def test_every_function_has_its_line(browse: Any, cast: Cast) -> None:
    page = browse(cast.zhang_wei).get("/formulas/functions").content.decode()
    for name in ("NETWORKDAYS", "TEXTJOIN", "COUNTDISTINCT", "求和"):
        assert name in page


@pytest.mark.parametrize("text", ["", "x" * 20_500, "{😀}", "{\u202eمرحبا} & '🙂'", "\x00"])
def test_odd_input_is_answered(browse: Any, cast: Cast, text: str) -> None:
    assert look(browse(cast.wang_li), text)["problems"]
