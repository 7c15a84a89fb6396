"""Definitions of an earlier version are lifted once, at the upgrade."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.upgrades.conftest import quiet
from wubu.kernel.definitions import kinds, lifting
from wubu.kernel.definitions.definition import VERSION
from wubu.kernel.rules import queries as rules
from wubu.kernel.rules import upgrading
from wubu.kernel.rules.models import RuleVersion
from wubu.kernel.types import Refused
from wubu.kernel.workspace import unit_of_work
from wubu.upgrade.plan import look
from wubu.upgrade.run import run


def step(d: dict[str, Any]) -> dict[str, Any]:
    """Points are given by the tenth from version 2 on."""
    return {**d, "points": d["points"] * 10}


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release whose points rules are in their second version."""
    kind = kinds.kind_of("points")
    assert kind is not None
    newer = replace(kind, definition=replace(kind.definition, version=2, upgrades={1: step}))
    monkeypatch.setitem(kinds._kinds, "points", newer)
    monkeypatch.setitem(upgrading._upgrades, "points", newer.definition.current)


def stored() -> dict[str, Any]:
    rows = RuleVersion.objects.filter(section="points").order_by("id")
    return {f"{r.key} {r.valid_from}": dict(r.definition) for r in rows}


def test_it_works(old: None, second: None) -> None:
    before = stored()
    found = look()
    assert [(label.en, count) for label, count in found.definitions] == [
        (kinds.kind_of("points").definition.label.en, len(before))  # type: ignore[union-attr]
    ]
    with unit_of_work():
        read = {r.key: r.definition["points"] for r in rules.rules("points")}
    done = run(found, say=quiet)
    assert done.definitions == len(before) > 3
    assert stored() == {k: {**step(d), VERSION: 2} for k, d in before.items()}
    with unit_of_work():  # what they mean did not change by being written
        assert {r.key: r.definition["points"] for r in rules.rules("points")} == read
    assert look().definitions == ()
    assert lifting.lift() == 0


def test_other_kinds_stay_as_they_are(old: None, second: None) -> None:
    others = RuleVersion.objects.exclude(section="points").order_by("id")
    before = list(others.values_list("id", "definition"))
    run(look(), say=quiet)
    assert list(others.values_list("id", "definition")) == before


def test_one_of_a_newer_program_stops_all(old: None, second: None) -> None:
    row = RuleVersion.objects.filter(section="points").last()
    assert row is not None
    RuleVersion.objects.filter(pk=row.pk).update(definition={**row.definition, VERSION: 3})
    before = stored()
    with pytest.raises(Refused) as refused:
        lifting.lift()
    assert refused.value.problems[0].code == "newer_version"
    assert stored() == before
