"""Over the API: talk, timeline, the past, the bin, the logs."""

from __future__ import annotations

import pytest

from tests.api.conftest import Caller, caller_for
from tests.cast import Cast
from wubu.kernel.audit import sealing
from wubu.kernel.audit.models import Change
from wubu.kernel.calendar.queries import today
from wubu.kernel.jobs import queries as jobs
from wubu.kernel.jobs.models import Job
from wubu.kernel.jobs.running import execute
from wubu.kernel.records import actions
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM


@pytest.fixture
def record(people: Cast) -> Record:
    values = {"name": "明远精工", "owner": people.zhang_wei.id, "phone": "13812345678"}
    return actions.create(actor=SYSTEM, object_key="customer", values=values)


def test_it_works(people: Cast, record: Record) -> None:
    zhang, li = caller_for(people.zhang_wei), caller_for(people.li_qiang)
    base = f"/records/customer/{record.id}"
    said = zhang.post(f"{base}/comments", {"text": "@李强 请看"})
    assert said.status_code == 201
    assert said.json()["mentions"] == {str(people.li_qiang.id): "李强"}
    (notice,) = li.get("/notices?unread=true").json()
    assert (notice["kind"], notice["text"]) == ("mention", "@李强 请看")
    assert li.post("/notices/read", {}).json() == {"number": 1}
    kinds = [e["kind"] for e in li.get(f"{base}/timeline").json()["entries"]]
    assert kinds == ["comment", "change"]
    page = li.get(f"{base}/timeline?limit=1").json()
    rest = li.get(f"{base}/timeline?limit=1&cursor={page['next_cursor']}").json()
    assert [e["kind"] for e in rest["entries"]] == ["change"]
    changed = zhang("PATCH", f"/comments/{said.json()['id']}", {"text": "@李强 请批"})
    assert changed.json()["text"] == "@李强 请批"
    versions = li.get(f"/comments/{said.json()['id']}/versions").json()
    assert [v["text"] for v in versions] == ["@李强 请看"]
    assert li("DELETE", f"/comments/{said.json()['id']}").status_code == 403
    assert zhang("DELETE", f"/comments/{said.json()['id']}").status_code == 204
    names = [p["name"] for p in zhang.get(f"{base}/callable?q=李").json()]
    assert names == ["李强"]


def test_following(people: Cast, record: Record) -> None:
    li = caller_for(people.li_qiang)
    base = f"/records/customer/{record.id}/subscription"
    assert li.get(base).json() == {"following": False}
    assert li("PUT", base).json() == {"following": True}
    actions.update(actor=SYSTEM, object_key="customer", id=record.id, values={"region": "上海"})
    assert [n["fields"] for n in li.get("/notices").json()] == [["Region"]]
    assert li("DELETE", base).json() == {"following": False}


def test_the_past(people: Cast, record: Record) -> None:
    zhang = caller_for(people.zhang_wei)
    base = f"/records/customer/{record.id}"
    before = Change.objects.order_by("-id")[0].at.isoformat().replace("+00:00", "Z")
    zhang("PATCH", base, {"values": {"region": "上海"}})
    past = zhang.get(f"{base}/as-of?on={before}").json()
    assert past["record"]["values"]["region"] is None
    assert past["changed"] == ["region"]
    assert zhang.post(f"{base}/restore-to", {"on": before}).json()["values"]["region"] is None
    assert zhang.get(f"{base}/as-of?on=1999-01-01").status_code == 404
    assert zhang.get(f"{base}/as-of?on=x").status_code == 422
    assert zhang.get(f"{base}/as-of?on={today()}").status_code == 200


def test_the_bin(boss: Caller, people: Cast, record: Record) -> None:
    actions.archive(actor=SYSTEM, object_key="customer", ids=[record.id])
    (binned,) = boss.get("/bin/customer").json()["records"]
    assert binned["id"] == str(record.id)
    ids = {"ids": [str(record.id)]}
    assert caller_for(people.zhang_wei).post("/bin/customer/purge", ids).status_code == 403
    assert boss.post("/bin/customer/restore", ids).json() == {"number": 1}
    actions.archive(actor=SYSTEM, object_key="customer", ids=[record.id])
    assert boss.post("/bin/customer/purge", ids).json() == {"deleted": 1, "kept": {}}
    assert boss("PUT", "/keeping", {"bin_days": 30}).json()["bin_days"] == 30
    assert boss("PUT", "/keeping", {"bin_days": -1}).status_code == 422


def test_several_merged_and_undone(boss: Caller, people: Cast, record: Record) -> None:
    others = [
        actions.create(
            actor=SYSTEM,
            object_key="customer",
            values={"name": name, "owner": people.zhang_wei.id, "region": region},
        )
        for name, region in (("明远", "上海"), ("明远精密", "苏州"))
    ]
    body = {
        "drop": [str(r.id) for r in others],
        "choices": {"name": str(others[1].id), "region": str(others[1].id)},
    }
    merged = boss.post(f"/records/customer/{record.id}/merge", body).json()
    assert (merged["values"]["name"], merged["values"]["region"]) == ("明远精密", "苏州")
    (batch,) = {
        h["batch_id"]
        for r in others
        for h in boss.get(f"/records/customer/{r.id}/history").json()
        if h["batch_id"]
    }
    undone = boss.post(f"/batches/{batch}/undo", {}).json()
    assert undone["kept"] == []
    assert boss.get(f"/records/customer/{record.id}").json()["values"]["name"] == "明远精工"
    for r in others:
        assert boss.get(f"/records/customer/{r.id}").json()["archived_at"] is None


def test_the_logs(boss: Caller, people: Cast, record: Record) -> None:
    zhang = caller_for(people.zhang_wei)
    assert zhang.get(f"/records/customer/{record.id}").status_code == 200
    assert zhang.get("/records/customer?columns=name").status_code == 200
    (seen,) = boss.get(f"/log/access?object=customer&record={record.id}").json()
    assert (seen["kind"], seen["entrance"], seen["fields"]) == ("view", "api", ["phone"])
    assert seen["actor_id"] == str(people.zhang_wei.id)
    for path in ("/log/access", "/log/seal"):
        assert zhang.get(path).status_code == 403
    assert zhang.post("/log/verify", {}).status_code == 403
    assert boss.get("/log/seal").status_code == 404
    sealing.seal(Change.objects.order_by("-id")[0].id)
    seal = boss.get("/log/seal").json()
    job = boss.post("/log/verify", {"seal": seal["text"]}).json()
    Job.objects.filter(id=job["id"]).update(state="running")
    execute(int(job["id"]))
    done = jobs.get(int(job["id"]))
    assert done.state == "done"
    assert done.result["good"]
    assert boss.post("/log/verify", {"seal": "x"}).status_code == 422


def test_out_of_sight(people: Cast, record: Record) -> None:
    sun = caller_for(people.sun_yue)
    base = f"/records/customer/{record.id}"
    for path in ("timeline", "comments", "callable", "subscription", f"as-of?on={today()}"):
        assert sun.get(f"{base}/{path}").status_code == 404, path
    assert sun.post(f"{base}/comments", {"text": "x"}).status_code == 404
    assert sun("PUT", f"{base}/subscription").status_code == 404
    assert sun.post(f"{base}/restore-to", {"on": str(today())}).status_code in (403, 404)
    assert sun.get("/records/nothing/1/timeline").status_code == 404
