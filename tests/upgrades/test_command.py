"""``wubu upgrade``, as somebody types it, and killed in the middle of it."""

from __future__ import annotations

import gzip
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests import copies
from tests.upgrades.conftest import RELEASES

ROOT = Path(__file__).parents[2]
Ask = Callable[[str], list[tuple[Any, ...]]]

# Whatever the last upgrade left undone, and whether the figures are those of the records.
WHOLE = """
from wubu.boot import start_django; start_django()
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger.checking import verify
from wubu.upgrade.plan import look
with unit_of_work():
    print(look().is_needed, verify())
"""
# The program as it is, but every step takes its time, so that a kill comes in between.
SLOW = """
import sys, time
from wubu.boot import start_django; start_django()
from wubu.cli import main
from wubu.measure.ledger import recompiled
whole = recompiled.rebuild_metric
recompiled.differs = lambda selects: True  # every metric is rebuilt
def slowly(*words):
    print("REBUILDING", flush=True)
    time.sleep(0.2)
    return whole(*words)
recompiled.rebuild_metric = slowly
sys.exit(main(["upgrade"]))
"""


class Home:
    """A workspace of release 0.1.0 of its own, and somebody who looks at it from outside."""

    def __init__(self, folder: Path, environment: dict[str, str], ask: Ask) -> None:
        self.folder, self.ask = folder, ask
        self.environment = {**environment, "PYTHONPATH": str(ROOT), "WUBU_LANG": "en"}

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        process = self.start(*words)
        said, _ = process.communicate(timeout=240)
        return process.returncode, said

    def wubu(self, *words: str) -> tuple[int, str]:
        return self.run("-m", "wubu.cli", *words)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    environment = {**os.environ, "WUBU_HOME": str(tmp_path)}
    environment.pop("DATABASE_URL")
    if os.environ.get("WUBU_TEST_DB") != "postgres":
        file = tmp_path / "wubu.sqlite3"
        file.write_bytes(gzip.decompress((RELEASES / "0.1.0.sqlite3.gz").read_bytes()))

        def ask_file(sql: str) -> list[tuple[Any, ...]]:
            with closing(sqlite3.connect(file, timeout=30)) as link:
                return link.execute(sql).fetchall()

        yield Home(tmp_path, environment, ask_file)
        return
    server = os.environ["DATABASE_URL"]
    name = f"test_upgrade_{os.getpid()}"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as link:
            return link.execute(sql.encode()).fetchall()

    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
        with psycopg.connect(url) as link:
            link.execute(copies.dump(RELEASES, "0.1.0").encode())
        yield Home(tmp_path, {**environment, "DATABASE_URL": url}, ask)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


TABLES = "SELECT count(*) FROM django_migrations"


def test_check_says_what_would_happen_and_does_nothing(home: Home) -> None:
    before = home.ask(TABLES)
    code, said = home.wubu("upgrade", "--check")
    assert code == 1, said
    assert "migrations: " in said
    assert "ledger.0" in said
    assert "metrics without a note" in said
    assert "The database takes" in said
    assert "It takes about" in said
    assert home.ask(TABLES) == before
    assert not (home.folder / "before-upgrade").exists()


def test_upgrade_then_nothing_to_do(home: Home) -> None:
    code, said = home.wubu("upgrade")
    assert code == 0, said
    assert "Upgraded: " in said
    code, said = home.wubu("upgrade", "--check")
    assert (code, said.splitlines()[0]) == (0, "The database fits this program: nothing to do.")
    code, said = home.wubu("upgrade")
    assert (code, said.strip()) == (0, "The database fits this program: nothing to do.")
    assert home.run("-c", WHOLE) == (0, "False ()\n")


@pytest.mark.parametrize("steps", [1, 5])
def test_killed_in_the_middle_then_run_again(home: Home, steps: int) -> None:
    process = home.start("-c", SLOW)
    assert process.stdout is not None
    seen = 0
    for line in process.stdout:
        seen += line.startswith("REBUILDING")
        if seen == steps:
            break
    time.sleep(0.1)  # inside the transaction of a metric
    process.kill()
    process.communicate()
    assert seen == steps
    [(noted,)] = home.ask("SELECT count(*) FROM wubu_ledger_compiled")
    assert noted == steps - 1  # each metric is whole or not there
    code, said = home.wubu("upgrade")
    assert code == 0, said
    assert home.run("-c", WHOLE) == (0, "False ()\n")
    folder = home.folder / "before-upgrade"
    if folder.exists():  # SQLite: the one copy is that of the old release
        [copy] = folder.iterdir()

        with closing(sqlite3.connect(copy)) as link:
            applied = link.execute("SELECT count(*) FROM django_migrations").fetchone()
        assert applied < home.ask(TABLES)[0]


def test_killed_among_the_migrations_then_run_again(home: Home) -> None:
    before = home.ask(TABLES)
    slow = (
        "import sys, time\n"
        "from wubu.boot import start_django; start_django()\n"
        "from django.db.migrations.migration import Migration\n"
        "whole = Migration.apply\n"
        "def slowly(self, *words, **more):\n"
        "    made = whole(self, *words, **more)\n"
        "    print('APPLIED', flush=True)\n"
        "    time.sleep(0.3)\n"
        "    return made\n"
        "Migration.apply = slowly\n"
        "from wubu.cli import main\n"
        "sys.exit(main(['upgrade']))\n"
    )
    process = home.start("-c", slow)
    assert process.stdout is not None
    assert any(line.startswith("APPLIED") for line in process.stdout)
    process.kill()  # the tables are there, the transaction is still open
    process.communicate()
    assert home.ask(TABLES) == before
    code, said = home.wubu("upgrade")
    assert code == 0, said
    assert home.run("-c", WHOLE) == (0, "False ()\n")


def test_serve_upgrades_a_file_and_refuses_a_server(home: Home) -> None:
    """On SQLite it does what ``wubu upgrade`` does; on PostgreSQL others may be using it."""
    process = home.start("-m", "wubu.cli", "serve", "--port", "0", "--no-worker")
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "Upgraded: " in line or "upgrade --check" in line:
            break
    process.terminate()
    process.communicate(timeout=60)
    text = "".join(said)
    if os.environ.get("WUBU_TEST_DB") == "postgres":
        assert "wubu upgrade --check" in text
    else:
        assert "The database as it was is kept in" in text
        assert "Upgraded: " in text
