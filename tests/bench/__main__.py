"""``make bench SIZE=S|M|L``: fill, run every job, print what was reached beside the bars."""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench import places, report
from tests.bench.places import ROOT, Place
from tests.bench.sizes import SIZES
from tests.bench.timing import Result

JOBS = {"pages": False, "shaping": True, "importing": True, "serving": True}  # does it write?
DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def job(name: str, place: Place, size: str) -> list[Result]:
    """A job in a process of its own; on a copy when it writes."""
    with contextlib.ExitStack() as stack:
        if JOBS[name]:
            place = stack.enter_context(place.copy())
        words = [sys.executable, "-m", "tests.bench.worker", name, size]
        done = subprocess.run(
            words, env=place.environment(), cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True
        )
    return [Result(**r) for r in json.loads(done.stdout.splitlines()[-1])]


def run(server: str, size: str, names: Sequence[str]) -> list[Result]:
    """All the named jobs on one database at one size."""
    place = places.company(server, size)
    found = []
    for name in names:
        print(f"· {DATABASES[_kind(server)]} {size}: {name} …", file=sys.stderr, flush=True)
        found += job(name, place, size)
    return found


def _kind(server: str) -> str:
    return "sqlite" if server == "sqlite" else "postgres"


def main(arguments: Sequence[str] | None = None) -> dict[str, dict[str, list[Result]]]:
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument("--size", choices=SIZES, default="S")
    asked.add_argument("--db", choices=("sqlite", "postgres", "both"), default="both")
    asked.add_argument("--jobs", default=",".join(JOBS), help="pages,shaping,importing,serving")
    asked.add_argument("--json", type=Path, help="also write the results to this file")
    options = asked.parse_args(arguments)
    databases = [d for d in DATABASES if options.db in (d, "both")]
    if options.size == "L" and "sqlite" in databases:
        print("L is for PostgreSQL only.", file=sys.stderr)
        databases.remove("sqlite")
    names = options.jobs.split(",")
    found: dict[str, dict[str, list[Result]]] = {}
    print(report.machine())
    for database in databases:
        with places.postgres() if database == "postgres" else _file() as server:
            sizes = ["S", options.size] if options.size in "ML" else [options.size]
            found[database] = {size: run(server, size, names) for size in sizes}
        for size, results in found[database].items():
            smaller = found[database]["S"] if size != sizes[0] else ()
            print(report.table(f"{DATABASES[database]}, size {size}", results, smaller))
    if options.json:
        told = {
            d: {s: [r.as_json() for r in some] for s, some in sizes.items()}
            for d, sizes in found.items()
        }
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    return found


@contextlib.contextmanager
def _file() -> Iterator[str]:
    yield "sqlite"


if __name__ == "__main__":
    main()
