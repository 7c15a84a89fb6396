"""``wubu demo``: make the workspace ready, fill it once, say who may sign in, serve."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from pathlib import Path

from wubu.boot import print_problems, say, start_django, stop
from wubu.kernel.types import Refused, Text

LOGINS = {
    "demo": (
        ("wangli", Text("所有者", "owner")),
        ("liqiang", Text("销售经理", "manager")),
        ("zhangwei", Text("销售", "rep")),
        ("wuxia", Text("财务", "finance")),
    ),
    "maven": (
        ("wangli", Text("所有者", "owner")),
        ("dustin.brinkmann", Text("销售经理", "manager")),
        ("anna.snelling", Text("销售", "rep")),
        ("wuxia", Text("财务", "finance")),
    ),
    "internet_tob": (
        ("chenxi", Text("所有者", "owner")),
        ("luojing", Text("销售经理", "manager")),
        ("wangyi", Text("销售", "rep")),
        ("yeqing", Text("市场", "marketing")),
    ),
    "pharma": (
        ("fanghua", Text("所有者", "owner")),
        ("luping", Text("地区经理", "district manager")),
        ("shenyi", Text("医药代表", "representative")),
        ("jiangyue", Text("合规", "compliance")),
    ),
    "saas": (
        ("linyu", Text("所有者", "owner")),
        ("hebo", Text("销售经理", "manager")),
        ("tangwei", Text("销售", "rep")),
        ("weijia", Text("客户成功", "customer success")),
    ),
    "finance": (
        ("guyuan", Text("所有者", "owner")),
        ("tongwen", Text("网点负责人", "branch manager")),
        ("yanbing", Text("理财经理", "adviser")),
        ("yueming", Text("合规", "compliance")),
    ),
}
PACKS = {"demo": "sales", "maven": "sales"}  # the others are named after their pack


def demo(options: argparse.Namespace) -> int:
    """Run the command; ``options`` carries company, host, port and no_serve. Returns the exit code.

    A workspace that has people already is served as it is.
    """
    start_django()
    from django.db import connections

    from wubu.demo.staff import PASSWORD
    from wubu.serve import serve
    from wubu.setup import prepare

    clear_unfinished()
    prepare(say=say, pack=PACKS.get(options.company, options.company))
    connections.close_all()
    # In a process of its own, because the memory that filling takes is not given back.
    filling = multiprocessing.get_context("fork").Process(target=fill, args=(options.company,))
    filling.start()
    filling.join()
    if filling.exitcode:
        return 1

    def introduce() -> None:
        say(f"密码都是 {PASSWORD}:", f"The password is {PASSWORD} for each of these:")
        for login, role in LOGINS[options.company]:
            print(f"  {login:<18}{role}", flush=True)

    if options.no_serve:
        introduce()
        return 0
    return serve(options.host, options.port, ready=introduce)


def fill(company: str) -> None:
    """Fill a workspace where nobody works; a mark tells of a filling that did not end."""
    from wubu.demo.build import build

    mark = unfinished()
    mark.touch()
    try:
        build(company, progress=Shown())
    except Refused as refused:
        print_problems(refused)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(1) from None
    mark.unlink()


def unfinished() -> Path:
    """The file that is there while a demo company is being filled."""
    from django.conf import settings

    return Path(settings.HOME) / "demo-unfinished"


def clear_unfinished() -> None:
    """Remove the half-filled SQLite file that an interrupted filling left behind."""
    from django.db import connection

    mark = unfinished()
    if not mark.exists():
        return
    if connection.vendor != "sqlite":
        stop(
            "上次建立演示公司时中断，数据不完整。请换一个空的数据库，或新的 schema。",
            "Filling the demo company was interrupted, so its data is not whole. "
            "Take an empty database or another schema.",
        )
    say(
        "上次建立演示公司时中断，现在重新开始。",
        "Filling was interrupted last time; it starts again.",
    )
    for suffix in ("", "-wal", "-shm"):
        Path(f"{connection.settings_dict['NAME']}{suffix}").unlink(missing_ok=True)
    mark.unlink()


class Shown:
    """Progress on the terminal: a line that counts up; plain lines where there is no terminal."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.last = ""

    def __call__(self, what: Text, done: int, total: int) -> None:
        line = f"  {what}" + (f" {done:,} / {total:,}" if total > 1 else "")
        if sys.stdout.isatty():
            start = "\r\033[K" if self.last == str(what) else "\n"
            print(f"{start}{line}", end="", flush=True)
        elif done >= total or self.last != str(what):
            print(line, flush=True)
        self.last = str(what)
