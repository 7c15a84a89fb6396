"""The routes of the company's objects."""

import json
from urllib.parse import quote

import pytest

from tests.api.conftest import caller_for, problem


def create(caller, object_key="customer", **values):
    response = caller.post(f"/records/{object_key}", {"values": values})
    assert response.status_code == 201, response.content
    return response.json()


def test_it_works(boss):
    made = create(boss, name="甲公司", revenue="1000.50", industry="software")
    assert isinstance(made["id"], str)
    assert made["values"]["revenue"] == "1000.50"
    assert made["version"] == 1
    response = boss.get(f"/records/customer/{made['id']}")
    assert response["ETag"] == '"1"'
    assert response.json() == made


def test_a_new_record_says_where_it_is(boss):
    response = boss.post("/records/customer", {"values": {"name": "甲公司"}})
    where = response["Location"].removeprefix("/api/v1")
    assert boss.get(where).json()["title"] == "甲公司"


def test_lists_filter_sort_search_and_page_by_cursor(boss):
    for n in range(7):
        create(boss, name=f"公司{n}", revenue=str(n * 100))
    where = quote("{年营收} >= 200")
    page = boss.get(f"/records/customer?filter={where}&sort=-revenue&limit=3").json()
    assert [r["title"] for r in page["records"]] == ["公司6", "公司5", "公司4"]
    cursor = quote(page["next_cursor"])
    second = boss.get(
        f"/records/customer?filter={where}&sort=-revenue&limit=3&cursor={cursor}"
    ).json()
    assert [r["title"] for r in second["records"]] == ["公司3", "公司2"]
    assert second["next_cursor"] is None
    assert boss.get(f"/records/customer/count?filter={where}").json() == {
        "number": 5,
        "more": False,
    }
    slim = boss.get("/records/customer?columns=name&limit=1").json()["records"][0]
    assert slim["values"].keys() == {"name"}
    found = boss.get(f"/records/customer?search={quote('公司3')}").json()["records"]
    assert [r["title"] for r in found] == ["公司3"]


def test_a_filter_that_does_not_parse_marks_the_place(boss):
    body = problem(boss.get("/records/customer?filter=" + quote("{revenue} >> 5")), 422)
    [error] = body["errors"]
    assert (error["start"], error["end"]) == (11, 12)


def test_a_forged_cursor_is_refused(boss):
    problem(boss.get("/records/customer?cursor=abc.def"), 422)


def test_a_stale_change_shows_both_sides(boss):
    made = create(boss, name="甲公司", revenue="5")
    path = f"/records/customer/{made['id']}"
    assert boss("PATCH", path, {"values": {"revenue": "6"}}, If_Match='"1"').status_code == 200
    stale = boss("PATCH", path, {"values": {"revenue": "7"}, "version": 1})
    body = problem(stale, 409)
    assert body["theirs"]["revenue"] == "6.00"
    assert body["yours"]["revenue"] == "7"
    assert boss.get(path).json()["values"]["revenue"] == "6.00"
    problem(boss("PATCH", path, {"values": {}}, If_Match='"x"'), 422)


def test_every_problem_comes_at_once_in_the_asked_language(people, boss):
    values = {"name": None, "revenue": "abc", "industry": "no such", "phone": "x"}
    english = problem(boss.post("/records/customer", {"values": values}), 422)
    assert {e["field"] for e in english["errors"]} == {"name", "revenue", "industry", "phone"}
    chinese = caller_for(people.wang_li, "zh").post("/records/customer", {"values": values})
    said = {e["field"]: e["message"] for e in chinese.json()["errors"]}
    assert said["revenue"] == "“abc”不是数字。"


def test_an_unknown_field_is_refused(boss):
    body = problem(boss.post("/records/customer", {"values": {"name": "a", "nix": 1}}), 422)
    assert [(e["code"], e["field"]) for e in body["errors"]] == [("no_such_field", "nix")]


def test_money_is_exact_whichever_way_it_is_written(boss):
    for given, kept in ((0.1, "0.10"), ("1234.56", "1234.56"), (19.99, "19.99"), (7, "7.00")):
        assert create(boss, name=f"c{kept}", revenue=given)["values"]["revenue"] == kept


def test_links_take_ids_or_names(boss):
    customer = create(boss, name="甲公司")
    by_id = create(boss, "opportunity", name="一", customer=customer["id"])
    by_name = create(boss, "opportunity", name="二", customer="甲公司")
    assert by_id["values"]["customer"] == by_name["values"]["customer"] == customer["id"]
    assert by_id["titles"]["customer"] == "甲公司"
    body = problem(
        boss.post("/records/opportunity", {"values": {"name": "x", "customer": "没"}}), 422
    )
    assert body["errors"][0]["code"] == "unknown_link"


