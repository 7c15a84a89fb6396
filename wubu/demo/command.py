"""``wubu demo``: make the workspace ready, fill it once, say who may sign in, serve."""

from __future__ import annotations

import argparse
import sys
import time

from wubu.boot import say, start_django
from wubu.kernel.types import Text

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
}


def demo(options: argparse.Namespace) -> int:
    """Run the command; ``options`` carries company, host, port and no_serve. Returns the exit code.

    A workspace that has people already is served as it is.
    """
    start_django()
    from wubu.demo.build import build
    from wubu.demo.staff import PASSWORD
    from wubu.serve import serve
    from wubu.setup import prepare

    prepare(say=say)
    build(options.company, progress=Shown())

    def introduce() -> None:
        say(f"密码都是 {PASSWORD}:", f"The password is {PASSWORD} for each of these:")
        for login, role in LOGINS[options.company]:
            print(f"  {login:<18}{role}", flush=True)

    if options.no_serve:
        introduce()
        return 0
    return serve(options.host, options.port, ready=introduce)


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
