"""On the record page: talk, timeline, the past, paper, neighbours, attachments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import Cast, acting
from tests.web.conftest import HTMX, Browse
from wubu.collect.conversations import queries as talk
from wubu.kernel.audit.access import access
from wubu.kernel.calendar.queries import today
from wubu.kernel.permissions.actions import define_role
from wubu.kernel.permissions.queries import definition
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import SYSTEM

Make = Callable[..., Record]


@pytest.fixture
def record(cast: Cast, make: Make) -> Record:
    return make("customer", name="明远精工", phone="13812345678", owner=cast.zhang_wei.id)


def test_it_works(browse: Browse, cast: Cast, record: Record) -> None:
    client = browse(cast.zhang_wei)
    url = f"/o/customer/{record.id}"
    sent = client.post(f"{url}/comment", {"text": "@李强 <b>看</b>"})
    assert sent.status_code == 303
    said = client.get(url).content.decode()
    assert '<span class="w-mention">@李强</span> &lt;b&gt;看&lt;/b&gt;' in said
    assert "data-comment-edit" in said
    theirs = browse(cast.li_qiang)
    assert "1 条未读" in theirs.get("/notices/bell").content.decode()
    assert "与我有关" in theirs.get("/").content.decode()
    assert "data-comment-edit" not in theirs.get(url).content.decode()
    # Whoever has looked at the record knows of it.
    assert "未读" not in theirs.get("/notices/bell").content.decode()
    assert "提到了您" in theirs.get("/notices").content.decode()


def test_refusals_are_told(browse: Browse, cast: Cast, record: Record) -> None:
    client = browse(cast.zhang_wei)
    url = f"/o/customer/{record.id}/comment"
    refused = client.post(url, {"text": "@孙悦"}, headers=HTMX)
    assert refused.status_code == 422
    assert "toast" in refused["HX-Trigger"]
    assert client.post(url, {"text": ""})["Location"].endswith("#say")
    assert browse(cast.sun_yue).post(url, {"text": "x"}).status_code == 404


def test_the_timeline_by_kind_and_page_after_page(
    browse: Browse, cast: Cast, make: Make, record: Record
) -> None:
    for n in range(35):
        make(
            "follow_up",
            customer=record.id,
            type="call",
            content=f"第{n}次",
            owner=cast.zhang_wei.id,
        )
    client = browse(cast.zhang_wei)
    url = f"/o/customer/{record.id}/timeline"
    first = client.get(url).content.decode()
    assert first.count("is-note") == 30
    assert "w-tl-more" in first
    assert client.get(f"{url}?kind=change").content.decode().count("is-change") == 1
    assert client.get(f"{url}?cursor=x").status_code == 422
    assert browse(cast.sun_yue).get(url).status_code == 404


def test_following(browse: Browse, cast: Cast, record: Record) -> None:
    client = browse(cast.li_qiang)
    url = f"/o/customer/{record.id}"
    assert "关注" in client.get(url).content.decode()
    client.post(f"{url}/follow?on=1")
    assert "已关注" in client.get(url).content.decode()
    assert talk.follows(acting(cast.li_qiang), "customer", record.id)
    client.post(f"{url}/follow?on=0")
    assert not talk.follows(acting(cast.li_qiang), "customer", record.id)


def test_a_value_is_put_back(browse: Browse, cast: Cast, record: Record) -> None:
    zhang = acting(cast.zhang_wei)
    actions.update(actor=zhang, object_key="customer", id=record.id, values={"region": "上海"})
    change = queries.history(zhang, "customer", record.id)[0]
    client = browse(cast.zhang_wei)
    url = f"/o/customer/{record.id}"
    assert f"restore-value?change={change.id}" in client.get(url).content.decode()
    assert client.post(f"{url}/restore-value?change={change.id}").status_code == 303
    assert queries.get(zhang, "customer", record.id).values["region"] is None
    for odd in ("x", "0", "99999999", "", "９"):
        assert client.post(f"{url}/restore-value?change={odd}").status_code == 404


def test_the_past_and_back(browse: Browse, cast: Cast, record: Record) -> None:
    client = browse(cast.zhang_wei)
    url = f"/o/customer/{record.id}"
    said = client.get(f"{url}/past").content.decode()
    assert "与今天相同" in said
    assert client.get(f"{url}/past?on=1999-01-01").status_code == 422
    assert client.get(f"{url}/past?on=x").status_code == 422
    assert browse(cast.sun_yue).get(f"{url}/past").status_code == 404
    back = client.post(f"{url}/restore-to", {"on": "1999-01-01"})
    assert back.status_code == 303
    assert client.post(f"{url}/restore-to", {"on": str(today())}).status_code == 303


def test_paper(browse: Browse, cast: Cast, make: Make, record: Record) -> None:
    client = browse(cast.zhang_wei)
    said = client.get(f"/o/customer/{record.id}/print").content.decode()
    assert "明远精工" in said
    assert "138 1234 5678" in said
    (row,) = access(kind="print")
    assert (row.ids, row.number, row.actor_id) == ((record.id,), 1, cast.zhang_wei.id)
    assert access(kind="view") == []  # one row for it, not two
    assert browse(cast.sun_yue).get(f"/o/customer/{record.id}/print").status_code == 404
    role = definition("sales_rep")
    role["fields"] = {**(role.get("fields") or {}), "customer": {"phone": "masked"}}
    role["grants"] = [
        {**g, "actions": [a for a in g["actions"] if a != "print"]} for g in role["grants"]
    ]
    define_role(actor=SYSTEM, key="sales_rep", definition=role | {"without": ["print"]})
    assert client.get(f"/o/customer/{record.id}/print").status_code in (200, 403)
    assert "138 1234 5678" not in client.get(f"/o/customer/{record.id}").content.decode()


def test_a_duplicate_with_its_lines(browse: Browse, cast: Cast, make: Make, record: Record) -> None:
    product = make("product", name="传感器", price="100")
    line = {"product": product.id, "quantity": "7", "price": "100"}
    quote_ = actions.create(
        actor=SYSTEM,
        object_key="quote",
        values={"customer": record.id, "owner": cast.zhang_wei.id},
        children={"quote_line": [line]},
    )
    client = browse(cast.zhang_wei)
    said = client.get(f"/o/quote/new?copy={quote_.id}").content.decode()
    assert 'value="7"' in said
    assert "明远精工" in said
    assert quote_.title not in said  # its number is its own
    assert client.get("/o/quote/new?copy=99999").status_code == 404
    assert browse(cast.sun_yue).get(f"/o/quote/new?copy={quote_.id}").status_code == 404


def test_neighbours_in_the_list_one_came_from(
    browse: Browse, cast: Cast, make: Make, record: Record
) -> None:
    made = [
        make("opportunity", name=n, customer=record.id, amount=a, owner=cast.zhang_wei.id)
        for n, a in (("甲", "300"), ("乙", "100"), ("丙", "200"))
    ]
    client = browse(cast.zhang_wei)

    def beside(of: Record, list_: str) -> str:
        url = f"/o/opportunity/{of.id}/beside?list={quote(list_)}"
        return client.get(url).content.decode()

    said = beside(made[2], "/o/opportunity/?sort=-amount")
    assert f'rel="prev" href="/o/opportunity/{made[0].id}"' in said
    assert f'rel="next" href="/o/opportunity/{made[1].id}"' in said
    said = beside(made[0], "/o/opportunity/?sort=-amount")
    assert 'rel="prev"' not in said
    said = beside(made[0], "/o/opportunity/?sort=-amount&f=" + quote("{amount} < 250"))
    assert f'rel="next" href="/o/opportunity/{made[2].id}"' in said
    for odd in ("https://evil.example/", "/o/opportunity/?f=%7B%7B", "x" * 5000, "/o/customer/"):
        assert (
            client.get(f"/o/opportunity/{made[0].id}/beside?list={quote(odd)}").status_code == 200
        )


def test_related_lists_say_how_many_and_how_much(
    browse: Browse, cast: Cast, make: Make, record: Record
) -> None:
    for n in range(9):
        make(
            "opportunity",
            name=f"商机{n}",
            customer=record.id,
            amount="100.10",
            owner=cast.zhang_wei.id if n < 8 else cast.sun_yue.id,
        )
    said = browse(cast.zhang_wei).get(f"/o/customer/{record.id}").content.decode()
    assert "8 条" in said
    assert "¥800.80" in said  # not that of somebody else
    assert "查看全部 8 条" in said


@pytest.mark.parametrize(
    ("name", "content", "claimed", "kind"),
    [
        ("a.txt", "正文<script>".encode(), "text/plain", "text"),
        ("b.txt", "国标编码".encode("gb18030"), "text/plain", "text"),
        ("c.pdf", b"%PDF-1.7 x", "application/pdf", "pdf"),
        ("d.pdf", b"<html>", "application/pdf", ""),
        ("e.html", b"<script>1</script>", "text/html", "text"),
        ("f.zip", b"PK", "application/zip", ""),
        ("g.png", b"\x89PNG\r\n\x1a\n", "image/png", "picture"),
    ],
)
def test_attachments_are_looked_at_in_place(
    browse: Browse,
    cast: Cast,
    settings: Any,
    tmp_path: Any,
    name: str,
    content: bytes,
    claimed: str,
    kind: str,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    client = browse(cast.zhang_wei)
    kept = client.post("/files", {"file": SimpleUploadedFile(name, content, claimed)}).json()
    said = client.get(f"/files/{kept['id']}/preview").content.decode()
    assert f'data-kind="{kind}"' in said
    assert "<script>" not in said
    answer = client.get(f"/files/{kept['id']}?view=1")
    b"".join(answer.streaming_content)
    shown = kind in ("pdf", "picture")
    assert answer["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    if shown:
        assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert browse(cast.sun_yue).get(f"/files/{kept['id']}/preview").status_code == 404


def test_who_saw_what_is_sensitive(browse: Browse, cast: Cast, make: Make, record: Record) -> None:
    other = make("customer", name="无电话", owner=cast.zhang_wei.id)
    client = browse(cast.zhang_wei)
    client.get(f"/o/customer/{other.id}")
    client.get("/o/customer/?columns=name,region")
    assert access() == []
    client.get(f"/o/customer/{record.id}")
    client.get("/o/customer/?columns=name,phone")
    listed, opened = access()
    assert (listed.kind, listed.fields, listed.ids) == ("view", ("phone",), (record.id,))
    assert listed.place == "/o/customer/"
    assert opened.place == f"/o/customer/{record.id}"
    client.get("/o/customer/?format=csv&columns=name,phone&f=")
    assert len(access()) == 2  # a rep may not export, so nothing was taken
    browse(cast.chen_jing).get("/o/customer/?format=csv&columns=name,phone&f=")
    taken = access()[0]
    assert (taken.kind, taken.fields, taken.number) == ("export", ("name", "phone"), 2)
    page = browse(cast.wang_li)
    assert "导出" in page.get(f"/setup/access?record={record.id}&kind=view").content.decode()
    assert browse(cast.chen_jing).get("/setup/access").status_code == 403
    for odd in ("record=x", "member=%00", "from=1-1-1", "to=9999-99-99", "before=-1"):
        assert page.get(f"/setup/access?{odd}").status_code == 200
