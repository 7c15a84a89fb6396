"""The shape of objects by the API: as the pages do it."""

from __future__ import annotations

import pytest

from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db(transaction=True)


def wanted(kind: str, **more: object) -> dict[str, object]:
    field = {"key": "heads", "type": kind, "label": {"zh": "人数", "en": "Heads"}}
    label = {"zh": "客户", "en": "Customer"}
    return {"objects": [{"key": "customer", "label": label, "fields": [field]}], **more}


def test_it_works(boss: Caller, rep: Caller) -> None:
    assert boss.post("/schema/apply", wanted("text")).status_code == 200
    for n, size in enumerate(("12", "viele")):
        boss.post("/records/customer", {"values": {"name": f"客户{n}", "heads": size}})
    plan = boss.post("/schema/plan", wanted("number")).json()
    [moved] = plan["conversions"]
    assert (moved["held"], moved["lost"], moved["kept_as"]) == (2, 1, "heads_was")
    assert [(x["title"], x["value"]) for x in moved["losses"]] == [("客户1", "viele")]
    assert [p["code"] for p in plan["problems"]] == ["would_lose_values"]
    assert boss.post("/schema/apply", wanted("number")).status_code == 422
    late = wanted("number", accept={"customer.heads": "empty"}, token="long-ago")
    assert boss.post("/schema/apply", late).status_code == 422
    done = boss.post("/schema/apply", wanted("number", accept={"customer.heads": "empty"}))
    assert done.status_code == 200, done.content
    rows = boss.get("/records/customer").json()["records"]
    assert {r["values"]["heads"] for r in rows} == {12, None}
    history = boss.get("/schema/history?object=customer").json()
    assert history[0]["objects"] == ["customer"]
    undo = f"/schema/history/{history[0]['id']}/undo"
    assert rep.post(undo).status_code == 403
    assert boss.post(undo).status_code == 200
    assert boss.post(undo).status_code == 422
    rows = boss.get("/records/customer").json()["records"]
    assert {r["values"]["heads"] for r in rows} == {"12", "viele"}


def test_uses_and_indexes(boss: Caller, rep: Caller) -> None:
    uses = boss.get("/schema/uses?object=contract&field=amount").json()
    assert {"metric", "指标"} & {u["kind"].lower() for u in uses}
    assert rep.get("/schema/uses?object=contract").status_code == 403
    assert boss.get("/schema/uses?object=nothing").status_code == 404
    body = {"object": "contract", "fields": ["amount"]}
    assert rep.post("/schema/indexes", body).status_code == 403
    assert (
        boss.post("/schema/indexes", {**body, "fields": ["signed_on", "amount"]}).status_code == 200
    )
    assert boss.post("/schema/indexes", {**body, "fields": ["nothing"]}).status_code == 422
    assert boss.post("/schema/history/999999/undo").status_code == 404
