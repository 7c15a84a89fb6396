"""``wubu pack``: list, export, compare, install and upgrade configurations."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from wubu.boot import say, shell_language, stop
from wubu.kernel.calendar.queries import zone
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs import actions, queries
from wubu.kernel.packs.files.loading import shipped_keys
from wubu.kernel.packs.files.uploads import read_upload, zipped
from wubu.kernel.packs.types import Said, Upgrade
from wubu.kernel.types import Actor, Problem, Text
from wubu.kernel.workspace import unit_of_work

Choices = Mapping[str, Literal["theirs", "ours"]]
MARKS = {"theirs": "+", "both": "!", "ours": "="}


def run(options: argparse.Namespace) -> int:
    """One of the verbs of ``wubu pack``. Raises Refused with every problem and its line."""
    with unit_of_work():
        return int(VERBS[options.what](options))


def _actor() -> Actor:
    return Actor.system("command", shell_language())


def _list(options: argparse.Namespace) -> int:
    there = {p.key: p for p in queries.installed()}
    for pack in queries.offered():
        mine = there.get(pack.key)
        state = Text("未安装", "not installed")
        if mine:
            state = Text("已安装版本 {v}", "installed, version {v}").format(v=mine.version)
        print(f"{pack.key:<14} {pack.version:<3} {pack.label}  ({state})")
    return 0


def _export(options: argparse.Namespace) -> int:
    if options.out and options.out.endswith(".zip"):
        Path(options.out).write_bytes(zipped(queries.export_files(_actor())))
        say(f"配置已写入 {options.out}", f"The configuration was written to {options.out}")
        return 0
    text = queries.export(_actor())
    if options.out:
        Path(options.out).write_text(text, encoding="utf-8")
        say(f"配置已写入 {options.out}", f"The configuration was written to {options.out}")
    else:
        sys.stdout.write(text)
    return 0


def _compare(options: argparse.Namespace) -> int:
    found = _proposal(options.pack, {})
    shown = found.conflicts if options.conflicts else found.differences
    _show(found, shown)
    return 0


def _install(options: argparse.Namespace) -> int:
    found = _proposal(options.pack, {})
    choices = _choices(found, options.take)
    if choices:
        found = _proposal(options.pack, choices)
    if snapshot().objects:
        _show(found, [*found.taken, *found.conflicts], choices)
    refused = _refused(found)
    if options.dry_run or refused:
        if not refused:
            say("没有问题，可以安装。", "Nothing stands in the way of installing it.")
        return int(refused)
    if options.pack in shipped_keys():
        actions.apply(options.pack, actor=_actor(), choices=choices)
    else:
        actions.install_files(_content(options.pack), actor=_actor(), choices=choices)
    say("已安装。", "Installed.")
    return 0


def _upgrade(options: argparse.Namespace) -> int:
    found = queries.upgrade(options.pack)
    choices = _choices(found, options.take)
    if choices:
        found = queries.upgrade(options.pack, choices=choices)
    _show(found, [*found.taken, *found.conflicts], choices)
    refused = _refused(found)
    if options.dry_run or refused or found.is_empty:
        return int(refused)
    actions.upgrade(options.pack, actor=_actor(), choices=choices)
    say("已升级。", "Upgraded.")
    return 0


def _history(options: argparse.Namespace) -> int:
    said = {
        "install": Text("安装", "installed"),
        "upgrade": Text("升级", "upgraded"),
        "undo": Text("撤销", "undid"),
    }
    for one in queries.changes():
        undone = Text("（已撤销）", " (undone)") if one.undone_by else Text("", "")
        at = one.at.astimezone(zone()).strftime("%Y-%m-%d %H:%M")
        print(f"{one.id:>5}  {at}  {said[one.action]} {one.label} {one.version}{undone}")
    return 0


def _undo(options: argparse.Namespace) -> int:
    made = queries.undoing(options.change)
    for step in made.plan.steps:
        print(f"- {step.description}")
    for one in made.differences:
        print(f"- {one.section} · {one.place}: {one.what}")
    refused = _problems(made.problems)
    if not options.dry_run and not refused:
        actions.undo(options.change, actor=_actor())
        say("已撤销。", "Undone.")
    return int(refused)


def _proposal(pack: str, choices: Choices) -> Upgrade:
    if pack in shipped_keys():
        return queries.compare_shipped(pack, choices)
    return queries.compare_files(_content(pack), choices)


def _content(pack: str) -> dict[str, str]:
    path = Path(pack)
    if not path.is_file():
        stop(
            f"没有配置包或文件“{pack}”。配置包：{', '.join(shipped_keys())}",
            f"There is no pack and no file “{pack}”. Packs: {', '.join(shipped_keys())}",
        )
    return read_upload(path.read_bytes(), path.name)


def _choices(found: Upgrade, take: str | None) -> dict[str, Literal["theirs", "ours"]]:
    if take == "theirs":
        return {s.id: "theirs" for s in found.conflicts}
    return {}


def _show(found: Upgrade, some: Iterable[Said], choices: Choices | None = None) -> None:
    shown = list(some)
    if not shown:
        say("没有不同。", "There is no difference.")
    for one in shown:
        side = one.difference.side
        mark = "+" if (choices or {}).get(one.id) == "theirs" else MARKS[side]
        print(f"{mark} {one.section} · {one.place}: {one.what}")
    if shown:
        say(
            "+ 采用包里的   ! 两边都改过，保留本公司的   = 本公司自己的修改",
            "+ taken from the pack   ! changed on both sides, the company's stays   "
            "= the company's own",
        )


def _refused(found: Upgrade) -> bool:
    return _problems(found.problems)


def _problems(problems: Iterable[Problem]) -> bool:
    """Print what stands in the way; whether there is any."""
    some = list(problems)
    for problem in some:
        print(f"× {problem.message} {problem.hint or ''}")
    return bool(some)


VERBS = {
    "list": _list,
    "export": _export,
    "compare": _compare,
    "install": _install,
    "upgrade": _upgrade,
    "history": _history,
    "undo": _undo,
}
