"""What kinds of metrics ask for: the page, callers and packs know the same fields."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast, acting
from tests.support.posted import Posted
from wubu.kernel.types import Refused, Text
from wubu.measure.figures.queries import metrics
from wubu.measure.metrics import actions
from wubu.measure.metrics.definition import METRICS, RULE, UNIT
from wubu.measure.metrics.kinds import KINDS

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    asked = {f.name for kind in KINDS.values() for f in kind.fields}
    assert asked == set(RULE.keys) - {"kind", "object"}
    assert set(RULE.keys) < set(METRICS.keys)
    assert all(set(kind.units) <= set(UNIT.options) for kind in KINDS.values())


def test_a_rule_that_is_posted_as_it_stands_stays(cast: Cast) -> None:
    for info in metrics(hidden=True):
        before = info.rule.definition.as_json()
        post, made = Posted(), dict(before)
        for field in KINDS[info.kind].fields:
            post |= {q.name: q.value for q in field.questions(before)}
        for field in KINDS[info.kind].fields:
            made |= field.answered(post, made)
        kept = {k: v for k, v in made.items() if v is not None}
        assert info.rule.definition.read(kept) == info.rule.definition, info.key


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "median"}, "kind"),
        ({"kind": None}, "kind"),
        ({"valeu": "{amount}"}, "valeu"),
        ({"value": 5}, "value"),
        ({"when": "Signed on"}, "when"),
        ({"credit": {"who": "owner"}}, "credit"),
        ({"credit": {"owner": "owner", "splits": {"object": "x"}}}, "credit"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_it_must_be(
    cast: Cast, changed: dict[str, Any], field: str
) -> None:
    rule = {"kind": "sum", "object": "contract", "when": "signed_on", "value": "{amount}"}
    with pytest.raises(Refused) as refused:
        actions.define(
            actor=acting(cast.wang_li),
            key="odd",
            label=Text("甲", "One"),
            definition=rule | changed,
            unit="money",
        )
    assert field in {p.field for p in refused.value.problems}
    assert all(p.hint for p in refused.value.problems if p.field == field)
