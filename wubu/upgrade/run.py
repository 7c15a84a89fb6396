"""Carrying an upgrade out.

It may be interrupted at any moment and is then run again: every step looks for what is left to do,
and is whole or not there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from wubu.kernel import bulk
from wubu.kernel.definitions import lifting
from wubu.kernel.schema import base_columns
from wubu.kernel.types import Problem, Refused, Text
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger.recompiled import rebuild_recompiled
from wubu.upgrade import copies
from wubu.upgrade.types import Done, Upgrade
from wubu.upgrade.words import size

Say = Callable[[str, str], None]
Progress = Callable[[int, int, str], None]


def run(found: Upgrade, *, say: Say, progress: Progress | None = None, copy: bool = True) -> Done:
    """Bring the database to this program. ``say`` hears each step in both languages.

    An SQLite file is copied first, unless ``copy`` is false, and is put back as it was when a step
    fails. Raises Refused where the database is newer than the program, where there is too little
    space, or where a step failed, with what to do.
    """
    _require(found, copy)
    database = copies.file()
    kept = _copied(database, say) if copy and database and not found.fresh else None
    try:
        done = _steps(found, say, progress, kept)
    except Exception as failure:  # whatever it was, the old file comes back
        raise _failed(failure, kept, database) from failure
    if kept:
        copies.finish(kept)
    return done


def _steps(found: Upgrade, say: Say, progress: Progress | None, kept: Path | None) -> Done:
    if found.migrations:
        count = len(found.migrations)
        say(f"正在升级数据库（{count} 步）…", f"Upgrading the database ({count} steps) …")
        call_command("migrate", verbosity=0, interactive=False)
    if found.fresh:
        return Done(len(found.migrations), 0, 0, (), None)
    with bulk.at_length():
        with unit_of_work():
            columns = base_columns.missing()
            if columns:
                count = len(columns)
                say(f"正在补充基础列（{count} 个）…", f"Adding {count} base columns …")
                base_columns.add(columns)
        with unit_of_work():
            lifted = lifting.lift()
        rebuilt = rebuild_recompiled(progress)
    return Done(len(found.migrations), len(columns), lifted, rebuilt, kept)


def _copied(database: Path | None, say: Say) -> Path | None:
    if database is None:
        return None
    try:
        made = copies.make(database)
    except (OSError, sqlite3.Error) as failure:
        said = Text("升级前未能备份数据库：{w}。", "The database could not be copied: {w}.")
        hint = Text(
            "数据库没有改动。请检查磁盘空间和 {f} 的写入权限后重试。",
            "It was not changed. Check the space and the right to write in {f}, then start again.",
        ).format(f=str(database.parent))
        raise Refused(Problem("no_copy", said.format(w=str(failure)), hint)) from failure
    say(f"升级前的数据库已备份到 {made}", f"The database as it was is kept in {made}")
    return made


def _require(found: Upgrade, copy: bool) -> None:
    wrong = []
    if found.unknown:
        said = Text(
            "这个数据库由更新的版本使用过，本程序没有这些步骤：{m}。",
            "A newer version has used this database; this program lacks: {m}.",
        )
        hint = Text(
            "请运行更新的版本，或用升级前的备份。",
            "Run the newer version, or the copy from before its upgrade.",
        )
        wrong.append(Problem("newer_database", said.format(m=", ".join(found.unknown)), hint))
    if copy and not found.fresh and not found.room.is_enough:
        said = Text(
            "磁盘空间不足：需要 {n}，可用 {f}。", "Too little space: {n} are needed, {f} are free."
        )
        hint = Text(
            "请腾出空间后重试；已另行备份时可用 wubu upgrade --no-copy。",
            "Free some and start again; if you have a backup elsewhere: wubu upgrade --no-copy.",
        )
        said = said.format(n=size(found.room.needed), f=size(found.room.free or 0))
        wrong.append(Problem("no_space", said, hint))
    if wrong:
        raise Refused(*wrong)


def _failed(failure: Exception, kept: Path | None, database: Path | None) -> Refused:
    """What stood in the way, and how to go on; an SQLite file is put back first."""
    problems = list(failure.problems) if isinstance(failure, Refused) else []
    why = f"{type(failure).__name__}: {failure}"
    said = Text("升级没有完成：{w}", "The upgrade was not finished: {w}").format(
        w=why if not problems else Text("见下。", "see below.")
    )
    if kept and database:
        connections.close_all()
        copies.put_back(kept, database)
        hint = Text(
            "数据库已恢复原样，可继续用旧版本；备份在 {c}。",
            "The database is as it was and the old version can go on with it; a copy is in {c}.",
        ).format(c=str(kept))
    else:
        hint = Text(
            "已完成的步骤保留。排除原因后再运行 wubu upgrade，会从停下的地方继续；"
            "或者恢复升级前的备份。",
            "What was done stays. Remove the cause and run wubu upgrade again: it goes on where it "
            "stopped. Or restore your backup from before.",
        )
    return Refused(Problem("upgrade_failed", said, hint), *problems)
