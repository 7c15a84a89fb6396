"""Addresses, locations, lists of people and look-ups through the API."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.api.conftest import problem

WHEN = "2026-03-02T10:00:00+08:00"


def made(caller: Any, object_key: str, **values: Any) -> dict[str, Any]:
    response = caller.post(f"/records/{object_key}", {"values": values})
    assert response.status_code == 201, response.content
    return response.json()["values"] | {"id": response.json()["id"]}


def test_it_works(boss: Any) -> None:
    pieces = {"province": "广东", "city": "深圳", "district": "南山区", "street": "科技园路1号"}
    one = made(boss, "customer", name="甲", address=pieces)
    full = {**pieces, "province": "广东省", "city": "深圳市"}
    assert one["address"] == full
    assert (
        made(boss, "customer", name="乙", address="广东省深圳市南山区科技园路1号")["address"]
        == full
    )
    found = boss.get('/records/customer?filter={address.city} = "深圳市"').json()["records"]
    assert len(found) == 2
    me = boss.get("/me").json()
    visit = made(
        boss, "visit", purpose="x", customer=one["id"], planned_at=WHEN,
        place={"lat": 31.23, "lng": 121.47, "label": "东门"}, companions=[me["id"]],
    )  # fmt: skip
    assert visit["place"] == {"lat": 31.23, "lng": 121.47, "label": "东门"}
    assert visit["companions"] == [me["id"]]
    assert visit["address"] == "广东省深圳市南山区科技园路1号"
    near = 'DISTANCE({place}, "31.22,121.47") < 2'
    assert len(boss.get(f"/records/visit?filter={near}").json()["records"]) == 1


def test_what_is_wrong_is_told(boss: Any) -> None:
    body = {"values": {"name": "甲", "address": {"province": "广东省", "city": "杭州市"}}}
    [error] = problem(boss.post("/records/customer", body), 422)["errors"]
    assert (error["code"], error["field"]) == ("unknown_division", "address")
    wrong = {"values": {"name": "甲", "address": {"village": "x"}}}
    problem(boss.post("/records/customer", wrong), 422)


def test_the_document_tells_the_pieces(boss: Any) -> None:
    client = Client(headers={"Authorization": f"Bearer {boss.key}"})
    document = client.get("/api/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert set(schemas["Address"]["properties"]) == {"province", "city", "district", "street"}
    assert set(schemas["LocationInput"]["properties"]) == {"lat", "lng", "label"}
    told = str(schemas["CustomerInput"]["properties"]["address"])
    assert "AddressInput" in told
    assert "address" not in schemas["VisitInput"]["properties"]  # looked up, never sent
