"""Types of fields of a definition: what fits, what is typed, what is said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.posted import posted
from wubu.kernel.definitions.base import Field, Values
from wubu.kernel.definitions.definition import Check, Definition
from wubu.kernel.definitions.plain import Amount, Choice, Day, Flag, Line, Unit, Whole, Words
from wubu.kernel.types import Problem, Refused, Text, speaking

NAME = Words(name="label", label=Text("名称", "Name"), naming=True, required=True, most=5)
DAYS = Whole(name="days", label=Text("天数", "Days"), least=1, most=365)
SIZE = Choice(name="size", label=Text("大小", "Size"), options={"s": Text("小", "small")})
NOTE = Words(name="note", label=Text("备注", "Note"), most=5)
PRICE = Amount(
    name="price",
    label=Text("价格", "Price"),
    unit=lambda d: Unit(2, Text("元", "yuan")) if d.get("money") else Unit(),
    least=1,
    most=1_000_000,
)


def called(kind: str, key: str, object_key: str = "") -> Text | None:
    return None


def codes(field: Field, value: Any) -> list[str]:
    return [p.code for p in field.problems({field.name: value})]


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (DAYS, [1, 2, 364, 365], [0, 366, -1, True, 1.0, "5", [1]]),
        (
            Whole(name="p", label=NAME.label, least=-2, most=2, not_zero=True),
            [-2, -1, 1, 2],
            [0, -3, 3],
        ),
        (PRICE, [1, 1_000_000], [0, 1_000_001, "1", 0.5, True]),
        (SIZE, ["s"], ["m", 1, ["s"], {}]),
        (
            NOTE,
            ["abcde", {"zh": "一二三四五"}, {"en": "a"}],
            ["abcdef", {"zh": "a" * 6}, {"fr": "a"}, {"zh": 1}, 5],
        ),
        (Line(name="x", label=NAME.label, most=3), ["abc"], ["abcd", 3]),
        (Flag(name="x", label=NAME.label), [True, False], ["yes", 1, 0]),
        (
            Day(name="x", label=NAME.label),
            ["2024-02-29", "2026-12-31"],
            ["2026-02-29", "31.12.2026", "", 5][:2],
        ),
    ],
)
def test_limits_hold_at_both_ends(field: Field, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert codes(field, value) == [], value
    for value in bad:
        assert codes(field, value) == [field.code or field.usual_code], value


def test_a_problem_tells_the_true_limits_and_what_was_given() -> None:
    (found,) = DAYS.problems({"days": 366})
    assert (found.field, found.value) == ("days", "366")
    assert found.message.zh == "“天数”现在是“366”。"
    assert found.hint is not None
    assert found.hint.en == "It must be a whole number from 1 to 365."


def test_an_amount_tells_its_limits_in_the_unit_that_people_type() -> None:
    (found,) = PRICE.problems({"price": 1_000_001, "money": True})
    assert found.message.zh == "“价格”现在是“10,000.01”。"
    assert found.hint is not None
    assert found.hint.zh.startswith("应为 0.01 到 10,000 元 之间的数，最多 2 位小数")
    (found,) = PRICE.problems({"price": 1_000_001})
    assert found.hint is not None
    assert found.hint.en == "It must be a whole number from 1 to 1,000,000."


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("50,000", 5_000_000),
        ("0.01", 1),
        ("12.5", 1250),
        ("12.345", "12.345"),
        ("viel", "viel"),
        ("1e400", "1e400"),
        ("NaN", "NaN"),
        ("٣", 300),
    ],
)
def test_amounts_are_typed_in_whole_units(typed: str, read: Any) -> None:
    assert PRICE.answered(posted(price=typed), {"money": True}) == {"price": read}


@pytest.mark.parametrize(
    ("typed", "read"), [("7", 7), ("-7", -7), ("1,000", 1000), ("7.5", "7.5"), ("٣", "٣")]
)
def test_what_is_no_number_stays_as_it_was_typed(typed: str, read: Any) -> None:
    assert DAYS.answered(posted(days=typed), {}) == {"days": read}


def test_a_name_is_needed_in_chinese_and_stands_for_english() -> None:
    answered = NAME.answered(posted(label_zh="甲", label_en=""), {})
    assert answered == {"label": {"zh": "甲", "en": "甲"}}
    assert codes(NAME, {"zh": " ", "en": "A"}) == ["required"]
    assert codes(NAME, "") == ["required"]
    assert codes(NAME, None) == ["required"]
    assert codes(NAME, {"en": "A"}) == []


def test_words_change_in_the_language_of_who_writes_them() -> None:
    before = {"note": {"zh": "甲", "en": "one"}}
    with speaking("en"):
        assert NOTE.questions(before)[0].value == "one"
        assert NOTE.answered(posted(note="two"), before) == {"note": {"zh": "甲", "en": "two"}}
        assert NOTE.answered(posted(note="one"), before) == before
        assert NOTE.answered(posted(note=""), before) == {"note": None}
        assert NOTE.answered(posted(other=""), before) == {}


def two(**more: Any) -> Definition:
    return Definition(name="two", label=Text("两", "Two"), fields=(NAME, DAYS, SIZE), **more)


def test_everything_wrong_is_told_at_once() -> None:
    found = two().problems({"days": 0, "size": "xl", "dayz": 4})
    assert [p.field for p in found] == ["dayz", "label", "days", "size"]
    assert found[0].hint is not None
    assert "“days”" in found[0].hint.en


def _odd(d: Values) -> list[Problem]:
    return [Problem("odd", Text("单", "odd"), field="days")] if d["days"] % 2 else []


def test_what_spans_fields_is_asked_only_of_what_can_be_read() -> None:
    odd = two(checks=(Check(("days", "size"), _odd),))
    assert [p.code for p in odd.problems({"label": "甲", "days": 3, "size": "s"})] == ["odd"]
    assert odd.problems({"label": "甲", "days": 4, "size": "s"}) == []
    assert [p.code for p in odd.problems({"label": "甲", "days": "3"})] == ["not_whole"]


def test_older_versions_are_read_as_they_were_meant() -> None:
    weeks = two(
        version=3,
        upgrades={
            1: lambda d: {**d, "days": d["weeks"] * 7} if "weeks" in d else d,
            2: lambda d: {k: v for k, v in d.items() if k != "weeks"},
        },
    )
    assert weeks.current({"label": "甲", "weeks": 2}) == {"label": "甲", "days": 14}
    assert weeks.current({"label": "甲", "days": 3, "weeks": 2, "schema": 2}) == {
        "label": "甲",
        "days": 3,
    }
    assert weeks.current({"days": 3, "schema": 3}) == {"days": 3}
    assert weeks.stamped({"days": 3}) == {"days": 3, "schema": 3}
    assert two().stamped({"days": 3}) == {"days": 3}
    for strange in (4, 0, "2"):
        with pytest.raises(Refused) as refused:
            weeks.current({"days": 3, "schema": strange})
        assert refused.value.problems[0].code == "newer_version"
    with pytest.raises(ValueError, match="no way up"):
        two(version=2)


def test_values_are_said_in_words() -> None:
    assert DAYS.say(1200, {}, called).zh == "1,200"
    assert SIZE.say("s", {}, called).en == "small"
    assert PRICE.say(5_000_050, {"money": True}, called).zh == "50,000.5 元"
    assert PRICE.say(None, {}, called).en == "(nothing)"
