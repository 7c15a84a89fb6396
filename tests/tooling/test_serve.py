"""``wubu serve``: pages and jobs in one group of processes, which comes up soon and goes as one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    os.environ.get("WUBU_TEST_DB", "sqlite") != "sqlite", reason="the same on every database"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(home: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "WUBU_HOME": str(home), "WUBU_LANG": "en"}
    environment.pop("DATABASE_URL", None)
    return subprocess.Popen(
        [sys.executable, "-m", "wubu.cli", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that was made ready."""
    folder = tmp_path_factory.mktemp("home")
    made = command(folder, "migrate")
    said, _ = made.communicate(timeout=120)
    assert made.returncode == 0, said
    return folder


class Site:
    """A running server and the processes below it."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.began = time.monotonic()
        self.process = command(home, "serve", "--port", str(self.port))
        self.said: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if "is ready" in line:
                break

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as said:
                return int(said.status)
        except urllib.error.HTTPError as error:
            return error.code

    def children(self) -> dict[int, str]:
        """Process id to command line, of those that the server started."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid:
                    line = folder.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(folder.name)] = line
            except OSError:
                continue  # it ended while we looked
        return found

    def wait_for_children(self, count: int) -> dict[int, str]:
        end = time.monotonic() + 20
        while len(self.children()) < count and time.monotonic() < end:
            time.sleep(0.1)
        return self.children()


@pytest.fixture
def site(home: Path) -> Iterator[Site]:
    made = Site(home)
    yield made
    if made.process.poll() is None:
        made.process.terminate()
        made.process.wait(20)
    if made.process.stdout:
        made.process.stdout.close()


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone(pids: list[int], within: float) -> bool:
    end = time.monotonic() + within
    while any(alive(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.1)
    return not any(alive(pid) for pid in pids)


def memory_mib(pid: int) -> float:
    """Proportional memory: shared pages are counted once over all who share them."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    pages = next(line for line in text.splitlines() if line.startswith("Rss:"))
    return int(pages.split()[1]) / 1024


def test_it_works(site: Site) -> None:
    assert f"http://127.0.0.1:{site.port}" in "".join(site.said)
    assert site.get("/login") == 200
    assert site.get("/static/vendor/htmx.min.js") == 200
    children = site.wait_for_children(2)
    assert len(children) == 2, children
    assert max(memory_mib(pid) for pid in children) <= 200


def test_it_ends_as_one_when_asked(site: Site) -> None:
    children = list(site.wait_for_children(2))
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(20) == 0
    assert gone(children, 5)


def test_it_ends_as_one_when_killed(site: Site) -> None:
    children = list(site.wait_for_children(2))
    site.process.kill()
    site.process.wait(20)
    assert gone(children, 15)


def test_a_job_worker_that_fell_over_is_started_again(site: Site) -> None:
    before = site.wait_for_children(2)
    worker = next(pid for pid, line in before.items() if "worker" in line)
    os.kill(worker, signal.SIGKILL)
    assert gone([worker], 5)
    after = site.wait_for_children(2)
    assert any("worker" in line for pid, line in after.items() if pid != worker)


def test_a_taken_port_is_told_with_a_remedy(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = command(home, "serve", "--port", str(port))
        said, _ = done.communicate(timeout=60)
    assert done.returncode == 1
    assert "in use" in said
    assert "--port" in said
