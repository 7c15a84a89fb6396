"""Packs and practice data by the API."""

from __future__ import annotations

from tests.api.conftest import Caller, problem


def test_it_works(boss: Caller) -> None:
    found = {p["key"]: p for p in boss.get("/packs").json()}
    assert found["sales"]["installed"] == 1
    assert found["pharma"]["extends"] == "sales"
    text = boss.get("/packs/export").json()["yaml"]
    assert boss.post("/packs/compare", {"yaml": text}).json()["differences"] == []
    changed = text.replace("days: 30", "days: 14")
    (one,) = boss.post("/packs/compare", {"yaml": changed}).json()["differences"]
    assert one["id"] == "alerts/no_follow_up/params/days"
    assert one["side"] == "theirs"
    assert "14" in one["what"]["en"]
    assert boss.get("/packs/saas/upgrade").json()["installed_version"] == 1


def test_taken_and_undone(boss: Caller) -> None:
    text = boss.get("/packs/export").json()["yaml"]
    changed = text.replace("days: 30", "days: 14")
    part = "alerts/no_follow_up/params/days"
    files = {"files": {"a.yaml": changed}}
    kept = boss.post("/packs/choices", {**files, "choices": {part: "theirs"}}).json()
    assert [d["choice"] for d in kept["differences"]] == ["theirs"]
    made = boss.post("/packs/install", {**files}).json()
    assert made["differences"][0]["now"]["en"] == "14"
    change = boss.get("/packs/changes").json()[0]
    assert (change["action"], change["undone_by"]) == ("install", None)
    path = f"/packs/changes/{change['id']}/undo"
    assert boss.get(path).json()["differences"][0]["what"]["en"] == "14 → 30"
    assert boss.post(path).json()["problems"] == []
    assert boss.get("/packs/changes").json()[1]["undone_by"]
    body = problem(boss.post(path), 422)
    assert body["errors"][0]["code"] == "already_undone"
    problem(boss.post("/packs/changes/999/undo"), 404)


def test_what_would_be_refused(boss: Caller) -> None:
    text = boss.get("/packs/export").json()["yaml"]
    wrong = text.replace("{done}, FALSE", "{dne}, FALSE")
    part = "reminders/plan_due/filter"
    found = boss.post("/packs/compare", {"yaml": wrong, "choices": {part: "theirs"}}).json()
    (one,) = found["problems"]
    assert one["line"] == text[: text.index("NOT COALESCE({done}")].count("\n") + 1
    assert "dne" in one["message"]["en"]
    problem(boss.post("/packs/install", {"yaml": wrong, "choices": {part: "theirs"}}), 422)


def test_practice_data(boss: Caller) -> None:
    filled = boss.post("/practice").json()["records"]
    assert filled > 150
    assert boss.get("/practice").json() == {"records": filled}
    problem(boss.post("/practice"), 422)
    assert boss.post("/practice/empty").json() == {"records": filled}


def test_it_refuses(boss: Caller, rep: Caller) -> None:
    for path in ("/packs", "/packs/export", "/packs/saas/upgrade", "/practice"):
        problem(rep.get(path), 403)
    problem(rep.get("/packs/changes"), 403)
    problem(rep.get("/packs/changes/1/undo"), 403)
    problem(rep.post("/packs/changes/1/undo"), 403)
    problem(rep.post("/packs/choices", {"key": "sales", "choices": {}}), 403)
    for path in ("/packs/compare", "/packs/install"):
        problem(rep.post(path, {"yaml": "pack: x"}), 403)
    problem(rep.post("/practice"), 403)
    problem(rep.post("/practice/empty"), 403)
    problem(rep.post("/packs/saas/upgrade"), 403)
    body = problem(boss.post("/packs/compare", {"yaml": "pack: x\nversion: 1\n"}), 422)
    assert body["errors"][0]["message"]
    problem(boss.get("/packs/nothing/upgrade"), 422)
