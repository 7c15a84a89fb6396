"""The web server and the job worker, as one group of processes.

The parent loads the program once and forks the web process from it, so both share memory and the
server is ready soon. Jobs run in a process of their own: a long one never holds up a page.
Whichever way the parent ends, both children end too.
"""

from __future__ import annotations

import contextvars
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from wubu.boot import say, start_django
from wubu.kernel.types import Text

PARENT = "WUBU_PARENT"  # the process whose end ends this one
PATIENCE = 10  # seconds a process may take to finish what it is doing
AGAIN_AFTER = 3  # seconds before a job worker that fell over is started again


def serve(
    host: str, port: int, *, with_worker: bool = True, ready: Callable[[], None] | None = None
) -> int:
    """Serve until stopped by SIGTERM or Ctrl-C; ``ready`` is called once pages are answered.

    Returns the exit code: 1 when the address is taken or the database is not ready.
    """
    if not _free(host, port):
        _complain(
            f"{host}:{port} 已被占用。换一个端口：--port {port + 1}",
            f"{host}:{port} is in use. Take another port: --port {port + 1}",
        )
        return 1
    if not _load():
        return 1
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ[PARENT] = str(os.getpid())
    server: Any = Granian(
        "wubu.serve:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=int(os.environ.get("WUBU_WORKERS", "1")),
        respawn_failed_workers=True,
        workers_kill_timeout=PATIENCE,
        websockets=False,
        log_level=LogLevels.warning,
        process_name=None,
    )
    jobs = JobProcess() if with_worker else None

    def announce() -> None:
        if _answers(host, port):
            address = f"http://{'127.0.0.1' if host in {'', '0.0.0.0'} else host}:{port}"  # noqa: S104
            print(Text(f"Wubu 已就绪：{address}", f"Wubu is ready: {address}"), flush=True)
            if ready:
                ready()
            if jobs:
                jobs.start()

    # The language of the terminal is part of the context.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(announce,), daemon=True).start()
    try:
        server.serve()
    finally:
        if jobs:
            jobs.stop()
    return 0


def work() -> int:
    """Run background jobs until stopped; the one in hand is finished first."""
    start_django()
    from wubu.kernel.jobs.worker import run_worker

    end_with_parent()
    run_worker()
    return 0


def application() -> Any:
    """What the web process serves; called in that process."""
    end_with_parent()
    from wubu.asgi import application as asgi

    return asgi


class JobProcess:
    """Keeps one job worker running."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        run = contextvars.copy_context().run
        self._keeper = threading.Thread(target=run, args=(self._keep,), daemon=True)

    def start(self) -> None:
        self._keeper.start()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            self._process = subprocess.Popen([sys.executable, "-m", "wubu.cli", "worker"])
            code = self._process.wait()
            if not self._stopping.is_set():
                _complain(
                    f"后台任务进程退出（代码 {code}），{AGAIN_AFTER} 秒后重启。",
                    f"The job worker ended with code {code}; it starts again in {AGAIN_AFTER} s.",
                )
                self._stopping.wait(AGAIN_AFTER)

    def stop(self) -> None:
        self._stopping.set()
        process = self._process
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def end_with_parent() -> None:
    """End when the parent is gone, however it went; looked at once a second."""
    parent = os.environ.get(PARENT)
    if not parent:
        return

    def look() -> None:
        while os.getppid() == int(parent):
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, daemon=True).start()


def _load() -> bool:
    """The program in memory and a database that fits it; False after saying what is missing."""
    start_django()
    from django.db import connection, connections

    from wubu import asgi  # noqa: F401 - loaded here, shared by the processes forked from this one
    from wubu.setup import prepare
    from wubu.upgrade.plan import look

    if connection.vendor == "sqlite":
        prepare(say=say, pack=None)  # an empty workspace begins with its set-up
    elif not look().serves:
        _complain(
            "数据库与程序不一致，请先运行：wubu upgrade --check",
            "The database does not fit this program. Run first: wubu upgrade --check",
        )
        return False
    for each in connections.all(initialized_only=True):
        each.close()
        getattr(each, "close_pool", lambda: None)()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # a page makes thousands of small things and drops them
    return True


def _complain(zh: str, en: str) -> None:
    print(Text(zh, en), file=sys.stderr, flush=True)


def _free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _answers(host: str, port: int, within: float = 30) -> bool:
    """Whether the server answers a request in time."""
    end = time.monotonic() + within
    target = "127.0.0.1" if host in {"", "0.0.0.0"} else host  # noqa: S104
    while time.monotonic() < end:
        try:
            with socket.create_connection((target, port), timeout=5) as link:
                link.sendall(
                    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                )
                if link.recv(12).startswith(b"HTTP/1.1 "):
                    return True
        except OSError:
            time.sleep(0.05)
    return False
