"""Many rows at once: what is set for the time of a long write is set back after it."""

from __future__ import annotations

import pytest
from django.db import connection

from wubu.kernel import bulk

pytestmark = pytest.mark.django_db(transaction=True)


def settings() -> list[int]:
    with connection.cursor() as cursor:
        found = []
        for name in ("cache_size", "wal_autocheckpoint"):
            cursor.execute(f"PRAGMA {name}")
            found.append(cursor.fetchone()[0])
        return found


def test_it_works() -> None:
    if connection.vendor == "postgresql":
        with bulk.at_length(), connection.cursor() as cursor:  # it has no such settings
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)
        return
    before = settings()
    seen: list[list[int]] = []
    with pytest.raises(ZeroDivisionError):
        _fails(seen)
    assert seen == [[bulk.CACHE_AT_LENGTH, bulk.CHECKPOINT_AT_LENGTH]]
    assert settings() == before


def _fails(seen: list[list[int]]) -> None:
    with bulk.at_length():
        seen.append(settings())
        raise ZeroDivisionError
