"""Forms, lists and record pages of richer fields: what is sent, kept, shown and searched for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from tests.batteries.fields.thing import PIXEL
from tests.cast import Cast, acting
from tests.web.conftest import Browse
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.web.pages.setup import object_reading as reading

Make = Callable[..., Record]
ADDRESS = {"province": "广东省", "city": "深圳市", "district": "南山区", "street": "科技园路1号"}


@pytest.fixture(autouse=True)
def files_apart(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def shut(response: Any) -> None:
    """Close what is sent; closing the response would close the database's connection too."""
    for close in response._resource_closers:
        close()


def boxes(field: str, **pieces: str) -> dict[str, str]:
    return {f"{field}:here": "1", **{f"{field}:{k}": v for k, v in pieces.items()}}


def test_it_works(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    form = client.get("/o/customer/new").content.decode()
    for piece in ADDRESS:
        assert f'name="address:{piece}"' in form
    sent = client.post("/o/customer/new", {"name": "明华", **boxes("address", **ADDRESS)})
    assert sent.status_code == 303
    said = client.get(sent["Location"]).content.decode()
    assert "广东省深圳市南山区科技园路1号" in said
    again = client.get(f"{sent['Location']}/edit").content.decode()
    assert 'name="address:city" value="深圳市"' in again


def test_a_pasted_address_is_taken_apart(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    whole = "浙江省杭州市余杭区文一西路969号"
    sent = client.post("/o/customer/new", {"name": "明华", **boxes("address", street=whole)})
    record = queries.get(
        acting(cast.zhang_wei), "customer", int(sent["Location"].rpartition("/")[2])
    )
    assert record.values["address"] == "浙江省|杭州市|余杭区|文一西路969号"


def test_a_wrong_city_is_told_and_nothing_typed_is_lost(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    wrong = {**ADDRESS, "city": "深川市"}
    answer = client.post("/o/customer/new", {"name": "明华", **boxes("address", **wrong)})
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "深圳市" in said  # was that meant?
    assert 'name="address:city" value="深川市"' in said
    assert 'name="address:street" value="科技园路1号"' in said


def test_an_address_is_emptied(browse: Browse, cast: Cast, make: Make) -> None:
    client = browse(cast.zhang_wei)
    one = make("customer", owner=cast.zhang_wei.id, name="明华", address="上海浦东新区x")
    empty = dict.fromkeys(ADDRESS, "")
    client.post(f"/o/customer/{one.id}/edit", {"name": "明华", **boxes("address", **empty)})
    assert queries.get(acting(cast.zhang_wei), "customer", one.id).values["address"] is None


def test_a_visit_with_place_photos_and_signature(browse: Browse, cast: Cast, make: Make) -> None:
    client = browse(cast.zhang_wei)
    customer = make("customer", owner=cast.zhang_wei.id, name="明华", address="苏州市虎丘区x")
    ids = [
        client.post("/files", {"file": SimpleUploadedFile(name, PIXEL, "image/png")}).json()["id"]
        for name in ("a.png", "b.png", "sign.png")
    ]
    sent = client.post(
        "/o/visit/new",
        {
            "purpose": "现场调试",
            "customer": f"id:{customer.id}",
            "planned_at": "2026-03-02T10:00",
            "companions:here": "1",
            "companions": [f"id:{cast.liu_yang.id}", f"id:{cast.li_qiang.id}"],
            **boxes("place", lat="31.2986", lng="120.5853", label="东门"),
            "photos:here": "1",
            "photos": [f"id:{i}" for i in ids[:2]],
            "signature:here": "1",
            "signature": f"id:{ids[2]}",
        },
    )
    assert sent.status_code == 303, sent.content.decode()
    said = client.get(sent["Location"]).content.decode()
    assert "geo:31.298600,120.585300" in said
    assert "东门" in said
    assert f'src="/files/{ids[0]}/small"' in said
    assert "张伟 ·" in said  # who signed, with when beside it
    assert "刘洋" in said
    assert "江苏省苏州市虎丘区x" in said  # looked up
    listed = client.get("/o/visit/?columns=purpose,photos,companions,place").content.decode()
    assert f"/files/{ids[0]}/small" in listed
    small = client.get(f"/files/{ids[0]}/small")
    shut(small)
    assert (small.status_code, small["Content-Type"]) == (200, "image/webp")
    # Who may not see the visit does not see its pictures.
    assert browse(cast.sun_yue).get(f"/files/{ids[0]}/small").status_code == 404


def test_what_is_no_picture_is_no_photo(browse: Browse, cast: Cast, make: Make) -> None:
    client = browse(cast.zhang_wei)
    customer = make("customer", owner=cast.zhang_wei.id, name="明华")
    evil = SimpleUploadedFile("x.png", b"<svg onload=alert(1)>", "image/png")
    up = client.post("/files", {"file": evil}).json()
    assert client.get(f"/files/{up['id']}/small").status_code == 404
    sent = client.get(f"/files/{up['id']}?view=1")
    shut(sent)
    assert sent["Content-Disposition"].startswith("attachment")
    answer = client.post(
        "/o/visit/new",
        {
            "purpose": "x",
            "customer": f"id:{customer.id}",
            "planned_at": "2026-03-02T10:00",
            "photos:here": "1",
            "photos": f"id:{up['id']}",
        },
    )
    assert answer.status_code == 422
    assert "JPEG" in answer.content.decode()


def test_a_long_list_of_options_is_searched(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    found = client.get("/pick/choice/customer/industry?q=半").json()
    assert [i["id"] for i in found["items"]] == ["semiconductor"]
    every = client.get("/pick/choice/customer/industry?q=").json()
    assert len(every["items"]) > 20
    assert every["more"] == ""
    assert client.get("/pick/choice/customer/nothing?q=").status_code == 404
    assert client.get("/pick/choice/nothing/x?q=").status_code == 404
    assert not re.search(
        "semiconductor", client.get("/pick/choice/customer/grade?q=x").content.decode()
    )


def test_a_cascade_is_typed_as_lines(cast: Cast) -> None:
    spec = snapshot().object("customer")
    typed = {"zh": "细分", "type": "choice", "opt:choice:depends_on": "grade"}

    def read(old: FieldSpec | None = None, **more: str) -> FieldSpec:
        return reading.field(RequestFactory().post("/", {**typed, **more}).POST, spec, old)

    made = read(choice_paste="甲 | <A 重点\n乙 | Second | <b\n丙")
    assert [c.label.zh for c in made.choices] == ["甲", "乙", "丙"]
    assert [c.parent for c in made.choices] == ["a", "b", ""]
    assert read(made, choice_lines=reading.lines(made)).choices == made.choices
