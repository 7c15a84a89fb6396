"""``make test``: every check, one after the other, with a summary.

A failed check does not stop the next.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from postgres import binaries, server
from prepare import ROOT, NotPossible, node, system_packages

BIN = Path(sys.executable).parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
NODE_COUNTS = re.compile(r"^# (pass|fail|skipped) (\d+)$")
COUNTS = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|deselected)\b")


@dataclass
class Check:
    """One line of the summary."""

    name: str
    title: str
    run: Callable[[Check], bool]
    passed: bool = False
    seconds: float = 0.0
    closing: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def command(*words: str | Path) -> Callable[[Check], bool]:
    """A check that is one command and passes when it exits with 0."""

    def run(check: Check) -> bool:
        return subprocess.run([str(w) for w in words], cwd=ROOT, check=False).returncode == 0

    return run


def script(*words: str) -> Callable[[Check], bool]:
    """A check that runs on Node.js: ESLint, the TypeScript compiler."""

    def run(check: Check) -> bool:
        return subprocess.run([*node(), *words], cwd=ROOT, check=False).returncode == 0

    return run


def script_tests(check: Check) -> bool:
    """The unit tests of the pages' scripts, by Node.js's own runner."""
    files = sorted(
        str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "js").rglob("*.test.js")
    )
    done = subprocess.run(
        [*node(), "--test", "--test-reporter=tap", *files],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    words = {"pass": "passed", "fail": "failed", "skipped": "skipped"}
    check.counts = {
        words[found[1]]: int(found[2])
        for line in done.stdout.splitlines()
        if (found := NODE_COUNTS.match(line))
    }
    if done.returncode:
        print(done.stdout)
    check.closing = ", ".join(f"{count} {word}" for word, count in check.counts.items())
    return done.returncode == 0 and check.counts.get("passed", 0) > 0


def suite(marker: str, database: str, workers: int) -> Callable[[Check], bool]:
    """A pytest run on one database.

    What it prints is shown as it comes and its closing line is kept.
    """

    def run(check: Check) -> bool:
        with database_url(database) as environment:
            words = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-m",
                marker,
                f"-n{workers}",
                "--maxfail=200",
                "--durations=8",
                "--durations-min=3",
            ]
            if workers:
                words.append("--dist=loadfile")
            else:  # the journeys share one company: what one leaves behind, the next finds
                words += ["-p", "no:randomly"]
            process = subprocess.Popen(
                words,
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=subprocess.PIPE,
                text=True,
            )
            assert process.stdout is not None
            for line in process.stdout:
                print(line, end="", flush=True)
                if re.search(r"\b\d+ \w+.* in [\d.]+s", line) or "no tests ran" in line:
                    check.closing = line.strip(" =\n")
            code = process.wait()
        check.counts = {}
        for number, word in COUNTS.findall(check.closing):
            check.counts[word.rstrip("s")] = int(number)
        return code == 0

    return run


@contextlib.contextmanager
def database_url(database: str) -> Iterator[dict[str, str]]:
    """The environment that points the suite at its database.

    PostgreSQL is started when none is given.
    """
    given = os.environ.get("WUBU_TEST_POSTGRES")
    if database == "sqlite":
        yield {"WUBU_TEST_DB": "sqlite"}
    elif given:
        yield {"WUBU_TEST_DB": "postgres", "WUBU_TEST_POSTGRES": given}
    else:
        folder = binaries()
        assert folder is not None
        with server(folder) as url:
            yield {"WUBU_TEST_DB": "postgres", "WUBU_TEST_POSTGRES": url}


CHECKS = [
    Check("ruff", "lint (ruff)", command(BIN / "ruff", "check", ".")),
    Check("format", "format (ruff)", command(BIN / "ruff", "format", "--check", ".")),
    Check(
        "djlint",
        "templates (djLint)",
        command(BIN / "djlint", "--lint", "--quiet", "wubu/web/templates"),
    ),
    Check("layers", "layers (import-linter)", command(BIN / "lint-imports", "--no-logo")),
    Check("types", "types (mypy --strict)", command(BIN / "mypy")),
    Check("eslint", "scripts (ESLint)", script("node_modules/eslint/bin/eslint.js", ".")),
    Check(
        "scripts", "types of scripts (tsc)", script("node_modules/typescript/bin/tsc", "-p", ".")
    ),
    Check("js", "unit tests of scripts", script_tests),
    Check(
        "migrations",
        "no migration is missing",
        command(sys.executable, "-m", "wubu.manage", "makemigrations", "--check", "--dry-run"),
    ),
    Check("sqlite", "the suite on SQLite", suite("not browser", "sqlite", 2)),
    Check("postgres", "the suite on PostgreSQL", suite("not browser", "postgres", 2)),
    Check("browser", "journeys in Chromium", suite("browser", "sqlite", 0)),
]


def needs(names: set[str]) -> None:
    """What the chosen checks need of the system: installed where that is allowed, else named."""
    if "postgres" in names and not os.environ.get("WUBU_TEST_POSTGRES") and binaries() is None:
        system_packages("postgresql", why="The suite needs PostgreSQL's server binaries")
        if binaries() is None:
            raise NotPossible("PostgreSQL was installed but its initdb is not to be found.")
    if "browser" in names:
        if not any(shutil.which(name) for name in CHROMIUM):
            system_packages("chromium", why="The browser journeys need Chromium")
        if not shutil.which("fc-list") or "CJK" not in subprocess.check_output(
            ["fc-list"], text=True
        ):
            system_packages(
                "fontconfig", "fonts-noto-cjk", why="Pictures of Chinese pages need a font"
            )
    if importlib.util.find_spec("pytest") is None:
        raise NotPossible("The Python packages for tests are missing; start with: make test")


def summary(checks: list[Check]) -> None:
    print("\n" + "─" * 78)
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for check in checks:
        mark = "✓" if check.passed else "✗"
        print(f"{mark} {check.title:<28}{check.seconds:7.1f} s   {check.closing}")
        for word in total:
            total[word] += check.counts.get(word, 0)
        total["failed"] += check.counts.get("error", 0)
    print("─" * 78)
    wrong = [check.title for check in checks if not check.passed]
    print("All checks passed." if not wrong else f"Failed: {', '.join(wrong)}.")
    if any(check.closing for check in checks):
        print("{passed} passed, {failed} failed, {skipped} skipped".format(**total), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", default="", help="names, comma-separated: " + ",".join(c.name for c in CHECKS)
    )
    names = {name for name in parser.parse_args().only.split(",") if name}
    unknown = names - {check.name for check in CHECKS}
    if unknown:
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    chosen = [check for check in CHECKS if not names or check.name in names]
    try:
        needs({check.name for check in chosen})
    except NotPossible as problem:
        print(f"\n✗ {problem}", file=sys.stderr)
        return 1
    os.environ["PATH"] = f"{BIN}:{os.environ['PATH']}"
    for check in chosen:
        print(f"\n━━ {check.title}", flush=True)
        began = time.monotonic()
        check.passed = check.run(check)
        check.seconds = time.monotonic() - began
    summary(chosen)
    return 0 if all(check.passed for check in chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
