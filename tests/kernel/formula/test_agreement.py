"""SQL and Python give the same value, for random formulas over random rows."""

from __future__ import annotations

import json
import os

from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.kernel.formula.company import SNAPSHOT
from tests.kernel.formula.conftest import CONTEXT, Company
from tests.kernel.formula.strategies import bools, formulas
from wubu.kernel.formula.queries import of_tree, parse, to_tree
from wubu.kernel.formula.types import Formula
from wubu.kernel.types import Refused

DEEP = ("SQRT({})", "MOD({}, 7)", "VALUE(SUBSTITUTE({}, '1', '2'))", "SUM({}, 1)")


def typed(text: str) -> Formula:
    return parse(text, snapshot=SNAPSHOT, object_key="t_deal")


def assert_agreed(company: Company, text: str) -> None:
    formula = typed(text)
    rows = SNAPSHOT.model("t_deal").objects.annotate(x=formula.expression(context=CONTEXT))
    evaluate = formula.evaluator(CONTEXT)
    with transaction.atomic():  # so that a statement that fails does not spoil the next try
        read = list(rows.values_list("pk", "x"))
    for pk, found in read:
        wanted = evaluate(company.get(company.deals[pk]))
        assert found == wanted, (text, formula.type, company.deals[pk])
        assert type(found) is type(wanted)


@settings(max_examples=int(os.environ.get("WUBU_EXAMPLES", "300")))
@given(formulas())
def test_sql_and_python_agree(company: Company, text: str) -> None:
    try:
        typed(text)
    except Refused:
        return  # for example a text compared with "" inside BETWEEN
    assert_agreed(company, text)


@settings(max_examples=100)
@given(bools(2))
def test_a_filter_keeps_the_rows_for_which_it_is_true(company: Company, text: str) -> None:
    try:
        formula = typed(text)
    except Refused:
        return
    rows = SNAPSHOT.model("t_deal").objects.filter(formula.expression(context=CONTEXT))
    evaluate = formula.evaluator(CONTEXT)
    wanted = {pk for pk, d in company.deals.items() if evaluate(company.get(d)) is True}
    with transaction.atomic():
        found = set(rows.values_list("pk", flat=True))
    assert found == wanted, text


@given(formulas())
@example("{amount} * 5%")
def test_canonical_text_means_the_same(text: str) -> None:
    try:
        formula = typed(text)
    except Refused:
        return
    again = typed(formula.canonical())
    assert again.node == formula.node
    assert again.canonical() == formula.canonical()
    tree = json.loads(json.dumps(to_tree(formula)))
    assert of_tree(tree, snapshot=SNAPSHOT, object_key="t_deal").node == formula.node
    for lang in ("zh", "en"):
        assert typed(formula.labelled(lang)).node == formula.node
        assert formula.sentence(lang)


@given(st.integers(1, 56), st.sampled_from(["IF(TRUE, {}, 1)", "({} + 1)", "ABS({} * 1.5)", *DEEP]))
@settings(max_examples=20)
def test_deep_formulas_agree(company: Company, depth: int, wrap: str) -> None:
    text = "{amount}"
    for _ in range(depth // 2):
        text = wrap.replace("{}", text, 1)
    assert_agreed(company, text)
