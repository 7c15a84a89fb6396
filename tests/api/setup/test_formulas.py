"""Formulas over the API: functions, words, checking, trying."""

from __future__ import annotations

from tests.api.conftest import Caller, problem
from tests.kernel.records.world import contract, customer


def test_it_works(boss: Caller) -> None:
    one = customer("华东")
    contract(one, amount="1200", status="active")
    body = {"object": "customer", "text": "SUM({Contract.Amount}) / 2", "record": one.id}
    found = boss.post("/formulas/evaluate", body).json()
    assert (found["problems"], found["value"], found["record"]) == ([], "600", str(one.id))
    assert found["canonical"] == "SUM({contract@customer.amount}) / 2"
    assert any(f["key"] == "NETWORKDAYS" for f in boss.get("/formulas/functions").json())
    words = boss.get("/formulas/words?object=customer&path=contract@customer").json()
    assert "contract@customer.amount" in {w["path"] for w in words}


def test_what_is_wrong_comes_with_its_characters(boss: Caller) -> None:
    found = boss.post("/formulas/check", {"object": "customer", "text": "{nmae} & LENN(1)"}).json()
    assert [(p["start"], p["end"]) for p in found["problems"]] == [(0, 6), (9, 13)]
    assert found["problems"][0]["suggestion"]
    problem(boss.post("/formulas/check", {"object": "nothing", "text": "1"}), 404)


def test_others_records_say_nothing(boss: Caller, rep: Caller) -> None:
    one = customer("别人的客户")
    body = {"object": "customer", "text": "{name}", "record": one.id}
    found = rep.post("/formulas/evaluate", body).json()
    assert (found["value"], found["record"]) == (None, None)
    assert "别人" not in str(found)
    assert boss.post("/formulas/evaluate", body).json()["value"] == "别人的客户"
