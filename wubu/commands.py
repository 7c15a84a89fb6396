"""The verbs of the ``wubu`` command that work on the data; imported once Django is up."""

from __future__ import annotations

import argparse
import code
import contextlib
import getpass
import os
import sys
from pathlib import Path

from wubu import __version__, setup
from wubu.boot import say, shell_language, stop
from wubu.collect.imports import actions as imports
from wubu.control.boards import totals as boards
from wubu.kernel.audit import sealing, verifying
from wubu.kernel.people import access, queries
from wubu.kernel.people.actions import create_member
from wubu.kernel.people.types import Person
from wubu.kernel.permissions.actions import set_roles
from wubu.kernel.types import SYSTEM, Actor, Missing, Text
from wubu.kernel.workspace import unit_of_work
from wubu.measure.ledger import actions as ledger
from wubu.upgrade import words
from wubu.upgrade.plan import look


def migrate(options: argparse.Namespace) -> int:
    setup.prepare(say=say, pack=None if options.pack == "none" else options.pack)
    return 0


def upgrade(options: argparse.Namespace) -> int:
    """With ``--check`` the exit code is 1 when there is something to do, or in the way."""
    if options.check:
        setup.enter_schema()
        found = look()
        for line in words.planned(found):
            print(line)
        return int(found.is_needed or found.fresh or bool(found.unknown))
    shown = Counter()
    if not setup.upgrade(say=say, progress=shown, copy=not options.no_copy):
        say("数据库与程序一致，无需升级。", "The database fits this program: nothing to do.")
    return 0


def createowner(options: argparse.Namespace) -> int:
    actor = Actor.system("command", shell_language())
    with unit_of_work():
        made = create_member(
            actor=actor,
            login=options.login,
            name=options.name,
            password=_password(),
            is_owner=True,
        )
        with contextlib.suppress(Missing):  # a workspace without the sales pack has no such role
            set_roles(actor=actor, member_id=made.id, roles=["boss"])
    say(f"所有者 {options.login} 已创建。", f"The owner {options.login} was created.")
    return 0


def _password() -> str:
    given = os.environ.get("WUBU_PASSWORD")
    if given:
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass(str(Text("密码：", "Password: ")))
    if first != getpass.getpass(str(Text("再输一次：", "Again: "))):
        stop("两次输入的密码不同。", "The two passwords differ.")
    return first


def token(options: argparse.Namespace) -> int:
    with unit_of_work():
        person = _member(options.login)
        _, secret = access.create_token(
            actor=Actor.system("command"), name=options.name, member_id=person.id
        )
    print(secret)
    return 0


def _member(login: str | None) -> Person:
    """The active member with this login; without one, the first owner."""
    for person in queries.members():
        if person.login == login or (login is None and person.is_owner):
            return person
    if login is None:
        stop("还没有所有者：wubu createowner", "There is no owner yet: wubu createowner")
    return stop(f"没有登录名为 {login} 的成员。", f"No member has the login {login}.")


def import_(options: argparse.Namespace) -> int:
    with unit_of_work():
        actor = Actor(_member(options.login).id, "command", shell_language())
    shown = Counter()
    done = imports.run_folder(
        Path(options.path),
        actor=actor,
        object_key=options.object,
        to_now=options.to_now,
        accept_suggestions=options.accept_suggestions,
        only_valid=options.only_valid,
        progress=shown,
    )
    shown.end()
    for batch in done.batches:
        say(
            f"{batch.file}：新建 {batch.created}，更新 {batch.updated}，未变 {batch.unchanged}，"
            f"跳过 {batch.skipped}（{batch.seconds:.1f} 秒）",
            f"{batch.file}: {batch.created} created, {batch.updated} updated, "
            f"{batch.unchanged} unchanged, {batch.skipped} left out ({batch.seconds:.1f} s)",
        )
    return 0


def rebuild(options: argparse.Namespace) -> int:
    shown = Counter()
    with unit_of_work():
        count = ledger.rebuild(options.metric, progress=shown)
        if options.metric is None:
            boards.rebuild()
    shown.end()
    say(f"账本共 {count:,} 条。", f"The ledger holds {count:,} entries.")
    return 0


def verify(options: argparse.Namespace) -> int:
    """Exit code 1 when the log is not as it was sealed; the first such place is named."""
    shown = Counter()
    what = str(Text("修改", "changes"))
    with unit_of_work():
        if options.seal_now:
            sealing.seal()
        found = verifying.verify(
            seal=options.seal, progress=lambda done, total: shown(done, total, what)
        )
    shown.end()
    wrong = found.tampering
    if wrong is None:
        say(
            f"日志完好：{found.blocks:,} 块封印、{found.changes:,} 条修改；"
            f"{found.unsealed:,} 条尚未封印。",
            f"The log is as it was written: {found.blocks:,} seals, {found.changes:,} changes; "
            f"{found.unsealed:,} not sealed yet.",
        )
        if found.seal is not None:
            say(f"最新封印：{found.seal}", f"The newest seal: {found.seal}")
        return 0
    where = f" {wrong.change_id}" if wrong.change_id else ""
    record = f" {wrong.object_key} {wrong.record_id}" if wrong.object_key else ""
    when = f" {wrong.at:%Y-%m-%d %H:%M:%S %Z}" if wrong.at else ""
    say(
        f"日志被改动过（{wrong.flaw}）：封印块 {wrong.block}，修改{where}{record}{when}",
        f"The log was tampered with ({wrong.flaw}): "
        f"seal {wrong.block}, change{where}{record}{when}",
    )
    return 1


def shell(options: argparse.Namespace) -> int:
    with unit_of_work():
        names = {"SYSTEM": SYSTEM, "Text": Text, "unit_of_work": unit_of_work}
        code.interact(banner=f"Wubu {__version__}: {', '.join(names)}", local=names, exitmsg="")
    return 0


class Counter:
    """Progress on a terminal: one line that counts up. Silent where nobody watches."""

    def __init__(self) -> None:
        self.watched = sys.stdout.isatty()
        self.shown = False

    def __call__(self, done: int, total: int, what: str) -> None:
        if self.watched:
            print(f"\r\033[K  {what} {done:,} / {total:,}", end="", flush=True)
            self.shown = True

    def end(self) -> None:
        if self.shown:
            print("\r\033[K", end="", flush=True)
