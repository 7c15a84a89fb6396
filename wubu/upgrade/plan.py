"""What an upgrade would do to this database. Nothing is written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from wubu.kernel.definitions import lifting
from wubu.kernel.schema import base_columns
from wubu.kernel.types import Text
from wubu.kernel.workspace import unit_of_work
from wubu.measure.figures.queries import dictionary
from wubu.measure.ledger.recompiled import recompiled
from wubu.upgrade.types import Room, Upgrade

# For a rough estimate, from runs on a machine with two cores.
SECONDS_PER_MIGRATION = 0.1
BYTES_PER_SECOND = 150_000_000  # copied
ENTRIES_PER_SECOND = 60_000  # of metrics, rebuilt
SPARE = 32 * 1024 * 1024  # bytes that even the upgrade of an empty database may take

T = TypeVar("T")


def look() -> Upgrade:
    """Everything in which this program and the database differ.

    What needs tables that are still to be migrated is None where it cannot be told yet.
    """
    executor = MigrationExecutor(connection)
    loader = executor.loader
    waiting = executor.migration_plan(loader.graph.leaf_nodes())
    migrations = tuple(f"{m.app_label}.{m.name}" for m, _ in waiting)
    room = _room()
    if not loader.applied_migrations:
        return Upgrade(fresh=True, migrations=migrations, room=room)
    with unit_of_work():
        metrics = _told(recompiled)
        entries = sum(m.entries for m in metrics or ())
        return Upgrade(
            fresh=False,
            migrations=migrations,
            unknown=_unknown(loader),
            columns=_told(base_columns.missing) or (),
            definitions=_told(lifting.outdated) or (),
            metrics=metrics,
            broken=_told(_broken) or (),
            room=room,
            seconds=len(migrations) * SECONDS_PER_MIGRATION
            + (room.size / BYTES_PER_SECOND if connection.vendor == "sqlite" else 0)
            + entries / ENTRIES_PER_SECOND,
        )


def _told(ask: Callable[[], T]) -> T | None:
    """An answer, or None where a table or a column that it needs is still to come."""
    try:
        with transaction.atomic():  # PostgreSQL answers nothing more after an error
            return ask()
    except DatabaseError:
        return None


def _unknown(loader: MigrationLoader) -> tuple[str, ...]:
    """Migrations of our apps that are applied and that this program does not have."""
    there = loader.disk_migrations or {}
    known = set(there) | {old for m in there.values() for old in m.replaces}
    apps = {app for app, _ in there}
    applied = sorted(loader.applied_migrations or {})
    return tuple(
        f"{app}.{name}" for app, name in applied if app in apps and (app, name) not in known
    )


def _broken() -> tuple[tuple[Text, Text], ...]:
    book = dictionary()
    return tuple((book.metric(key).label, wrong[0].message) for key, wrong in book.broken.items())


def _room() -> Room:
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return Room(size=int(cursor.fetchone()[0]), needed=0, free=None)
    file = Path(str(connection.settings_dict["NAME"]))
    if not file.exists():
        return Room(size=0, needed=0, free=None)
    # A copy of the file with its log; and one table after the other may be made anew beside itself.
    size = sum(p.stat().st_size for p in (file, Path(f"{file}-wal")) if p.exists())
    return Room(size=size, needed=2 * size + SPARE, free=shutil.disk_usage(file.parent).free)
