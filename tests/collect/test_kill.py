"""An import killed with SIGKILL: whole pieces or nothing, and it goes on where it stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections

from tests.support.urls import database_url

ROOT = Path(__file__).resolve().parents[2]
ROWS = 6_000
PIECE = 500
SCRIPT = """
import sys, django
django.setup()
from wubu.collect.imports import actions, queries, running
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work
running.CHUNK = {piece}
def told(done, total, note):
    print(done, flush=True)
if sys.argv[1] == "start":
    actions.run_folder(sys.argv[2], actor=SYSTEM, check_first=False, progress=told)
else:
    from wubu.collect.imports.models import Import
    Import.objects.update(moved_at=None)
    with unit_of_work():
        [view] = queries.recent(SYSTEM)
    actions.run(actor=SYSTEM, import_id=view.id, progress=told)
"""


@pytest.fixture
def own_database(transactional_db, tmp_path):
    """A database of its own for other processes, a copy of the one of the tests; its URL."""
    if connection.vendor == "sqlite":
        path = tmp_path / "own.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM INTO '{path}'")
        yield database_url(str(path))
        return
    settings = connection.settings_dict
    name = f"{settings['NAME']}_kill"
    connections.close_all()
    connection.close_pool()
    with psycopg.connect(database_url("postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{settings["NAME"]}"')
        yield database_url(name)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def counts(url: str) -> tuple[int, int, int, int]:
    """(customers, their changes, ledger entries, rows the bookmark says), asked elsewhere."""
    code = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "c = connection.cursor()\n"
        "for what in ('count(*) FROM o_customer',\n"
        "             'count(*) FROM wubu_audit_change WHERE batch_id IS NOT NULL',\n"
        "             'count(*) FROM wubu_ledger_entry',\n"
        "             'sum(done_rows) FROM wubu_imports_batch'):\n"
        "    c.execute(f'SELECT {what}'); print(c.fetchone()[0])\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], env=environment(url), check=True, capture_output=True
    )
    first, second, third, fourth = map(int, out.stdout.split())
    return first, second, third, fourth


def environment(url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "wubu.settings",
        "PYTHONPATH": str(ROOT),
    }


def started(url: str, *arguments: str) -> subprocess.Popen[str]:
    code = SCRIPT.replace("{piece}", str(PIECE))
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=environment(url),
        stdout=subprocess.PIPE,
        text=True,
    )


def test_killed_in_the_middle_and_gone_on_with(own_database, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    lines = "".join(f"公司{n},上海\n" for n in range(ROWS))
    (folder / "客户.csv").write_text(f"客户名称,地区\n{lines}", encoding="utf-8")
    process = started(own_database, "start", str(folder))
    assert process.stdout is not None
    for told in process.stdout:
        if int(told) >= 3 * PIECE:
            break
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    customers, changes, entries, bookmark = counts(own_database)
    assert customers == changes == bookmark
    assert 0 < customers < ROWS
    assert customers % PIECE == 0
    again = started(own_database, "resume")
    assert again.stdout is not None
    assert list(again.stdout)[-1].strip() == str(ROWS)
    again.stdout.close()
    assert again.wait() == 0
    customers, changes, entries_now, bookmark = counts(own_database)
    assert (customers, changes, bookmark) == (ROWS, ROWS, ROWS)
    assert entries_now >= entries
