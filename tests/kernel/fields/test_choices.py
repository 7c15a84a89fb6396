from __future__ import annotations

from typing import Any

import pytest

from tests.kernel.fields.support import field
from wubu.kernel.fields import FieldError, from_json, parser, show, to_json
from wubu.kernel.types import speaking

ONE = field("choice")
MANY = field("multichoice")


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("a", "a"),
        ("重点客户", "a"),
        ("key account", "a"),
        ("KEY-ACCOUNT", "a"),
        (" 普通客户 ", "b"),
        ("GTXPro", "gtx_pro"),
        ("旧选项", "old"),
        ("", None),
        (None, None),
    ],
)
def test_options_by_key_or_label_in_either_language(raw: Any, key: str | None) -> None:
    assert parser(ONE)(raw) == key


def test_a_near_miss_is_a_problem_with_a_suggestion() -> None:
    with pytest.raises(FieldError) as caught:
        parser(ONE)("重点顾客")
    assert caught.value.code == "unknown_choice"
    assert caught.value.suggestion == "a"
    assert "重点客户" in str(caught.value.hint)


def test_a_stranger_is_a_problem_that_lists_the_options() -> None:
    with pytest.raises(FieldError) as caught:
        parser(ONE)("xyz")
    assert caught.value.suggestion is None
    assert "重点客户、普通客户、GTX Pro" in str(caught.value.hint)
    with speaking("en"):
        assert "Key account, Regular" in str(caught.value.hint)


def test_several_options_from_one_cell_or_a_list() -> None:
    read = parser(MANY)
    assert read("普通客户、重点客户") == ("a", "b")
    assert read("b; a") == ("a", "b")
    assert read(["b", "Key account", "b"]) == ("a", "b")
    assert read([]) is None
    assert read("") is None
    assert read("、") is None
    assert show(MANY, ("a", "b"), "zh") == "重点客户、普通客户"
    assert show(MANY, ("a", "b"), "en") == "Key account, Regular"
    assert to_json(MANY, ("a", "b")) == ["a", "b"]
    assert from_json(MANY, ["a", "b"]) == ("a", "b")
    with pytest.raises(FieldError):
        read("a, nothing-like-it-xyz")


def test_shown_in_the_readers_language() -> None:
    assert show(ONE, "a") == "重点客户"
    assert show(ONE, "a", "en") == "Key account"
    assert show(ONE, "unknown_key") == "unknown_key"
    assert show(ONE, None) == ""


@pytest.mark.parametrize("raw", ["是", "yes", "YES", "√", "1", 1, 1.0, True, "true", "对", "on"])
def test_yes(raw: Any) -> None:
    assert parser(field("bool"))(raw) is True


@pytest.mark.parametrize("raw", ["否", "no", "×", "0", 0, False, "false", "没有", "off"])
def test_no(raw: Any) -> None:
    assert parser(field("bool"))(raw) is False


def test_neither_yes_nor_no() -> None:
    read = parser(field("bool"))
    assert read("") is None
    assert read(None) is None
    with pytest.raises(FieldError) as caught:
        read("也许")
    assert caught.value.code == "not_yes_or_no"
    assert show(field("bool"), True) == "是"
    assert show(field("bool"), False, "en") == "No"
