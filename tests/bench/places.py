"""Where the bench's companies live: a SQLite file or a PostgreSQL database each, kept between runs.

Jobs that write work on a copy. The key of a company is a digest of everything that decides what is
in it, so that a changed generator, pack or migration makes a new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
KEY = "for the bench only, as long as a real one would be"
HOME = Path(os.environ.get("WUBU_BENCH_HOME") or ROOT / "var" / "bench")
MADE_BY = (
    "tests/bench/company.py",
    "tests/bench/staff.py",
    "tests/bench/sizes.py",
    "wubu/packs/sales/*.yaml",
    "wubu/**/migrations/0*.py",
    "wubu/kernel/catalog/render.py",
    "wubu/kernel/records/indexing/tokens.py",
)


def digest() -> str:
    """Of the generator's sources and the month: pages show the current one."""
    made = hashlib.blake2s(f"{date.today():%Y-%m}".encode(), digest_size=5)  # noqa: DTZ011
    for pattern in MADE_BY:
        for path in sorted(ROOT.glob(pattern)):
            made.update(path.read_bytes())
    return made.hexdigest()


class Place:
    """One database of the bench, by its URL."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.vendor = "sqlite" if url.startswith("sqlite") else "postgresql"

    @property
    def path(self) -> Path:
        return Path(urlsplit(self.url).path[1:])

    @property
    def name(self) -> str:
        return urlsplit(self.url).path.lstrip("/")

    def environment(self) -> dict[str, str]:
        """For a process that works on it."""
        return {
            **os.environ,
            "DATABASE_URL": self.url,
            "WUBU_HOME": str(HOME),
            "WUBU_SECRET_KEY": os.environ.get("WUBU_SECRET_KEY") or KEY,
            "PYTHONPATH": str(ROOT),
            "WUBU_LANG": "en",
        }

    def admin(self) -> psycopg.Connection:
        """The server's own database, to make and drop others."""
        parts = urlsplit(self.url)
        return psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True)

    def exists(self) -> bool:
        if self.vendor == "sqlite":
            return self.path.exists()
        with self.admin() as admin:
            found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name])
            return found.fetchone() is not None

    def drop(self) -> None:
        if self.vendor == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        else:
            with self.admin() as admin:
                admin.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def create(self) -> None:
        """Empty and new."""
        self.drop()
        if self.vendor == "sqlite":
            self.path.parent.mkdir(parents=True, exist_ok=True)
        else:
            with self.admin() as admin:
                admin.execute(f'CREATE DATABASE "{self.name}"')

    def rename(self, other: Place) -> None:
        if self.vendor == "sqlite":
            self.path.rename(other.path)
        else:
            with self.admin() as admin:
                admin.execute(f'ALTER DATABASE "{self.name}" RENAME TO "{other.name}"')

    def beside(self, suffix: str) -> Place:
        if self.vendor == "sqlite":
            return Place(f"sqlite:///{self.path.with_name(self.path.name + suffix)}")
        return Place(urlunsplit(urlsplit(self.url)._replace(path=f"/{self.name}{suffix}")))

    @contextlib.contextmanager
    def copy(self) -> Iterator[Place]:
        """A copy to write in, gone afterwards."""
        other = self.beside("_copy")
        other.drop()
        if self.vendor == "sqlite":
            shutil.copyfile(self.path, other.path)
        else:
            with self.admin() as admin:
                admin.execute(f'CREATE DATABASE "{other.name}" TEMPLATE "{self.name}"')
        try:
            yield other
        finally:
            other.drop()


def company(server: str, size: str) -> Place:
    """The kept company of a size; ``server`` is ``sqlite`` or a PostgreSQL URL.

    Filled when it is not there.
    """
    name = f"wubu_bench_{size.lower()}_{digest()}"
    if server == "sqlite":
        HOME.mkdir(parents=True, exist_ok=True)
        place = Place(f"sqlite:///{HOME / name}.sqlite3")
    else:
        place = Place(urlunsplit(urlsplit(server)._replace(path=f"/{name}")))
    if not place.exists():
        _forget_older(place, size)
        # Under another name until it is whole: a run that was stopped leaves nothing to trust.
        half = place.beside("_half")
        half.create()
        words = [sys.executable, "-m", "tests.bench.company", size]
        subprocess.run(words, env=half.environment(), check=True, cwd=ROOT)
        half.rename(place)
    return place


def _forget_older(place: Place, size: str) -> None:
    """Companies of this size that another generator made."""
    start = f"wubu_bench_{size.lower()}_"
    if place.vendor == "sqlite":
        for path in HOME.glob(f"{start}*"):
            path.unlink()
    else:
        with place.admin() as admin:
            rows = admin.execute("SELECT datname FROM pg_database").fetchall()
            for (name,) in rows:
                if name.startswith(start):
                    admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server.

    ``WUBU_BENCH_POSTGRES``, ``WUBU_TEST_POSTGRES``, or one started for this run alone, whose
    companies are gone with it.
    """
    given = os.environ.get("WUBU_BENCH_POSTGRES") or os.environ.get("WUBU_TEST_POSTGRES")
    if given:
        yield given
        return
    sys.path.insert(0, str(ROOT / "scripts"))
    from postgres import binaries, server

    folder = binaries()
    if folder is None:
        raise SystemExit("PostgreSQL's server binaries are missing: apt install postgresql")
    with server(folder, {"shared_buffers": "1GB", "max_wal_size": "8GB"}) as url:
        yield url
