"""The published Maven Analytics CRM data as a company: 8,800 opportunities of 30 agents."""

from __future__ import annotations

import os
from pathlib import Path

from django.db import transaction

from wubu.collect.imports import queries as imports
from wubu.collect.imports.actions import run, run_folder
from wubu.demo.minghua import quietly
from wubu.demo.staff import PASSWORD
from wubu.demo.writing import Progress
from wubu.kernel.people import actions as people
from wubu.kernel.people import queries
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.types import SYSTEM, Actor, Problem, Refused, Text
from wubu.kernel.workspace import unit_of_work

FILES = ("accounts.csv", "products.csv", "sales_pipeline.csv", "sales_teams.csv")
SOURCE = "https://mavenanalytics.io/data-playground (CRM Sales Opportunities)"
OWNER, MANAGER, REP = "wangli", "Dustin Brinkmann", "Anna Snelling"


def folder() -> Path:
    """Where the files are. Raises Refused, saying what to put where."""
    place = os.environ.get("WUBU_REALDATA", "")
    found = Path(place) / "maven_crm" if place else None
    missing = [name for name in FILES if found is None or not (found / name).is_file()]
    if found is not None and not missing:
        return found
    where = str(found) if found else "$WUBU_REALDATA/maven_crm"
    raise Refused(
        Problem(
            "no_real_data",
            Text(
                "缺少 Maven CRM 数据：{f}（应在 {w}）。",
                "The Maven CRM data is missing: {f} (looked for in {w}).",
            ).format(f=", ".join(missing), w=where),
            Text(
                "从 {s} 下载，把这些 CSV 放进一个名为 maven_crm 的文件夹，"
                "再把 WUBU_REALDATA 设为它所在的文件夹。",
                "Download them from {s}, put the CSV files into a folder named maven_crm and set "
                "WUBU_REALDATA to the folder that holds it.",
            ).format(s=SOURCE),
        )
    )


def maven(progress: Progress = quietly) -> bool:
    """Import the folder through the same door as the import page.

    All dates are moved by one offset so that the last month of the data is the current one. An
    import that was interrupted is continued.

    False when it is here already, or somebody else works in this workspace. Raises Refused when
    the files are absent.
    """

    def show(done: int, total: int, _note: str) -> None:
        progress(Text("导入", "Import"), done, total)

    with unit_of_work():
        known = {p.login: p.id for p in queries.members()}
        if known and OWNER not in known:
            return False
        before = []
        if known:
            actor = Actor(known[OWNER], "command", "en")
            before = imports.recent(actor, limit=1)
    if before and before[0].state == "done":
        return False
    files = folder()
    if not known:
        actor = Actor(_found(), "command", "en")
    if before:
        run(actor=actor, import_id=before[0].id, progress=show)
    else:
        run_folder(files, actor=actor, to_now=True, accept_suggestions=True, progress=show)
    with unit_of_work():
        for name in (MANAGER, REP):
            people.set_password(actor=SYSTEM, member_id=_named(name), password=PASSWORD)
    return True


def _found() -> int:
    """The owner and someone in finance, who are not in the data. The owner's id."""
    with unit_of_work(), transaction.atomic():
        for login, name, role in ((OWNER, "王立", "boss"), ("wuxia", "吴霞", "finance")):
            person = people.create_member(
                actor=SYSTEM, login=login, name=name, password=PASSWORD, is_owner=login == OWNER
            )
            permissions.set_roles(actor=SYSTEM, member_id=person.id, roles=[role])
        return _named("王立")


def _named(name: str) -> int:
    return next(p.id for p in queries.members() if p.name == name)
