"""Makes a workspace ready: its PostgreSQL schema, its tables, its first pack."""

from __future__ import annotations

from collections.abc import Callable

from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs.actions import install
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work

Say = Callable[[str, str], None]


def pending() -> int:
    """How many migrations the database still lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def prepare(*, say: Say, pack: str | None = "sales") -> None:
    """Create or upgrade the tables; into a catalog without objects, install ``pack``.

    Safe to run again at any time. ``say`` is told each step in both languages.
    """
    enter_schema()
    waiting = pending()
    if waiting:
        say(f"正在升级数据库({waiting} 步)…", f"Upgrading the database ({waiting} steps) …")
        call_command("migrate", verbosity=0, interactive=False)
    with unit_of_work():
        empty = not snapshot().objects
    if empty and pack:
        say(f"正在安装 {pack} 包…", f"Installing the pack {pack} …")
        with unit_of_work():
            install(pack, actor=SYSTEM)


def enter_schema() -> None:
    """Keep this process to the workspace's schema: migrations are many transactions, not one."""
    schema = connection.settings_dict.get("WUBU_SCHEMA", "public")
    if connection.vendor != "postgresql" or schema == "public":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {connection.ops.quote_name(schema)}")
    connections.close_all()
    options = connection.settings_dict["OPTIONS"]
    options.pop("pool", None)
    options["options"] = f"-c search_path={schema}"
