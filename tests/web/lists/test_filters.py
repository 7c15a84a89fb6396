"""The filter: text to tree and back."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.collect.views.making import blind
from tests.web.conftest import Browse
from tests.web.deals import text


@pytest.mark.parametrize(
    "condition",
    [
        '{阶段} = "赢单"',
        '({阶段} = "赢单" OR {商机金额} > 10万) AND NOT ISBLANK({负责人})',
        "{负责人} = ME()",
        "{负责人} IN MYTEAM()",
        "{预计成交日期} BETWEEN ADDDAYS(TODAY(), -6) AND TODAY()",
        'CONTAINS({商机名称}, "a")',
        "LEN({商机名称}) + 1 > 3",
    ],
)
def test_text_to_tree_and_back(browse: Browse, cast: Cast, condition: str) -> None:
    client = browse(cast.zhang_wei)
    first = client.post("/o/opportunity/filter", {"text": condition}).json()
    tree = __import__("json").dumps(first["tree"])
    second = client.post("/o/opportunity/filter", {"tree": tree}).json()
    assert second["tree"] == first["tree"]
    assert second["text"]
    assert second["sentence"] == first["sentence"]


def test_a_bad_condition_says_where(browse: Browse, cast: Cast) -> None:
    client = browse(cast.zhang_wei)
    bad = client.post("/o/opportunity/filter", {"text": "{没有这个} = 1"})
    assert bad.status_code == 422
    assert bad.json()["problems"][0]["start"] == 0
    for tree in ("[", '{"op":"rm -rf"}', "[" * 2000, '{"field":"}{"}'):
        assert client.post("/o/opportunity/filter", {"tree": tree}).status_code == 422
    blind(cast, cast.liu_yang)
    hidden = browse(cast.liu_yang).post("/o/opportunity/filter", {"text": "{商机金额} = 1"})
    absent = browse(cast.liu_yang).post("/o/opportunity/filter", {"text": "{没有金额} = 1"})
    assert hidden.status_code == absent.status_code == 422
    assert hidden.json()["problems"][0]["message"] == absent.json()["problems"][0][
        "message"
    ].replace("没有金额", "商机金额")


def test_relative_days_are_offered(browse: Browse, cast: Cast) -> None:
    said = text(browse(cast.zhang_wei), "/o/opportunity/?f=")
    assert "在最近 7 天" in said or "\\u5728\\u6700\\u8fd1 7 \\u5929" in said
