"""A pack that was taken over is taken back as a whole, by date; newer things stand in its way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import acting
from wubu.control.alerts.actions import set_params
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs import actions, queries
from wubu.kernel.packs.files.document import document
from wubu.kernel.packs.install.changes import packs, tree
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.records import actions as records
from wubu.kernel.rules import queries as rules
from wubu.kernel.types import SYSTEM, Forbidden, Refused
from wubu.kernel.workspace import unit_of_work
from wubu.measure.figures.queries import metric
from wubu.measure.scorecards import actions as scorecards
from wubu.measure.scorecards.types import WeightedLine

EDITED = (
    ("label: {zh: 地区, en: Region}", "label: {zh: 省市, en: Province}"),
    ("days: 30", "days: 14"),
    ("label: {zh: 跟进次数, en: Follow-ups}", "label: {zh: 联系次数, en: Touches}"),
)


@pytest.fixture
def unit_with_commit(transactional_db: None) -> Iterator[None]:
    with unit_of_work():
        yield


def edited(*more: tuple[str, str]) -> str:
    """The workspace's configuration with some words changed."""
    text = queries.export(SYSTEM)
    for old, new in (*EDITED, *more):
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def taken(text: str) -> int:
    """Take over all of it; the id of the change."""
    found = queries.compare_text(text, "x.yaml")
    choices: Any = {s.id: "theirs" for s in found.differences}
    actions.install_text(text, "x.yaml", actor=SYSTEM, choices=choices)
    return queries.changes()[0].id


def test_it_works(unit_with_commit: None) -> None:
    was, there, objects = tree(), packs(), document()["objects"]
    change = taken(edited())
    assert snapshot().object("customer").fields["region"].label.en == "Province"
    proposed = queries.undoing(change)
    assert not proposed.problems
    assert {s.id for s in proposed.differences} == {
        "alerts/no_follow_up/params/days",
        "metrics/follow_ups/label",
    }
    assert tree() != was
    actions.undo(change, actor=SYSTEM)
    assert (tree(), packs(), document()["objects"]) == (was, there, objects)
    assert rules.rule("alerts", "no_follow_up").definition["params"]["days"] == 30
    undone, first, *_ = queries.changes()
    assert (undone.action, undone.undoes, first.undone_by) == ("undo", change, undone.id)
    assert [p.code for p in queries.undoing(change).problems] == ["already_undone"]
    actions.undo(undone.id, actor=SYSTEM)  # and there it is again
    assert metric("follow_ups").label.en == "Touches"
    assert snapshot().object("customer").fields["region"].label.en == "Province"


def test_a_whole_variant_and_back(unit_with_commit: None) -> None:
    was, there, objects = tree(), packs(), document()["objects"]
    actions.apply("saas", actor=SYSTEM)
    change = queries.changes()[0].id
    assert "subscription" in snapshot().objects
    assert not queries.undoing(change).problems
    actions.undo(change, actor=SYSTEM)
    assert "subscription" not in snapshot().objects
    assert document()["objects"] == objects
    assert packs() == there
    now = tree()
    live = {n: {k: d for k, d in p.items() if not _rests(d)} for n, p in now.items()}
    assert live == {n: {k: d for k, d in p.items() if not _rests(d)} for n, p in was.items()}


def _rests(definition: Any) -> bool:
    return bool(definition.get("retired") or definition.get("resting"))


def test_what_came_later_stands_in_its_way(unit_with_commit: None) -> None:
    change = taken(edited())
    set_params("no_follow_up", {"days": 60}, actor=SYSTEM)
    with pytest.raises(Refused) as caught:
        actions.undo(change, actor=SYSTEM)
    (problem,) = caught.value.problems
    assert problem.field == "alerts/no_follow_up"
    assert problem.hint
    set_params("no_follow_up", {"days": 14}, actor=SYSTEM)
    later = taken(queries.export(SYSTEM).replace("days: 14", "days: 15", 1))
    (problem,) = queries.undoing(change).problems
    assert (problem.code, problem.value) == ("newer_change", later)
    actions.undo(later, actor=SYSTEM)
    actions.undo(change, actor=SYSTEM)


def test_what_uses_it_stands_in_its_way(unit_with_commit: None, cast: Any) -> None:
    actions.apply("saas", actor=SYSTEM)
    change = queries.changes()[0].id
    line = [WeightedLine("new_mrr", 10_000)]
    card = {"key": "mine", "label": snapshot().object("customer").label, "lines": line}
    scorecards.create_card(actor=SYSTEM, **card)  # type: ignore[arg-type]
    permissions.set_roles(actor=SYSTEM, member_id=cast.zheng_kai.id, roles=["csm"])
    codes = {p.code for p in queries.undoing(change).problems}
    assert codes == {"in_use"}
    scorecards.retire(actor=SYSTEM, key="mine")
    (problem,) = queries.undoing(change).problems
    assert problem.code == "role_in_use"
    permissions.set_roles(actor=SYSTEM, member_id=cast.zheng_kai.id, roles=[])
    values = {"name": "一号客户"}
    customer = records.create(actor=SYSTEM, object_key="customer", values=values)
    days = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    given = {"customer": customer.id, "price": "99", "mrr": "990", **days}
    records.create(actor=SYSTEM, object_key="subscription", values=given)
    assert {p.code for p in queries.undoing(change).problems} == {"has_values"}
    with pytest.raises(Refused):
        actions.undo(change, actor=SYSTEM)
    with unit_of_work():
        assert "subscription" in snapshot().objects
        assert not metric("new_mrr").retired


def test_only_who_may_do_all_of_it(unit_with_commit: None, cast: Any) -> None:
    change = taken(edited())
    for person in (cast.zheng_kai, cast.li_qiang, cast.zhang_wei):
        with pytest.raises(Forbidden):
            actions.undo(change, actor=acting(person))
