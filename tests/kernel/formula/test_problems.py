"""What is wrong with a formula is told with its place and a hint, all of it at once."""

from __future__ import annotations

import pytest

from tests.kernel.formula.company import SNAPSHOT, field, snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import parse
from wubu.kernel.formula.tree import MAX_LENGTH
from wubu.kernel.types import Problem, Refused, speaking


def problems(text: str, **more: object) -> tuple[Problem, ...]:
    given = {"snapshot": SNAPSHOT, "object_key": "t_deal", **more}
    with pytest.raises(Refused) as caught:
        parse(text, **given)  # type: ignore[arg-type]
    return caught.value.problems


def test_it_works() -> None:
    (found,) = problems("{金客} > 1")
    assert (found.code, found.start, found.end) == ("unknown_field", 0, 4)
    assert found.message.zh == "“商机”没有字段“金客”。"
    with speaking("zh"):
        assert "{金额}" in str(problems("{金客} > 1")[0].hint)


def test_all_problems_come_at_once() -> None:
    found = problems("{nope} + {stage} > LEN(1, 2) AND IIF({amount})")
    assert [(p.code, p.start) for p in found] == [
        ("unknown_field", 0),
        ("wrong_type", 9),
        ("wrong_arguments", 19),
        ("unknown_function", 33),
    ]
    assert all(p.start is not None and p.end is not None and p.message.en for p in found)


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ("", "empty", ""),
        ("   ", "empty", "   "),
        ("{amount", "brace_not_closed", "{"),
        ("{amount} >", "unfinished", ""),
        ("(1 + 2", "unfinished", ""),
        ("1 + 2)", "not_expected", ")"),
        ("{amount} {cost}", "not_expected", "{cost}"),
        ('"open', "quote_not_closed", '"open'),
        ("1 # 2", "unknown_character", "#"),
        ("1 < 2 < 3", "not_expected", "<"),
        ("1.2345678", "too_many_decimals", "1.2345678"),
        ("99999999999999999999", "number_too_large", "99999999999999999999"),
        ("amount > 1", "unknown_word", "amount"),
        ("{amount.name}", "unknown_field", "{amount.name}"),
        ("{partners.name} = 1", "many_records", "{partners.name}"),
        ("{stage} = 'Wonn'", "unknown_choice", "'Wonn'"),
        ("{closed_on} > '2026-02-30'", "not_a_date", "'2026-02-30'"),
        ("{customer} = 'Acme'", "not_an_id", "'Acme'"),
        ("{urgent} < TRUE", "wrong_type", "{urgent}"),
        ("{tags} = 'tech' ", "wrong_type", "{tags}"),
        ("{amount} AND TRUE", "wrong_type", "{amount}"),
        ("ADDDAYS({closed_on}, 1.5)", "not_whole", "1.5"),
        ("ROUND({amount}, 7)", "wrong_arguments", "7"),
        ("ROUND({amount}, {pieces})", "wrong_type", "{pieces}"),
        ("{amount} IN (1, BLANK())", "blank_in_list", "BLANK()"),
    ],
)
def test_every_problem_marks_its_characters(text: str, code: str, marked: str) -> None:
    found = problems(text)[0]
    assert found.code == code
    assert text[found.start : found.end] == marked


def test_a_choice_is_suggested() -> None:
    with speaking("en"):
        assert str(problems("{stage} = 'Prospectin'")[0].hint) == "Did you mean “Prospecting”?"


def test_too_deep_and_too_long_are_problems_and_not_crashes() -> None:
    assert problems("NOT " * 3000 + "TRUE")[0].code in {"too_long", "too_deep"}
    assert problems("-" * 9000 + "1")[0].code == "too_deep"
    assert problems("ABS(" * 1500 + "1" + ")" * 1500)[0].code == "too_deep"
    assert problems("1" * (MAX_LENGTH + 1))[0].code == "too_long"
    assert problems(" + ".join(["{amount}"] * 300))[0].code == "too_many_parts"
    assert parse("(" * 4000 + "1" + ")" * 4000, snapshot=SNAPSHOT, object_key="t_deal")
    assert parse(" AND ".join(["{urgent}"] * 200), snapshot=SNAPSHOT, object_key="t_deal")


def formula_field(key: str, text: str) -> object:
    return field("t_deal", key, "formula", key, key, options={"formula": text})