def test_parts_are_written_with_their_whole(boss):
    customer = create(boss, name="甲公司")
    product = create(boss, "product", name="传感器", price="10")
    values = {"customer": customer["id"], "number": "Q1", "quoted_on": "2026-03-01"}
    lines = [{"product": product["id"], "quantity": 3, "price": "10"}]
    response = boss.post("/records/quote", {"values": values, "children": {"quote_line": lines}})
    assert response.status_code == 201, response.content
    assert boss.get("/records/quote_line").json()["records"][0]["values"]["price"] == "10.00"


def test_many_at_once_by_natural_key(boss):
    create(boss, name="甲公司", revenue="1")
    rows = [{"values": {"name": "甲公司", "revenue": "2"}}, {"values": {"name": "乙公司"}}]
    body = {"records": rows, "match_on": ["name"]}
    done = boss.post("/records/customer/bulk", body).json()
    assert (done["created"], done["updated"], done["unchanged"]) == (1, 1, 0)
    assert boss.post("/records/customer/bulk", body).json()["unchanged"] == 2
    rows[1]["values"]["revenue"] = "viel"
    bad = problem(boss.post("/records/customer/bulk", body), 422)
    assert [(e["row"], e["field"]) for e in bad["errors"]] == [(1, "revenue")]
    trial = {"records": [{"values": {"name": "丙"}}], "dry_run": True}
    assert boss.post("/records/customer/bulk", trial).json()["created"] == 1
    assert boss.get("/records/customer/count").json()["number"] == 2


def test_archive_restore_history(boss):
    made = create(boss, name="甲公司")
    path = f"/records/customer/{made['id']}"
    assert boss("DELETE", path).status_code == 204
    assert boss.get("/records/customer").json()["records"] == []
    assert boss.get(path).json()["archived_at"] is not None
    assert boss.post(f"{path}/restore").json()["archived_at"] is None
    actions = [c["action"] for c in boss.get(f"{path}/history").json()]
    assert actions == ["restore", "archive", "create"]


def test_merge_and_value_restored(boss):
    keep, drop = (
        create(boss, name="甲公司", region="上海"),
        create(boss, name="甲公司2", phone="021-12345678"),
    )
    path = f"/records/customer/{keep['id']}"
    merged = boss.post(f"{path}/merge", {"drop": drop["id"]})
    assert merged.status_code == 200, merged.content
    assert merged.json()["values"]["phone"]
    boss("PATCH", path, {"values": {"region": "北京"}})
    change = boss.get(f"{path}/history").json()[0]
    back = boss.post(f"{path}/restore-value", {"change_id": change["id"]})
    assert back.json()["values"]["region"] == "上海"


def test_a_rep_sees_and_changes_only_the_own(people, boss, rep):
    theirs = create(boss, name="别人的", owner=str(people.sun_yue.id))
    mine = create(rep, name="我的")
    assert mine["values"]["owner"] == str(people.zhang_wei.id)
    assert [r["title"] for r in rep.get("/records/customer").json()["records"]] == ["我的"]
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/restore"),
        ("GET", "/history"),
    ):
        body = {"values": {"region": "x"}} if method == "PATCH" else None
        answer = rep(method, f"/records/customer/{theirs['id']}{path}", body)
        assert answer.status_code in {403, 404}, (method, path)
    problem(rep.get("/records/customer/999999999"), 404)
    problem(rep.get("/records/customer/999999999999999999"), 404)


def test_hidden_fields_look_like_unknown_ones(people, boss):
    finance = caller_for(people.wu_xia)
    made = create(boss, name="甲公司", phone="021-12345678")
    seen = finance.get(f"/records/customer/{made['id']}").json()
    assert "phone" not in seen["values"]
    hidden = problem(finance.get("/records/customer?filter=" + quote("{phone} <> ''")), 422)
    unknown = problem(finance.get("/records/customer?filter=" + quote("{nixda} <> ''")), 422)
    assert hidden["errors"][0]["code"] == unknown["errors"][0]["code"]
    fields = {f["key"] for f in finance.get("/objects/customer").json()["fields"]}
    assert "phone" not in fields
    assert "phone" not in json.dumps(finance.get("/records/customer").json())


@pytest.mark.parametrize("id_", ["0", "abc", "-1", "1.5", "9" * 19, "1%20OR%201=1", "%00"])
def test_forged_ids_are_problems_not_crashes(boss, id_):
    assert boss.get(f"/records/customer/{id_}").status_code in {404, 422}
