"""Chooses the database and a home folder before Django reads its settings.

Loaded by ``-p`` in pyproject.toml.

``WUBU_TEST_DB`` is ``sqlite`` (default) or ``postgres``; the latter takes the server from
``WUBU_TEST_POSTGRES`` or ``DATABASE_URL``, and Django makes and drops a database ``test_…`` of its
own there, one per worker.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

MEMORY = Path("/dev/shm")  # files here never touch a disk


def _home() -> Path:
    """A folder for this process alone, removed when it ends."""
    parent = MEMORY if os.access(MEMORY, os.W_OK) else None
    home = Path(tempfile.mkdtemp(prefix="wubu-test-", dir=parent))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home


HOME = _home()


def _database_url() -> str:
    chosen = os.environ.get("WUBU_TEST_DB", "sqlite")
    if chosen == "sqlite":
        return f"sqlite:///{HOME / 'unused.sqlite3'}"
    if chosen != "postgres":
        raise pytest.UsageError(f"WUBU_TEST_DB is “{chosen}”; it can be sqlite or postgres")
    url = os.environ.get("WUBU_TEST_POSTGRES") or os.environ.get("DATABASE_URL")
    if not url or not url.startswith("postgres"):
        raise pytest.UsageError(
            "WUBU_TEST_DB=postgres needs WUBU_TEST_POSTGRES=postgres://user@host:port/database; "
            "`make test` starts a server by itself"
        )
    return url


os.environ["DATABASE_URL"] = _database_url()
os.environ["WUBU_HOME"] = str(HOME)
os.environ["WUBU_SECRET_KEY"] = "for tests only, long enough to be taken for a real one"
os.environ.pop("WUBU_DEBUG", None)

settings.register_profile(
    "wubu",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("wubu")
