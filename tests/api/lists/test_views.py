"""Views and what lists do, by the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.api.conftest import Caller, caller_for, problem
from tests.cast import Cast
from tests.collect.views.making import blind
from wubu.kernel.calendar.queries import today
from wubu.kernel.workspace import forget


def deals(boss: Caller, people: Cast) -> list[dict[str, Any]]:
    rows = [("大单", "9000", people.zhang_wei), ("小单", "1", people.zhang_wei)]
    rows.append(("孙悦的", "7777", people.sun_yue))
    return [
        boss.post(
            "/records/opportunity",
            {
                "values": {
                    "name": name,
                    "amount": amount,
                    "stage": "prospecting",
                    "owner": str(owner.id),
                    "expected_close": "2026-12-03",
                }
            },
        ).json()
        for name, amount, owner in rows
    ]


def test_it_works(boss: Caller, rep: Caller, people: Cast) -> None:
    deals(boss, people)
    body = {
        "name": "大单",
        "definition": {"filter": "{amount} > 100", "sort": ["-amount"], "columns": ["name"]},
    }
    made = rep.post("/views/opportunity", body)
    assert made.status_code == 201, made.content
    view = made.json()
    listed = rep.get("/views/opportunity").json()
    assert [v["slug"] for v in listed if v["audience"] == "personal"] == [view["slug"]]
    found = rep.get(f"/records/opportunity?view={view['slug']}").json()
    assert [r["title"] for r in found["records"]] == ["大单"]
    assert found["records"][0]["values"].keys() == {"name"}
    assert found["left_out"] == []
    assert rep.get(f"/records/opportunity/count?view={view['slug']}").json()["number"] == 1
    changed = rep("PATCH", f"/views/opportunity/{view['slug']}", {"name": "改名", "version": 1})
    assert changed.json()["name"] == "改名"
    problem(rep("PATCH", f"/views/opportunity/{view['slug']}", {"name": "x", "version": 1}), 409)
    problem(rep.post("/views/opportunity", {"name": "", "kind": "pie"}), 422)
    problem(rep.post("/views/opportunity", {"name": "x", "audience": "shared"}), 403)
    assert rep("DELETE", f"/views/opportunity/{view['slug']}").status_code == 204
    problem(rep.get(f"/views/opportunity/{view['slug']}"), 404)
    assert rep.post(f"/views/opportunity/{view['id']}/restore").json()["slug"] == view["slug"]


def test_a_view_of_the_boss_tells_a_rep_nothing_more(
    boss: Caller, rep: Caller, people: Cast
) -> None:
    deals(boss, people)
    view = boss.post(
        "/views/opportunity",
        {
            "name": "秘密",
            "definition": {
                "filter": "{amount} > 7000",
                "sort": ["-amount"],
                "columns": ["name", "amount"],
                "group": "stage",
            },
        },
    ).json()
    blind(people, people.zhang_wei)
    told = rep.get(f"/views/opportunity/{view['slug']}")
    answer = rep.get(f"/records/opportunity?view={view['slug']}")
    groups = rep.get(f"/records/opportunity/groups?view={view['slug']}")
    for one in (told, answer, groups):
        assert one.status_code == 200
        assert b"amount" not in one.content
        assert b"7000" not in one.content
        assert "孙悦" not in one.content.decode()
    assert {r["title"] for r in answer.json()["records"]} == {"大单", "小单"}
    assert len(answer.json()["left_out"]) == 2
    assert [g["count"] for g in groups.json()] == [2]
    hidden = problem(rep.get("/records/opportunity/groups?sum=amount"), 422)
    absent = problem(rep.get("/records/opportunity/groups?sum=nothing"), 422)
    assert hidden["errors"][0]["code"] == absent["errors"][0]["code"] == "no_such_field"


def test_groups_with_exact_sums(boss: Caller, rep: Caller, people: Cast) -> None:
    deals(boss, people)
    found = rep.get("/records/opportunity/groups?by=owner&sum=amount").json()
    assert found == [{"by": str(people.zhang_wei.id), "count": 2, "sums": {"amount": "9001.00"}}]
    months = rep.get("/records/opportunity/groups?by=expected_close").json()
    assert months == [{"by": "2026-12-01", "count": 2, "sums": {}}]
    problem(rep.get("/records/opportunity/groups?by=note"), 422)


def test_one_value_for_many(boss: Caller, people: Cast) -> None:
    made = deals(boss, people)
    leader = caller_for(people.li_qiang)
    ids = [made[0]["id"], made[1]["id"]]
    body = {"field": "source", "value": "website", "ids": ids}
    done = leader.post("/records/opportunity/edit-many", body).json()
    assert (done["updated"], done["job"]) == (2, None)
    undone = leader.post(f"/records/opportunity/undo-edit/{done['batch']}").json()
    assert undone == {"put_back": 2, "kept": 0}
    many = {"field": "source", "value": "website", "all": True, "filter": "{amount} > 0"}
    assert leader.post("/records/opportunity/edit-many", many).json()["job"]
    problem(leader.post("/records/opportunity/edit-many", {**many, "filter": "{x} = 1"}), 422)
    problem(leader.post("/records/opportunity/edit-many", {"field": "source"}), 422)
    problem(leader.post("/records/opportunity/edit-many", {**body, "field": "ghost"}), 422)
    problem(leader.post("/records/opportunity/edit-many", {**body, "ids": [made[2]["id"]]}), 422)


def test_pasted_cells(boss: Caller, rep: Caller, people: Cast) -> None:
    one, two, other = deals(boss, people)
    body = {
        "rows": [{"id": one["id"], "version": one["version"]}, {"id": two["id"]}],
        "columns": ["amount", "source"],
        "text": "12.5\t官网\n7\t展会\nmore",
    }
    dry = rep.post("/records/opportunity/paste", {**body, "dry_run": True}).json()
    assert (dry["batch"], dry["updated"], dry["cut_rows"]) == (None, 2, 1)
    done = rep.post("/records/opportunity/paste", body).json()
    assert done["updated"] == 2
    assert rep.get(f"/records/opportunity/{two['id']}").json()["values"]["amount"] == "7.00"
    bad = problem(rep.post("/records/opportunity/paste", {**body, "text": "x\ty"}), 422)
    assert {e["field"] for e in bad["errors"]} >= {"amount", "source"}
    theirs = {**body, "rows": [{"id": other["id"]}], "text": "1"}
    assert rep.post("/records/opportunity/paste", theirs).status_code in (404, 422)


def test_another_day(boss: Caller, rep: Caller, people: Cast) -> None:
    one, _, other = deals(boss, people)
    address = f"/records/opportunity/{one['id']}/when"
    body = {"days": {"expected_close": "2026-12-09"}, "version": one["version"]}
    assert rep.post(address, body).status_code == 200
    seen = rep.get(f"/records/opportunity/{one['id']}").json()
    assert seen["values"]["expected_close"] == "2026-12-09"
    late = {"days": {"expected_close": "2026-12-10"}, "version": one["version"]}
    problem(rep.post(address, late), 409)
    problem(rep.post(address, {"days": {"expected_close": "2026-02-31"}}), 422)
    problem(rep.post(address, {"days": {"name": "2026-12-09"}}), 422)
    problem(rep.post(f"/records/opportunity/{other['id']}/when", body), 404)


def test_the_order_of_tabs_for_oneself_and_for_all(boss: Caller, rep: Caller) -> None:
    made = [
        boss.post("/views/customer", {"name": name, "audience": "shared"}).json()
        for name in ("一", "二")
    ]

    def names(found: Any) -> list[str]:
        return [v["name"] for v in found.json() if v["name"] in "一二"]

    own = rep("PUT", "/views/customer/order", {"ids": [made[1]["id"], made[0]["id"]]})
    assert names(own) == ["二", "一"]
    assert names(boss.get("/views/customer")) == ["一", "二"]
    assert names(boss("PUT", f"/views/customer/{made[1]['slug']}/place", {"after": None})) == [
        "二",
        "一",
    ]
    refused = rep("PUT", f"/views/customer/{made[1]['slug']}/place", {"after": made[0]["id"]})
    assert refused.status_code == 403


def test_a_view_shared_until_a_day(rep: Caller, people: Cast) -> None:
    definition = {"filter": "{amount} > 98765", "columns": ["name", "amount"]}
    view = rep.post("/views/opportunity", {"name": "大单", "definition": definition}).json()
    base = f"/views/opportunity/{view['slug']}/shares"
    other = caller_for(people.sun_yue)
    blind(people, people.sun_yue)
    problem(other.get(base), 404)  # the address alone does not tell with whom it is shared
    problem(rep.post(base, {"until": "2020-01-01"}), 422)
    until = (today() + timedelta(days=3)).isoformat()
    body = {"member_id": str(people.sun_yue.id), "until": until, "note": "请看"}
    made = rep.post(base, body)
    assert made.status_code == 201, made.content
    share = made.json()
    assert (share["kind"], share["level"], share["until"]) == ("view", "view", until)
    assert [s["id"] for s in rep.get(base).json()] == [share["id"]]
    forget()
    assert [s["id"] for s in other.get("/shares").json()] == [share["id"]]

    def given() -> list[dict[str, Any]]:
        forget()
        return [v for v in other.get("/views/opportunity").json() if v["shared"]]

    (found,) = given()
    assert found["shared"] == {"by": "张伟", "until": until, "note": "请看"}
    assert found["may_edit"] is False
    assert found["definition"] == {"columns": ["name"]}
    assert "98765" not in str(found)
    problem(other.post(base, {"member_id": str(people.liu_yang.id)}), 403)
    problem(other("PATCH", f"/views/opportunity/{view['slug']}", {"name": "我的"}), 403)
    assert rep("DELETE", f"/shares/{share['id']}").status_code == 204
    assert given() == []
    problem(other.post(f"/shares/{share['id']}/resume"), 404)
    assert rep.post(f"/shares/{share['id']}/resume").json()["id"] == share["id"]
    assert given() == [found]
