"""The database of the tests.

Migrated, with the sales pack installed once per worker, and as new for every test.

Most tests run in a transaction that is rolled back. One that must commit (a schema change on
SQLite, threads, a served page) says ``@pytest.mark.django_db(transaction=True)``; after it the
whole database is put back from a copy, which is faster and truer than emptying tables: dynamic
tables and the installed pack come back too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase

from tests import copies
from tests.plugin import HOME
from wubu.kernel.packs.actions import install
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work

pytest_plugins = ["tests.cast"]

# Real hashing takes a quarter of a second per password, on purpose; not needed here.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """A database per worker: on SQLite a file, so that threads and WAL work as in production."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    wrapper = connections["default"]
    if wrapper.vendor == "sqlite":
        wrapper.settings_dict["TEST"]["NAME"] = str(HOME / "test.sqlite3")
    else:
        # Several runs may share a server; none may share a database.
        name = wrapper.settings_dict["NAME"]
        wrapper.settings_dict["TEST"]["NAME"] = f"test_{name}_{worker}_{os.getpid()}"


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    """The sales pack is part of every test database."""
    with django_db_blocker.unblock():
        with unit_of_work():
            install("sales", actor=SYSTEM)
        copies.keep()
    TransactionTestCase._fixture_teardown = _put_back
    yield
    with django_db_blocker.unblock():
        copies.drop()


def _put_back(case: TransactionTestCase) -> None:
    copies.restore()


@pytest.fixture
def unit(db: None) -> Iterator[None]:
    """The test is one unit of work, as a request is."""
    with unit_of_work():
        yield
