"""One record: what it is, what belongs to it, what happened to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from tests.cast import Cast, acting
from tests.web.conftest import Browse
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Draft, Record
from wubu.kernel.types import SYSTEM, Origin

Make = Callable[..., Record]


def test_it_works(browse: Browse, cast: Cast, make: Make) -> None:
    customer = make("customer", name="明远精工", owner=cast.zhang_wei.id)
    deal = make(
        "opportunity",
        name="压力传感器",
        customer=customer.id,
        amount="120000",
        owner=cast.zhang_wei.id,
    )
    said = browse(cast.zhang_wei).get(f"/o/opportunity/{deal.id}").content.decode()
    assert "压力传感器" in said
    assert f'href="/o/customer/{customer.id}"' in said
    assert "¥120,000.00" in said
    assert 'aria-current="step"' in said


def test_a_forged_id_is_not_found(browse: Browse, cast: Cast, make: Make) -> None:
    other = make("customer", name="别人的客户", owner=cast.sun_yue.id)
    client = browse(cast.zhang_wei)
    assert client.get(f"/o/customer/{other.id}").status_code == 404
    assert client.post(f"/o/customer/{other.id}/note", {"content": "x"}).status_code == 404
    assert client.post(f"/o/customer/{other.id}/archive").status_code in (403, 404)


def test_the_history_says_who_what_when_and_from_which_line(
    browse: Browse, cast: Cast, make: Make
) -> None:
    customer = make("customer", name="明远精工", grade="A", owner=cast.zhang_wei.id)
    actions.update(
        actor=acting(cast.zhang_wei),
        object_key="customer",
        id=customer.id,
        values={"grade": "B"},
        origin=Origin(file="客户.xlsx", sheet="一月", line=214),
    )
    said = browse(cast.zhang_wei).get(f"/o/customer/{customer.id}").content.decode()
    assert "客户.xlsx" in said
    assert "第 214 行" in said
    grade = next(f for f in _changes(cast, customer)[0].fields if f.field == "grade")
    assert f"<del>{grade.before}</del>" in said
    assert f"<ins>{grade.after}</ins>" in said


def _changes(cast: Cast, record: Record) -> list[object]:
    return queries.history(acting(cast.zhang_wei), record.object_key, record.id)


def test_a_follow_up_in_one_post_knows_the_rest(browse: Browse, cast: Cast, make: Make) -> None:
    customer = make("customer", name="明远精工", owner=cast.zhang_wei.id)
    deal = make("opportunity", name="压力传感器", customer=customer.id, owner=cast.zhang_wei.id)
    client = browse(cast.zhang_wei)
    sent = {"kind": "visit", "content": "看了产线", "next": "3"}
    assert client.post(f"/o/opportunity/{deal.id}/note", sent).status_code == 303
    note = queries.page(acting(cast.zhang_wei), "follow_up", Query()).records[0]
    assert note.values["customer"] == customer.id
    assert note.values["opportunity"] == deal.id
    assert note.values["owner"] == cast.zhang_wei.id
    assert note.values["type"] == "visit"
    ahead = note.values["next_at"] - note.values["happened_at"]
    assert dt.timedelta(days=2, hours=23) < ahead < dt.timedelta(days=3, hours=1)
    assert "看了产线" in client.get(f"/o/opportunity/{deal.id}").content.decode()


def test_an_empty_follow_up_is_refused_and_told(browse: Browse, cast: Cast, make: Make) -> None:
    customer = make("customer", name="明远精工", owner=cast.zhang_wei.id)
    response = browse(cast.zhang_wei).post(f"/o/customer/{customer.id}/note", {"content": " "})
    assert response["Location"].endswith("#note")
    assert response.cookies["wubu_flash"].value


def test_archive_and_restore(browse: Browse, cast: Cast, make: Make) -> None:
    customer = make("customer", name="明远精工", owner=cast.zhang_wei.id)
    client = browse(cast.wang_li)
    client.post(f"/o/customer/{customer.id}/archive")
    assert "回收站" in client.get(f"/o/customer/{customer.id}").content.decode()
    client.post(f"/o/customer/restore?ids={customer.id}")
    assert "从回收站恢复" not in client.get(f"/o/customer/{customer.id}").content.decode()


def test_every_object_has_a_record_page(browse: Browse, cast: Cast, make: Make) -> None:
    customer = make("customer", name="明远精工", owner=cast.zhang_wei.id)
    made = [
        customer,
        make("lead", name="王先生", owner=cast.zhang_wei.id),
        make("contact", name="李工", customer=customer.id, owner=cast.zhang_wei.id),
        make("product", name="压力变送器", price="1200"),
        make("quote", customer=customer.id, owner=cast.zhang_wei.id),
        make(
            "follow_up", customer=customer.id, type="call", content="问价", owner=cast.zhang_wei.id
        ),
    ]
    client = browse(cast.wang_li)
    for record in made:
        response = client.get(f"/o/{record.object_key}/{record.id}")
        assert response.status_code == 200, record.object_key


def test_the_cost_is_bounded(
    browse: Browse,
    cast: Cast,
    make: Make,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    customer = make("customer", name="明远精工", owner=cast.zhang_wei.id)
    for n in range(12):
        make("opportunity", name=f"商机{n}", customer=customer.id, owner=cast.zhang_wei.id)
    client = browse(cast.wang_li)
    client.get(f"/o/customer/{customer.id}")
    with django_assert_max_num_queries(45):
        client.get(f"/o/customer/{customer.id}")


def test_files_go_up_and_come_down_as_downloads(
    browse: Browse, cast: Cast, make: Make, settings: object, tmp_path: object
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = browse(cast.zhang_wei)
    sent = SimpleUploadedFile("合同.html", b"<script>alert(1)</script>", "text/html")
    kept = client.post("/files", {"file": sent}).json()
    customer = make("customer", name="明远精工", owner=cast.zhang_wei.id)
    actions.create(
        actor=acting(cast.zhang_wei),
        object_key="follow_up",
        values={
            "customer": customer.id,
            "type": "call",
            "content": "见附件",
            "owner": cast.zhang_wei.id,
            "files": [f"id:{kept['id']}"],
        },
    )
    response = client.get(f"/files/{kept['id']}")
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert browse(cast.sun_yue).get(f"/files/{kept['id']}").status_code == 404


def test_a_record_says_what_it_counts_for(browse: Browse, cast: Cast, make: Make) -> None:
    customer = make("customer", name="明远精工", owner=cast.zhang_wei.id)
    contract = make(
        "contract",
        name="年度框架",
        customer=customer.id,
        signed_on="2026-03-05",
        amount="12345.60",
        status="active",
        owner=cast.zhang_wei.id,
    )
    url = f"/o/contract/{contract.id}"
    said = browse(cast.zhang_wei).get(url).content.decode()
    panel = said[said.index('id="p-counts"') : said.index('id="p-timeline"')]
    assert "¥12,345.60" in panel
    assert f'/metrics/sales_signed?period=2026-03&amp;member={cast.zhang_wei.id}"' in panel
    assert "张伟" in panel
    # Finance sees the contract, and by its grants everybody's figures too; a rep elsewhere nothing.
    assert 'id="p-counts"' in browse(cast.wu_xia).get(url).content.decode()
    assert browse(cast.sun_yue).get(url).status_code == 404


def test_the_line_it_came_from_stands_on_top(browse: Browse, cast: Cast) -> None:
    drafts = [Draft({"name": "导入客户", "owner": cast.zhang_wei.id}, line=214)]
    origin = Origin(file="客户.xlsx", sheet="表1")
    saved = actions.save_many(actor=SYSTEM, object_key="customer", drafts=drafts, origin=origin)
    said = browse(cast.zhang_wei).get(f"/o/customer/{saved.ids[0]}").content.decode()
    assert "w-came" in said
    assert "第 214 行" in said