def test_formulas_that_refer_to_each_other_show_the_circle() -> None:
    made = snapshot(
        formula_field("a", "{b} + 1"),  # type: ignore[arg-type]
        formula_field("b", "{c} * 2"),  # type: ignore[arg-type]
        formula_field("c", "{a}"),  # type: ignore[arg-type]
        version="circle",
    )
    (found,) = problems("{a} > 0", snapshot=made)
    assert found.code == "circle"
    with speaking("en"):
        assert "Deal.a → Deal.b → Deal.c → Deal.a" in str(found.message)


def test_a_chain_of_formula_fields_counts_as_nesting() -> None:
    chain = [formula_field("f0", "{amount}")]
    chain += [formula_field(f"f{i}", f"ABS({{f{i - 1}}})") for i in range(1, 80)]
    made = snapshot(*chain, version="chain")  # type: ignore[arg-type]
    assert parse("{f10}", snapshot=made, object_key="t_deal")
    assert problems("{f79}", snapshot=made)[0].code == "too_deep"


def test_a_broken_formula_field_is_named() -> None:
    made = snapshot(formula_field("bad", "{nope}"), version="broken")  # type: ignore[arg-type]
    (found,) = problems("{bad} + 1", snapshot=made)
    assert found.code == "broken_field"
    assert (found.start, found.end) == (0, 5)


def test_the_expected_type_is_demanded() -> None:
    assert problems("{amount}", expect=ValueType("bool"))[0].code == "wrong_type"
    made = parse("1 / 3", snapshot=SNAPSHOT, object_key="t_deal", expect=ValueType("number", 2))
    assert (made.type.scale, made.value(lambda path: None)) == (2, 33)


def test_what_may_not_be_read_is_as_if_it_were_not_there() -> None:
    def readable(path: tuple[str, ...]) -> bool:
        return path[-1] not in {"cost", "revenue"}

    for hidden, unknown in (("{cost} > 1", "{cosd} > 1"), ("{成本} > 1", "{成木} > 1")):
        (secret,) = problems(hidden, readable=readable)
        (absent,) = problems(unknown, readable=readable)
        assert secret.code == absent.code == "unknown_field"
        assert secret.message.en.replace(hidden[1:-5], "") == absent.message.en.replace(
            unknown[1:-5], ""
        )
        assert "cost" not in str(absent.hint).lower()
        assert "成本" not in str(absent.hint)
    assert problems("{customer.revenue} > 1", readable=readable)[0].code == "unknown_field"
    # A type error elsewhere must not give it away either.
    assert problems("LEN({cost}, 1)", readable=readable)[0].code == "unknown_field"
    assert parse("{margin} > 1", snapshot=SNAPSHOT, object_key="t_deal", readable=readable)


def test_every_unpaired_mark_is_told_at_once() -> None:
    found = problems("{amount + (1 + 2)) * ROUND({pieces}, 0")
    assert [(p.code, p.start) for p in found] == [
        ("brace_not_closed", 0),
        ("not_expected", 17),
        ("unfinished", 38),
    ]


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("{amuont} * 2", "{Amount}"),
        ("RUOND({amount}, 2)", "ROUND"),
        ("{stage} = 'Wonn'", '"Won"'),
        ("amount * 2", "{amount}"),
        ("ROUND(({amount} + 1) * 2, 2", ")"),
    ],
)
def test_what_would_do_instead_mends_the_text(text: str, suggestion: str) -> None:
    with speaking("en"):
        found = problems(text)[0]
        mended = text[: found.start] + str(found.suggestion) + text[found.end :]
        assert found.suggestion == suggestion
        assert parse(mended, snapshot=SNAPSHOT, object_key="t_deal")


WRAPS = ("SQRT({})", "IF(TRUE, {}, 3)", "({} + 1)", "MOD({}, 7)", "SUBSTITUTE({}, 'a', 'b')")


def test_nested_fifty_deep_works_and_far_deeper_is_refused() -> None:
    for wrap in WRAPS:
        text = "{name}" if "SUB" in wrap else "{amount}"
        for _ in range(48):
            text = wrap.replace("{}", text, 1)
        formula = parse(text, snapshot=SNAPSHOT, object_key="t_deal")
        assert formula.sentence("zh")
        again = parse(formula.canonical(), snapshot=SNAPSHOT, object_key="t_deal")
        assert again.node == formula.node
        for _ in range(2000 if len(wrap) < 10 else 100):
            text = wrap.replace("{}", text, 1)
        assert {p.code for p in problems(text)} <= {"too_deep", "too_long"}
