"""The layout of an open form follows the stage that is chosen in it; nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.collect.forms import actions as designing
from wubu.collect.forms import queries as layouts
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM

Make = Callable[..., Record]
SLOT = "abcdef123456"


def save(object_key: str, key: str, *items: dict[str, Any], **more: Any) -> None:
    designing.save_layout(
        actor=SYSTEM,
        object_key=object_key,
        key=key,
        definition={"label": f"布局{key}", "sections": [{"items": list(items)}], **more},
    )


@pytest.fixture
def two(unit: None) -> None:
    """Won deals have a layout of their own: no amount, a competitor that is needed."""
    save(
        "opportunity",
        "won",
        {"field": "name"},
        {"field": "customer"},
        {"field": "stage"},
        {"field": "competitor", "required": True},
        {"field": "next_step", "show_when": "{name} = 'x'"},
        stages=["won"],
    )
    save(
        "opportunity",
        "open",
        *({"field": k} for k in ("name", "customer", "stage", "amount", "next_step", "owner")),
    )


def test_it_works(browse: Browse, cast: Cast, make: Make, two: None) -> None:
    client = browse(cast.zhang_wei)
    said = client.get("/o/opportunity/new").content.decode()
    assert 'name="layout" value="open"' in said
    assert "data-laid-said" in said
    typed = {"layout": "open", "name": "一", "amount": "12万", "stage": "proposal", "record": ""}
    assert client.post("/o/opportunity/compute", typed).json()["layout"] == "open"
    typed["stage"] = "won"
    assert client.post("/o/opportunity/compute", typed).json()["layout"] == "won"
    laid = client.post("/o/opportunity/layout", typed).content.decode()
    assert 'data-layout="won"' in laid
    assert "布局won" in laid
    assert 'id="f-competitor"' in laid
    assert 'id="f-amount"' not in laid
    assert 'value="一"' in laid
    # What has no place is listed, carried along and ticked.
    assert '<input type="hidden" name="amount" value="12万">' in laid
    assert re.search(r'name="park:keep:amount" value="1" checked', laid)
    assert "park:name" not in laid
    back = {**typed, "stage": "proposal", "layout": "won", "park:amount": "1"}
    laid = client.post("/o/opportunity/layout", back).content.decode()
    assert 'data-layout="open"' in laid
    assert re.search(r'id="f-amount"[^>]*value="12万"', laid)
    assert "data-parked" not in laid


def sent(**more: str) -> dict[str, str]:
    return {"layout": "won", "name": "一", "stage": "won", "competitor": "某", "record": "", **more}


def test_what_was_parked_is_saved_as_it_is_marked(
    browse: Browse, cast: Cast, make: Make, two: None
) -> None:
    buyer = make("customer", name="甲", owner=cast.zhang_wei.id)
    client = browse(cast.zhang_wei)
    common = {"customer": f"id:{buyer.id}", "amount": "5000", "park:amount": "1"}
    answer = client.post("/o/opportunity/new", sent(**common, **{"park:keep:amount": "1"}))
    assert answer.status_code == 303, answer.content.decode()
    made = queries.get(SYSTEM, "opportunity", answer["Location"].rsplit("/", 1)[1])
    assert made.values["amount"] == 500000
    answer = client.post("/o/opportunity/new", sent(**common))
    made = queries.get(SYSTEM, "opportunity", answer["Location"].rsplit("/", 1)[1])
    assert made.values["amount"] is None
    # One that cannot be saved says so where it is listed.
    wrong = {**common, "amount": "很多", "park:keep:amount": "1"}
    answer = client.post("/o/opportunity/new", sent(**wrong))
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "去掉勾选即不保存它" in said
    assert 'name="amount" value="很多"' in said


def test_saved_before_the_form_followed(browse: Browse, cast: Cast, make: Make, two: None) -> None:
    """Without a script, or faster than it: what the new layout asks for holds all the same."""
    buyer = make("customer", name="甲", owner=cast.zhang_wei.id)
    client = browse(cast.zhang_wei)
    typed = sent(layout="open", customer=f"id:{buyer.id}", amount="5000")
    asked = {k: v for k, v in typed.items() if k != "competitor"}
    answer = client.post("/o/opportunity/new", asked)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert 'href="#f-competitor"' in said
    assert 'name="layout" value="won"' in said
    assert "表单已换成“布局won”布局" in said
    assert 'name="amount" value="5000"' in said
    # What it hides was typed: it is shown before anything is saved.
    answer = client.post("/o/opportunity/new", {**typed, "next_step": "下周"})
    assert answer.status_code == 422
    assert 'value="下周"' in answer.content.decode()
    assert queries.count(SYSTEM, "opportunity").number == 0
    assert client.post("/o/opportunity/new", typed).status_code == 303


def test_a_record_that_is_there(browse: Browse, cast: Cast, make: Make, two: None) -> None:
    buyer = make("customer", name="甲", owner=cast.zhang_wei.id)
    deal = make("opportunity", name="一", customer=buyer.id, amount="100", owner=cast.zhang_wei.id)
    client = browse(cast.zhang_wei)
    url = f"/o/opportunity/{deal.id}/edit"
    assert 'value="open"' in client.get(url).content.decode()
    typed = {"layout": "open", "record": str(deal.id), "name": "一", "amount": "100.00"}
    same = {**typed, "stage": "won", "customer": f"id:{buyer.id}", "version": str(deal.version)}
    laid = client.post("/o/opportunity/layout", same).content.decode()
    assert 'data-layout="won"' in laid
    assert "data-parked" not in laid  # the amount is what it was
    laid = client.post("/o/opportunity/layout", {**same, "amount": ""}).content.decode()
    assert "（清空）" in laid
    changed = {**same, "layout": "won", "competitor": "某", "amount": "200", "park:amount": "1"}
    assert client.post(url, changed).status_code == 303
    assert queries.get(SYSTEM, "opportunity", deal.id).values["amount"] == 10000
    assert 'value="won"' in client.get(url).content.decode()


def test_drafts_keep_what_was_parked(browse: Browse, cast: Cast, make: Make, two: None) -> None:
    client = browse(cast.zhang_wei)
    typed = sent(slot=SLOT, amount="12万", **{"park:amount": "1"})
    number = client.post("/o/opportunity/draft", typed).json()["id"]
    said = client.get(f"/o/opportunity/new?draft={number}").content.decode()
    assert 'name="layout" value="won"' in said
    assert 'name="amount" value="12万"' in said
    assert re.search(r'name="park:keep:amount" value="1">', said)  # the tick was taken away
    assert layouts.drafts


def test_lines_go_along(browse: Browse, cast: Cast, make: Make, unit: None) -> None:
    product = make("product", name="变送器", price="100")
    save("quote", "short", {"field": "status"}, when="{note} = 'short'")
    one = {"lines": "quote_line", "columns": ["product", "quantity"]}
    save("quote", "few", {"field": "note"}, one, when="{note} = 'few'")
    save("quote", "long", {"field": "note"}, {"field": "customer"}, {"lines": "quote_line"})
    typed = {
        "layout": "long",
        "parts:quote_line": "1",
        "parts:quote_line:row": ["n7"],
        "quote_line:n7:product": f"id:{product.id}",
        "quote_line:n7:quantity": "3",
        "quote_line:n7:price": "88",
        "quote_line:n7:discount": "",
    }
    client = browse(cast.wang_li)
    laid = client.post("/o/quote/layout", {**typed, "note": "short"}).content.decode()
    assert 'data-layout="short"' in laid
    assert 'name="quote_line:n7:price" value="88"' in laid
    assert "1 行" in laid
    laid = client.post("/o/quote/layout", {**typed, "note": "few"}).content.decode()
    assert 'data-layout="few"' in laid
    assert 'name="quote_line:n7:quantity"' in laid  # the number of the line is the same
    assert 'type="hidden" name="quote_line:n7:price" value="88"' in laid
    assert "w-parked-columns" in laid


def test_out_of_sight_is_out_of_reach(browse: Browse, cast: Cast, make: Make, two: None) -> None:
    buyer = make("customer", name="甲", owner=cast.zhou_tao.id)
    deal = make("opportunity", name="一", customer=buyer.id, owner=cast.zhou_tao.id)
    asked = {"layout": "open", "record": str(deal.id), "stage": "won"}
    client = browse(cast.zhang_wei)
    assert client.post("/o/opportunity/layout", asked).status_code == 404
    assert client.post("/o/product/layout", {"record": ""}).status_code == 403
    assert client.get("/o/opportunity/layout").status_code == 405
