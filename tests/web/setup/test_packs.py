"""The packs page: what is installed, what would change, YAML out and in, practice data."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import Cast
from tests.web.conftest import Browse
from wubu.collect.practice import queries as practice
from wubu.kernel.packs import queries
from wubu.kernel.records import actions as records
from wubu.kernel.rules import queries as rules
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import forget


def test_it_works(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    said = client.get("/setup/packs").content.decode()
    assert "通用销售" in said
    assert "医药" in said
    assert "与包一致" in said
    preview = client.get("/setup/packs/pharma").content.decode()
    assert "医院" in preview
    assert "采用包的" in preview
    assert client.get("/setup/packs/sales").status_code == 200


def test_only_who_may(browse: Browse, cast: Cast) -> None:
    for person in (cast.zhang_wei, cast.zheng_kai, cast.li_qiang):
        client = browse(person)
        for page in ("", "/export", "/sales", "/pharma"):
            assert client.get(f"/setup/packs{page}").status_code == 403, page
        for page in ("/file", "/practice", "/practice/empty"):
            assert client.post(f"/setup/packs{page}", {"text": "x"}).status_code == 403, page
        assert 'href="/setup/packs' not in client.get("/").content.decode()


def test_yaml_out_and_in(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    response = client.get("/setup/packs/export")
    assert response["Content-Type"] == "application/yaml"
    text = response.content.decode()
    said = client.post("/setup/packs/file", {"text": text}).content.decode()
    assert "没有不同" in said
    changed = text.replace("days: 30", "days: 14")
    said = client.post("/setup/packs/file", {"text": changed}).content.decode()
    assert "14" in said
    assert 'name="c:alerts/no_follow_up/params/days"' in said
    wrong = client.post("/setup/packs/file", {"text": changed.replace("version: 1", "version: x")})
    assert wrong.status_code == 422
    assert "第 7 行" in wrong.content.decode()
    assert "days: 14" in wrong.content.decode()


def test_files_out_and_in(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    archive = client.get("/setup/packs/export?as=zip").content
    upload = SimpleUploadedFile("wubu.zip", archive)
    assert "没有不同" in client.post("/setup/packs/file", {"file": upload}).content.decode()
    text = queries.export(SYSTEM).replace("days: 30", "days: 14")
    changed = SimpleUploadedFile("wubu.yaml", text.encode())
    said = client.post("/setup/packs/file", {"file": changed}).content.decode()
    assert 'name="part:wubu.yaml"' in said
    for name, data, words in (
        ("a.yaml", text.encode("gb18030"), "GBK"),
        ("a.xlsx", b"PK\x03\x04", "损坏"),
        ("a.pdf", b"%PDF-1.7", "PDF"),
        ("a.yaml", b"x" * 2_000_001, "2 MB"),
    ):
        response = client.post("/setup/packs/file", {"file": SimpleUploadedFile(name, data)})
        assert response.status_code == 422
        assert words in response.content.decode()
    assert "还没有选择文件" in client.post("/setup/packs/file").content.decode()


def test_bad_formulas_are_told_before_anything_is_taken(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    text = queries.export(SYSTEM)
    text = text.replace("NOT COALESCE({done}, FALSE)", "NOT COALESCE({dne}, FALSE)")
    text = text.replace("formula: '{amount} - COALESCE({paid}, 0)'", "formula: '{amount} - '", 1)
    odd = client.post("/setup/packs/file", {"text": text.replace("better: down", "better: odd", 1)})
    assert "up（越高越好）、down（越低越好）" in odd.content.decode()
    text = text.replace("of: sales_signed", "of: sales_odd", 1)
    choices = {s.id: "theirs" for s in queries.compare_text(text, "x").differences}
    asked = {f"c:{name}": side for name, side in choices.items()}
    response = client.post("/setup/packs/file", {"text": text, "keep": "1", **asked})
    said = response.content.decode()
    assert "dne" in said
    assert said.count("YAML 第 ") >= 3
    assert 'value="theirs" checked' in said


def test_undone_on_the_page(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    text = queries.export(SYSTEM).replace("days: 30", "days: 14")
    part = "alerts/no_follow_up/params/days"
    form = {"part:x.yaml": text, f"c:{part}": "theirs"}
    client.post("/setup/packs/file", {**form, "keep": "1"})
    said = client.post("/setup/packs/file", {"part:x.yaml": text}).content.decode()
    assert f'name="c:{part}" value="theirs" checked' in said  # as it was chosen before
    assert client.post("/setup/packs/file", {**form, "apply": "1"}).status_code == 303
    assert rules.rule("alerts", "no_follow_up").definition["params"]["days"] == 14
    change = queries.changes()[0].id
    url = f"/setup/packs/changes/{change}/undo"
    assert url in client.get("/setup/packs").content.decode()
    assert "14 → 30" in client.get(url).content.decode()
    assert client.post(url).status_code == 303
    assert rules.rule("alerts", "no_follow_up").definition["params"]["days"] == 30
    assert client.post(url).status_code == 422


def test_practice_data_in_and_out(browse: Browse, cast: Cast) -> None:
    client = browse(cast.wang_li)
    assert client.post("/setup/packs/practice", {"next": "/"}).url == "/"
    forget()
    found = practice.practice()
    assert found is not None
    assert "练习记录" in client.get("/setup/packs").content.decode()
    assert "清空练习数据" in client.get("/").content.decode()
    customer = found.records["customer"][0]
    values = {"purpose": "真的", "customer": customer, "planned_at": "2026-01-05 10:00"}
    records.create(actor=SYSTEM, object_key="visit", values=values)
    refused = client.post("/setup/packs/practice/empty")
    assert refused.status_code == 422
    assert "真的" in refused.content.decode()
    assert client.post("/setup/packs/practice/empty", {"with_hanging": "1"}).status_code == 303
    forget()
    assert practice.practice() is None
    assert queries.installed()
