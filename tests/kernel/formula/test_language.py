"""The language as people write it: labels, Chinese names and punctuation, units, percentages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.kernel.formula.company import SNAPSHOT
from tests.kernel.formula.conftest import CONTEXT
from wubu.kernel.formula.functions import FUNCTIONS, NAMES
from wubu.kernel.formula.queries import functions, names, of_field, parse, to_tree
from wubu.kernel.types import speaking

ROW: dict[tuple[str, ...], Any] = {
    ("name",): "华东 GTX",
    ("amount",): 20_000_000,
    ("cost",): 5_000_000,
    ("stage",): "won",
    ("tags",): ("tech", "retail"),
    ("share",): 6000,
    ("pieces",): 7,
    ("opened_on",): date(2026, 1, 31),
    ("closed_on",): date(2026, 3, 1),
    ("called_at",): datetime(2026, 3, 31, 16, 30, tzinfo=UTC),  # 1 April in Shanghai
    ("customer",): 5,
    ("customer", "industry"): "tech",
    ("owner",): 7,
    ("partners",): (5, 6),
}


def value(text: str) -> Any:
    made = parse(text, snapshot=SNAPSHOT, object_key="t_deal")
    return made.value(ROW.get, context=CONTEXT)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("IF({金额} > 100000, {金额} * 5%, 0)", 100_000_000),  # scale 4
        ("如果（{金额}＞10万，1，0）", 1),
        ("{客户.行业} = '科技' 且 {阶段} 属于（“赢单”，“输单”）", True),
        ("{Customer.Industry} = 'technology' AND {Stage} = 'Won'", True),
        ("{stage} <> '赢单' 或 非 {amount} < 0", True),
        ("NOT({stage} = 'won')", False),
        ("AND({stage} = 'won', OR({amount} < 0, {pieces} ≥ 7))", True),
        ("SWITCH({stage}, '赢单', 1, '输单', -1, 0)", 1),
        ("{note}", None),
        ("{note} = ''", True),
        ("{note} = 'x'", None),
        ("{note} = 'x' OR TRUE", True),
        ("ISBLANK({note}) AND NOT ISBLANK({name})", True),
        ("COALESCE({note}, {name}, '无')", "华东 GTX"),
        ("'#' & {pieces} & '/' & {amount} & {note}", "#7/200000.00"),
        ("CONTAINS({name}, 'gtx')", True),
        ("STARTSWITH({name}, '华')", True),
        ("CONTAINS({tags}, '零售')", True),
        ("{tags} IN ('health')", False),
        ("{partners} IN (6, 9)", True),
        ("CONTAINS({partners}, 9)", False),
        ("{customer} = 5 AND {customer} = '5' AND {customer} = 'id:5'", True),
        ("LEFT({name}, 2) & RIGHT({name}, 3)", "华东GTX"),
        ("LEN({name})", 6),
        ("7 / 2", 3_500_000),
        ("1 / 0", None),
        ("ROUND(2.5, 0) + ROUND(-2.5, 0)", 0),
        ("ROUND(12345, -2)", 12300),
        ("FLOOR(-1.5) + CEILING(-1.5)", -3),
        ("MIN({pieces}, BLANK(), 3)", 3),
        ("MAX({opened_on}, {closed_on})", date(2026, 3, 1)),
        ("{amount} + BLANK()", None),
        ("{closed_on} - {opened_on}", 29),
        ("DAYS({closed_on}, {opened_on})", 29),
        ("{opened_on} + 1", date(2026, 2, 1)),
        ("ADDMONTHS({opened_on}, 1)", date(2026, 2, 28)),
        ("ADDMONTHS('2024-01-31', 1)", date(2024, 2, 29)),
        ("MONTHSTART({closed_on}) = DATE(2026, 3, 1)", True),
        ("MONTHEND({opened_on} + 1)", date(2026, 2, 28)),
        ("DATE(2026, 13, 1)", date(2027, 1, 1)),
        ("YEAR({called_at}) * 100 + MONTH({called_at})", 202604),
        ("{called_at} = '2026-04-01'", True),
        ("{called_at} > TODAY()", True),
        ("{called_at} >= '2026-04-01T00:30+08:00'", True),
        ("WEEKDAY({closed_on})", 7),
        ("{amount} BETWEEN 1 AND 20万", True),
        ("{amount} NOT IN (1, 200000.00)", False),
        ("{owner} = ME()", True),
        ("{owner} IN MYTEAM()", False),
        ("{stage} > '方案报价'", True),
        ("{毛利率}", 7500),
        ("-5%", -5),
        ("TRUE", True),
    ],
)
def test_values(text: str, wanted: Any) -> None:
    assert value(text) == wanted


def test_the_four_uses_of_one_text() -> None:
    made = parse("IF({金额} > 100000, {金额} * 5%, 0)", snapshot=SNAPSHOT, object_key="t_deal")
    assert made.canonical() == "IF({amount} > 100000, {amount} * 5%, 0)"
    assert made.labelled("en") == "IF({Amount} > 100000, {Amount} * 5%, 0)"
    assert made.labelled("zh") == "IF({金额} > 100000, {金额} * 5%, 0)"
    assert made.sentence("zh") == "金额大于 100,000 时为金额 × 5%；否则为 0"
    assert made.sentence("en") == "Amount × 5% if amount is more than 100,000; otherwise 0"
    assert made.paths == made.written == {("amount",)}
    assert to_tree(made) == {
        "call": "IF",
        "args": [
            {"op": ">", "args": [{"field": "amount"}, {"number": "100000"}]},
            {"op": "mul", "signs": ["*"], "args": [{"field": "amount"}, {"number": "5%"}]},
            {"number": "0"},
        ],
    }


def test_a_condition_reads_well() -> None:
    made = parse(
        "{stage} IN ('won', 'lost') AND (NOT ISBLANK({note}) OR {closed_on} < TODAY())",
        snapshot=SNAPSHOT,
        object_key="t_deal",
    )
    assert made.sentence("zh") == "阶段是“赢单”或“输单”，且（备注已填写，或结束日期早于今天）"
    assert made.sentence("en") == (
        "Stage is “Won” or “Lost”, and (note is filled in or closed on is before today)"
    )


def test_paths_are_the_columns_and_written_the_fields_named() -> None:
    made = parse("{毛利率} > {客户.规模}", snapshot=SNAPSHOT, object_key="t_deal")
    assert made.paths == {("amount",), ("cost",), ("customer", "revenue")}
    assert made.written == {("margin_rate",), ("customer", "size")}


def test_a_formula_field_has_the_scale_of_its_result() -> None:
    made = of_field(SNAPSHOT.object("t_deal").fields["margin_rate"], snapshot=SNAPSHOT)
    assert made.type.scale == 4
    assert made.value({("amount",): 300, ("cost",): 100}.get) == 6667


def test_labels_follow_the_reader() -> None:
    made = parse("{stage} & ''", snapshot=SNAPSHOT, object_key="t_deal")
    with speaking("en"):
        assert made.value(ROW.get) == "Won"
    with speaking("zh"):
        assert made.value(ROW.get) == "赢单"


def test_every_function_has_words_in_both_languages_and_one_meaning_per_name() -> None:
    listed = functions()
    assert {f.key for f in listed} >= {"IF", "SWITCH", "ROUND", "TODAY", "ME", "CONTAINS"}
    for f in listed:
        assert f.usage.zh
        assert f.usage.en
        assert f.help.zh
        assert f.help.en
        assert any("\u4e00" <= c <= "\u9fff" for c in "".join(f.names)), f.key
    every = [n.casefold() for f in listed for n in (f.key, *f.names)]
    assert len(every) == len(set(every)) == len(NAMES)
    assert all(f.say for f in FUNCTIONS.values())


def test_names_are_offered_to_editors() -> None:
    offered = {n.path: n for n in names(SNAPSHOT, "t_deal", lambda path: path != ("cost",))}
    assert "cost" not in offered
    assert offered["customer"].links_to == "t_customer"
    assert offered["stage"].choices[0].key == "prospecting"
    walked = names(SNAPSHOT, "t_customer", prefix=("customer",))
    assert "customer.industry" in {n.path for n in walked}
