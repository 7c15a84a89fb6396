"""Makes a workspace ready: its PostgreSQL schema, its tables, its first pack."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, connections

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs.actions import install
from wubu.kernel.types import SYSTEM
from wubu.kernel.workspace import unit_of_work
from wubu.upgrade import words
from wubu.upgrade.plan import look
from wubu.upgrade.run import run

Say = Callable[[str, str], None]
Progress = Callable[[int, int, str], None]  # done, total, what


def prepare(*, say: Say, pack: str | None = "sales") -> None:
    """Create or upgrade the database; into a catalog without objects, install ``pack``.

    Safe to run again at any time. ``say`` is told each step in both languages. Raises Refused when
    the upgrade cannot be made, see ``upgrade.run``.
    """
    upgrade(say=say)
    with unit_of_work():
        empty = not snapshot().objects
    if empty and pack:
        say(f"正在安装 {pack} 包…", f"Installing the pack {pack} …")
        with unit_of_work():
            install(pack, actor=SYSTEM)


def upgrade(*, say: Say, progress: Progress | None = None, copy: bool = True) -> bool:
    """Bring the database to this program, telling what moved; False where it fits already."""
    enter_schema()
    found = look()
    if not (found.is_needed or found.fresh or found.unknown):
        return False
    done = run(found, say=say, progress=progress, copy=copy)
    if not found.fresh:
        with unit_of_work():
            for line in words.carried_out(done):
                say(line.zh, line.en)
    return True


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
