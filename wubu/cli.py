"""The ``wubu`` command. A verb imports what it needs when it runs, so the command starts fast."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from wubu import __version__
from wubu.boot import say, shell_language, start_django, stop
from wubu.kernel.types import Refused, Text, speaking

Verb = Callable[[argparse.Namespace], int]


def serve(options: argparse.Namespace) -> int:
    from wubu.serve import serve as run

    return run(options.host, options.port, with_worker=not options.no_worker)


def worker(options: argparse.Namespace) -> int:
    from wubu.serve import work

    return work()


def migrate(options: argparse.Namespace) -> int:
    start_django()
    from wubu.setup import prepare

    prepare(say=say, pack=None if options.pack == "none" else options.pack)
    return 0


def demo(options: argparse.Namespace) -> int:
    from wubu.demo.command import demo as run

    return run(options)


def createowner(options: argparse.Namespace) -> int:
    start_django()
    from wubu.kernel.people.actions import create_member, update_member
    from wubu.kernel.types import Actor
    from wubu.kernel.workspace import unit_of_work

    actor = Actor(None, "command", shell_language())
    with unit_of_work():
        made = create_member(
            actor=actor, login=options.login, name=options.name, password=_password()
        )
        update_member(actor=actor, member_id=made.id, is_owner=True)
    say(f"所有者 {options.login} 已创建。", f"The owner {options.login} was created.")
    return 0


def _password() -> str:
    """From ``WUBU_PASSWORD``, from a pipe, or typed twice."""
    import getpass

    given = os.environ.get("WUBU_PASSWORD")
    if given:
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass(str(Text("密码:", "Password: ")))
    if first != getpass.getpass(str(Text("再输一次:", "Again: "))):
        stop("两次输入的密码不同。", "The two passwords differ.")
    return first


def shell(options: argparse.Namespace) -> int:
    start_django()
    import code

    from wubu.kernel.types import SYSTEM
    from wubu.kernel.workspace import unit_of_work

    with unit_of_work():
        names = {"SYSTEM": SYSTEM, "Text": Text, "unit_of_work": unit_of_work}
        code.interact(banner=f"Wubu {__version__}: {', '.join(names)}", local=names, exitmsg="")
    return 0


def token(options: argparse.Namespace) -> int:
    start_django()
    from wubu.kernel.people.access import create_token
    from wubu.kernel.people.queries import members
    from wubu.kernel.types import Actor
    from wubu.kernel.workspace import unit_of_work

    with unit_of_work():
        found = [person for person in members() if person.login == options.login]
        if not found:
            stop(
                f"没有登录名为 {options.login} 的成员。",
                f"No member has the login {options.login}.",
            )
        _, secret = create_token(
            actor=Actor(None, "command"), name=options.name, member_id=found[0].id
        )
    print(secret)
    return 0


def bench(options: argparse.Namespace) -> int:
    import importlib.util
    import runpy

    if importlib.util.find_spec("tests.bench") is None:
        stop("测速在源代码里:make bench", "The bench lives in the source tree: make bench")
    sys.argv = ["tests.bench", *options.rest]
    runpy.run_module("tests.bench", run_name="__main__")
    return 0


def parser() -> argparse.ArgumentParser:
    """The verbs and their options, described in the language of the terminal."""
    top = argparse.ArgumentParser(
        prog="wubu",
        description=str(
            Text("Wubu 五步:用数据带好销售团队。", "Wubu 五步: run a sales team by its data.")
        ),
    )
    top.add_argument("--version", action="version", version=f"wubu {__version__}")
    verbs = top.add_subparsers(metavar=str(Text("命令", "COMMAND")), required=True)

    def verb(name: str, run: Verb, zh: str, en: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=str(Text(zh, en)), description=str(Text(zh, en)))
        made.set_defaults(run=run)
        return made

    def address(of: argparse.ArgumentParser) -> None:
        of.add_argument("--host", default=os.environ.get("WUBU_HOST", "127.0.0.1"))
        of.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))

    one = verb("serve", serve, "启动网页和后台任务", "serve the web app and its background jobs")
    address(one)
    one.add_argument(
        "--no-worker",
        action="store_true",
        help=str(Text("不带后台任务进程", "without the job process")),
    )
    verb("worker", worker, "只运行后台任务", "run background jobs only")
    one = verb("demo", demo, "建立演示公司并启动", "fill a demo company and serve it")
    address(one)
    one.add_argument("--company", choices=("demo", "maven"), default="demo")
    one.add_argument(
        "--no-serve",
        action="store_true",
        help=str(Text("只建立,不启动", "fill only, do not serve")),
    )
    one = verb("migrate", migrate, "建立或升级数据库", "create or upgrade the database")
    one.add_argument("--pack", default="sales", help="sales | none")
    one = verb("createowner", createowner, "创建所有者", "create an owner, who may do everything")
    one.add_argument("--login", required=True)
    one.add_argument("--name", required=True)
    one = verb("token", token, "签发个人接口密钥", "issue a personal API token")
    one.add_argument("login")
    one.add_argument("--name", default="cli")
    verb("shell", shell, "Python 命令行", "a Python prompt inside one unit of work")
    one = verb("bench", bench, "测速", "measure speed beside raw SQL")
    one.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; refusals are told in plain words, each on its line, with exit code 1."""
    with speaking(shell_language()):
        options = parser().parse_args(arguments)
        try:
            run: Verb = options.run
            return run(options)
        except Refused as refused:
            for problem in refused.problems:
                hint = f" {problem.hint}" if problem.hint else ""
                print(f"✗ {problem.message}{hint}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main())
