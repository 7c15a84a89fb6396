"""The real server on the loopback: how soon it is ready, creates through the API, its memory."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.jobs.pages import Site
from tests.bench.places import ROOT, Place
from tests.bench.raw import Raw
from tests.bench.sizes import Size
from tests.bench.staff import BOSS, KEY
from tests.bench.timing import Result, measure, quantile, resident_mib

WRITES = True
CLIENTS = 8
HELP_BAR, READY_BAR, MEMORY_BAR = 500.0, 3_000.0, 200.0  # ms, ms, MiB
CREATE_BAR, RATE_BAR = 10.0, 200.0  # ms, creates a second
LOOKED_AT = ("/", "/cockpit", "/o/opportunity/", "/o/opportunity/board", "/leaderboard")


class Server:
    """``wubu serve`` on a database, without its job process.

    On PostgreSQL with two web processes, as a machine with two processors would be set up.
    """

    def __init__(self, place: Place) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        words = [sys.executable, "-m", "wubu.cli", "serve", "--no-worker", "--port", str(self.port)]
        workers = os.environ.get("WUBU_WORKERS") or ("1" if place.vendor == "sqlite" else "2")
        environment = {**place.environment(), "WUBU_WORKERS": workers}
        began = time.perf_counter()
        self.process = subprocess.Popen(
            words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "ready" in line:
                break
        else:
            raise RuntimeError("the server did not start")
        self.ready_ms = (time.perf_counter() - began) * 1000

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        if self.process.stdout:
            self.process.stdout.close()

    def memory(self) -> float:
        """The largest of its web processes, MiB."""
        return max(resident_mib(pid) for pid in self._children())

    def _children(self) -> list[int]:
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = stat.read_text().rpartition(")")[2].split()[1]
            except OSError:
                continue
            if parent == str(self.process.pid):
                found.append(int(stat.parent.name))
        return found


class Caller:
    """A client that costs next to nothing: one open socket, answers read by their length."""

    def __init__(self, port: int) -> None:
        self.link = socket.create_connection(("127.0.0.1", port))
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method: str, path: str, head: str, body: bytes = b"") -> tuple[int, bytes]:
        start = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n"
        start += f"Content-Length: {len(body)}\r\n\r\n"
        self.link.sendall(start.encode() + body)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        top, _, rest = data.partition(b"\r\n\r\n")
        lines = top.decode("latin-1").lower().split("\r\n")
        length = next(int(x.split(":")[1]) for x in lines if x.startswith("content-length"))
        while len(rest) < length:
            rest += self._more()
        return int(lines[0].split()[1]), rest

    def close(self) -> None:
        self.link.close()

    def _more(self) -> bytes:
        data = self.link.recv(65536)
        if not data:
            raise ConnectionError("the server hung up")
        return data

    def create(self, body: bytes) -> None:
        head = f"Authorization: Bearer {KEY}\r\nContent-Type: application/json"
        status, said = self.ask("POST", "/api/v1/records/follow_up", head, body)
        if status != 201:
            raise RuntimeError(f"{status}: {said[:400]!r}")


def run(place: Place, size: Size) -> list[Result]:
    bodies = _bodies(place)
    server = Server(place)
    with contextlib.ExitStack() as open_:
        open_.callback(server.stop)
        found = [
            _help(),
            Result("ready", "wubu serve: ready after", server.ready_ms, bar=READY_BAR),
        ]
        caller = open_.enter_context(contextlib.closing(Caller(server.port)))
        times = measure(
            lambda n: caller.create(bodies(n)), repeats=size.creates, rounds=size.rounds
        )
        raw = open_.enter_context(contextlib.closing(Raw(place)))
        bare = _bare(raw)
        floor = measure(lambda _: raw.run(bare), repeats=size.creates, rounds=1).median
        found.append(
            Result(
                "create",
                "create a follow-up through the API",
                times.median,
                p95=times.p95,
                floor=floor,
                bar=CREATE_BAR,
            )
        )
        rate = max(_together(server.port, bodies, size.creates) for _ in range(size.rounds))
        found.append(
            Result(
                "create",
                f"creates with {CLIENTS} clients",
                rate,
                "/s",
                bar=RATE_BAR if place.vendor == "postgresql" else None,
                at_least=True,
            )
        )
        _look(server.port)
        found.append(
            Result(
                "memory",
                "memory of the web process after it all",
                server.memory(),
                "MiB",
                bar=MEMORY_BAR,
            )
        )
        raw.run("DELETE FROM o_follow_up WHERE content = 'bare'")  # the door knows nothing of them
    return found


def _bodies(place: Place) -> Callable[[int], bytes]:
    """What is sent: a follow-up of a customer and one of its deals."""
    raw = Raw(place)
    deals = raw.rows("SELECT id, customer_id, owner_id FROM o_opportunity ORDER BY id LIMIT 500")
    raw.close()

    def body(n: int) -> bytes:
        deal, customer, owner = deals[n % len(deals)]
        return json.dumps(
            {
                "values": {
                    "customer": str(customer),
                    "opportunity": str(deal),
                    "type": "call",
                    "content": f"第{n}次沟通，客户要求下周报价。",
                    "happened_at": f"2026-11-0{n % 9 + 1}T03:00:00Z",
                    "owner": str(owner),
                }
            }
        ).encode()

    return body


def _bare(raw: Raw) -> str:
    """One INSERT of the same row, of a customer and an owner who are there."""
    customer, owner = raw.rows(
        "SELECT customer_id, owner_id FROM o_opportunity ORDER BY id LIMIT 1"
    )[0]
    return (
        "INSERT INTO o_follow_up (version, created_at, updated_at, customer_id, type, content, "
        f"happened_at, owner_id) VALUES (1, '2026-01-01', '2026-01-01', {customer}, 'call', "
        f"'bare', '2026-01-01', {owner})"
    )


def _together(port: int, bodies: Callable[[int], bytes], each: int) -> float:
    """Creates a second by several clients at once."""
    callers = [Caller(port) for _ in range(CLIENTS)]
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for n in range(each // CLIENTS):
                callers[number].create(bodies(number * 61 + n))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    for caller in callers:
        caller.close()
    if failed:
        raise failed[0]
    return each // CLIENTS * CLIENTS / seconds


def _look(port: int) -> None:
    """Open the pages, a few times each, so that the memory counted is that of a working day."""
    site = Site()
    site.sign_in(BOSS)
    with contextlib.closing(Caller(port)) as caller:
        for path in LOOKED_AT * 3:
            status, said = caller.ask("GET", path, f"Cookie: {site.cookies[BOSS]}")
            if status != 200:
                raise RuntimeError(f"{path} answered {status}: {said[:300]!r}")


def _help() -> Result:
    """Best of five: a whole new process each time."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "wubu.cli", "--help"],
            check=True,
            stdout=subprocess.DEVNULL,
            env=os.environ,
        )
        times.append((time.perf_counter() - began) * 1000)
    best = quantile(times, 0.2)
    return Result("help", "wubu --help", best, bar=HELP_BAR)
