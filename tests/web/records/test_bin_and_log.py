"""The recycle bin and the log of changes as pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.kernel.audit import sealing
from wubu.kernel.audit.models import Change
from wubu.kernel.jobs.models import Job
from wubu.kernel.jobs.running import execute
from wubu.kernel.records import actions
from wubu.kernel.records.lifecycle import retention
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM

Make = Callable[..., Record]


def test_it_works(browse: Browse, cast: Cast, make: Make) -> None:
    one, two = (make("customer", name=n, owner=cast.zhang_wei.id) for n in ("甲", "乙"))
    client = browse(cast.wang_li)
    assert "回收站是空的" in client.get("/bin").content.decode()
    actions.archive(actor=SYSTEM, object_key="customer", ids=[one.id, two.id])
    said = client.get("/bin").content.decode()
    assert "甲" in said
    assert "系统" in said
    client.post("/bin/customer", {"do": "restore", "id": one.id})
    assert "甲" not in client.get("/bin").content.decode()
    client.post("/bin/customer", {"do": "purge", "id": [two.id, "x", "９"]})
    assert client.get(f"/o/customer/{two.id}").status_code == 404
    assert client.post("/bin/customer", {"do": "purge"}).status_code == 303


def test_the_bin_is_within_sight(browse: Browse, cast: Cast, make: Make) -> None:
    of = make("customer", name="甲", owner=cast.zhang_wei.id)
    mine = make("contact", name="我的联系人", customer=of.id, owner=cast.zhang_wei.id)
    theirs = make("contact", name="孙悦的联系人", customer=of.id, owner=cast.sun_yue.id)
    actions.archive(actor=SYSTEM, object_key="contact", ids=[mine.id, theirs.id])
    client = browse(cast.zhang_wei)
    said = client.get("/bin?object=contact").content.decode()
    assert "我的联系人" in said
    assert "孙悦的联系人" not in said
    assert "彻底删除勾选" not in said
    assert client.post("/bin/contact", {"do": "purge", "id": mine.id}).status_code == 403
    assert client.post("/bin/contact", {"do": "restore", "id": theirs.id}).status_code in (403, 404)
    assert browse(cast.zheng_kai).get("/bin").status_code in (200, 403)


def test_for_how_long(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    client.post("/bin/keep", {"bin_days": "30"})
    assert retention.retention().bin_days == 30
    refused = client.post("/bin/keep", {"bin_days": "viel"})
    assert refused.status_code == 422
    assert 'value="viel"' in refused.content.decode()
    assert browse(cast.zhang_wei).post("/bin/keep", {"bin_days": "1"}).status_code == 403


def run() -> None:
    job = Job.objects.latest("id")
    Job.objects.filter(id=job.pk).update(state="running")
    execute(job.pk)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_log_is_verified(browse: Browse, cast: Cast, make: Make, lang: str) -> None:
    from wubu.kernel.people.actions import update_member

    update_member(actor=SYSTEM, member_id=cast.wang_li.id, language=lang)
    make("customer", name="甲", owner=cast.zhang_wei.id)
    client = browse(cast.wang_li)
    assert client.get("/setup/log").status_code == 200
    sealing.seal(Change.objects.order_by("-id")[0].id)
    assert str(sealing.latest()) in client.get("/setup/log").content.decode()
    assert str(sealing.latest()) in client.get("/setup/log/seal").content.decode()
    assert client.post("/setup/log/verify", {"seal": ""}).status_code == 303
    waiting = client.get("/setup/log").content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    run()
    assert "lock-check" in client.get("/setup/log").content.decode()
    wrong = f"1:{'0' * 64}"
    assert client.post("/setup/log/verify", {"seal": wrong}).status_code == 303
    run()
    assert "is-bad" in client.get("/setup/log").content.decode()
    refused = client.post("/setup/log/verify", {"seal": "x"})
    assert refused.status_code == 422
    assert 'value="x"' in refused.content.decode()
    assert browse(cast.chen_jing).get("/setup/log").status_code == 403
    assert browse(cast.chen_jing).post("/setup/log/verify").status_code == 403
