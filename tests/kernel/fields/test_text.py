from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.kernel.fields.support import field
from wubu.kernel.fields import FieldError, parser, show, to_json


def test_text_is_tidied() -> None:
    read = parser(field("text"))
    assert read("  明华  传感\u00a0器 \n") == "明华 传感 器"
    assert read(" \t\n") is None
    assert read("a\x00b") == "ab"
    assert read(13800138000.0) == "13800138000"
    assert read(12.5) == "12.5"
    with pytest.raises(FieldError):
        read(["a"])


def test_too_long_says_how_long() -> None:
    with pytest.raises(FieldError) as caught:
        parser(field("text", max=5))("六个字太长了")
    assert caught.value.code == "too_long"
    assert "6" in str(caught.value.message)
    assert parser(field("longtext"))("一\r\n二 ") == "一\n二"
    with pytest.raises(FieldError):
        parser(field("longtext", max=10))("x" * 11)


def test_credit_codes_have_a_check_digit() -> None:
    read = parser(field("text", format="credit_code"))
    assert read("91110000600037341l") == "91110000600037341L"
    assert read("9111 0000 6000 3734 1L") == "91110000600037341L"
    for wrong in ("91110000600037342L", "12345", "明华传感"):
        with pytest.raises(FieldError) as caught:
            read(wrong)
        assert caught.value.code == "not_a_credit_code"


@pytest.mark.parametrize(
    ("raw", "stored", "shown"),
    [
        ("13800138000", "+8613800138000", "138 0013 8000"),
        ("+86 138-0013-8000", "+8613800138000", "138 0013 8000"),
        ("１３８ ００１３ ８０００", "+8613800138000", "138 0013 8000"),
        (13800138000, "+8613800138000", "138 0013 8000"),
        (13800138000.0, "+8613800138000", "138 0013 8000"),
        ("010-88886666", "+861088886666", "010 8888 6666"),
        ("010-88886666转801", "+861088886666;ext=801", "010 8888 6666 转 801"),
        ("400 820 8820", "+864008208820", "400 820 8820"),
        ("+1 212 555 0100", "+12125550100", "+1 212-555-0100"),
    ],
)
def test_phones(raw: Any, stored: str, shown: str) -> None:
    spec = field("phone")
    assert parser(spec)(raw) == stored
    assert show(spec, stored) == shown
    for lang in ("zh", "en"):
        assert parser(spec)(show(spec, stored, lang)) == stored  # type: ignore[arg-type]


@pytest.mark.parametrize("raw", ["电话待补", "123", "138001380001234567"])
def test_no_phone(raw: str) -> None:
    with pytest.raises(FieldError) as caught:
        parser(field("phone"))(raw)
    assert caught.value.code == "not_a_phone"


def test_mail_addresses() -> None:
    read = parser(field("email"))
    assert read(" Li.Qiang@Example.COM ") == "Li.Qiang@example.com"
    assert read("李强 <li@example.com>") == "li@example.com"
    assert read("mailto:li@example.com") == "li@example.com"
    assert read("") is None
    for wrong in ("li@", "li.example.com", "a b@example.com", "a@b", "a@b.com, c@d.com"):
        with pytest.raises(FieldError):
            read(wrong)


def test_web_addresses() -> None:
    read = parser(field("url"))
    assert read("example.com/a?b=1") == "https://example.com/a?b=1"
    assert read("http://明华.中国/") == "http://明华.中国/"
    for wrong in ("javascript:alert(1)", "ftp://example.com", "no spaces.com/", "word"):
        with pytest.raises(FieldError):
            read(wrong)


def test_links_are_ids_or_names_to_look_up() -> None:
    read = parser(field("link"))
    assert read(5) == 5
    assert read("id:5") == 5
    assert read("5") == "5"
    assert read(" 明华  传感 ") == "明华 传感"
    assert read(100234.0) == "100234"
    assert read(SimpleNamespace(id=7)) == 7
    assert read("") is None
    with pytest.raises(FieldError):
        read(object())
    many = parser(field("links"))
    assert many("id:1、id:2, 明华") == (1, 2, "明华")
    assert many([3, 3, None]) == (3,)
    assert many(None) is None
    assert to_json(field("link"), 5) == "5"
    assert to_json(field("links"), (5, 6)) == ["5", "6"]


def test_computed_fields_are_not_typed_in() -> None:
    for kind in ("formula", "rollup"):
        assert parser(field(kind))(None) is None
        with pytest.raises(FieldError) as caught:
            parser(field(kind))("5")
        assert caught.value.code == "computed"
    assert show(field("rollup", result="money"), 5) == "¥0.05"


def test_files_are_ids() -> None:
    read = parser(field("attachment"))
    assert read(["3", 4, "id:3"]) == (3, 4)
    assert read("3,4") == (3, 4)
    assert read("") is None
    with pytest.raises(FieldError):
        read("report.pdf")
    assert show(field("attachment"), (3,), "en") == "1 file"
    assert show(field("attachment"), (3, 4), "zh") == "2 个文件"
