"""The routes about permission: shares, access, roles in bulk, handing over."""

from __future__ import annotations

import json

from tests.api.conftest import Caller, caller_for, problem
from tests.cast import Cast
from wubu.kernel.permissions.actions import define_role
from wubu.kernel.permissions.queries import definition
from wubu.kernel.records import actions
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import forget


def customer(people: Cast) -> int:
    values = {"name": "沃尔沃", "owner": people.zhang_wei.id, "pool": False, "phone": "13812341234"}
    return actions.create(actor=SYSTEM, object_key="customer", values=values).id


def test_it_works(people: Cast, boss: Caller) -> None:
    base = f"/objects/customer/records/{customer(people)}"
    other = caller_for(people.sun_yue)
    assert other.get(f"{base}/shares").status_code == 404
    made = boss.post(f"{base}/shares", {"member_id": str(people.sun_yue.id), "level": "view"})
    assert made.status_code == 201, made.content
    share = json.loads(made.content)
    forget()
    assert [s["id"] for s in json.loads(other.get("/shares").content)] == [share["id"]]
    assert [s["id"] for s in json.loads(boss.get("/shares/given").content)] == [share["id"]]
    told = json.loads(boss.get(f"{base}/access?field=phone").content)
    mine = next(t for t in told if t["member_id"] == str(people.sun_yue.id))
    assert mine["reasons"] == ["Shared by 王立 (may view)"]
    assert mine["level"] == "write"
    assert boss("DELETE", f"/shares/{share['id']}").status_code == 204
    forget()
    assert json.loads(other.get("/shares").content) == []
    problem(boss.post(f"{base}/shares", {}), 422)


def test_masked_is_null_with_its_outline(people: Cast, rep: Caller) -> None:
    role = definition("sales_rep")
    role["fields"]["customer"]["phone"] = "masked"
    define_role(actor=SYSTEM, key="sales_rep", definition=role)
    id_ = customer(people)
    forget()
    found = json.loads(rep.get(f"/records/customer/{id_}").content)
    assert found["values"]["phone"] is None
    assert found["masked"] == {"phone": "138****1234"}
    assert b"1234" not in rep.get("/search?q=1234").content


def test_roles(people: Cast, boss: Caller, rep: Caller) -> None:
    label = {"zh": "实习", "en": "Intern"}
    made = boss.post("/roles/sales_rep/copy", {"key": "intern", "label": label})
    assert made.status_code == 201, made.content
    same = json.loads(boss.get("/role-differences?one=intern&other=sales_rep").content)
    assert same == []
    sent = {"roles": ["intern"], "member_ids": [str(people.wu_xia.id), str(people.sun_yue.id)]}
    assert json.loads(boss.post("/role-holders", sent).content) == {"changed": 2}
    assert boss.get("/roles/intern/summary").status_code == 200
    assert boss.get(f"/roles/intern/sights?member={people.sun_yue.id}").status_code == 200
    problem(boss.post("/roles/intern/undo"), 404)
    problem(rep.post("/role-holders", sent), 403)


def test_handing_over(people: Cast, boss: Caller, rep: Caller) -> None:
    customer(people)
    base = f"/members/{people.zhang_wei.id}"
    owned = json.loads(boss.get(f"{base}/owned?by=grade").content)
    assert [line["object_key"] for line in owned["lines"]] == ["customer"]
    plan = {"which": {"customer": "all"}, "to": {"customer": str(people.liu_yang.id)}}
    steps = json.loads(boss.post(f"{base}/handover/preview", plan).content)
    assert [(s["object_key"], s["count"]) for s in steps] == [("customer", 1)]
    assert boss.post(f"{base}/handover", plan).status_code == 202
    problem(rep.post(f"{base}/handover", plan), 403)
    problem(boss.post(f"{base}/handover", {"which": {"customer": "all"}}), 422)


def test_all_roles_at_once(people: Cast, boss: Caller, rep: Caller) -> None:
    url = "/objects/survey/access"
    problem(rep("PUT", url, {"preset": "own"}), 403)
    problem(boss("PUT", url, {"preset": "nothing"}), 422)
    problem(boss("PUT", "/objects/nothing/access", {"preset": "own"}), 404)
    made = boss("PUT", url, {"preset": "like", "like": "customer"})
    assert made.status_code == 200, made.content
    roles = json.loads(made.content)["roles"]
    assert "sales_rep" in roles
    undone = boss.post(f"{url}/undo", {"roles": roles})
    assert set(json.loads(undone.content)["roles"]) == set(roles)
