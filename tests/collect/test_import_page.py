"""The import page: drop, match, check, settle, run in the background, undo."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from tests.cast import build_cast
from wubu.collect.imports import queries
from wubu.kernel.jobs.worker import drain
from wubu.kernel.records import queries as records
from wubu.kernel.types import SYSTEM

CUSTOMERS = "客户名称,年营收,行业\n甲公司,100,化工\n乙公司,很多,化工\n"


@pytest.fixture
def cast(db):
    return build_cast()


def signed_in(person, lang="zh"):
    member = get_user_model().objects.get(pk=person.id)
    member.language = lang
    member.save()
    client = Client()
    client.force_login(member)
    return client


def file(text, name="客户.csv"):
    return SimpleUploadedFile(name, text.encode())


def upload(client, *files):
    answer = client.post("/import/upload", {"files": list(files)})
    assert answer.status_code == 303, answer.content.decode()[:2000]
    return answer["Location"]


def test_it_works(cast):
    client = signed_in(cast.zheng_kai)
    where = upload(client, file(CUSTOMERS))
    page = client.get(where).content.decode()
    assert "很多" in page
    assert "不是数字" in page
    assert "只导入没有问题的 1 行" in page
    answer = client.post(f"{where}/start", {"only_valid": "1"})
    assert answer.status_code == 303
    running = client.get(where).content.decode()
    assert "hx-trigger" in running
    assert drain() == 1
    asked = client.get(f"{where}/progress", headers={"HX-Request": "true"})
    assert asked["HX-Redirect"] == where
    done = client.get(where).content.decode()
    assert "撤销这次导入" in done
    assert records.visible(SYSTEM, "customer").get().name == "甲公司"
    client.post(f"{where}/undo")
    assert records.visible(SYSTEM, "customer").count() == 0
    assert "已撤销" in client.get("/import").content.decode()


@pytest.mark.parametrize(("lang", "words"), [("zh", "把表格拖到这里"), ("en", "Drop tables here")])
def test_both_languages(cast, lang, words):
    client = signed_in(cast.zheng_kai, lang)
    assert words in client.get("/import").content.decode()
    page = client.get(upload(client, file(CUSTOMERS))).content.decode()
    assert ("Rows with problems" in page) == (lang == "en")


def test_a_wrong_column_is_put_right_and_checked_again(cast):
    client = signed_in(cast.zheng_kai)
    where = upload(client, file("名字,价\n甲,1\n乙,2\n", "表.csv"))
    [batch] = queries.get(SYSTEM, int(where.rsplit("/", 1)[1])).batches
    client.post(f"{where}/target", {"batch": batch.id, "object": "product"})
    answer = client.post(
        f"{where}/mapping",
        {"batch": batch.id, "c-0": "name", "c-1": "price", "match_on": "name"},
    )
    assert answer["Location"] == f"{where}#p-batch-{batch.id}"
    [batch] = queries.get(SYSTEM, batch.import_id).batches
    assert batch.mapping.fields == {"name": 0, "price": 1}
    assert batch.checked.created == 2
    twice = client.post(f"{where}/mapping", {"batch": batch.id, "c-0": "name", "c-1": "name"})
    assert twice.status_code == 422
    assert "不止一列" in twice.content.decode()


def test_one_click_settles_all_rows_of_a_value(cast):
    client = signed_in(cast.zheng_kai)
    deals = "商机编号,商机名称,客户\n" + "".join(f"A{n},a,甲公词\n" for n in range(9))
    where = upload(client, file("客户名称\n甲公司\n乙公司\n"), file(deals, "商机.csv"))
    page = client.get(where).content.decode()
    assert "改为“甲公司”" in page
    view = queries.get(SYSTEM, int(where.rsplit("/", 1)[1]))
    form = {"batch": view.batches[1].id, "field": "customer", "value": "甲公词", "remedy": "accept"}
    client.post(f"{where}/resolve", form)
    assert queries.get(SYSTEM, view.id).bad_rows == 0
    assert "导入 11 行" in client.get(where).content.decode()


def test_rows_with_problems_come_back_as_a_workbook(cast):
    client = signed_in(cast.zheng_kai)
    where = upload(client, file(CUSTOMERS))
    [batch] = queries.get(SYSTEM, int(where.rsplit("/", 1)[1])).batches
    answer = client.get(f"/import/problems/{batch.id}.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    header, row = book.get_sheet_by_index(0).to_python()
    assert header == ["行号", "原因", "客户名称", "年营收", "行业"]
    assert row[0] == 3
    assert "很多" in row[1]
    assert row[2:] == ["乙公司", "很多", "化工"]


def test_what_is_no_table_is_told_on_the_page(cast):
    client = signed_in(cast.zheng_kai)
    for name, content in (("a.pdf", b"%PDF-1.7"), ("empty.csv", b""), ("h.csv", b"name,phone\n")):
        answer = client.post("/import/upload", {"files": SimpleUploadedFile(name, content or b" ")})
        assert answer.status_code == 422
        assert name in answer.content.decode()
    assert client.post("/import/upload").status_code == 422


def test_the_line_a_value_came_from(cast):
    client = signed_in(cast.zheng_kai)
    where = upload(client, file(CUSTOMERS))
    [batch] = queries.get(SYSTEM, int(where.rsplit("/", 1)[1])).batches
    assert "很多" in client.get(f"/import/line/{batch.id}/3").content.decode()
    assert client.get(f"/import/line/{batch.id}/99").status_code == 200
    assert client.get("/import/line/999999/3").status_code == 404


def test_only_who_may_import(cast):
    rep = signed_in(cast.zhang_wei)
    assert rep.get("/import").status_code == 403
    assert rep.post("/import/upload", {"files": file(CUSTOMERS)}).status_code == 403
    where = upload(signed_in(cast.zheng_kai), file(CUSTOMERS))
    other = signed_in(cast.li_qiang)
    assert other.get("/import").status_code == 200
    for path in ("", "/progress"):
        assert other.get(f"{where}{path}").status_code == 404
    for path in ("/start", "/undo", "/accept", "/check", "/remove", "/cancel"):
        assert other.post(f"{where}{path}").status_code == 404


def test_a_stopped_import_says_where_and_goes_on(cast):
    client = signed_in(cast.zheng_kai)
    where = upload(client, file(CUSTOMERS))
    client.post(f"{where}/start")
    drain()
    page = client.get(where).content.decode()
    assert "在这里停下了" in page
    assert records.visible(SYSTEM, "customer").count() == 0


def test_forged_numbers_are_no_way_in(cast):
    client = signed_in(cast.zheng_kai)
    where = upload(client, file(CUSTOMERS))
    for form in ({"batch": "9999", "object": "lead"}, {"batch": "x", "object": "lead"}, {}):
        assert client.post(f"{where}/target", form).status_code == 422
    assert client.get("/import/99999999").status_code == 404
