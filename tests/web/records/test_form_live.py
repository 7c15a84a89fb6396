"""Forms while typing: what shows, candidates, drafts, quick create, what links bring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast, acting
from tests.web.conftest import Browse
from wubu.collect.forms import actions as designing
from wubu.collect.forms import queries as layouts
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM

Make = Callable[..., Record]
SLOT = "abcdef123456"


@pytest.fixture
def design(unit: None) -> Callable[..., None]:
    def save(object_key: str, *items: dict[str, Any], **more: Any) -> None:
        section = {"label": "一", "columns": 3, "items": list(items)}
        designing.save_layout(
            actor=SYSTEM,
            object_key=object_key,
            key=more.pop("key", "mine"),
            definition={"label": "我的", "sections": [section], **more},
        )

    return save


def test_it_works(browse: Browse, cast: Cast, design: Any) -> None:
    design(
        "opportunity",
        {"field": "name", "span": 3, "help": {"zh": "写清楚", "en": "Be clear"}},
        {"field": "stage"},
        {"field": "loss_reason", "show_when": '{stage} = "lost"', "required": True},
        {"text": {"zh": "请先查重", "en": "Look first"}, "tone": "warn"},
    )
    client = browse(cast.zhang_wei)
    said = client.get("/o/opportunity/new").content.decode()
    for words in ("写清楚", "请先查重", "w-fields is-3", "w-span-3", 'data-item="s0.2" hidden'):
        assert words in said
    state = client.post("/o/opportunity/compute", {"layout": "mine", "stage": "lost"}).json()
    assert state["hidden"] == []
    assert state["needed"] == ["s0.2"]
    state = client.post("/o/opportunity/compute", {"layout": "mine", "stage": "proposal"}).json()
    assert state["hidden"] == ["s0.2"]
    assert state["needed"] == []
    answer = client.post("/o/opportunity/new", {"name": "一", "stage": "lost", "loss_reason": ""})
    assert answer.status_code == 422
    assert 'href="#f-loss_reason"' in answer.content.decode()


def test_a_formula_is_worked_out_before_there_is_a_record(
    browse: Browse, cast: Cast, design: Any
) -> None:
    design(
        "contract",
        {"field": "amount"},
        {"field": "unpaid", "show_when": "{amount} > 0"},
    )
    client = browse(cast.zhang_wei)
    said = client.get("/o/contract/new").content.decode()
    assert 'data-item="s0.1" hidden' in said
    assert 'data-computed="unpaid"' in said
    state = client.post("/o/contract/compute", {"layout": "mine", "amount": "1200"}).json()
    assert state["hidden"] == []
    assert state["values"]["unpaid"] == "¥1,200.00"


def test_a_heading_stands_over_something(browse: Browse, cast: Cast, design: Any) -> None:
    design("contract", {"field": "amount", "show_when": '{status} = "active"'})
    said = browse(cast.zhang_wei).get("/o/contract/new").content.decode()
    assert 'data-part="s0" hidden' in said


def test_a_product_brings_its_price_into_its_line(browse: Browse, cast: Cast, make: Make) -> None:
    product = make("product", name="甲", price="1200.5")
    sent = {
        "parts:quote_line": "1",
        "parts:quote_line:row": ["n1"],
        "quote_line:n1:product": f"id:{product.id}",
        "quote_line:n1:quantity": "2",
        "live:changed": "quote_line:n1:product",
    }
    client = browse(cast.wang_li)
    pasted = {**sent, "quote_line:n1:product": "甲"}
    assert client.post("/o/quote/compute", pasted).json()["set"].keys() == {"quote_line:n1:price"}
    state = client.post("/o/quote/compute", sent).json()
    assert state["set"] == {"quote_line:n1:price": {"value": "1200.50", "shown": "1200.50"}}
    assert state["values"]["quote_line:n1:amount"] == "¥2,401.00"
    assert state["values"]["sum:quote_line:amount"] == "¥2,401.00"


def test_a_form_opens_with_what_links_bring(browse: Browse, cast: Cast, make: Make) -> None:
    buyer = make("customer", name="甲公司", owner=cast.zhang_wei.id)
    person = make("contact", name="安达", customer=buyer.id, owner=cast.zhang_wei.id)
    said = browse(cast.zhang_wei).get(f"/o/follow_up/new?contact={person.id}").content.decode()
    assert f'name="customer" value="id:{buyer.id}"' in said


def test_candidates_go_by_the_rest_of_the_form(browse: Browse, cast: Cast, make: Make) -> None:
    client = browse(cast.zhang_wei)
    a = make("customer", name="甲", owner=cast.zhang_wei.id)
    b = make("customer", name="乙", owner=cast.zhang_wei.id)
    make("contact", name="安达", customer=a.id, owner=cast.zhang_wei.id)
    make("contact", name="安宁", customer=b.id, owner=cast.zhang_wei.id)
    assert 'data-limits="contact"' in client.get("/o/follow_up/new").content.decode()

    def offered(**sent: str) -> list[str]:
        asked = {"pick:field": "contact", **sent}
        return [i["title"] for i in client.post("/o/follow_up/pick", asked).json()["items"]]

    assert offered(customer=f"id:{a.id}") == ["安达"]
    assert offered(customer=f"id:{b.id}", **{"pick:words": "安"}) == ["安宁"]
    assert client.post("/o/follow_up/pick", {"pick:field": "nothing"}).status_code == 404


def test_drafts_are_gone_on_with_and_let_go(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    typed = {"slot": SLOT, "layout": "default", "name": "孔键盘", "company": "测试厂", "record": ""}
    assert client.post("/o/lead/draft", typed).status_code == 200
    draft = layouts.drafts(acting(cast.zhang_wei))[0]
    assert draft.title == "孔键盘"
    offer = client.get("/o/lead/new").content.decode()
    assert f"?draft={draft.id}" in offer
    assert "孔键盘" in client.get("/").content.decode()
    assert "孔键盘" not in browse(cast.liu_yang).get("/").content.decode()
    again = client.get(f"/o/lead/new?draft={draft.id}").content.decode()
    assert 'value="孔键盘"' in again
    assert f'name="slot" value="{SLOT}"' in again
    assert browse(cast.liu_yang).get(f"/o/lead/new?draft={draft.id}").status_code == 404
    # A refusal keeps it, saving lets it go.
    assert client.post("/o/lead/new", {**typed, "name": ""}).status_code == 422
    assert len(layouts.drafts(acting(cast.zhang_wei))) == 1
    assert client.post("/o/lead/new", typed).status_code == 303
    assert layouts.drafts(acting(cast.zhang_wei)) == ()


def test_a_draft_keeps_its_lines(browse: Browse, cast: Cast, make: Make) -> None:
    client = browse(cast.wang_li)
    product = make("product", name="变送器", price="100")
    typed = {
        "slot": SLOT,
        "parts:quote_line": "1",
        "parts:quote_line:row": ["n7", "n8"],
        "quote_line:n7:product": f"id:{product.id}",
        "quote_line:n7:quantity": "3",
        "quote_line:n8:product": "没有的",
        "quote_line:n8:quantity": "二",
    }
    number = client.post("/o/quote/draft", typed).json()["id"]
    said = client.get(f"/o/quote/new?draft={number}").content.decode()
    for words in ('value="变送器"', 'value="没有的"', 'value="二"', 'value="3"'):
        assert words in said
    assert client.post(f"/drafts/{number}/drop").status_code == 303
    assert client.post(f"/drafts/{number}/drop").status_code == 404


def test_a_draft_of_what_one_may_not_do_is_refused(browse: Browse, cast: Cast, make: Make) -> None:
    client = browse(cast.zhang_wei)
    assert client.post("/o/product/draft", {"slot": SLOT, "name": "x"}).status_code == 403
    theirs = make("lead", name="孔", company="甲", owner=cast.zhou_tao.id)
    sent = {"slot": SLOT, "name": "x", "record": str(theirs.id)}
    assert client.post("/o/lead/draft", sent).status_code == 404


def test_quick_create_asks_what_it_takes(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    said = client.get("/pick/contact/new?title=安达").content.decode()
    assert 'value="安达"' in said
    assert 'name="customer"' in said
    wrong = client.post("/pick/contact/new", {"layout": "default", "name": "", "customer": ""})
    assert wrong.status_code == 422
    assert 'class="w-wrong"' in wrong.content.decode()
    made = client.post("/pick/customer/new", {"layout": "default", "name": "新客户"}).json()
    record = queries.get(acting(cast.zhang_wei), "customer", made["id"])
    assert record.title == "新客户"
    assert record.values["owner"] == cast.zhang_wei.id
    assert client.get("/pick/product/new").status_code == 403


def test_what_the_link_brought_is_not_lost_where_it_does_not_show(
    browse: Browse, cast: Cast, make: Make, design: Any
) -> None:
    design("opportunity", {"field": "name"})
    buyer = make("customer", name="甲", owner=cast.zhang_wei.id)
    client = browse(cast.zhang_wei)
    said = client.get(f"/o/opportunity/new?customer={buyer.id}").content.decode()
    assert f'<input type="hidden" name="customer" value="id:{buyer.id}" data-carried>' in said
    sent = {"name": "一", "customer": f"id:{buyer.id}", "layout": "mine"}
    assert client.post("/o/opportunity/new", sent).status_code == 303
    deal = queries.page(SYSTEM, "opportunity", Query()).records[0]
    assert deal.values["customer"] == buyer.id


def test_many_lines_take_no_more_questions(browse: Browse, cast: Cast, make: Make) -> None:
    client = browse(cast.wang_li)
    products = [make("product", name=f"产品{n}", price="1").id for n in range(3)]

    def asked(count: int) -> int:
        sent = {
            "parts:quote_line": "1",
            "parts:quote_line:row": [str(n) for n in range(count)],
            **{f"quote_line:{n}:product": f"id:{products[n % 3]}" for n in range(count)},
        }
        with CaptureQueriesContext(connection) as seen:
            assert client.post("/o/quote/new", sent).status_code == 422
        return len(seen)

    asked(2)  # what is read once in a process
    assert asked(40) == asked(4)
