"""Dated rules: what holds on a day, and that the past stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests.cast import Cast, acting
from wubu.control.alerts import actions as alerts
from wubu.kernel import past
from wubu.kernel.rules import actions, queries
from wubu.kernel.types import SYSTEM, Missing, Refused


@pytest.fixture(autouse=True)
def may() -> Iterator[None]:
    with time_machine.travel(
        datetime(2026, 5, 10, 9, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False
    ):
        yield


def put(value: int, day: date | None = None, **more: object) -> None:
    actions.upsert("sample", "one", {"value": value}, actor=SYSTEM, valid_from=day, **more)


def value(day: date | None = None) -> int:
    return queries.rule("sample", "one", day).definition["value"]


def test_it_works(unit: None) -> None:
    put(1)
    assert value() == 1


def test_each_day_has_the_rule_that_held_then(unit: None) -> None:
    put(1, date(2026, 1, 1))
    put(2, date(2026, 6, 1))
    assert (value(), value(date(2026, 5, 31)), value(date(2026, 6, 1))) == (1, 1, 2)


def test_before_its_first_version_there_is_no_rule(unit: None) -> None:
    put(1, date(2026, 1, 1))
    with pytest.raises(Missing):
        value(date(2025, 12, 31))


@pytest.mark.parametrize(
    ("day", "may"),
    [(date(2026, 4, 30), False), (date(2026, 5, 1), True), (date(2026, 5, 2), True)],
)
def test_what_is_closed_is_not_rewritten(
    unit: None, monkeypatch: pytest.MonkeyPatch, day: date, may: bool
) -> None:
    put(1, date(2026, 1, 1))
    monkeypatch.setattr(past, "first_day", lambda: date(2026, 5, 1))
    if may:
        put(2, day)
        assert value(day) == 2
    else:
        with pytest.raises(Refused) as refused:
            put(2, day)
        (problem,) = refused.value.problems
        assert (problem.field, problem.suggestion) == ("valid_from", "2026-05-01")
        assert value(day) == 1
    assert value(date(2026, 4, 30)) == 1


def test_a_new_rule_obeys_too(unit: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "first_day", lambda: date(2026, 5, 1))
    with pytest.raises(Refused):
        put(1, date(2026, 4, 30))
    put(1, date(2026, 5, 1))
    with pytest.raises(Missing):
        value(date(2026, 4, 30))


def test_what_a_pack_says_of_closed_days_holds_from_the_first_open_one(
    unit: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "first_day", lambda: date(2026, 5, 1))
    earlier = [{"value": 1}, {"value": 2, "from": "2026-03-01"}]
    newest = {"value": 3, "from": "2026-06-01", "earlier": earlier}
    actions.install("sample", {"one": newest}, actor=SYSTEM)
    held = [(r.valid_from, r.definition["value"]) for r in queries.history("sample", "one")]
    assert held == [(date(2026, 6, 1), 3), (date(2026, 5, 1), 2)]


def test_what_has_not_come_into_force_may_be_replaced(unit: None) -> None:
    put(1, date(2026, 1, 1))
    put(2, date(2026, 7, 1))
    put(3, date(2026, 7, 1))
    assert value(date(2026, 7, 1)) == 3
    assert [r.definition["value"] for r in queries.history("sample", "one")] == [3, 1]


def test_a_resting_rule_is_left_out_but_not_lost(unit: None) -> None:
    put(1, date(2026, 1, 1))
    put(1, active=False, reason="淡季")
    assert queries.rules("sample") == ()
    assert [r.reason for r in queries.rules("sample", with_disabled=True)] == ["淡季"]
    assert len(queries.rules("sample", date(2026, 5, 9))) == 1


def test_a_pack_adds_only_what_is_missing(cast: Cast) -> None:
    put(7, date(2026, 1, 1))
    shipped = {"one": {"value": 1}, "two": {"value": 2}}
    assert actions.install("sample", shipped, actor=acting(cast.wang_li)) == 1
    assert actions.install("sample", shipped, actor=acting(cast.wang_li)) == 0
    assert value() == 7


@pytest.mark.parametrize(
    ("definition", "fields"),
    [
        ({}, {"label", "object", "filter"}),
        ({"label": 5, "object": ["x"], "filter": {}}, {"label", "object", "filter"}),
        (
            {"label": "甲", "object": "customer", "filter": "TRUE", "params": {"days": "x"}},
            {"params"},
        ),
        ({"label": {"zh": 1}, "object": "customer", "filter": "TRUE"}, {"label"}),
    ],
)
def test_a_definition_from_outside_is_looked_at_first(
    cast: Cast, definition: dict[str, object], fields: set[str]
) -> None:
    with pytest.raises(Refused) as refused:
        alerts.set_rule("odd", definition, actor=acting(cast.wang_li))
    assert {p.field for p in refused.value.problems} == fields


def test_what_is_null_counts_as_left_out(cast: Cast) -> None:
    definition = {"label": "甲", "object": "customer", "filter": "FALSE", "advice": None}
    alerts.set_rule("odd", definition, actor=acting(cast.wang_li))
    assert "advice" not in queries.rule("alerts", "odd").definition
