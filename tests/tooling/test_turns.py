"""Writers of one process on SQLite: each begins when the one before it ends, whatever happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.db.utils import ConnectionHandler

from wubu.database import from_url
from wubu.sqlite.base import _lines

Connect = Callable[[], Any]


@pytest.fixture
def connect(tmp_path: Path, django_db_blocker: Any) -> Iterator[Connect]:
    """New connections to one file."""
    url = f"sqlite:///{tmp_path / 'turns.sqlite3'}"
    opened: list[Any] = []

    def one() -> Any:
        found = ConnectionHandler({"default": from_url(url)})["default"]
        opened.append(found)
        return found

    django_db_blocker.unblock()
    first = one()
    with first.cursor() as cursor:
        cursor.execute("CREATE TABLE t (n integer UNIQUE)")
    first.close()
    yield one
    django_db_blocker.restore()
    assert not any(line.locked() for line in _lines.values())


def write(link: Any, n: int, hold: float = 0.0) -> None:
    link.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    try:
        with link.cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (%s)", [n])
        time.sleep(hold)
        link.commit()
    except BaseException:
        link.rollback()
        raise
    finally:
        link.set_autocommit(True)


def rows(link: Any) -> int:
    with link.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM t")
        return int(cursor.fetchone()[0])


def test_it_works(connect: Connect) -> None:
    failed: list[Exception] = []

    def work(number: int) -> None:
        link = connect()
        link.ensure_connection()
        everybody.wait()
        link.connection.execute("PRAGMA busy_timeout = 0")  # SQLite itself does not wait
        try:
            for n in range(5):
                write(link, number * 10 + n, hold=0.002)
        except OperationalError as error:
            failed.append(error)
        everybody.wait()
        link.close()

    everybody = threading.Barrier(8)
    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    link = connect()
    assert rows(link) == 40
    link.close()


def test_what_fails_gives_the_turn_to_the_next(connect: Connect) -> None:
    link, other = connect(), connect()
    write(link, 1)
    with pytest.raises(IntegrityError):
        write(link, 1)
    write(other, 2)
    link.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    link.close()  # in the middle of a transaction
    write(other, 3)
    assert rows(other) == 3
    other.close()


def test_a_writer_of_another_process_is_waited_for_as_before(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, other = connect(), connect()
    other.ensure_connection()
    other.connection.execute("PRAGMA busy_timeout = 50")
    other.settings_dict["OPTIONS"]["timeout"] = 0.05
    link.ensure_connection()
    link.connection.execute("BEGIN IMMEDIATE")  # as one that knows no line
    with pytest.raises(OperationalError, match="locked"):
        write(other, 1)
    link.connection.execute("ROLLBACK")
    write(other, 1)
    link.close()
    other.close()
