"""Parsing is cached; deep formulas run; an index serves a plain comparison."""

from __future__ import annotations

import time

import pytest
from django.db import connection

from tests.kernel.formula.company import SNAPSHOT
from tests.kernel.formula.conftest import CONTEXT, Company
from wubu.kernel.formula.queries import parse

FILTER = "{stage} IN ('won', 'lost') AND {amount} > 100000 AND {客户.行业} = '科技'"


def test_a_cached_filter_takes_far_less_than_2_ms() -> None:
    parse(FILTER, snapshot=SNAPSHOT, object_key="t_deal")
    started = time.perf_counter()
    for _ in range(100):
        parse(FILTER, snapshot=SNAPSHOT, object_key="t_deal")
    assert (time.perf_counter() - started) / 100 < 0.002


@pytest.mark.parametrize("wrap", ["IF({urgent}, {}, 1)", "({} + 1)", "({} * 1.01)", "ABS({})"])
def test_the_deepest_allowed_formula_runs_on_the_database(company: Company, wrap: str) -> None:
    text = "{amount}"
    for _ in range(58):
        text = wrap.replace("{}", text)
    made = parse(text, snapshot=SNAPSHOT, object_key="t_deal")
    rows = SNAPSHOT.model("t_deal").objects.annotate(x=made.expression(context=CONTEXT))
    evaluate = made.evaluator(CONTEXT)
    for pk, found in rows.values_list("pk", "x"):
        assert found == evaluate(company.get(company.deals[pk]))


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("{amount} > 100.005", '"amount" > 10000'),
        ("100 < {amount}", '"amount" > 10000'),
        ("{amount} = 12万", '"amount" = 12000000'),
        ("{amount} >= 1 / 8", '"amount" > 12'),
        ("{closed_on} >= MONTHSTART(TODAY())", '"closed_on" >= '),
        ("{called_at} = TODAY()", '"called_at" < '),
    ],
)
def test_a_column_compared_with_a_constant_stays_bare(text: str, bare: str) -> None:
    made = parse(text, snapshot=SNAPSHOT, object_key="t_deal")
    rows = SNAPSHOT.model("t_deal").objects.filter(made.expression(context=CONTEXT))
    sql, _params = rows.query.get_compiler(connection=connection).as_sql()
    assert bare in sql
