"""Shapes that cannot be: refused by page and API alike, in words, and nothing changes."""

from __future__ import annotations

import html
from typing import Any

import pytest

from tests.api.conftest import Caller, caller_for
from tests.cast import Cast, build_cast
from tests.web.conftest import Browse
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.workspace import unit_of_work

pytestmark = pytest.mark.django_db(transaction=True)
DEEP = "ABS(" * 70 + "1" + ")" * 70
CUSTOMER = {"key": "customer", "label": {"zh": "客户", "en": "Customer"}}
FIELDS = "/setup/objects/customer/fields/new"


@pytest.fixture
def people() -> Cast:
    with unit_of_work():
        return build_cast()


@pytest.fixture
def boss(browse: Browse, people: Cast) -> Any:
    return browse(people.wang_li)


@pytest.fixture
def caller(people: Cast) -> Caller:
    with unit_of_work():
        return caller_for(people.wang_li, "zh")


def told(response: Any) -> str:
    assert response.status_code == 422
    return html.unescape(response.content.decode())


def fields() -> int:
    with unit_of_work():
        return len(snapshot().object("customer").fields)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"key": "id"}, "“id”是保留名"),
        ({"key": "created_at"}, "“created_at”是保留名"),
        ({"key": "name"}, "标识“name”已被使用"),
        ({"key": "客户"}, "“客户”不能作为标识"),
        ({"key": "a" * 64}, "不能作为标识"),
        ({"type": "link"}, "请选择“新字段”关联到哪个对象"),
        ({"type": "formula", "formula": DEEP}, "嵌套超过 60 层"),
        ({"type": "formula", "formula": "{没有这个} + 1"}, "没有这个"),
    ],
)
def test_a_field_that_cannot_be(boss: Any, field: dict[str, str], words: str) -> None:
    before = fields()
    assert words in told(boss.post(FIELDS, {"zh": "新字段", "type": "text", **field}))
    assert fields() == before


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"key": "id"}, "“id”是保留名"),
        ({"key": "客户"}, "^[a-z]"),
        ({"key": "to", "type": "link"}, "请选择“新字段”关联到哪个对象"),
        ({"key": "to", "type": "link", "target": "nothing"}, "“nothing”不存在"),
        (
            {
                "key": "deep",
                "type": "formula",
                "options": {"formula": DEEP},
            },
            "嵌套超过 60 层",
        ),
    ],
)
def test_the_api_says_the_same(caller: Caller, field: dict[str, Any], words: str) -> None:
    before = fields()
    made = {"type": "text", "label": {"zh": "新字段", "en": "New"}, **field}
    answer = caller.post("/schema/apply", {"objects": [{**CUSTOMER, "fields": [made]}]})
    assert answer.status_code in {400, 422}
    assert words in str(answer.json())
    assert fields() == before


def test_an_object_that_cannot_be_is_named_by_the_words_of_the_form(boss: Any) -> None:
    said = told(boss.post("/setup/objects/new", {"zh": "新对象", "key": "customer"}))
    assert '<a href="#f-key">标识</a>' in said
    assert "“customer”已被使用" in said
    assert "已经有一个叫“客户”的" in told(boss.post("/setup/objects/new", {"zh": "客户"}))


def test_an_object_that_others_link_to_stays(boss: Any, caller: Caller) -> None:
    sent = {"do": "retire", "tab": "options"}
    assert "联系人" in told(boss.post("/setup/objects/customer", sent))
    answer = caller.post("/schema/retire", {"object": "customer"})
    assert answer.status_code == 422
    assert "联系人" in str(answer.json())
