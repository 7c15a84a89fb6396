"""The published CRM set, end to end.

Every figure beside what the csv module or hand-written SQL says.
"""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from tests.realdata.conftest import MAVEN, read
from wubu.collect.imports import actions, queries
from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.records import queries as records
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work
from wubu.measure.figures.queries import entries_of, explain, figures

pytestmark = [pytest.mark.usefixtures("maven"), pytest.mark.django_db]
WHOLE = Period.custom(date(2016, 10, 1), date(2018, 1, 1))


@pytest.fixture(autouse=True)
def in_one_unit(db):
    with unit_of_work():
        yield


def sql(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def won(rows):
    return [r for r in rows if r["deal_stage"] == "Won"]


def test_every_stage_counts_what_the_file_counts(pipeline):
    expected = Counter(r["deal_stage"].lower() for r in pipeline)
    assert dict(sql("SELECT stage, count(*) FROM o_opportunity GROUP BY stage")) == expected
    assert (expected["won"], expected["lost"]) == (4238, 2473)
    assert expected["engaging"] + expected["prospecting"] == 1589 + 500 == 2089


def test_the_published_totals(pipeline):
    [(value,)] = sql("SELECT sum(amount) FROM o_opportunity WHERE stage = 'won'")
    assert value == 10_005_534_00 == sum(int(r["close_value"]) for r in won(pipeline)) * 100
    [(without,)] = sql("SELECT count(*) FROM o_opportunity WHERE customer_id IS NULL")
    assert without == 1425 == sum(not r["account"] for r in pipeline)
    [(lost,)] = sql("SELECT sum(amount) FROM o_opportunity WHERE stage = 'lost'")
    assert lost == 0


def test_the_ledger_says_the_same():
    found = figures(SYSTEM, ["won_count", "lost_count", "won_amount", "win_rate"], WHOLE, "company")
    assert found.value("won_count") == 4238
    assert found.value("lost_count") == 2473
    assert found.value("won_amount") == 10_005_534_00
    rate = found.value("win_rate")
    assert isinstance(rate, Decimal)
    assert round(rate, 4) == Decimal("0.6315")


def test_every_agent_has_the_figures_of_the_file(pipeline):
    by_agent = Counter(r["sales_agent"] for r in won(pipeline))
    value = Counter()
    for r in won(pipeline):
        value[r["sales_agent"]] += int(r["close_value"]) * 100
    found = figures(SYSTEM, ["won_count", "won_amount"], WHOLE, "member")
    rows = {str(row.label): row.cells for row in found.rows}
    for agent in (r["sales_agent"] for r in read("sales_teams")):
        assert rows[agent]["won_count"].value == by_agent[agent]
        assert rows[agent]["won_amount"].value == value[agent]


def test_agents_without_deals_appear_with_zero(pipeline):
    busy = {r["sales_agent"] for r in pipeline}
    idle = {r["sales_agent"] for r in read("sales_teams")} - busy
    assert len(idle) == 5
    found = figures(SYSTEM, ["won_count"], WHOLE, "member")
    rows = {str(row.label): row.cells["won_count"].value for row in found.rows}
    assert {name: rows.get(name, "missing") for name in idle} == dict.fromkeys(idle, 0)


def test_managers_and_offices_add_up_to_the_whole(pipeline):
    home = {r["sales_agent"]: r for r in read("sales_teams")}
    manager, office = Counter(), Counter()
    for r in won(pipeline):
        team = home[r["sales_agent"]]
        manager[team["manager"]] += int(r["close_value"]) * 100
        office[team["regional_office"]] += int(r["close_value"]) * 100
    found = figures(SYSTEM, ["won_amount"], WHOLE, "team")
    rows = {row.key: row.cells["won_amount"].value for row in found.rows}
    names = {t.id: t for t in people.tree()}
    by_leader = {
        people.person(names[key].leader_id).name: value
        for key, value in rows.items()
        if key in names and names[key].leader_id
    }
    assert by_leader == dict(manager)
    by_office = {
        name: figures(
            SYSTEM,
            ["won_amount"],
            WHOLE,
            "company",
            teams=[next(t.id for t in names.values() if t.name == name)],
        ).value("won_amount")
        for name in office
    }
    assert by_office == dict(office)
    assert sum(manager.values()) == sum(office.values()) == 10_005_534_00


def test_the_tree_is_company_office_team():
    tree = people.tree()
    assert [t.depth for t in tree].count(0) == 1
    assert {t.name for t in tree if t.depth == 1} == {"Central", "East", "West"}
    teams = [t for t in tree if t.depth == 2]
    assert len(teams) == 6
    assert all(t.leader_id for t in teams)
    day = date(2017, 6, 1)
    members = people.members_of([t.id for t in teams], day)
    assert len(members) == 35 + 6


def test_dates_products_and_owners_are_those_of_the_file(pipeline):
    rows = sql(
        "SELECT o.code, m.name, p.name, c.name, o.opened_on, o.closed_on, o.amount "
        "FROM o_opportunity o JOIN wubu_people_member m ON m.id = o.owner_id "
        "JOIN o_product p ON p.id = o.product_id LEFT JOIN o_customer c ON c.id = o.customer_id"
    )
    ours = {code: values for code, *values in rows}
    assert len(ours) == 8800
    for r in pipeline:
        owner, product, customer, opened, closed, amount = ours[r["opportunity_id"]]
        assert owner == r["sales_agent"]
        assert product == r["product"].replace("GTXPro", "GTX Pro")
        assert (customer or "") == r["account"]
        assert str(closed or "") == r["close_date"]
        assert amount == (int(r["close_value"]) * 100 if r["close_value"] else None)
        if r["engage_date"]:
            assert str(opened) == r["engage_date"]


def test_the_trap_was_shown_once_for_all_rows():
    [view] = [v for v in queries.recent(SYSTEM) if v.done_rows]
    [pipeline] = [b for b in view.batches if b.object == "opportunity"]
    assert pipeline.mapping.aliases["product"] == {"GTXPro": "GTX Pro"}
    [accounts] = [b for b in view.batches if b.object == "customer"]
    groups = {(g.code, g.value): g for g in accounts.checked.groups}
    assert groups["read_as", "technolgy"].rows == 12
    assert groups["suspicious", "Philipines"].suggestion == "Philippines"
    assert not any(g.blocking for g in groups.values())
    [skipped] = [b for b in view.batches if not b.object]
    assert skipped.file == "data_dictionary.csv"
    assert skipped.reason is not None


def test_a_second_import_of_the_same_files_changes_nothing():
    counted = sql("SELECT count(*), max(id) FROM wubu_audit_change")
    done = actions.run_folder(MAVEN, actor=SYSTEM)
    assert (done.created, done.updated, done.skipped) == (0, 0, 0)
    assert sum(b.unchanged for b in done.batches) == 8933
    assert sql("SELECT count(*), max(id) FROM wubu_audit_change") == counted


def test_the_walk_back_from_a_ledger_entry_to_a_line_of_the_file(pipeline):
    """Entry → record → change → line N of sales_pipeline.csv, which says what the entry says."""
    agent = people.named("Darcel Schlecht")[0]
    month = Period.month(2017, 6)
    story = explain(SYSTEM, "won_amount", month, member=agent.id)
    entry = story.entries[0]
    posted = entries_of(entry.object_key, entry.record_id)
    assert any(p.value == entry.value for p in posted)
    changes = records.history(SYSTEM, entry.object_key, entry.record_id)
    born = changes[-1]
    assert (born.action, born.file) == ("create", "sales_pipeline.csv")
    with (MAVEN / "sales_pipeline.csv").open(encoding="utf-8") as file:
        written = file.read().splitlines()[born.line - 1].split(",")
    arrived = queries.line(SYSTEM, born.batch_id, born.line)
    assert list(arrived.cells) == written
    code, name, _, _, stage, _, closed, value = written
    assert (name, stage) == ("Darcel Schlecht", "Won")
    assert int(value) * 100 == entry.value
    assert closed == entry.day.isoformat()
    assert any(r["opportunity_id"] == code for r in pipeline)
