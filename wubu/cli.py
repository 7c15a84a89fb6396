"""The ``wubu`` command. A verb imports what it needs when it runs, so the command starts fast."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from wubu import __version__
from wubu.boot import print_problems, shell_language, start_django, stop
from wubu.kernel.types import Refused, Text, speaking

Verb = Callable[[argparse.Namespace], int]
COMPANIES = ("demo", "internet_tob", "pharma", "saas", "finance", "maven")


def serve(options: argparse.Namespace) -> int:
    from wubu.serve import serve as run

    return run(options.host, options.port, with_worker=not options.no_worker)


def worker(options: argparse.Namespace) -> int:
    from wubu.serve import work

    return work()


def demo(options: argparse.Namespace) -> int:
    from wubu.demo.command import demo as run

    return run(options)


def on_data(name: str) -> Verb:
    """A verb of ``wubu.commands``, which needs Django."""

    def run(options: argparse.Namespace) -> int:
        start_django()
        from wubu import commands

        return int(getattr(commands, name)(options))

    return run


def pack(options: argparse.Namespace) -> int:
    start_django()
    from wubu.packs_command import run

    return run(options)


def bench(options: argparse.Namespace) -> int:
    import importlib.util
    import runpy

    if importlib.util.find_spec("tests.bench") is None:
        stop("测速在源代码里：make bench", "The bench lives in the source tree: make bench")
    sys.argv = ["tests.bench", *options.rest]
    runpy.run_module("tests.bench", run_name="__main__")
    return 0


def parser() -> argparse.ArgumentParser:
    """The verbs and their options, described in the language of the terminal."""
    top = argparse.ArgumentParser(
        prog="wubu",
        description=str(
            Text("Wubu 五步：用数据带好销售团队。", "Wubu 五步: run a sales team by its data.")
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
    one.add_argument("--company", choices=COMPANIES, default="demo")
    one.add_argument(
        "--no-serve",
        action="store_true",
        help=str(Text("只建立，不启动", "fill only, do not serve")),
    )
    one = verb("migrate", on_data("migrate"), "建立或升级数据库", "create or upgrade the database")
    one.add_argument("--pack", default="sales", help="sales | none")
    _upgrade(
        verb(
            "upgrade",
            on_data("upgrade"),
            "把数据库升级到本程序；SQLite 先自动备份",
            "bring the database to this program; an SQLite file is copied first",
        )
    )
    one = verb(
        "createowner",
        on_data("createowner"),
        "创建所有者；密码取自 WUBU_PASSWORD、管道或键盘",
        "create an owner; the password comes from WUBU_PASSWORD, a pipe or the keyboard",
    )
    one.add_argument("--login", required=True)
    one.add_argument("--name", required=True)
    one = verb("token", on_data("token"), "签发个人接口密钥", "issue a personal API token")
    one.add_argument("login")
    one.add_argument("--name", default="cli")
    _import(verb("import", on_data("import_"), "导入表格文件或文件夹", "import a file or a folder"))
    one = verb(
        "rebuild",
        on_data("rebuild"),
        "从记录重算业绩账本和看板合计",
        "count the ledger and the board totals anew from the records",
    )
    one.add_argument("--metric", help=str(Text("只重算一个指标", "one metric only")))
    one = verb(
        "verify",
        on_data("verify"),
        "核对修改日志的封印",
        "hold the log of changes against its seals",
    )
    one.add_argument(
        "--seal",
        default="",
        help=str(Text("外部保存的封印，形如 12:3f9a…", "a seal kept outside, such as 12:3f9a…")),
    )
    one.add_argument(
        "--seal-now",
        action="store_true",
        help=str(Text("先封印能封的", "first seal what can be sealed")),
    )
    _pack(
        verb(
            "pack",
            pack,
            "配置包：查看、导出、比较、安装、升级",
            "configurations: list, export, compare, install, upgrade",
        )
    )
    verb("shell", on_data("shell"), "Python 命令行", "a Python prompt inside one unit of work")
    one = verb("bench", bench, "测速", "measure speed beside raw SQL")
    one.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def _pack(one: argparse.ArgumentParser) -> None:
    verbs = one.add_subparsers(dest="what", metavar=str(Text("动作", "ACTION")), required=True)

    def add(name: str, zh: str, en: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=str(Text(zh, en)), description=str(Text(zh, en)))

    add("list", "自带的配置包", "the packs that come with the program")
    made = add(
        "export", "把本工作区的配置写成 YAML", "write this workspace's configuration as YAML"
    )
    made.add_argument("--out", help=str(Text("写到文件", "write to a file")))
    which = str(Text("配置包、YAML 或 ZIP 文件", "a pack, a YAML or a ZIP file"))
    made = add("compare", "与包或文件比较", "compare with a pack or a file")
    made.add_argument("pack", help=which)
    only = str(Text("只看两边都改过的", "only what both changed"))
    made.add_argument("--conflicts", action="store_true", help=only)
    add("history", "安装、升级和撤销的记录", "what was installed, upgraded and undone")
    made = add("undo", "整体撤销一次安装或升级", "take an installation or an upgrade back")
    made.add_argument("change", type=int, help=str(Text("变更编号", "the number of the change")))
    made.add_argument("--dry-run", action="store_true", help=str(Text("只看不做", "only show")))
    for name, zh, en in (
        ("install", "安装包或文件", "install a pack or a file"),
        ("upgrade", "升级已安装的包", "upgrade an installed pack"),
    ):
        made = add(name, zh, en)
        made.add_argument("pack", help=which)
        made.add_argument("--dry-run", action="store_true", help=str(Text("只看不做", "only show")))
        made.add_argument(
            "--take",
            choices=("theirs", "ours"),
            default="ours",
            help=str(Text("两边都改过时以谁为准", "whose version to use where both changed it")),
        )


def _upgrade(one: argparse.ArgumentParser) -> None:
    for name, zh, en in (
        (
            "check",
            "只看会做什么，不改动；有事要做时退出码为 1",
            "only say what would happen; the exit code is 1 when there is something to do",
        ),
        (
            "no-copy",
            "SQLite 不自动备份（已另行备份时）",
            "no copy of the SQLite file (where there is a backup elsewhere)",
        ),
    ):
        one.add_argument(f"--{name}", action="store_true", help=str(Text(zh, en)))


def _import(one: argparse.ArgumentParser) -> None:
    one.add_argument("path", help=str(Text("文件或文件夹", "a file or a folder of tables")))
    one.add_argument(
        "--object", default="", help=str(Text("导入到哪个对象", "the object it is for"))
    )
    one.add_argument(
        "--login", help=str(Text("以谁的名义；默认所有者", "as whom; the owner if not said"))
    )
    for name, zh, en in (
        ("accept-suggestions", "采纳全部建议", "take every suggestion of the check"),
        ("only-valid", "跳过有问题的行", "leave out rows with problems"),
        ("to-now", "平移日期，使最后一月为本月", "move dates so that the last month is this one"),
    ):
        one.add_argument(f"--{name}", action="store_true", help=str(Text(zh, en)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; refusals are told in plain words, each on its line, with exit code 1."""
    with speaking(shell_language()):
        options = parser().parse_args(arguments)
        try:
            run: Verb = options.run
            return run(options)
        except Refused as refused:
            print_problems(refused)
            return 1
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main())
