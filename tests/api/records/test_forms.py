"""Forms by the API: the layout, its state, entry through it, its design, drafts."""

from __future__ import annotations

import json
from typing import Any

from tests.api.conftest import Caller, caller_for, problem
from tests.cast import Cast
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.types import SYSTEM


def told(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return json.loads(response.content) if response.content else None


def layout(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    section = {"label": {"zh": "一", "en": "One"}, "items": list(items)}
    return {"definition": {"label": {"zh": "我", "en": "Mine"}, "sections": [section], **more}}


def test_it_works(boss: Caller, rep: Caller) -> None:
    items = [
        {"field": "name"},
        {"field": "customer"},
        {"field": "stage"},
        {"field": "competitor", "show_when": '{stage} = "negotiation"', "required": True},
    ]
    made = told(boss("PUT", "/setup/forms/opportunity/reps", layout(*items, roles=["sales_rep"])))
    assert made["version"] == 1
    form = told(rep.get("/forms/opportunity"))
    assert form["key"] == "reps"
    assert [i["key"] for i in form["sections"][0]["items"]][:2] == ["name", "customer"]
    customer = told(rep.post("/records/customer", {"values": {"name": "甲"}}), 201)
    values = {"name": "一", "customer": customer["id"], "stage": "negotiation"}
    state = told(rep.post("/forms/opportunity/evaluate", {"values": values}))
    assert state["hidden"] == []
    assert state["needed"] == ["s0.3"]
    body = problem(rep.post("/forms/opportunity/entry", {"values": values}), 422)
    assert [(e["field"], e["code"]) for e in body["errors"]] == [("competitor", "required")]
    values["competitor"] = "对手"
    deal = told(rep.post("/forms/opportunity/entry", {"values": values}), 201)
    assert deal["values"]["competitor"] == "对手"
    moved = {"values": {"stage": "proposal", "competitor": "x"}, "record": deal["id"]}
    after = told(rep.post("/forms/opportunity/entry", moved))
    assert after["values"]["competitor"] == "对手"
    # Without the form, only the rules of the object hold.
    told(rep.post("/records/opportunity", {"values": {**values, "competitor": None}}), 201)
    body = problem(rep.post("/forms/opportunity/entry", {"values": {"amount": "1"}}), 422)
    assert body["errors"][0]["code"] == "not_in_form"


def test_linkage(boss: Caller) -> None:
    product = told(boss.post("/records/product", {"values": {"name": "甲", "price": "12.50"}}), 201)
    sent = {
        "children": {"quote_line": [{"product": product["id"], "quantity": "2"}]},
        "changed": ["quote_line:0:product"],
    }
    state = told(boss.post("/forms/quote/evaluate", sent))
    assert state["fills"] == {"quote_line:0:price": "12.50"}
    assert state["computed"]["amount"] == "25.00"
    a, b = (
        told(boss.post("/records/customer", {"values": {"name": n}}), 201)["id"] for n in "甲乙"
    )
    for name, customer in (("安", a), ("博", b)):
        values = {"name": name, "customer": customer}
        told(boss.post("/records/contact", {"values": values}), 201)
    wanted = {"values": {"customer": b}, "field": "contact"}
    found = told(boss.post("/forms/follow_up/candidates", wanted))
    assert [c["title"] for c in found] == ["博"]
    wanted = {"values": {}, "field": "content"}
    problem(boss.post("/forms/follow_up/candidates", wanted), 404)


def test_designing(boss: Caller, rep: Caller) -> None:
    put = layout({"field": "name"})
    told(boss("PUT", "/setup/forms/lead/mine", put))
    problem(
        boss("PUT", "/setup/forms/lead/mine", {**layout({"field": "company"}), "version": 7}), 409
    )
    told(boss("PUT", "/setup/forms/lead/mine", {**layout({"field": "company"}), "version": 1}))
    body = problem(boss("PUT", "/setup/forms/lead/mine", layout({"field": "nix"})), 422)
    assert {e["field"] for e in body["errors"]} == {"s0.0", "sections"}
    assert [v["version"] for v in told(boss.get("/setup/forms/lead/mine/versions"))] == [2, 1]
    back = told(boss.post("/setup/forms/lead/mine/restore", {"version": 1}))
    assert back["definition"]["sections"][0]["items"] == [{"field": "name"}]
    told(boss("PUT", "/setup/forms/lead/more", put))
    assert boss("PUT", "/setup/forms/lead", {"keys": ["more"]}).status_code == 204
    assert [i["key"] for i in told(boss.get("/setup/forms/lead"))] == ["more", "mine"]
    told(boss.post("/setup/forms/lead/more/rest", {"resting": True}))
    assert told(boss.get("/setup/forms")).keys() == {"lead"}
    assert told(boss.get("/forms/lead"))["key"] == "mine"
    for method, path, sent in (
        ("GET", "/setup/forms", None),
        ("GET", "/setup/forms/lead", None),
        ("GET", "/setup/forms/lead/mine/versions", None),
        ("PUT", "/setup/forms/lead/mine", put),
        ("POST", "/setup/forms/lead/mine/rest", {}),
    ):
        problem(rep(method, path, sent), 403)


def test_hidden_fields_are_not_there(boss: Caller, people: Cast) -> None:
    finance = caller_for(people.wu_xia)
    problem(finance.get("/forms/nothing"), 404)
    seen = told(boss.get("/forms/customer"))
    assert any(s["items"] for s in seen["sections"])


def test_drafts(rep: Caller, boss: Caller) -> None:
    sent = {"object": "lead", "values": {"name": ["孔"]}, "title": "孔"}
    kept = told(rep("PUT", "/drafts/slots/abcdef123456", sent))
    assert [d["id"] for d in told(rep.get("/drafts"))] == [kept["id"]]
    assert told(rep.get(f"/drafts/{kept['id']}"))["values"] == {"name": ["孔"]}
    problem(boss.get(f"/drafts/{kept['id']}"), 404)
    problem(boss("DELETE", f"/drafts/{kept['id']}"), 404)
    assert rep("DELETE", f"/drafts/{kept['id']}").status_code == 204
    assert told(rep.get("/drafts")) == []


def test_a_condition_names_nothing_that_is_hidden(boss: Caller, people: Cast) -> None:
    role = {
        "label": "窄",
        "grants": [{"object": "opportunity", "actions": ["view", "create", "edit"], "rows": "own"}],
        "fields": {"opportunity": {"competitor": "hidden"}},
    }
    define_role(actor=SYSTEM, key="narrow", definition=role)
    set_roles(actor=SYSTEM, member_id=people.liu_yang.id, roles=["narrow"])
    items = [
        {"field": "name"},
        {"field": "note", "show_when": '{competitor} = "机密"'},
        {"field": "next_step", "show_when": '{stage} = "proposal"'},
    ]
    told(boss("PUT", "/setup/forms/opportunity/all", layout(*items)))
    for caller, sees in ((boss, True), (caller_for(people.liu_yang), False)):
        answer = caller.get("/forms/opportunity")
        assert ("机密" in answer.content.decode()) is sees
        shown = {i["key"]: i["shown_when"] for i in told(answer)["sections"][0]["items"]}
        assert bool(shown["note"]) is sees
        assert shown["next_step"] == '{stage} = "proposal"'


def test_the_layout_follows_the_values(boss: Caller, rep: Caller) -> None:
    hidden = {"field": "next_step", "show_when": "{name} = 'x'"}
    won = [{"field": "name"}, {"field": "competitor", "required": True}, hidden]
    rest = [{"field": key} for key in ("name", "stage", "amount", "next_step")]
    told(boss("PUT", "/setup/forms/opportunity/won", layout(*won, stages=["won"])))
    told(boss("PUT", "/setup/forms/opportunity/open", layout(*rest)))
    values = {"name": "一", "stage": "won", "amount": "5000"}
    state = told(rep.post("/forms/opportunity/evaluate", {"values": values, "layout": "open"}))
    assert (state["layout"], state["hidden"]) == ("won", [])
    state = told(rep.post("/forms/opportunity/evaluate", {"values": values}))
    assert state["hidden"] == ["s0.2"]
    # What the new layout asks for holds; what it hides is not dropped unsaid.
    sent: dict[str, Any] = {"values": values, "layout": "open"}
    body = problem(rep.post("/forms/opportunity/entry", sent), 422)
    assert [(e["field"], e["code"]) for e in body["errors"]] == [("competitor", "required")]
    sent["values"] = {**values, "competitor": "某", "next_step": "下周"}
    body = problem(rep.post("/forms/opportunity/entry", sent), 422)
    assert [(e["field"], e["code"]) for e in body["errors"]] == [("next_step", "not_shown")]
    del sent["values"]["next_step"]
    deal = told(rep.post("/forms/opportunity/entry", sent), 201)
    assert deal["values"]["amount"] == "5000.00"


def test_rules_of_columns(boss: Caller) -> None:
    cells = {
        "discount": {"required_when": "{quantity} > 10", "show_when": "{note} = '打折'"},
        "price": {"read_only": True},
    }
    item = {"lines": "quote_line", "cells": cells}
    told(boss("PUT", "/setup/forms/quote/few", layout({"field": "note"}, item)))
    form = told(boss.get("/forms/quote"))
    told_cells = {c["key"]: c for c in form["sections"][0]["items"][1]["cells"]}
    assert told_cells["price"]["read_only"]
    assert told_cells["discount"]["required_when"] == "{quantity} > 10"
    sent = {"values": {"note": "打折"}, "children": {"quote_line": [{"quantity": "20"}]}}
    state = told(boss.post("/forms/quote/evaluate", sent))
    assert state["needed_cells"] == ["quote_line:0:discount"]
    sent["values"] = {"note": "不打"}
    state = told(boss.post("/forms/quote/evaluate", sent))
    assert state["hidden"] == ["s0.1.cells.discount"]
    assert state["needed_cells"] == []
