"""A newer pack reaches what the company left alone, by date; what it changed is asked about."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cast import acting
from wubu.control.alerts.actions import set_params
from wubu.kernel.audit import queries as audit
from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs import actions, queries
from wubu.kernel.packs.content.source import SHIPPED
from wubu.kernel.permissions.queries import definition
from wubu.kernel.rules import queries as rules
from wubu.kernel.schema.actions import retire
from wubu.kernel.types import SYSTEM, Forbidden, Refused
from wubu.kernel.workspace import unit_of_work
from wubu.measure.figures.queries import metric, metrics

EDITS = {
    "metrics.yaml": (
        (
            "    object: follow_up\n    when: happened_at\n",
            "    object: follow_up\n    when: happened_at\n    filter: '{type} <> \"other\"'\n",
        ),
        ("label: {zh: 跟进次数, en: Follow-ups}", "label: {zh: 有效跟进, en: Real follow-ups}"),
    ),
    "alerts.yaml": (
        ("params: {days: 30}", "params: {days: 21}"),
        ("severity: danger", "severity: warning"),
    ),
    "roles.yaml": (
        (
            "      - {object: survey, actions: [view], rows: own}\n",
            "      - {object: survey, actions: [view, create], rows: own}\n",
        ),
    ),
    "customers.yaml": (("label: {zh: 地区, en: Region}", "label: {zh: 省市, en: Province}"),),
    "leaderboards.yaml": (("  paid_month:\n", "  cash_month:\n"),),
    "pack.yaml": (("version: 1", "version: 2"),),
}


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The sales pack as it might look in the next release."""
    folder = tmp_path / "sales"
    shutil.copytree(SHIPPED / "sales", folder)
    for name, pairs in EDITS.items():
        text = (folder / name).read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text, (name, old)
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def unit_with_commit(transactional_db: None) -> Iterator[None]:
    with unit_of_work():
        yield


def test_it_works(unit_with_commit: None, newer: Path) -> None:
    made = queries.upgrade("sales", newer)
    taken = {s.id: s for s in made.taken}
    assert {
        "metrics/follow_ups/label",
        "metrics/follow_ups/filter",
        "alerts/no_follow_up/params/days",
        "alerts/payment_overdue/severity",
        "roles/sales_rep/grants/survey/own",
        "objects/customer/fields/region/label",
        "leaderboards/cash_month",
        "leaderboards/paid_month",
    } == set(taken)
    assert not made.conflicts
    said = taken["alerts/no_follow_up/params/days"]
    assert said.what.zh == "30 → 21"
    assert "超过" in said.place.zh
    actions.upgrade("sales", actor=SYSTEM, folder=newer)
    assert queries.installed()[0].version == 2
    assert queries.upgrade("sales", newer).is_empty
    info = metric("follow_ups")
    assert info.label.en == "Real follow-ups"
    assert [r.definition.filter for r in info.rules] == ["", '{type} <> "other"']
    assert info.rule.valid_from == today()
    newest, first = rules.history("alerts", "no_follow_up")
    assert (newest.definition["params"]["days"], newest.valid_from) == (21, today())
    assert first.definition["params"]["days"] == 30
    grants = {g["object"]: g["actions"] for g in definition("sales_rep")["grants"]}
    assert "create" in grants["survey"]
    assert snapshot().object("customer").fields["region"].label.en == "Province"
    board = {r.key: r.active for r in rules.rules("leaderboards", with_disabled=True)}
    assert board["cash_month"] is True
    assert board["paid_month"] is False
    row = audit.changes(object_key="_pack", record_ids=None, limit=1)[0]
    assert row.action == "upgrade"


def test_what_the_company_changed_is_asked_about(unit_with_commit: None, newer: Path) -> None:
    set_params("no_follow_up", {"days": 45}, actor=SYSTEM)
    retire("customer", "region", actor=SYSTEM)
    made = queries.upgrade("sales", newer)
    assert {s.id for s in made.conflicts} == {
        "alerts/no_follow_up/params/days",
    }
    assert "objects/customer/fields/region/retired" in {s.id for s in made.own}
    said = next(s for s in made.conflicts if s.id.startswith("alerts"))
    assert "21" in said.what.en
    assert "45" in said.what.en
    actions.upgrade(
        "sales",
        actor=SYSTEM,
        folder=newer,
        choices={"alerts/no_follow_up/params/days": "theirs", "metrics/follow_ups/label": "ours"},
    )
    assert rules.rule("alerts", "no_follow_up").definition["params"]["days"] == 21
    assert metric("follow_ups").label.zh == "跟进次数"
    assert metric("follow_ups").rule.definition.filter
    region = snapshot().object("customer").fields["region"]
    assert region.retired
    assert region.label.en == "Province"


def test_all_or_nothing(unit_with_commit: None, newer: Path) -> None:
    path = newer / "metrics.yaml"
    text = path.read_text(encoding="utf-8")
    wrong = "    filter: '{type} <> \"other\"'\n"
    path.write_text(text.replace(wrong, "    filter: '{kein_feld} = 1'\n"), encoding="utf-8")
    with pytest.raises(Refused) as caught:
        actions.upgrade("sales", actor=SYSTEM, folder=newer)
    (problem,) = caught.value.problems
    assert problem.line is not None
    assert "metrics.yaml" in problem.message.zh
    with unit_of_work():
        assert snapshot().object("customer").fields["region"].label.en == "Region"
        assert rules.rule("alerts", "no_follow_up").definition["params"]["days"] == 30
        assert queries.installed()[0].version == 1


def test_only_who_may_do_all_of_it(cast: Any) -> None:
    for person in (cast.zheng_kai, cast.li_qiang, cast.zhang_wei):
        with pytest.raises(Forbidden):
            actions.apply("saas", actor=acting(person))


def test_another_kind_of_metric_is_refused(unit: None, newer: Path) -> None:
    path = newer / "metrics.yaml"
    text = path.read_text(encoding="utf-8").replace(
        "    object: follow_up\n", "    object: visit\n"
    )
    path.write_text(
        text.replace("    when: happened_at\n", "    when: planned_at\n"), encoding="utf-8"
    )
    made = queries.upgrade("sales", newer)
    assert [p.code for p in made.problems] == ["another_metric"]
    kept = queries.upgrade("sales", newer, {"metrics/follow_ups/object": "ours"})
    assert [p.code for p in kept.problems] == ["no_such_field"]  # the day of a visit
    both = {"metrics/follow_ups/object": "ours", "metrics/follow_ups/when": "ours"}
    assert not queries.upgrade("sales", newer, both).problems  # type: ignore[arg-type]


def test_a_variant_beside_what_there_is(unit_with_commit: None) -> None:
    made = queries.compare_shipped("saas")
    assert {"objects/subscription", "metrics/new_mrr", "roles/csm"} <= {s.id for s in made.taken}
    actions.apply("saas", actor=SYSTEM)
    assert [p.key for p in queries.installed()] == ["saas"]
    assert "subscription" in snapshot().objects
    assert {m.key for m in metrics()} >= {"new_mrr", "mrr", "renewal_rate"}
    left = queries.upgrade("saas")
    assert [s.id for s in (*left.taken, *left.conflicts)] == []
    stage = snapshot().object("opportunity").fields["stage"]
    assert [c.key for c in stage.choices if not c.retired][:3] == ["discovery", "trial", "proposal"]
