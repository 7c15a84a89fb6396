"""A copy of the prepared test database, and the way back to it after a test that committed."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

_kept: set[str] = set()  # labels of the copies there are


def keep(label: str = "copy") -> None:
    """Copy the test database as it is now."""
    _forget_connections()
    if connection.vendor == "sqlite":
        shutil.copyfile(_file(), _file(f".{label}"))
    else:
        name = connection.settings_dict["NAME"]
        _command(
            f'DROP DATABASE IF EXISTS "{name}_{label}"',
            f'CREATE DATABASE "{name}_{label}" TEMPLATE "{name}"',
        )
    _kept.add(label)


def has(label: str) -> bool:
    """Whether such a copy was kept in this run."""
    return label in _kept


def restore(label: str = "copy") -> None:
    """Put a kept copy in the place of the test database."""
    _forget_connections()
    if connection.vendor == "sqlite":
        shutil.copyfile(_file(f".{label}"), _file(".next"))
        for leftover in (_file("-wal"), _file("-shm")):
            leftover.unlink(missing_ok=True)
        os.replace(_file(".next"), _file())
    else:
        name = connection.settings_dict["NAME"]
        _command(
            f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
            f'CREATE DATABASE "{name}" TEMPLATE "{name}_{label}"',
        )


def replace(folder: Path, name: str) -> None:
    """Put a kept database of an earlier release in place of the test database.

    It is ``name.sqlite3.gz`` or ``name.sql.gz``. After a test that commits, ``restore`` follows by
    itself.
    """
    _forget_connections()
    if connection.vendor == "sqlite":
        for leftover in (_file("-wal"), _file("-shm")):
            leftover.unlink(missing_ok=True)
        _file().write_bytes(gzip.decompress((folder / f"{name}.sqlite3.gz").read_bytes()))
        return
    database = connection.settings_dict["NAME"]
    _command(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)', f'CREATE DATABASE "{database}"')
    with connection.cursor() as cursor:
        cursor.execute(dump(folder, name))
    _forget_connections()  # the dump sets the session's search path


def dump(folder: Path, name: str) -> str:
    """The SQL of a kept PostgreSQL database, without what only psql understands."""
    text = gzip.decompress((folder / f"{name}.sql.gz").read_bytes()).decode()
    return "\n".join(line for line in text.splitlines() if not line.startswith("\\"))


def drop() -> None:
    """Remove the copies at the end of the run."""
    if connection.vendor == "postgresql":
        _forget_connections()
        name = connection.settings_dict["NAME"]
        _command(*(f'DROP DATABASE IF EXISTS "{name}_{label}"' for label in sorted(_kept)))


def _file(suffix: str = "") -> Path:
    return Path(f"{connection.settings_dict['NAME']}{suffix}")


def _forget_connections() -> None:
    for each in connections.all(initialized_only=True):
        each.close()
        _close_pool(each)


def _close_pool(wrapper: BaseDatabaseWrapper) -> None:
    close = getattr(wrapper, "close_pool", None)
    if close:
        close()


def _command(*statements: str) -> None:
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        for statement in statements:
            cursor.execute(statement)
