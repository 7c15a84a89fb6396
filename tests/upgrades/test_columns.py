"""Base columns of a new release reach the tables that are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, models

from tests.measure.books import rows
from tests.upgrades.conftest import quiet
from wubu.kernel.catalog import queries as catalog
from wubu.kernel.catalog import render
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records import actions, queries
from wubu.kernel.schema import base_columns
from wubu.kernel.schema.actions import retire
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger.checking import verify
from wubu.upgrade.plan import look
from wubu.upgrade.run import run

Columns = Callable[[], list[tuple[str, Any]]]


@pytest.fixture
def invented(old: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A release with two columns more: one with a default, one that links to a member."""
    shipped = render.base_columns

    def wanted() -> list[tuple[str, Any]]:
        link = models.ForeignKey(
            f"{render.APP}.member", models.PROTECT, null=True, related_name="+", db_index=False
        )
        return [*shipped(), ("weight", models.IntegerField(db_default=7)), ("watched_by", link)]

    monkeypatch.setattr(render, "base_columns", wanted)
    catalog._cache.clear()  # Snapshots that the release before rendered
    yield
    catalog._cache.clear()  # those with the invented columns, for a new one takes over their models


def columns_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return {c.name for c in connection.introspection.get_table_description(cursor, table)}


def indexes() -> list[Any]:
    if connection.vendor == "sqlite":
        sql = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        sql = "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = current_schema()"
    return sorted(r for r in rows(sql) if r[0].startswith("o_"))


def test_it_works(invented: None) -> None:
    before = rows("SELECT id, name, amount, version FROM o_contract ORDER BY id")
    there = indexes()
    found = look()
    assert {c.field for c in found.columns} == {"weight", "watched_by"}
    assert len(found.columns) == 2 * len(catalog.load_objects())
    done = run(found, say=quiet)
    assert done.columns == len(found.columns)
    assert rows("SELECT id, name, amount, version FROM o_contract ORDER BY id") == before
    assert rows("SELECT DISTINCT weight, watched_by_id FROM o_contract") == [(7, None)]
    assert indexes() == there
    assert look().columns == ()
    with unit_of_work():
        contract = snapshot().model("contract").objects.first()
        assert (contract.weight, contract.watched_by_id) == (7, None)
        made = actions.create(actor=SYSTEM, object_key="customer", values={"name": "新客户"})
        assert snapshot().model("customer").objects.get(pk=made.id).weight == 7
        actions.update(actor=SYSTEM, object_key="customer", id=made.id, values={"name": "改名"})
        assert queries.get(SYSTEM, "customer", made.id).title == "改名"
        assert verify() == ()


def test_only_what_lacks_it_is_touched(invented: None) -> None:
    """An upgrade that was interrupted goes on with the tables that are left."""
    base_columns.add([c for c in base_columns.missing() if c.object_key != "contract"])
    assert {(c.object_key, c.field) for c in base_columns.missing()} == {
        ("contract", "weight"),
        ("contract", "watched_by"),
    }
    base_columns.add(base_columns.missing())
    assert {"weight", "watched_by_id"} <= columns_of("o_contract")
    assert base_columns.missing() == ()


def test_a_retired_object_gets_them_too(old: None, monkeypatch: pytest.MonkeyPatch) -> None:
    run(look(), say=quiet)
    with unit_of_work():
        retire("visit", actor=SYSTEM)
    shipped = render.base_columns
    monkeypatch.setattr(
        render, "base_columns", lambda: [*shipped(), ("weight", models.IntegerField(db_default=7))]
    )
    base_columns.add(base_columns.missing())
    assert "weight" in columns_of("o_visit")


def test_a_column_that_no_row_could_fill_is_a_mistake(
    old: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = render.base_columns
    monkeypatch.setattr(
        render, "base_columns", lambda: [*shipped(), ("weight", models.IntegerField())]
    )
    with pytest.raises(ValueError, match="weight"):
        base_columns.add(base_columns.missing())
    assert "weight" not in columns_of("o_contract")


def test_nothing_is_missing_from_a_new_workspace(transactional_db: None) -> None:
    assert base_columns.missing() == ()
    base_columns.add(())
