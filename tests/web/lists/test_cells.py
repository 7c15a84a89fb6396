"""Cells changed in place, blocks pasted, one value for many."""

from __future__ import annotations

from tests.cast import Cast
from tests.web.conftest import HTMX, Browse
from tests.web.deals import Make, deal, text
from wubu.kernel.audit import queries as log
from wubu.kernel.records import actions, queries
from wubu.kernel.types import SYSTEM


def test_a_cell_is_changed_in_place_and_taken_back(browse: Browse, cast: Cast, make: Make) -> None:
    one = deal(make, cast.zhang_wei, "单", amount=5)
    client = browse(cast.zhang_wei)
    address = f"/o/opportunity/{one.id}/cell/amount"
    said = text(client, address)
    assert f'name="version" value="{one.version}"' in said
    assert 'value="5.00"' in said or 'value="5"' in said
    done = client.post(address, {"amount": "12,000", "version": one.version}, headers=HTMX)
    assert done.status_code == 200
    assert "¥12,000.00" in done.content.decode()
    undo = done["HX-Trigger"].split("undo-edit")[1].split('"')[0]
    client.post(f"/o/opportunity/undo-edit{undo}")
    assert queries.get(SYSTEM, "opportunity", one.id).values["amount"] == 500


def test_what_is_wrong_stands_beside_the_cell(browse: Browse, cast: Cast, make: Make) -> None:
    one = deal(make, cast.zhang_wei, "单")
    client = browse(cast.zhang_wei)
    address = f"/o/opportunity/{one.id}/cell/amount"
    bad = client.post(address, {"amount": "很多", "version": one.version}, headers=HTMX)
    assert bad.status_code == 422
    assert "很多" in bad.content.decode()
    assert "w-wrong" in bad.content.decode()
    actions.update(actor=SYSTEM, object_key="opportunity", id=one.id, values={"amount": 7})
    late = client.post(address, {"amount": "8", "version": one.version}, headers=HTMX)
    assert late.status_code == 409
    assert "¥7.00" in late.content.decode()
    assert queries.get(SYSTEM, "opportunity", one.id).values["amount"] == 700
    for key, status in (("last_follow_up", 403), ("nothing", 422)):
        assert client.get(f"/o/opportunity/{one.id}/cell/{key}").status_code == status
    other = deal(make, cast.sun_yue, "别人的")
    assert client.get(f"/o/opportunity/{other.id}/cell/amount").status_code == 404


def test_a_block_is_shown_then_pasted(browse: Browse, cast: Cast, make: Make) -> None:
    one, two = deal(make, cast.zhang_wei, "一"), deal(make, cast.zhang_wei, "二")
    client = browse(cast.zhang_wei)
    block = {
        "row": [f"{one.id}:{one.version}", f"{two.id}:{two.version}"],
        "column": ["amount", "source"],
        "text": "10\t官网\n20\t展会",
    }
    seen = client.post("/o/opportunity/paste", block, headers=HTMX).content.decode()
    assert "¥10.00" in seen
    assert queries.get(SYSTEM, "opportunity", one.id).values["amount"] is None
    done = client.post("/o/opportunity/paste", {**block, "go": "1"}, headers=HTMX)
    assert done.status_code == 204
    assert queries.get(SYSTEM, "opportunity", two.id).values["source"] == "exhibition"
    wrong = client.post(
        "/o/opportunity/paste", {**block, "text": "x\t不存在", "go": "1"}, headers=HTMX
    )
    assert wrong.status_code in (409, 422)
    bad = client.post("/o/opportunity/paste", {**block, "text": "x\t不存在"}, headers=HTMX)
    assert "这样粘贴会有问题" in bad.content.decode()
    hidden = {**block, "column": ["last_follow_up"]}
    assert client.post("/o/opportunity/paste", hidden, headers=HTMX).status_code == 403


def test_one_value_for_the_ticked(browse: Browse, cast: Cast, make: Make) -> None:
    ids = [deal(make, cast.zhang_wei, f"单{n}").id for n in range(3)]
    client = browse(cast.li_qiang)
    first = client.post("/o/opportunity/edit-many", {"id": ids})
    assert "选中的 3 条记录" in first.content.decode()
    chosen = client.post("/o/opportunity/edit-many", {"id": ids, "field": "source"})
    assert 'name="source"' in chosen.content.decode()
    done = client.post(
        "/o/opportunity/edit-many", {"id": ids, "field": "source", "source": "website", "do": "1"}
    )
    assert done.status_code == 303
    assert "undo-edit" in done.cookies["wubu_flash"].value
    assert queries.get(SYSTEM, "opportunity", ids[2]).values["source"] == "website"
    bad = client.post(
        "/o/opportunity/edit-many", {"id": ids, "field": "amount", "amount": "?", "do": "1"}
    )
    assert bad.status_code == 422
    emptied = {"id": ids, "field": "name", "name": "", "do": "1"}
    assert client.post("/o/opportunity/edit-many", emptied).status_code == 422
    assert browse(cast.wu_xia).post("/o/opportunity/edit-many", {"id": ids}).status_code == 403


def test_all_that_match_go_to_the_background(browse: Browse, cast: Cast, make: Make) -> None:
    for n in range(3):
        deal(make, cast.zhang_wei, f"单{n}", amount=n)
    client = browse(cast.li_qiang)
    where = "/o/opportunity/edit-many?f={amount} > 0"
    said = client.post(where, {"found": "1"}).content.decode()
    assert "符合条件的全部 2 条记录" in said
    went = client.post(where, {"found": "1", "field": "source", "source": "website", "do": "1"})
    assert went.status_code == 303
    page = client.get(went["Location"])
    assert page.status_code == 200
    assert browse(cast.zhang_wei).get(went["Location"]).status_code == 404  # another's job


def test_an_edit_in_the_list_is_in_the_log(browse: Browse, cast: Cast, make: Make) -> None:
    one = deal(make, cast.zhang_wei, "单")
    client = browse(cast.zhang_wei)
    client.post(f"/o/opportunity/{one.id}/cell/amount", {"amount": "3"}, headers=HTMX)
    (row, *_) = log.changes(object_key="opportunity", record_ids=[one.id])
    assert row.entrance == "page"
    assert row.after == {"amount": "3.00"} or "amount" in (row.after or {})
    assert row.batch_id
