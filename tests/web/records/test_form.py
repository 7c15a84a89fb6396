"""Creating and editing: problems beside their fields, nothing typed is lost, conflicts shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import Cast, acting
from tests.web.conftest import Browse
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM
from wubu.web.ui import show

Make = Callable[..., Record]


def test_it_works(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    assert "新建客户" in client.get("/o/customer/new").content.decode()
    response = client.post(
        "/o/customer/new",
        {
            "name": "明远精工",
            "grade": "A",
            "owner": f"id:{cast.zhang_wei.id}",
            "draft": "customer:new",
        },
    )
    assert response.status_code == 303
    assert response.cookies["wubu_saved"].value == "customer%3Anew"
    record = queries.page(acting(cast.zhang_wei), "customer", Query()).records[0]
    assert response["Location"] == f"/o/customer/{record.id}"
    assert record.values["grade"] == "a"


def test_every_object_has_a_form(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    for spec in snapshot().live:
        if not spec.part_of:
            assert client.get(f"/o/{spec.key}/new").status_code == 200, spec.key


def test_all_problems_at_once_beside_their_fields_and_nothing_lost(
    browse: Browse, cast: Cast
) -> None:
    sent = {"name": "", "amount": "很多", "expected_close": "2026-02-30", "next_step": "打电话"}
    response = browse(cast.zhang_wei).post("/o/opportunity/new", sent)
    assert response.status_code == 422
    said = response.content.decode()
    assert said.count('class="w-wrong"') >= 3
    assert 'value="很多"' in said
    assert 'value="打电话"' in said
    assert said.count("<li>") >= 3
    assert 'href="#f-amount"' in said


def test_a_new_form_knows_its_maker_and_what_the_link_brought(
    browse: Browse, cast: Cast, make: Make
) -> None:
    customer = make("customer", name="明远精工", owner=cast.zhang_wei.id)
    said = browse(cast.zhang_wei).get(f"/o/opportunity/new?customer={customer.id}").content.decode()
    assert f'value="id:{customer.id}"' in said
    assert 'value="明远精工"' in said
    assert f'value="id:{cast.zhang_wei.id}"' in said


def test_a_name_typed_by_hand_is_found(browse: Browse, cast: Cast, make: Make) -> None:
    make("customer", name="明远精工", owner=cast.zhang_wei.id)
    sent = {"name": "商机一", "customer": "明远精工", "stage": "proposal"}
    assert browse(cast.zhang_wei).post("/o/opportunity/new", sent).status_code == 303
    deal = queries.page(acting(cast.wang_li), "opportunity", Query()).records[0]
    assert deal.titles["customer"] == "明远精工"


def test_percent_is_what_people_mean(browse: Browse, cast: Cast, make: Make) -> None:
    customer = make("customer", name="明远精工", owner=cast.zhang_wei.id)
    product = make("product", name="变送器", price="100")
    sent = {
        "customer": f"id:{customer.id}",
        "owner": f"id:{cast.zhang_wei.id}",
        "parts:quote_line": "1",
        "parts:quote_line:row": ["n1", "n2", "n3"],
        "quote_line:n1:product": f"id:{product.id}",
        "quote_line:n1:quantity": "3",
        "quote_line:n1:price": "100",
        "quote_line:n1:discount": "10",
        "quote_line:n2:product": f"id:{product.id}",
        "quote_line:n2:quantity": "1",
        "quote_line:n2:price": "50.5",
        "quote_line:n2:discount": "",
    }
    client = browse(cast.wang_li)
    shown = client.post("/o/quote/compute", sent).json()["values"]
    assert shown["quote_line:n1:amount"] == "¥270.00"
    assert shown["sum:quote_line:amount"] == "¥320.50"
    assert shown["amount"] == "¥320.50"
    response = client.post("/o/quote/new", sent)
    assert response.status_code == 303, response.content.decode()[-3000:]
    quote = queries.page(acting(cast.wang_li), "quote", Query()).records[0]
    assert quote.values["amount"] == 32050
    lines = queries.page(acting(cast.wang_li), "quote_line", Query(sort=("id",))).records
    assert [line.values["discount"] for line in lines] == [1000, None]
    edit = client.get(f"/o/quote/{quote.id}/edit").content.decode()
    assert 'value="10"' in edit
    assert "¥270.00" in edit


def test_problems_of_lines_stand_in_their_lines(browse: Browse, cast: Cast, make: Make) -> None:
    customer = make("customer", name="明远精工", owner=cast.zhang_wei.id)
    sent = {
        "customer": f"id:{customer.id}",
        "parts:quote_line": "1",
        "parts:quote_line:row": ["0"],
        "quote_line:0:product": "没有的产品",
        "quote_line:0:quantity": "两个",
        "quote_line:0:price": "1",
    }
    response = browse(cast.wang_li).post("/o/quote/new", sent)
    assert response.status_code == 422
    said = response.content.decode()
    assert 'value="没有的产品"' in said
    assert 'value="两个"' in said
    assert said.count('class="w-wrong"') >= 2


def test_editing_what_did_not_change_changes_nothing(
    browse: Browse, cast: Cast, make: Make
) -> None:
    deal = make("opportunity", name="商机一", amount="1234.5", owner=cast.zhang_wei.id)
    client = browse(cast.zhang_wei)
    page = client.get(f"/o/opportunity/{deal.id}/edit")
    typed = {i.name: i.value for s in page.context["sections"] for i in s.inputs if not i.read_only}
    sent = {**typed, "version": deal.version}
    assert client.post(f"/o/opportunity/{deal.id}/edit", sent).status_code == 303
    assert queries.get(SYSTEM, "opportunity", deal.id).version == deal.version


def test_a_stale_edit_shows_both_and_loses_neither(browse: Browse, cast: Cast, make: Make) -> None:
    deal = make(
        "opportunity", name="商机一", amount="100", next_step="打电话", owner=cast.zhang_wei.id
    )
    actions.update(
        actor=acting(cast.li_qiang), object_key="opportunity", id=deal.id, values={"amount": "200"}
    )
    client = browse(cast.zhang_wei)
    sent = {"version": deal.version, "name": "商机一", "amount": "300", "next_step": "上门拜访"}
    response = client.post(f"/o/opportunity/{deal.id}/edit", sent)
    assert response.status_code == 409
    said = response.content.decode()
    assert "李强" in said
    assert "¥200.00" in said
    assert "¥300.00" in said
    assert "上门拜访" in said
    now = queries.get(SYSTEM, "opportunity", deal.id)
    assert now.values["amount"] == 20000
    choice = {
        **sent,
        "version": now.version,
        "theirs:amount": "theirs",
        "theirs:next_step": "yours",
    }
    assert client.post(f"/o/opportunity/{deal.id}/edit", choice).status_code == 303
    kept = queries.get(SYSTEM, "opportunity", deal.id)
    assert kept.values["amount"] == 20000
    assert kept.values["next_step"] == "上门拜访"


def test_who_may_not_create_gets_no_form(browse: Browse, cast: Cast) -> None:
    assert browse(cast.zhang_wei).get("/o/product/new").status_code == 403


def test_picking_and_making_on_the_way(browse: Browse, cast: Cast, make: Make) -> None:
    make("customer", name="明远精工", owner=cast.zhang_wei.id)
    client = browse(cast.zhang_wei)
    assert [i["title"] for i in client.get("/pick/customer?q=明远").json()["items"]] == ["明远精工"]
    assert client.get("/pick/customer").json()["items"][0]["title"] == "明远精工"
    assert client.get("/pick/member?q=lq").json()["items"][0]["title"] == "李强"
    made = client.post("/pick/customer/new", {"title": "新客户"}).json()
    assert queries.get(acting(cast.zhang_wei), "customer", made["id"]).title == "新客户"


def test_dates_that_are_now_are_filled_in(browse: Browse, cast: Cast) -> None:
    said = browse(cast.zhang_wei).get("/o/follow_up/new").content.decode()
    assert f'name="happened_at" value="{show.local(now()):%Y-%m-%dT%H}' in said


@pytest.fixture(autouse=True)
def files_apart(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_files_stand_in_the_form_by_name_and_size(browse: Browse, cast: Cast, make: Make) -> None:
    client = browse(cast.zhang_wei)
    sent = SimpleUploadedFile("现场.png", b"\x89PNG\r\n\x1a\n" + b"0" * 3000, "image/png")
    up = client.post("/files", {"file": sent}).json()
    assert up["size"] == "3 KB"
    note = make_note(client, make, cast, up["id"])
    for url in (f"/o/follow_up/{note}", f"/o/follow_up/{note}/edit"):
        said = client.get(url).content.decode()
        assert "现场.png" in said
        assert f'src="/files/{up["id"]}?view=1"' in said
    seen = client.get(f"/files/{up['id']}?view=1")
    assert seen["Content-Type"] == "image/png"
    assert "sandbox" in seen["Content-Security-Policy"]
    seen.close()


def make_note(client: Client, make: Make, cast: Cast, file_id: str) -> int:
    buyer = make("customer", name="甲公司", owner=cast.zhang_wei.id)
    answer = client.post(
        "/o/follow_up/new",
        {
            "customer": f"id:{buyer.id}",
            "type": "call",
            "content": "看了现场",
            "happened_at": "2026-01-05T10:00",
            "files": [f"id:{file_id}"],
        },
    )
    assert answer.status_code == 303
    return int(answer["Location"].rsplit("/", 1)[1])


def test_a_script_in_a_picture_is_only_downloaded(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    sent = SimpleUploadedFile("x.svg", b"<svg onload='alert(1)'/>", "image/svg+xml")
    up = client.post("/files", {"file": sent}).json()
    seen = client.get(f"/files/{up['id']}?view=1")
    assert seen["Content-Disposition"].startswith("attachment")
    seen.close()


def test_a_percentage_that_was_refused_stands_as_it_was_typed(browse: Browse, cast: Cast) -> None:
    sent = {
        "layout": "default",
        "parts:quote_line": "1",
        "parts:quote_line:row": ["0"],
        "quote_line:0:quantity": "x",
        "quote_line:0:discount": "15",
    }
    answer = browse(cast.wang_li).post("/o/quote/new", sent)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert 'name="quote_line:0:discount" value="15"' in said
