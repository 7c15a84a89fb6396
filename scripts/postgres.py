"""A PostgreSQL server of one's own in a throw-away folder.

It is started from the server binaries that are installed.

It listens only on a socket inside the folder, keeps no promise about a power failure, and is gone
with the ``with`` block.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

FAST = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "autovacuum_naptime": "10s",
}


def binaries() -> Path | None:
    """The folder of the newest installed server, or None."""
    found = [Path(p).parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    found.sort(key=lambda p: int(re.sub(r"\D", "", p.parent.name) or 0))
    if found:
        return found[-1]
    config = shutil.which("pg_config")
    if config:
        folder = Path(subprocess.check_output([config, "--bindir"], text=True).strip())
        if (folder / "initdb").exists():
            return folder
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


@contextlib.contextmanager
def server(bin_folder: Path, settings: dict[str, str] | None = None) -> Iterator[str]:
    """Start one, yield its URL, stop and remove it.

    As root it runs as the user ``postgres`` (PostgreSQL refuses root).
    """
    # Socket paths are short by law (107 bytes), so not below a deep TMPDIR.
    folder = Path(tempfile.mkdtemp(prefix="wubu-pg-", dir="/tmp"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")

    def call(*command: str | Path) -> None:
        done = subprocess.run(
            [*as_user, *map(str, command)], capture_output=True, text=True, cwd=folder, check=False
        )
        if done.returncode:
            log = folder / "log"
            detail = log.read_text() if log.exists() else ""
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}{detail}")

    data = folder / "data"
    options = " ".join(
        f"-c {key}={value or chr(39) * 2}" for key, value in (FAST | (settings or {})).items()
    )
    try:
        init = [bin_folder / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"]
        call(*init, "--encoding=UTF8", "--locale=C.UTF-8")
        start = [bin_folder / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-t", "60"]
        call(*start, "-o", f"{options} -k {folder}", "start")
        try:
            yield f"postgres://postgres@/postgres?host={folder}"
        finally:
            call(bin_folder / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
