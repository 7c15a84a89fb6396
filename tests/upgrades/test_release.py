"""A workspace of release 0.1.0 meets this program, on its kind of database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.measure.books import assert_rebuilt_is_posted
from tests.upgrades import noted
from tests.upgrades.conftest import quiet
from wubu.collect.views import queries as views
from wubu.collect.views import sharing
from wubu.control.alerts import queries as alerts
from wubu.kernel.audit import sealing, verifying
from wubu.kernel.calendar.types import Period
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.definitions.kinds import kinds
from wubu.kernel.people import queries as people
from wubu.kernel.people.types import Person
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.rules import queries as rules
from wubu.kernel.types import SYSTEM, Actor
from wubu.kernel.workspace import forget, unit_of_work
from wubu.measure.figures.queries import dictionary, figures, metric
from wubu.measure.ledger.checking import verify
from wubu.measure.ledger.queries import closings
from wubu.measure.scorecards.queries import cards
from wubu.measure.targets import queries as targets
from wubu.motivate.leaderboards.queries import leaderboard
from wubu.motivate.points.queries import points
from wubu.upgrade.plan import look
from wubu.upgrade.run import run

MARCH = Period.month(2026, 3)


def person(name: str) -> Person:
    return next(p for p in people.members() if p.name == name)


def actor(name: str) -> Actor:
    return Actor(person(name).id)


def listed(who: Actor, object_key: str) -> tuple[Any, ...]:
    return queries.page(who, object_key, Query()).records


def by(kind: Any, key: str, month: int) -> dict[str, Any]:
    """Figures of a month by the name of the member or team, those of nothing left out."""
    found = figures(SYSTEM, [key], Period.month(2026, month), kind).rows
    return {str(r.label): r.cells[key].value for r in found if r.cells[key].value}


def test_it_works(upgraded: None) -> None:
    assert not look().is_needed
    for key, count in noted.RECORDS.items():
        assert queries.count(SYSTEM, key).number == count, key
    assert {s.key for s in snapshot().live} == {*noted.RECORDS, "quote_line"}


def test_it_has_nothing_to_do_the_second_time(upgraded: None) -> None:
    forget()
    done = run(look(), say=quiet)
    assert (done.migrations, done.columns, done.definitions, done.rebuilt) == (0, 0, 0, ())


def test_records_go_on(upgraded: None) -> None:
    zhang = actor("张伟")
    [deal] = [r for r in listed(zhang, "opportunity") if r.title == "项目甲"]
    spans = queries.stage_history(zhang, "opportunity", deal.id)
    assert [s.stage for s in spans] == [
        "prospecting", "engaging", "proposal", "negotiation", "won",
    ]  # fmt: skip
    newest, *_, first = queries.history(zhang, "opportunity", deal.id)
    assert (first.action, newest.actor_name) == ("create", "张伟")
    changed = actions.update(
        actor=zhang, object_key="opportunity", id=deal.id, values={"amount": "120000"}
    )
    assert isinstance(changed, Record)
    assert changed.version == deal.version + 1
    contract = {"name": "新合同", "signed_on": "2026-03-14", "amount": "10000", "status": "active"}
    customer = listed(zhang, "customer")[0].id
    made = {**contract, "customer": customer, "owner": zhang.member_id}
    actions.create(actor=SYSTEM, object_key="contract", values=made)
    assert by("member", "sales_signed", 3) == {**noted.SIGNED[3], "张伟": 10_000_00}


def test_figures_are_the_same(upgraded: None) -> None:
    for month, amounts in noted.SIGNED.items():
        assert by("member", "sales_signed", month) == amounts
        teams = by("team", "sales_signed", month)
        assert {t: teams[t] for t in noted.SIGNED_BY_TEAM[month]} == noted.SIGNED_BY_TEAM[month]
        assert teams["明华传感"] == sum(amounts.values())
    for month, count in noted.BIG_CONTRACTS.items():
        found = figures(SYSTEM, ["big_contracts"], Period.month(2026, month), "company")
        assert found.value("big_contracts") == count
    assert by("member", "sales_paid", 3) == noted.PAID


def test_posted_is_rebuilt(upgraded: None) -> None:
    assert verify() == ()
    assert_rebuilt_is_posted()


def test_what_was_closed_is_closed(upgraded: None) -> None:
    [closed] = closings(Period.month(2026, 2))
    assert (closed.is_closed, closed.note, closed.closed_at.date()) == (
        True, "二月关账", date(2026, 3, 2),
    )  # fmt: skip


def test_rules_still_parse(upgraded: None) -> None:
    assert not dictionary().broken
    rule = metric("big_contracts").rules
    assert [r.valid_to for r in rule] == [date(2026, 3, 1), None]
    for kind in kinds():
        for found in rules.rules(kind.name, with_disabled=True):
            assert kind.sentence(kind.check(found.key, found.definition)).zh, found.key
    assert {"alerts", "leaderboards", "points", "reminders"} <= {
        k.name for k in kinds() if rules.rules(k.name)
    }


def test_targets_boards_points_and_scores(upgraded: None) -> None:
    held = targets.targets(("sales_signed",), MARCH)
    assert sorted(held.values()) == sorted(noted.TARGETS.values())
    owner = actor("王立")
    board = leaderboard(owner, "sales_month", Period.month(2026, 1))
    assert [(p.rank, p.name, p.value) for p in board.places if p.value] == [
        (1, "张伟", 60_000_01), (2, "孙悦", 40_000_00),
    ]  # fmt: skip
    earned = {
        row.name: line.points
        for row in points(owner, MARCH).rows
        for line in row.lines
        if line.rule.key == "paid_points"
    }
    assert {n: p for n, p in earned.items() if p} == noted.PAID_POINTS
    assert cards()


def test_alerts_views_forms_and_shares(upgraded: None) -> None:
    assert sum(c.count for c in alerts.counts(SYSTEM)) == 4
    sun = actor("孙悦")
    customer, shared = sorted(sharing.shared_with(sun), key=lambda share: share.kind)
    assert (customer.kind, customer.by_id) == ("record", person("张伟").id)
    assert (shared.kind, shared.note, shared.until) == ("view", "请看", date(2026, 12, 31))
    [view] = [v for v in views.views(sun, "contract") if v.id == shared.target_id]
    assert view.name.zh == "大单"
    titles = {r.title for r in listed(sun, "customer")}
    assert "客户甲" in titles  # shared with her by 张伟
    assert "客户乙" not in titles


def test_the_log_is_as_it_was_written(old: None) -> None:
    run(look(), say=quiet)
    with unit_of_work():
        sealing.seal()
    with unit_of_work():
        found = verifying.verify()
    assert found.tampering is None
    assert found.changes > 100


PAGES = (
    "/", "/cockpit", "/leaderboard", "/leaderboard?board=big_ones&period=2026-01", "/points",
    "/scorecard", "/targets?metric=sales_signed&period=2026-03", "/metrics/", "/alerts", "/review/",
    "/metrics/big_contracts", "/collection", "/funnel", "/o/customer/", "/o/contract/",
    "/o/opportunity/",
)  # fmt: skip
SETUP = (
    "/setup/people", "/setup/teams", "/setup/objects", "/setup/roles", "/setup/alerts",
    "/setup/motivation", "/setup/packs", "/setup/log", "/setup/objects/history",
)  # fmt: skip


@pytest.mark.parametrize("name", ["王立", "李强", "张伟"])
def test_pages_answer(upgraded: None, name: str) -> None:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=person(name).id))
    for page in (*PAGES, *(SETUP if name == "王立" else ())):
        assert client.get(page).status_code == 200, page
    record = listed(actor(name), "contract")[0]
    answer = client.get(f"/o/contract/{record.id}")
    assert answer.status_code == 200
    assert record.title in answer.content.decode()
