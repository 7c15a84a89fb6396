"""The configuration as YAML: readable, always the same bytes, and all of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.cast import acting
from tests.kernel.packs.emptying import empty
from wubu.control.alerts.actions import set_params
from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs import actions, queries
from wubu.kernel.rules import queries as rules
from wubu.kernel.schema.actions import add_field, relabel, retire
from wubu.kernel.types import SYSTEM, Forbidden, Text
from wubu.kernel.workspace import unit_of_work
from wubu.measure.figures.queries import metric
from wubu.measure.metrics.actions import revise
from wubu.measure.scorecards.actions import set_weights
from wubu.measure.scorecards.queries import card
from wubu.measure.scorecards.types import WeightedLine


def test_it_works(unit: None) -> None:
    text = queries.export(SYSTEM)
    assert text.startswith("# ")
    assert "\n# 指标 / Metrics\nmetrics:\n" in text
    assert "\n  customer:\n    label: {zh: 客户, en: Customer}\n" in text
    assert "\n      name: {type: text, label: {zh: 姓名, en: Name}, required: true," in text
    assert text == queries.export(SYSTEM)
    assert not any(f"{name}: false" in text for name in ("hidden", "required", "retired"))
    assert len(text) < 120_000


def test_compared_with_itself_it_is_the_same(unit: None) -> None:
    made = queries.compare_text(queries.export(SYSTEM), "x.yaml")
    assert made.is_empty
    assert made.plan.is_empty
    assert not made.differences


@pytest.mark.django_db(transaction=True)
def test_into_an_empty_workspace_and_out_again_it_is_the_same() -> None:
    with unit_of_work():
        _change_much()
    with unit_of_work():
        text = queries.export(SYSTEM)
    empty()
    with unit_of_work():
        assert not snapshot().objects
        assert actions.install_text(text, "x.yaml", actor=SYSTEM) is None
    with unit_of_work():
        again = queries.export(SYSTEM)
        assert again == text
        assert [r.definition["params"] for r in rules.history("alerts", "no_follow_up")] == [
            {"days": 45},
            {"days": 30},
        ]
        assert len(metric("follow_ups").rules) == 2
        assert len(card("default").weights) == 2
        assert {p.key for p in queries.installed()} == {"sales", "workspace"}
        assert queries.upgrade("sales").is_empty


def _change_much() -> None:
    relabel("customer", None, Text("医院", "Hospital"), actor=SYSTEM)
    spec = snapshot().object("customer")
    field = spec.fields["grade"]
    add_field(
        type(field)(
            "customer",
            "level",
            "choice",
            Text("等级: 一", "Level #1"),
            choices=field.choices,
            help=Text("第一行\n第二行", "one\ntwo"),
        ),
        actor=SYSTEM,
    )
    retire("customer", "revenue", actor=SYSTEM)
    set_params("no_follow_up", {"days": 45}, actor=SYSTEM)
    definition = {**metric("follow_ups").rule.definition.as_json(), "filter": '{type} = "visit"'}
    revise(actor=SYSTEM, key="follow_ups", definition=definition, valid_from=today())
    set_weights(
        actor=SYSTEM,
        key="default",
        lines=[WeightedLine("sales_signed", 7_250), WeightedLine("satisfaction", 2_750, 12_000)],
        valid_from=today() + timedelta(days=40),
        missing="zero",
    )


def test_only_who_may_set_up_packs_exports(cast: Any) -> None:
    assert queries.export(acting(cast.wang_li))
    for person in (cast.chen_jing, cast.zhang_wei, cast.zheng_kai):
        with pytest.raises(Forbidden):
            queries.export(acting(person))


def test_days_stand_without_quotation_marks(unit: None) -> None:
    set_params("no_follow_up", {"days": 45}, actor=SYSTEM)
    assert f"from: {date.isoformat(today())}\n" in queries.export(SYSTEM)
