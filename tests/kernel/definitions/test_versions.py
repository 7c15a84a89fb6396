"""What an earlier release stored or packed is read as the present one means it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.cast import Cast, acting
from wubu.kernel.calendar.queries import today
from wubu.kernel.definitions import kinds
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.definitions.kinds import DatedKind
from wubu.kernel.rules import actions as dated
from wubu.kernel.rules import queries
from wubu.kernel.rules.models import RuleVersion
from wubu.kernel.types import SYSTEM, Refused
from wubu.motivate.points.rules import KIND

pytestmark = pytest.mark.django_db
OLD = {"label": "旧", "metric": "follow_ups", "score": 3}  # version 1 called points a score
NOW = {"label": "旧", "metric": "follow_ups", "points": 3}


def _renamed(d: dict[str, Any]) -> dict[str, Any]:
    return {("points" if k == "score" else k): v for k, v in d.items()}


@pytest.fixture
def newer() -> Iterator[DatedKind[Any]]:
    """The points rules of a release in which definitions have changed."""
    definition: Definition = replace(KIND.definition, version=2, upgrades={1: _renamed})
    made = replace(KIND, definition=definition)
    kinds.add(made)
    yield made
    kinds.add(KIND)


def stored(key: str) -> list[dict[str, Any]]:
    rows = RuleVersion.objects.filter(section="points", key=key).order_by("-valid_from")
    return [row.definition for row in rows]


def test_it_works(cast: Cast, newer: DatedKind[Any]) -> None:
    dated.upsert("points", "aged", OLD, actor=SYSTEM)
    assert queries.rule("points", "aged").definition == NOW
    assert [r.definition for r in queries.history("points", "aged")] == [NOW]
    assert stored("aged") == [OLD]  # a row is left as it was written


def test_what_is_written_again_is_stamped(cast: Cast, newer: DatedKind[Any]) -> None:
    boss = acting(cast.wang_li)
    dated.upsert("points", "aged", OLD, actor=SYSTEM)
    newer.switch("aged", actor=boss, active=False)
    assert stored("aged") == [{**NOW, "schema": 2}]
    assert queries.rule("points", "aged").definition == NOW
    newer.set_rule("aged", {**NOW, "points": 4}, actor=boss)
    assert queries.rule("points", "aged").definition == {**NOW, "points": 4}


def test_packs_of_both_releases_are_installed(cast: Cast, newer: DatedKind[Any]) -> None:
    yesterday = (today() - timedelta(days=1)).isoformat()
    packed = {
        "old": {**OLD, "from": yesterday, "earlier": [{**OLD, "score": 1}]},
        "new": {**NOW, "schema": 2},
    }
    newer.install(packed, actor=SYSTEM)
    assert [r.definition["points"] for r in queries.history("points", "old")] == [3, 1]
    assert queries.rule("points", "new").definition == NOW
    exported = newer.export()
    assert exported["old"]["schema"] == 2
    assert exported["old"]["earlier"][0]["schema"] == 2
    again = {f"{key}_again": exported[key] for key in packed}
    newer.install(again, actor=SYSTEM)
    assert [r.definition["points"] for r in queries.history("points", "old_again")] == [3, 1]


def test_bringing_up_twice_changes_nothing(newer: DatedKind[Any]) -> None:
    once = newer.definition.present({**OLD, "earlier": [OLD], "resting": True})
    assert once == {**NOW, "schema": 2, "earlier": [{**NOW, "schema": 2}], "resting": True}
    assert newer.definition.present(once) == once


def test_what_a_newer_release_packed_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        KIND.install({"new": {**NOW, "schema": 2}}, actor=SYSTEM)
    (found,) = refused.value.problems
    assert (found.code, found.row) == ("newer_version", 0)
