"""The test database itself: what one test commits is gone in the next, tables included."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from wubu.database import from_url


def tables() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.table_names(cursor))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("again", [1, 2])
def test_a_committed_table_is_gone_in_the_next_test(again: int) -> None:
    assert "left_behind" not in tables()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_behind (id integer)")
    assert "left_behind" in tables()


@pytest.mark.django_db
def test_it_is_the_database_that_was_asked_for() -> None:
    import os

    wanted = {"sqlite": "sqlite", "postgres": "postgresql"}[
        os.environ.get("WUBU_TEST_DB", "sqlite")
    ]
    assert connection.vendor == wanted


def test_a_schema_that_would_need_quoting_is_refused() -> None:
    url = "postgres://wubu@db/wubu?schema="
    assert from_url(f"{url}ws2")["WUBU_SCHEMA"] == "ws2"
    for name in ("Acme", "a-b", "a b", 'a"b', "x" * 64, "1a"):
        with pytest.raises(ValueError, match="schema"):
            from_url(url + name)
