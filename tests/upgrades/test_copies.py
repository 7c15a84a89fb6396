"""An SQLite file is copied before it is upgraded, and comes back when the upgrade fails."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection

from tests import copies as databases
from tests.measure.books import rows
from tests.upgrades.conftest import quiet
from wubu.kernel.schema import base_columns
from wubu.kernel.types import Refused
from wubu.upgrade import copies
from wubu.upgrade.plan import look
from wubu.upgrade.run import run

pytestmark = pytest.mark.skipif(
    os.environ.get("WUBU_TEST_DB", "sqlite") != "sqlite", reason="of SQLite files"
)


@pytest.fixture(autouse=True)
def tidy(old: None) -> Iterator[Path]:
    """The folder of copies, empty before and gone afterwards."""
    folder = databases._file().parent / "before-upgrade"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def ask(file: Path, sql: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(file)) as link:
        return link.execute(sql).fetchall()


MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY id"
NAMES = "SELECT name FROM o_customer ORDER BY id"


def test_it_works(tidy: Path) -> None:
    before = rows(MIGRATIONS)
    with connection.cursor() as cursor:  # stands in the write-ahead log only
        cursor.execute("UPDATE o_customer SET name = '最新的' WHERE id = 1")
    names = rows(NAMES)
    said: list[str] = []
    done = run(look(), say=lambda zh, en: said.append(en))
    assert done.copy is not None
    assert done.copy.parent == tidy
    assert str(done.copy) in said[0]
    assert ask(done.copy, MIGRATIONS) == before  # as it was before
    assert ask(done.copy, NAMES) == names == rows(NAMES)
    assert len(rows(MIGRATIONS)) > len(before)
    assert sorted(p.name for p in tidy.iterdir()) == [done.copy.name]


def test_a_step_that_fails_brings_the_old_file_back(
    tidy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(MIGRATIONS), rows(NAMES)
    found = look()

    def fail() -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(base_columns, "missing", fail)
    with pytest.raises(Refused) as refused:
        run(found, say=quiet)
    monkeypatch.undo()
    [problem] = refused.value.problems
    assert problem.code == "upgrade_failed"
    assert "the disk is on fire" in problem.message.en
    assert problem.hint is not None
    assert "as it was" in problem.hint.en
    assert (rows(MIGRATIONS), rows(NAMES)) == before
    assert run(look(), say=quiet).migrations  # and it can be tried again
    assert not (tidy / copies.MARK).exists()


def test_an_interrupted_upgrade_keeps_the_first_copy(tidy: Path) -> None:
    database = databases._file()
    first = copies.make(database)
    with time_machine.travel("2026-03-15 06:00"):
        assert copies.make(database) == first  # it was killed and started again
        copies.finish(first)
        assert copies.make(database) != first


def test_the_last_few_are_kept(tidy: Path) -> None:
    made = []
    for hour in range(1, copies.KEEP + 3):
        with time_machine.travel(f"2026-03-16 {hour:02}:00", tick=False):
            made.append(copies.make(databases._file()))
            os.utime(made[-1], (hour, hour))
            copies.finish(made[-1])
    assert sorted(tidy.iterdir()) == made[-copies.KEEP :]


@pytest.mark.parametrize(("spare", "enough"), [(-1, False), (0, True), (1, True)])
def test_too_little_space_is_said_before_anything_is_done(
    tidy: Path, monkeypatch: pytest.MonkeyPatch, spare: int, enough: bool
) -> None:
    needed = look().room.needed

    class Usage:
        free = needed + spare

    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage)
    if enough:
        assert run(look(), say=quiet).migrations
        return
    before = rows(MIGRATIONS)
    with pytest.raises(Refused) as refused:
        run(look(), say=quiet)
    assert [p.code for p in refused.value.problems] == ["no_space"]
    assert rows(MIGRATIONS) == before
    assert not tidy.exists()
    assert run(look(), say=quiet, copy=False).copy is None


def test_a_copy_that_cannot_be_written(tidy: Path) -> None:
    tidy.write_text("a file stands where the folder should be")
    before = rows(MIGRATIONS)
    try:
        with pytest.raises(Refused) as refused:
            run(look(), say=quiet)
    finally:
        tidy.unlink()
    assert [p.code for p in refused.value.problems] == ["no_copy"]
    assert rows(MIGRATIONS) == before


def test_a_database_of_a_newer_program_is_left_alone(tidy: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('ledger', '9999_from_the_future', '2027-01-01')"
        )
    found = look()
    assert found.unknown == ("ledger.9999_from_the_future",)
    assert not found.serves
    with pytest.raises(Refused) as refused:
        run(found, say=quiet)
    assert [p.code for p in refused.value.problems] == ["newer_database"]
    assert not tidy.exists()
