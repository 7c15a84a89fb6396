"""Odd input: halves of characters, nulls, numbers and days at the edges; what nobody may read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import Caller, caller_for, problem
from tests.cast import Cast
from tests.kernel.records.world import customer, opportunity
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.jobs.models import Job
from wubu.kernel.permissions.actions import define_role, set_roles
from wubu.kernel.types import SYSTEM, Actor

pytestmark = pytest.mark.django_db


def test_half_a_character_is_no_json(boss: Caller) -> None:
    found = problem(boss.post("/records/customer", '{"values": {"name": "a\\ud800b"}}'), 400)
    assert found["errors"][0]["code"] == "bad_json"
    whole = boss.post("/records/customer", '{"values": {"name": "\\ud83d\\ude00 \\u202e عميل"}}')
    assert json.loads(whole.content)["title"] == "😀 \u202e عميل"


@pytest.mark.parametrize(
    "path",
    [
        "/members?q=%00",
        "/search?q=%00a",
        "/records/customer?search=%00",
        "/records/customer?filter=%00",
        "/figures?metrics=sales_signed&by=day&period=0001-01-01..9999-12-30",
        "/figures?metrics=sales_signed&by=day&period=1990-01-01..2030-12-30",
        "/figures?metrics=sales_signed&period=9999",
        "/figures/compared?metrics=sales_signed&period=0001-01",
        "/points?period=0001..9999",
        "/due?day=9999-12-31",
        "/due?day=0001-01-01",
        "/boards/opportunity?filter=%28%28%28",
    ],
)
def test_odd_questions_are_answered_or_refused(boss: Caller, path: str) -> None:
    response = boss.get(path)
    assert response.status_code < 500, (path, response.content)


@pytest.mark.parametrize(
    "values",
    [
        {"name": "a\u0000b"},
        {"name": "x" * 99_000},
        {"name": "a", "employees": 2**63},
        {"name": "a", "revenue": "1e999999999"},
        {"name": "a", "parent": "9" * 18},
        {"name": "a", "parent": "id:\u0000"},
        {"name": "a", "owner": "\u0000"},
        {"name": "a", "industry": "\u0000"},
    ],
)
def test_odd_values_are_kept_or_refused(boss: Caller, values: dict[str, Any]) -> None:
    response = boss.post("/records/customer", {"values": values})
    assert response.status_code in (201, 422), response.content


def test_a_number_beyond_all_bounds(boss: Caller) -> None:
    body = '{"values": {"name": "a", "revenue": 1e999999}}'
    assert boss.post("/records/customer", body).status_code == 422


def test_nothing_can_be_matched_on_what_is_computed(boss: Caller) -> None:
    body = {"records": [{"values": {"name": "a"}}], "match_on": ["last_follow_up"]}
    assert boss.post("/records/customer/bulk", body).status_code in (404, 422)
    body["match_on"] = ["unpaid"]
    assert boss.post("/records/contract/bulk", {**body, "records": []}).status_code in (404, 422)


def test_the_recycle_bin_is_a_list_of_its_own(boss: Caller) -> None:
    live, gone = customer("在"), customer("不在")
    boss("DELETE", f"/records/customer/{gone.id}")

    def ids(path: str) -> list[str]:
        return [r["id"] for r in json.loads(boss.get(path).content)["records"]]

    assert ids("/records/customer") == [str(live.id)]
    assert ids("/records/customer?archived=true") == [str(gone.id)]
    counted = boss.get("/records/customer/count?archived=true")
    assert json.loads(counted.content)["number"] == 1


def test_a_job_tells_no_traceback(boss: Caller, people: Cast) -> None:
    made = jobs.enqueue("alerts.sweep", actor=Actor(people.wang_li.id))
    Job.objects.filter(pk=made.id).update(state="failed", error="Traceback /srv/wubu …")
    assert "Traceback" not in boss.get(f"/jobs/{made.id}").content.decode()
    assert "Traceback" not in boss.get("/jobs").content.decode()


def test_the_document_names_nothing_that_is_hidden(people: Cast) -> None:
    define_role(
        actor=SYSTEM,
        key="narrow",
        definition={
            "label": {"zh": "窄", "en": "Narrow"},
            "grants": [{"object": "customer", "actions": ["view", "create"], "rows": "own"}],
            "fields": {"customer": {"credit_code": "hidden"}},
        },
    )
    set_roles(actor=SYSTEM, member_id=people.liu_yang.id, roles=["narrow"])
    caller = caller_for(people.liu_yang)
    headers = {"Authorization": f"Bearer {caller.key}"}
    said = Client(headers=headers).get("/api/openapi.json").content.decode()
    document = json.loads(said)
    assert "CustomerValues" in document["components"]["schemas"]
    assert "credit_code" not in said
    assert not [name for name in document["components"]["schemas"] if name.startswith("Invoice")]
    assert "发票" not in said
    assert problem(caller.get("/objects/invoice/access"), 404)


def test_a_board_speaks_in_the_decimals_of_its_amount(boss: Caller) -> None:
    opportunity(customer(), amount="1234.50")
    columns = json.loads(boss.get("/boards/opportunity").content)["columns"]
    assert [c["amount"] for c in columns if c["count"]] == ["1234.50"]


@pytest.mark.parametrize(
    ("section", "more"),
    [
        ("alerts", {"filter": "2026-01"}),
        ("alerts", {"filter": "{name}"}),
        ("alerts", {"filter": "TRUE", "since": "1 + 1"}),
        ("reminders", {"filter": "2026-01", "when": "last_follow_up"}),
    ],
)
def test_a_rule_that_cannot_be_held_breaks_no_write(
    boss: Caller, section: str, more: dict[str, Any]
) -> None:
    """A sum is no condition: kept, it would have refused every customer from then on."""
    given = {"definition": {"label": {"zh": "甲", "en": "A"}, "object": "customer", **more}}
    assert boss("PUT", f"/rules/{section}/odd", given).status_code == 422
    assert boss.post("/records/customer", {"values": {"name": "甲"}}).status_code == 201
    assert boss.get("/due").status_code == boss.get("/alerts").status_code == 200


@pytest.mark.parametrize("name", ["", "\u0000x.yaml", "x" * 70_000, "/", "..", "a/", "\U0001f600"])
def test_a_file_of_a_pack_with_an_odd_name_is_refused(boss: Caller, name: str) -> None:
    for path in ("/packs/compare", "/packs/install"):
        answer = boss.post(path, {"files": {name: "x", "pack.yaml": "pack: x"}})
        assert answer.status_code == 422, answer.content
