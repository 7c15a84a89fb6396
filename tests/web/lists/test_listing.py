"""The list of any object."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from python_calamine import CalamineWorkbook

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.kernel.people.queries import preference
from wubu.kernel.records import actions
from wubu.kernel.records.types import Draft, Record
from wubu.kernel.types import SYSTEM

Make = Callable[..., Record]


def fill(owner: int, count: int = 60) -> None:
    drafts = [
        Draft(
            {
                "name": f"商机 {n:03}",
                "stage": "won" if n % 3 else "proposal",
                "amount": n * 100,
                "owner": owner,
            }
        )
        for n in range(count)
    ]
    assert not actions.save_many(actor=SYSTEM, object_key="opportunity", drafts=drafts).problems


def test_it_works(browse: Browse, cast: Cast, make: Make) -> None:
    make("customer", name="明远精工", grade="A", owner=cast.zhang_wei.id)
    said = browse(cast.zhang_wei).get("/o/customer/").content.decode()
    assert "明远精工" in said
    assert "共 1 条" in said


def test_only_what_one_may_see(browse: Browse, cast: Cast, make: Make) -> None:
    make("customer", name="别人的客户", owner=cast.sun_yue.id)
    assert "别人的客户" not in browse(cast.zhang_wei).get("/o/customer/").content.decode()
    assert "别人的客户" in browse(cast.wang_li).get("/o/customer/").content.decode()


def test_an_empty_list_says_what_to_do(browse: Browse, cast: Cast) -> None:
    said = browse(cast.zhang_wei).get("/o/customer/").content.decode()
    assert "还没有客户" in said
    assert "/o/customer/new" in said


def test_filter_sort_and_search(browse: Browse, cast: Cast) -> None:
    fill(cast.zhang_wei.id, 9)
    client = browse(cast.zhang_wei)
    won = client.get(
        "/o/opportunity/", {"f": '{阶段} = "赢单" AND {商机金额} > 300', "sort": "-amount"}
    )
    said = won.content.decode()
    assert said.index("商机 008") < said.index("商机 005")
    assert "商机 006" not in said
    assert "商机 001" not in said
    found = client.get("/o/opportunity/", {"q": "商机 004"}).content.decode()
    assert "商机 004" in found
    assert "商机 005" not in found


def test_a_filter_that_is_not_understood_is_told_beside_it(browse: Browse, cast: Cast) -> None:
    response = browse(cast.zhang_wei).get("/o/opportunity/", {"f": "{没有} = 1"})
    assert response.status_code == 422
    said = response.content.decode()
    assert "筛选条件无法识别" in said
    assert "{没有} = 1" in said


def test_paging_by_cursor_there_and_back(browse: Browse, cast: Cast) -> None:
    fill(cast.zhang_wei.id, 60)
    client = browse(cast.zhang_wei)
    first = client.get("/o/opportunity/", {"sort": "name"})
    following = first.context["found"].next_cursor
    second = client.get("/o/opportunity/", {"sort": "name", "cursor": following})
    assert "商机 059" in second.content.decode()
    assert "商机 049" not in second.content.decode()
    back = second.context["found"].previous_cursor
    assert (
        "商机 000"
        in client.get("/o/opportunity/", {"sort": "name", "cursor": back}).content.decode()
    )


def test_columns_are_chosen_and_hidden_ones_are_not(browse: Browse, cast: Cast) -> None:
    fill(cast.zhang_wei.id, 1)
    said = browse(cast.zhang_wei).get("/o/opportunity/", {"columns": "name,amount,nonsense"})
    assert [h.field.key for h in said.context["headings"]] == ["name", "amount"]


def test_the_cost_does_not_grow_with_the_rows(
    browse: Browse, cast: Cast, django_assert_max_num_queries: Callable[..., object]
) -> None:
    fill(cast.zhang_wei.id, 55)
    client = browse(cast.zhang_wei)
    client.get("/o/opportunity/")
    with django_assert_max_num_queries(14):
        client.get("/o/opportunity/")


def test_archive_in_bulk_and_take_it_back(browse: Browse, cast: Cast, make: Make) -> None:
    ids = [make("customer", name=f"客户{n}", owner=cast.zhang_wei.id).id for n in range(3)]
    client = browse(cast.wang_li)
    done = client.post("/o/customer/bulk", {"id": ids[:2], "do": "archive"})
    assert done.status_code == 303
    assert "restore" in done.cookies["wubu_flash"].value
    assert "客户0" not in client.get("/o/customer/").content.decode()
    client.post(f"/o/customer/restore?ids={ids[0]},{ids[1]}")
    assert "客户0" in client.get("/o/customer/").content.decode()


def test_hand_over_in_bulk(browse: Browse, cast: Cast, make: Make) -> None:
    ids = [make("customer", name=f"客户{n}", owner=cast.zhang_wei.id).id for n in range(2)]
    browse(cast.wang_li).post(
        "/o/customer/bulk", {"id": ids, "do": "transfer", "owner": f"id:{cast.liu_yang.id}"}
    )
    assert "客户0" in browse(cast.liu_yang).get("/o/customer/").content.decode()


def test_what_one_may_not_do_in_bulk_changes_nothing(
    browse: Browse, cast: Cast, make: Make
) -> None:
    mine = make("customer", name="我的", owner=cast.zhang_wei.id).id
    other = make("customer", name="别人的", owner=cast.sun_yue.id).id
    client = browse(cast.zhang_wei)
    assert client.post("/o/customer/bulk", {"id": [mine, other], "do": "archive"}).status_code in (
        403,
        404,
    )
    assert "我的" in client.get("/o/customer/").content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_holds_every_page_and_computes(browse: Browse, cast: Cast, kind: str) -> None:
    fill(cast.zhang_wei.id, 60)
    response = browse(cast.wang_li).get(
        "/o/opportunity/", {"format": kind, "columns": "name,amount", "sort": "name"}
    )
    assert response.status_code == 200
    if kind == "csv":
        lines = response.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 61
        assert lines[0] == "商机名称,商机金额"
    else:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0)
        rows = sheet.to_python()
        assert len(rows) == 61
        assert rows[-1] == ["商机 059", 5900.0]


def test_export_needs_the_right(browse: Browse, cast: Cast) -> None:
    assert browse(cast.zhang_wei).get("/o/opportunity/", {"format": "csv"}).status_code == 403


def test_a_spreadsheet_never_runs_what_somebody_typed(
    browse: Browse, cast: Cast, make: Make
) -> None:
    make("customer", name="=1+1", owner=cast.zhang_wei.id)
    response = browse(cast.wang_li).get("/o/customer/", {"format": "csv", "columns": "name"})
    assert "'=1+1" in response.content.decode("utf-8-sig")


def test_an_object_that_is_not_there(browse: Browse, cast: Cast) -> None:
    assert browse(cast.wang_li).get("/o/nothing/").status_code == 404


def test_columns_and_filter_are_remembered_per_person(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    went = client.post("/o/customer/columns", {"column": ["grade", "name", "nothing"], "query": ""})
    assert went["Location"] == "/o/customer/?f="
    client.post("/o/customer/remember", {"f": '{grade} = "A"'})
    bare = client.get("/o/customer/")
    assert bare.status_code == 302
    assert "grade" in bare["Location"]
    liked = preference(cast.zhang_wei.id, "list:customer")
    assert liked == {"layouts": {"0": {"columns": ["grade", "name"]}}, "f": '{grade} = "A"'}
    assert browse(cast.wang_li).get("/o/customer/").status_code == 200  # nobody else's
    client.post("/o/customer/remember", {"f": ""})
    client.post("/o/customer/columns", {"reset": "1", "query": ""})
    assert client.get("/o/customer/").status_code == 200
    assert preference(cast.zhang_wei.id, "list:customer") == {}
