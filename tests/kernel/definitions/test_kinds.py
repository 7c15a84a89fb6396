"""Every kind of dated rule: page, API, packs and reference say the same of the same fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.cast import Cast, acting
from tests.support.posted import Posted
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.definitions import findings
from wubu.kernel.definitions.kinds import DatedKind, kind_of, kinds
from wubu.kernel.packs.content.sections import section_named
from wubu.kernel.rules import actions as dated
from wubu.kernel.rules import queries
from wubu.kernel.schema import uses
from wubu.kernel.types import SYSTEM, Forbidden, Refused
from wubu.web.api.setup.dated import rule_body

pytestmark = pytest.mark.django_db
NAMES = [k.name for k in kinds()]


def kind(name: str) -> DatedKind[Any]:
    found = kind_of(name)
    assert found is not None
    return found


def test_it_works() -> None:
    assert {"collection", "reminders", "alerts", "leaderboards", "points"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_the_reference_holds(cast: Cast, name: str) -> None:
    one = kind(name)
    rule = one.set_rule("example", one.definition.example(), actor=acting(cast.wang_li))
    said = one.sentence(rule)
    assert said.zh
    assert said.en
    assert said.zh != said.en


@pytest.mark.parametrize("name", NAMES)
def test_packs_and_callers_know_the_same_fields(name: str) -> None:
    one = kind(name)
    section = section_named(name)
    assert section is not None
    assert section.definition is one.definition
    schema = rule_body(one).model_json_schema()
    sent = next(v for k, v in schema["$defs"].items() if k.endswith("Definition"))
    assert tuple(sent["properties"]) == one.definition.keys
    for key, told in sent["properties"].items():
        field = one.definition.field(key)
        assert field is not None
        if key == field.name:
            assert {k: told[k] for k in field.schema()} == field.schema()
    assert sent["required"] == [f.name for f in one.definition.fields if f.required]


@pytest.mark.parametrize("name", NAMES)
def test_what_the_page_shows_is_read_back_as_it_was(cast: Cast, name: str) -> None:
    """A form that is posted as it stands changes nothing."""
    one = kind(name)
    before = one.definition.example()
    post = Posted()
    for q in one.definition.questions(before):
        post[q.name] = list(q.value) if q.kind == "checks" else str(q.value)
    assert one.definition.answered(post, before) == before


@pytest.mark.parametrize("name", NAMES)
def test_who_may_not_is_refused_before_anything_is_said(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        kind(name).set_rule("mine", {}, actor=acting(cast.zhang_wei))
    with pytest.raises(Forbidden):
        kind(name).install({"mine": kind(name).definition.example()}, actor=acting(cast.zhang_wei))


def test_a_rule_whose_metric_is_gone_can_still_be_disabled(cast: Cast) -> None:
    one = kind("points")
    dated.upsert("points", "old", {"label": "旧", "metric": "gone", "points": 1}, actor=SYSTEM)
    with pytest.raises(Refused):
        one.switch("old", actor=acting(cast.wang_li), active=True)
    one.switch("old", actor=acting(cast.wang_li), active=False)
    assert not queries.rule("points", "old").active


def test_versions_of_a_pack_are_read_and_kept(cast: Cast) -> None:
    good = {"label": "甲", "metric": "sales_signed", "points": 5}
    aged = {**good, "from": "2026-01-01", "earlier": [{**good, "points": 3}]}
    kind("points").install({"aged": aged}, actor=SYSTEM)
    assert [r.definition["points"] for r in queries.history("points", "aged")] == [5, 3]


@pytest.mark.parametrize(
    ("name", "touched", "breaks"),
    [
        (
            "price_bands",
            {"quote_line": {"", "price", "product", "quantity"}, "product": {"price"}},
            True,
        ),
        ("alerts", {"payment_plan": {"", "due_on", "contract"}}, True),
        ("reminders", {"follow_plan": {"", "due_at", "done", "customer"}}, True),
        ("collection", {"customer": {"", "name", "industry"}}, False),
    ],
)
def test_a_change_of_the_catalog_is_told_what_rules_read(
    cast: Cast, name: str, touched: dict[str, set[str]], breaks: bool
) -> None:
    one = kind(name)
    before = set(one.uses(snapshot()))
    one.set_rule("example", one.definition.example(), actor=SYSTEM)
    (use,) = set(one.uses(snapshot())) - before
    assert use.touches == {(key, field) for key, fields in touched.items() for field in fields}
    assert (use.url, use.breaks) == (f"{one.url}/example", breaks)
    assert use in uses.everywhere(snapshot())


def test_points_rest_on_the_fields_of_their_metric(cast: Cast) -> None:
    found = {u.url: u.touches for u in kind("points").uses(snapshot())}
    signing = found["/setup/motivation/points/signing_points"]
    assert {("contract", ""), ("contract", "amount")} <= signing


def test_a_rule_about_an_object_out_of_use_is_left_out(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, catalog = kind("price_bands"), snapshot()
    one.set_rule("example", one.definition.example(), actor=SYSTEM)
    assert [r.key for r in one.current()] == ["example"]
    assert [u.url for u in one.uses(catalog)] == [f"{one.url}/example"]
    retired = replace(catalog.objects["quote_line"], retired=True)
    without = Snapshot("", {**catalog.objects, "quote_line": retired})
    monkeypatch.setattr("wubu.kernel.definitions.kinds.snapshot", lambda: without)
    assert one.current() == ()
    assert list(one.uses(catalog)) == []
    assert findings.on_record(SYSTEM, "quote", 1) == ()
