"""Every room's questions and actions, as the pages use them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.api.conftest import caller_for, problem

QUESTIONS = [
    "/me",
    "/me/keys",
    "/objects",
    "/objects/opportunity",
    "/objects/opportunity/access",
    "/search?q=a",
    "/members",
    "/teams",
    "/positions",
    "/metrics",
    "/metrics/sales_signed",
    "/metrics/win_rate/explain",
    "/figures?metrics=sales_signed,win_rate&by=team",
    "/figures?metrics=sales_signed&by=month&period=2026",
    "/figures/compared?metrics=sales_signed",
    "/targets/attainment?metrics=sales_signed&by=company",
    "/scorecards",
    "/scorecards/default",
    "/periods",
    "/boards/opportunity",
    "/due",
    "/due/owners",
    "/alerts",
    "/alerts/owners",
    "/alerts/no_follow_up",
    "/leaderboards",
    "/leaderboards/sales_month",
    "/points",
    "/reviews",
    "/actions",
    "/jobs",
]


@pytest.mark.parametrize("who", ["wang_li", "li_qiang", "zhang_wei", "wu_xia"])
def test_every_question_has_an_answer_for_everybody(people, who):
    caller = caller_for(getattr(people, who))
    answers = {path: caller.get(path) for path in QUESTIONS}
    assert {p: a.content for p, a in answers.items() if a.status_code != 200} == {}


def test_figures_are_exact_strings_in_whole_units(boss, people):
    boss.post("/records/customer", {"values": {"name": "甲"}})
    signed = {
        "number": "H1",
        "name": "一",
        "customer": "甲",
        "amount": "1234.56",
        "signed_on": "2026-03-05",
        "status": "active",
        "owner": str(people.zhang_wei.id),
    }
    assert boss.post("/records/contract", {"values": signed}).status_code == 201
    found = boss.get("/figures?metrics=sales_signed&period=2026-03").json()
    assert found["total"]["cells"]["sales_signed"] == {"value": "1234.56", "count": 1}
    why = boss.get("/metrics/sales_signed/explain?period=2026-03").json()
    assert why["figure"]["value"] == "1234.56"
    assert why["entries"][0]["value"] == "1234.56"
    assert why["rule"]


def test_a_rep_sees_only_the_own_figures(people, rep):
    rows = rep.get("/figures?metrics=sales_signed").json()
    assert {r["key"] for r in rows["rows"]} <= {str(people.zhang_wei.id), "0"}
    assert rows["restricted"]


def test_nobody_reads_how_to_reach_colleagues(people, rep, boss):
    seen = {m["id"]: m for m in rep.get("/members").json()}
    assert seen[str(people.sun_yue.id)].get("email") is None
    assert seen[str(people.zhang_wei.id)]["email"]
    assert boss.get(f"/members/{people.sun_yue.id}").json()["email"]


def test_people_are_set_up_by_who_may(people, boss, rep):
    body = {"login": "new.one", "name": "新人", "team_id": str(people.east.id)}
    problem(rep.post("/members", body), 403)
    made = boss.post("/members", body)
    assert made.status_code == 201, made.content
    id_ = made.json()["id"]
    assert made.json()["team_id"] == str(people.east.id)
    moved = boss.post(f"/members/{id_}/team", {"team_id": str(people.south.id)})
    assert moved.json()["team_id"] == str(people.south.id)
    assert boss("PUT", f"/members/{id_}/roles", {"roles": ["sales_rep"]}).json() == ["sales_rep"]
    assert boss("PATCH", f"/members/{id_}", {"name": "新名"}).json()["name"] == "新名"
    assert boss.post(f"/members/{id_}/leave").json()["is_active"] is False
    problem(boss.post("/members", body), 422)


@pytest.mark.django_db(transaction=True)
def test_the_catalog_is_planned_then_changed(boss, rep):
    field = {"key": "budget", "type": "money", "label": {"zh": "预算", "en": "Budget"}}
    wanted = {
        "objects": [
            {"key": "customer", "label": {"zh": "客户", "en": "Customer"}, "fields": [field]}
        ]
    }
    problem(rep.post("/schema/plan", wanted), 403)
    plan = boss.post("/schema/plan", wanted).json()
    assert [(s["kind"], s["field"]) for s in plan["steps"]] == [("add_field", "budget")]
    assert "budget" not in {f["key"] for f in boss.get("/objects/customer").json()["fields"]}
    assert boss.post("/schema/apply", wanted).status_code == 200
    made = boss.post("/records/customer", {"values": {"name": "甲", "budget": "12.30"}})
    assert made.json()["values"]["budget"] == "12.30"
    bad = {"objects": [{**wanted["objects"][0], "fields": [{**field, "type": "text"}]}]}
    answer = boss.post("/schema/plan", bad)
    assert answer.json()["problems"] or answer.json()["steps"]


def test_importing_by_the_api(people, boss):
    client = Client(headers={"Authorization": f"Bearer {boss.key}"})
    file = SimpleUploadedFile("客户.csv", "客户名称,地区\n甲,上海\n乙,北京\n".encode())
    staged = client.post("/api/v1/imports", {"files": file})
    assert staged.status_code == 201, staged.content
    view = staged.json()
    [batch] = view["batches"]
    assert batch["object"] == "customer"
    assert [c["field"] for c in batch["mapping"]["columns"]] == ["name", "region"]
    mapped = boss("PUT", f"/imports/batches/{batch['id']}/mapping", {"columns": {"1": ""}}).json()
    assert mapped["batches"][0]["mapping"]["columns"][1]["field"] == ""
    started = boss.post(f"/imports/{view['id']}/start").json()
    assert started["state"] == "running"
    assert boss.get(f"/jobs/{started['job_id']}").json()["state"] == "queued"
    line = boss.get(f"/imports/batches/{batch['id']}/lines/3").json()
    assert line["cells"] == ["乙", "北京"]
    problem(caller_for(people.li_qiang).get(f"/imports/{view['id']}"), 404)


def test_keys_are_shown_once(boss):
    made = boss.post("/me/keys", {"name": "脚本"})
    assert made.status_code == 201
    key, info = made.json()["key"], made.json()["info"]
    assert key not in str(boss.get("/me/keys").json())
    assert boss("DELETE", f"/me/keys/{info['id']}").status_code == 204
    problem(boss.get("/me/keys/1"), 405)


def test_targets_and_attainment(boss, people):
    target = {
        "metric": "sales_signed",
        "month": "2026-03",
        "member_id": str(people.zhang_wei.id),
        "value": 10_000_00,
    }
    assert boss("PUT", "/targets", {"targets": [target]}).json()["created"] == 1
    found = boss.get("/targets/attainment?metrics=sales_signed&period=2026-03").json()
    row = next(r for r in found["rows"] if r["key"] == target["member_id"])
    assert row["lines"]["sales_signed"]["target"] == "10000.00"


def test_an_action_of_improvement(boss, people):
    body = {"title": "多拜访", "owner_id": str(people.li_qiang.id), "due_on": "2027-03-01"}
    made = boss.post("/actions", body)
    assert made.status_code == 201, made.content
    id_ = made.json()["id"]
    assert boss("PATCH", f"/actions/{id_}", {"title": "多打电话"}).json()["title"] == "多打电话"
    assert [a["id"] for a in boss.get("/actions").json()] == [id_]


def test_files_are_stored_and_opened_through_their_record(people, boss, rep):
    client = Client(headers={"Authorization": f"Bearer {boss.key}"})
    stored = client.post("/api/v1/files", {"file": SimpleUploadedFile("a.html", b"<b>hi</b>")})
    assert stored.status_code == 201, stored.content
    id_ = stored.json()["id"]
    with_files = next(
        (o["key"], f["key"])
        for o in boss.get("/objects").json()
        for f in o["fields"]
        if f["type"] == "attachment"
    )
    assert with_files
    mine = boss.get(f"/files/{id_}")
    assert mine["Content-Type"] == "application/octet-stream"
    assert b"".join(mine.streaming_content) == b"<b>hi</b>"
    problem(rep.get(f"/files/{id_}"), 404)


def test_rules_are_dated_and_set_by_who_may(boss, rep):
    problem(rep.get("/rules/alerts"), 403)
    rules = {r["key"]: r for r in boss.get("/rules/alerts").json()}
    definition = rules["no_follow_up"]["definition"]
    definition["params"] = {"days": 7}
    body = {"definition": definition, "reason": "旺季"}
    put = boss("PUT", "/rules/alerts/no_follow_up", body)
    assert put.status_code == 200, put.content
    assert put.json()["definition"]["params"] == {"days": 7}
    assert len(boss.get("/rules/alerts/no_follow_up").json()) == 2
    bad = {"definition": {**definition, "filter": "{nix} >"}}
    problem(boss("PUT", "/rules/alerts/no_follow_up", bad), 422)


def test_a_band_finds_the_records_outside_it(boss, rep):
    definition = {
        "label": {"zh": "年营收", "en": "Revenue"},
        "object": "customer",
        "field": "revenue",
        "highest": 100_000,
    }
    url = "/rules/price_bands/revenue"
    wrong = problem(boss("PUT", url, {"definition": definition | {"highest": -1, "to": 5}}), 422)
    assert {e["field"] for e in wrong["errors"]} == {"to", "highest"}
    assert all(e["hint"] for e in wrong["errors"])
    assert boss("PUT", url, {"definition": definition}).status_code == 200
    ids = {
        amount: boss.post(
            "/records/customer", {"values": {"name": f"甲{amount}", "revenue": amount}}
        ).json()["id"]
        for amount in ("1000.00", "1000.01")
    }
    found = boss.get(f"{url}/records").json()
    assert [r["id"] for r in found["records"]] == [ids["1000.01"]]
    assert boss.get(f"/findings/customer/{ids['1000.00']}").json() == []
    (told,) = boss.get(f"/findings/customer/{ids['1000.01']}").json()
    assert (told["rule"], told["section"], told["severity"]) == (
        "revenue",
        "price_bands",
        "warning",
    )
    assert told["message"] == "“Annual revenue” of “Customer” must be at most 1,000 yuan."
    assert rep.get(f"{url}/records").json()["records"] == []
    problem(rep.get(f"/findings/customer/{ids['1000.01']}"), 404)
    problem(rep("PUT", url, {"definition": definition}), 403)
    problem(boss.get("/rules/price_bands/nothing/records"), 404)


def test_a_metric_of_the_companys_own(boss):
    body = {
        "key": "big_customers",
        "label": {"zh": "大客户", "en": "Big customers"},
        "definition": {
            "kind": "count",
            "object": "customer",
            "when": "created_at",
            "filter": "{revenue} > 1000",
            "credit": {"owner": "owner"},
        },
    }
    made = boss.post("/metrics", body)
    assert made.status_code == 201, made.content
    boss.post("/records/customer", {"values": {"name": "甲", "revenue": 5000}})
    found = boss.get("/figures?metrics=big_customers&by=company").json()
    assert found["total"]["cells"]["big_customers"]["count"] == 1
    renamed = boss("PATCH", "/metrics/big_customers", {"label": {"zh": "大", "en": "Big"}})
    assert renamed.json()["label"] == "Big"
    bad = {**body, "key": "other", "definition": {"kind": "count", "object": "nix"}}
    problem(boss.post("/metrics", bad), 422)


def test_scorecards_roles_calendar(boss, rep):
    lines = [{"metric": "sales_signed", "weight": 7000}, {"metric": "follow_ups", "weight": 3000}]
    made = boss.post(
        "/scorecards", {"key": "mine", "label": {"zh": "我的", "en": "Mine"}, "lines": lines}
    )
    assert made.status_code == 201, made.content
    problem(boss("PUT", "/scorecards/mine/weights", {"lines": lines[:1]}), 422)
    role = boss.get("/roles/sales_rep").json()
    assert boss("PUT", "/roles/trainee", {"definition": role}).status_code == 200
    assert boss("DELETE", "/roles/trainee").status_code == 204
    problem(rep.get("/roles/sales_rep"), 403)
    day = {"days": [{"day": "2026-12-31", "working": False, "name": "盘点"}]}
    assert boss("PUT", "/calendar/days", day).json()["days"][-1]["name"] == "盘点"
    day["days"][0]["working"] = None
    assert boss("PUT", "/calendar/days", day).json()["days"] == []
    assert boss.get("/schedules").status_code == 200


def test_what_a_record_counts_for(boss, people):
    boss.post("/records/customer", {"values": {"name": "甲"}})
    values = {
        "number": "H1",
        "name": "一",
        "customer": "甲",
        "amount": "12.50",
        "signed_on": "2026-03-05",
        "status": "active",
        "owner": str(people.zhang_wei.id),
    }
    id_ = boss.post("/records/contract", {"values": values}).json()["id"]
    entries = boss.get(f"/records/contract/{id_}/entries").json()
    assert {(e["value"], e["member_id"]) for e in entries} >= {(1250, str(people.zhang_wei.id))}
    problem(caller_for(people.sun_yue).get(f"/records/contract/{id_}/entries"), 404)
    assert boss.get(f"/alerts/on/contract/{id_}").status_code == 200
    cards = boss.get("/boards/opportunity/won")
    assert cards.json() == {"cards": [], "next_cursor": None}
