from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.fields.support import field
from wubu.kernel.fields import FIELD_TYPES, FieldError, from_json, parser, show, to_json

MONEY = field("money")
FEN = st.integers(-(9 * 10**15), 9 * 10**15)


@pytest.mark.parametrize(
    ("raw", "fen"),
    [
        ("1234.5", 123_450),
        ("¥1,234.50", 123_450),
        ("￥1,234.50", 123_450),
        ("1,234.5元", 123_450),
        ("人民币 1,234.5 元", 123_450),
        ("12.5万", 12_500_000),
        ("12.5万元", 12_500_000),
        ("1.2亿", 12_000_000_000),
        ("3百万", 300_000_000),
        ("$22,700.00", 2_270_000),
        ("$1,117.10K", 111_710_000),
        ("１２３．５", 12_350),
        ("１，２３４", 123_400),
        ("(1,200)", -120_000),
        ("（1,200）", -120_000),
        ("-¥5", -500),
        ("−5", -500),
        ("1e3", 100_000),
        (".5", 50),
        ("  7 ", 700),
        ("1 234.50", 123_450),
        (5, 500),
        (1.1, 110),
        (Decimal("2.345"), 235),
        (-2.345, -235),
        ("2.345", 235),
        ("", None),
        ("   ", None),
        (None, None),
    ],
)
def test_money_is_read_as_people_write_it(raw: Any, fen: int | None) -> None:
    assert FIELD_TYPES["money"].parse(MONEY, raw) == fen


@pytest.mark.parametrize(
    "raw",
    [
        "待定",
        "1,23,4",
        "12元5角",
        "--5",
        "1.2.3",
        "约 500",
        True,
        float("nan"),
        [1],
        "1,234.5.6",
        "¥",
    ],
)
def test_text_in_a_money_cell_is_a_problem_with_a_hint(raw: Any) -> None:
    with pytest.raises(FieldError) as caught:
        FIELD_TYPES["money"].parse(MONEY, raw)
    assert caught.value.code == "not_a_number"
    assert caught.value.hint is not None
    problem = caught.value.problem(MONEY, raw, row=3, line=214)
    assert (problem.object, problem.field, problem.row, problem.line) == ("thing", "f", 3, 214)
    assert problem.message.zh
    assert problem.message.en


@pytest.mark.parametrize("raw", ["90000000000000.01", "9e15", "1e40", -(10**30), 1e300, "9e99"])
def test_what_sums_could_not_hold_is_out_of_range(raw: Any) -> None:
    with pytest.raises(FieldError) as caught:
        FIELD_TYPES["money"].parse(MONEY, raw)
    assert caught.value.code == "out_of_range"


@given(FEN)
def test_money_shown_reads_back(fen: int) -> None:
    for lang in ("zh", "en"):
        assert parser(MONEY)(show(MONEY, fen, lang)) == fen  # type: ignore[arg-type]
    assert from_json(MONEY, to_json(MONEY, fen)) == fen


@given(st.integers(-(10**15), 10**15), st.integers(0, 6))
def test_numbers_shown_read_back(value: int, decimals: int) -> None:
    spec = field("number", decimals=decimals, unit="台")
    assert parser(spec)(show(spec, value)) == value
    assert from_json(spec, to_json(spec, value)) == value


@given(st.integers(-(10**9), 10**9))
def test_percentages_shown_read_back(value: int) -> None:
    spec = field("percent")
    assert parser(spec)(show(spec, value)) == value
    assert from_json(spec, to_json(spec, value)) == value


@given(st.decimals(-(10**12), 10**12, places=2))
def test_floats_of_a_spreadsheet_are_what_the_person_saw(amount: Decimal) -> None:
    assert parser(MONEY)(float(amount)) == int(amount * 100)


def test_money_is_shown_with_its_currency() -> None:
    assert show(MONEY, 123_450) == "¥1,234.50"
    assert show(MONEY, -5) == "-¥0.05"
    assert show(MONEY, None) == ""
    assert show(field("money", currency="USD"), 123_450, "en") == "$1,234.50"
    assert show(field("money", currency="USD"), 123_450, "zh") == "US$1,234.50"
    assert to_json(MONEY, 123_450) == "1234.50"
    assert to_json(MONEY, -5) == "-0.05"


def test_percentages() -> None:
    spec = field("percent")
    read = parser(spec)
    assert read("12%") == 1200
    assert read("１２％") == 1200
    assert read("0.12") == 1200
    assert read(0.12) == 1200
    assert read("1") == 10_000
    assert read("63.15%") == 6315
    assert read("150%") == 15_000
    assert show(spec, 6315) == "63.15%"
    assert show(spec, 6000, "en") == "60%"
    assert to_json(spec, 6000) == "0.6000"
    with pytest.raises(FieldError) as caught:
        read("12")
    assert caught.value.code == "percent_or_ratio"
    assert read(caught.value.suggestion) == 1200


def test_bounds_are_in_the_units_people_see() -> None:
    score = parser(field("number", min=1, max=10))
    assert score("10") == 10
    for raw, code in (("0", "too_small"), ("11", "too_large")):
        with pytest.raises(FieldError) as caught:
            score(raw)
        assert caught.value.code == code
    with pytest.raises(FieldError):
        parser(field("money", min=0))("-1")
    with pytest.raises(FieldError):
        parser(field("percent", max=1))("101%")


def test_years_have_no_thousands() -> None:
    assert show(field("number", plain=True), 1996) == "1996"
    assert show(field("number"), 1996) == "1,996"


def test_a_count_is_a_plain_integer_in_json() -> None:
    spec = field("number")
    assert to_json(spec, 42) == 42
    assert from_json(spec, 42) == 42
    assert to_json(field("number", decimals=1), 425) == "42.5"


def test_limits_of_a_percentage_are_said_in_percent() -> None:
    f = field("percent", min=0, max=1)
    with pytest.raises(FieldError) as caught:
        FIELD_TYPES["percent"].parse(f, "200%")
    assert "100%" in caught.value.message.zh
