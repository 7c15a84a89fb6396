"""A copy of the SQLite file before it is upgraded, and the way back to it.

Copies are made with SQLite's own backup, which reads one state of the database while others go on
reading and writing, its write-ahead log included; copying the file would not. They stand in the
folder ``before-upgrade`` beside the database. While an upgrade is under way a mark there names its
copy: an upgrade that was interrupted goes on with that one, so that starting again and again never
drives out the copy of the whole old database.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from django.db import connection

from wubu.kernel.calendar.queries import now

KEEP = 3  # copies, the newest ones
MARK = "under-way"
PAGES = 4096  # copied at a time


def file() -> Path | None:
    """The database, where it is a file that exists."""
    if connection.vendor != "sqlite":
        return None
    found = Path(str(connection.settings_dict["NAME"]))
    return found if found.is_file() else None


def make(database: Path) -> Path:
    """Copy it, unless an interrupted upgrade has done so already; where the copy is.

    Raises OSError, or sqlite3.Error when the copy is not whole; then there is none, and the
    database was not touched.
    """
    folder = database.parent / "before-upgrade"
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / MARK
    with contextlib.suppress(OSError):
        made = folder / mark.read_text(encoding="utf-8")
        if made.is_file():
            return made
    made = folder / f"{database.stem}-{now():%Y%m%d-%H%M%S}{database.suffix}"
    part = made.with_name(f"{made.name}.part")
    part.unlink(missing_ok=True)
    try:
        _copy(database, part)
        _check(part)
        os.replace(part, made)
    finally:
        part.unlink(missing_ok=True)
    mark.write_text(made.name, encoding="utf-8")
    return made


def finish(copy: Path) -> None:
    """The upgrade is whole: the mark goes, and with it all but the newest copies."""
    (copy.parent / MARK).unlink(missing_ok=True)
    every = sorted(copy.parent.glob(f"*{copy.suffix}"), key=lambda p: p.stat().st_mtime)
    for old in every[:-KEEP]:
        old.unlink(missing_ok=True)


def put_back(copy: Path, database: Path) -> None:
    """Make the database what the copy is, in one transaction of SQLite's.

    Whoever reads sees the one or the other. The copy stays.
    """
    _copy(copy, database)
    (copy.parent / MARK).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(source, timeout=30)) as one,
        contextlib.closing(sqlite3.connect(target, timeout=30)) as other,
    ):
        one.backup(other, pages=PAGES, sleep=0.05)


def _check(copy: Path) -> None:
    """Raises sqlite3.DatabaseError when the copy is not whole."""
    with contextlib.closing(sqlite3.connect(copy)) as link:
        said = link.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise sqlite3.DatabaseError(said)
