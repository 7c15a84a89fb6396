"""Aggregates over linked records: SQL and Python agree, and both with sums made by hand."""

from __future__ import annotations

import json

import pytest

from tests.kernel.formula.company import SNAPSHOT
from tests.kernel.formula.conftest import CONTEXT, Company
from wubu.kernel.formula.queries import of_tree, parse, to_tree
from wubu.kernel.formula.types import Formula
from wubu.kernel.types import Refused

OVER_DEALS = [
    "SUM({商机.金额})",
    "SUM({Deal.Amount}, {Deal.Stage} = 'Won')",
    "SUM({商机.金额} * {商机.数量}, {商机.加急})",
    "SUM({商机.毛利}, ISBLANK({商机.伙伴}))",
    "AVERAGE({商机.金额}, {商机.金额} < 100000000)",
    "COUNT({商机})",
    "COUNT({商机.备注})",
    "COUNTDISTINCT({商机.阶段}, {商机.金额} > {年营收})",
    "EXISTS({商机}, {商机.阶段} = '赢单')",
    "NOT EXISTS({商机}, {商机.开始日期} > TODAY())",
    "MAX({商机.开始日期})",
    "MIN({商机.商机名称})",
    "MAX({商机.called_at})",
    "SUM({商机.金额}) / COUNT({商机}) + {年营收}",
    "IF(COUNT({商机}) > 14, SUM({商机.金额}, {商机.阶段} = '赢单'), 0)",
    "ROUND(AVERAGE({商机.weight}), 2)",
]
OVER_PARTNERS = [
    "SUM({伙伴.年营收})",
    "COUNT({partners}, {partners.industry} = '科技')",
    "EXISTS({伙伴}, {伙伴.年营收} > {金额})",
    "SUM({伙伴.规模})",
    "SUM({客户.商机.金额}, {客户.商机.阶段} = '赢单')",
    "COUNT({customer.t_deal@customer}, {customer.t_deal.amount} > {amount})",
]


def typed(text: str, key: str) -> Formula:
    return parse(text, snapshot=SNAPSHOT, object_key=key)


def assert_agreed(formula: Formula, values: dict[int, object]) -> None:
    rows = SNAPSHOT.model(formula.object_key).objects.annotate(
        x=formula.expression(context=CONTEXT)
    )
    found = dict(rows.values_list("pk", "x"))
    assert len(found) == len(values)
    for pk, get in values.items():
        assert found[pk] == formula.value(get, context=CONTEXT), (formula.text, pk)


@pytest.mark.parametrize("text", OVER_DEALS)
def test_it_works(company: Company, text: str) -> None:
    def get(pk: int) -> object:
        return lambda path: pk if path == ("id",) else company.customers[pk][path[0]]

    assert_agreed(typed(text, "t_customer"), {pk: get(pk) for pk in company.customers})


@pytest.mark.parametrize("text", OVER_PARTNERS)
def test_over_a_link_to_many_and_over_siblings(company: Company, text: str) -> None:
    def get(pk: int) -> object:
        inner = company.get(company.deals[pk])
        return lambda path: pk if path == ("id",) else inner(path)

    assert_agreed(typed(text, "t_deal"), {pk: get(pk) for pk in company.deals})


@pytest.mark.parametrize(
    ("key", "text"),
    [("t_customer", t) for t in OVER_DEALS] + [("t_deal", t) for t in OVER_PARTNERS],
)
def test_it_is_written_and_said_in_both_languages(key: str, text: str) -> None:
    formula = typed(text, key)
    assert typed(formula.canonical(), key).node == formula.node
    for lang in ("zh", "en"):
        assert typed(formula.labelled(lang), key).node == formula.node
        assert formula.sentence(lang)
    tree = json.loads(json.dumps(to_tree(formula)))
    assert of_tree(tree, snapshot=SNAPSHOT, object_key=key).node == formula.node


def test_the_sum_is_that_of_the_rows(company: Company) -> None:
    formula = typed("SUM({商机.金额}, {商机.阶段} = '赢单')", "t_customer")
    rows = SNAPSHOT.model("t_customer").objects.annotate(x=formula.expression(context=CONTEXT))
    for pk, found in rows.values_list("pk", "x"):
        wanted = sum(
            d["amount"] or 0
            for d in company.deals.values()
            if d["customer_id"] == pk and d["stage"] == "won"
        )
        assert found == wanted


def test_archived_records_do_not_count(company: Company) -> None:
    deals = SNAPSHOT.model("t_deal").objects
    deals.filter(customer_id=min(company.customers)).update(archived_at=CONTEXT.now)
    rows = SNAPSHOT.model("t_customer").objects.filter(pk=min(company.customers))
    formula = typed("COUNT({商机})", "t_customer")
    assert rows.annotate(x=formula.expression(context=CONTEXT)).values_list("x", flat=True)[0] == 0


def test_a_sum_too_large_is_missing(company: Company) -> None:
    deals = SNAPSHOT.model("t_deal").objects.filter(customer_id=min(company.customers))
    deals.update(amount=9 * 10**17)
    rows = SNAPSHOT.model("t_customer").objects.filter(pk=min(company.customers))
    formula = typed("SUM({商机.金额})", "t_customer")
    assert deals.count() > 10  # more than 64 bits hold
    assert rows.annotate(x=formula.expression()).values_list("x", flat=True)[0] is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{商机.金额} > 1", "many_records"),
        ("SUM({商机})", "wrong_type"),
        ("SUM({商机.备注})", "wrong_type"),
        ("SUM({商机.金额}, {商机.阶段}, 1)", "wrong_arguments"),
        ("SUM({商机.金额}, {商机.阶段})", "wrong_type"),
        ("SUM({商机.金鹅})", "unknown_field"),
        ("EXISTS({行业})", "wrong_arguments"),
        ("COUNT({商机.金额}, COUNT({商机.伙伴}) > 1)", "wrong_type"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        typed(text, "t_customer")
    assert code in [p.code for p in refused.value.problems]
    assert all(0 <= (p.start or 0) < (p.end or 0) <= len(text) for p in refused.value.problems)
