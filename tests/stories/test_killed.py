"""The power goes out in the middle of an import.

Of each batch everything is there or nothing, and the import goes on where it stopped.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
ROWS, BATCH = 6_000, 250
CHANGES = "wubu_audit_change WHERE object_key = 'customer' AND action = 'create'"
Ask = Callable[[str], list[tuple[Any, ...]]]

PREPARE = """
from wubu.boot import start_django; start_django()
from pathlib import Path
from wubu.collect.imports import actions
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work
from wubu.setup import prepare
prepare(say=lambda zh, en: None)
with unit_of_work():
    view = actions.stage(actor=SYSTEM, files=[("客户.csv", [Path("customers.csv").read_bytes()])])
print(view.id)
"""
RUN = f"""
import sys
from wubu.boot import start_django; start_django()
from wubu.collect.imports import actions, running
from wubu.kernel.types import SYSTEM
running.CHUNK = {BATCH}
print(actions.run(actor=SYSTEM, import_id=int(sys.argv[1])).created)
"""


@dataclass
class Workspace:
    """A workspace of its own, and somebody who looks at it from outside."""

    folder: Path
    environment: dict[str, str]
    ask: Ask

    def start(self, code: str, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code, *words],
            cwd=self.folder,
            env={**self.environment, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, code: str, *words: str) -> str:
        process = self.start(code, *words)
        said, _ = process.communicate(timeout=240)
        assert process.returncode == 0, said
        return said.strip()

    def count(self, table: str) -> int:
        return int(self.ask(f"SELECT count(*) FROM {table}")[0][0])


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    environment = {**os.environ, "WUBU_HOME": str(tmp_path)}
    environment.pop("DATABASE_URL")
    if os.environ.get("WUBU_TEST_DB") != "postgres":
        file = tmp_path / "wubu.sqlite3"

        def ask(sql: str) -> list[tuple[Any, ...]]:
            with closing(sqlite3.connect(file, timeout=30)) as link:
                return link.execute(sql).fetchall()

        yield Workspace(tmp_path, environment, ask)
        return
    server = os.environ["DATABASE_URL"]
    name = f"test_killed_{os.getpid()}"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as link:
            return link.execute(sql.encode()).fetchall()

    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
        yield Workspace(tmp_path, {**environment, "DATABASE_URL": url}, ask)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


FORGET = """
from wubu.boot import start_django; start_django()
from wubu.collect.imports.models import Import
Import.objects.update(moved_at=None)  # two minutes have passed without a sign of life
"""


def test_kill_in_the_middle_then_go_on(workspace: Workspace) -> None:
    lines = ["客户名称,地区", *(f"公司{n:05},上海" for n in range(ROWS))]
    (workspace.folder / "customers.csv").write_text("\n".join(lines), encoding="utf-8")
    plan = workspace.run(PREPARE)
    process = workspace.start(RUN, plan)
    end = time.monotonic() + 60
    while workspace.count("o_customer") < 2 * BATCH and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    process.kill()
    process.communicate()
    written = workspace.count("o_customer")
    assert 0 < written < ROWS, "it was too fast to be killed"
    assert written % BATCH == 0  # all or none of a batch
    assert workspace.count(CHANGES) == written
    [(done,)] = workspace.ask("SELECT sum(done_rows) FROM wubu_imports_batch")
    assert done == written  # what it remembers is what is there
    workspace.run(FORGET)
    assert workspace.run(RUN, plan).endswith(str(ROWS))
    assert workspace.count("o_customer") == ROWS
    assert workspace.ask("SELECT count(DISTINCT name) FROM o_customer") == [(ROWS,)]
    assert workspace.count(CHANGES) == ROWS
