"""The published Maven Analytics CRM data as a company: 8,800 opportunities of 30 agents."""

from __future__ import annotations

import os
from pathlib import Path

from wubu.collect.imports.actions import run_folder
from wubu.demo.minghua import quietly, refuse_if_inhabited
from wubu.demo.staff import PASSWORD
from wubu.demo.writing import Progress
from wubu.kernel.people import actions as people
from wubu.kernel.people import queries
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.types import SYSTEM, Actor, Problem, Refused, Text
from wubu.kernel.workspace import unit_of_work

FILES = ("accounts.csv", "products.csv", "sales_pipeline.csv", "sales_teams.csv")
SOURCE = "https://mavenanalytics.io/data-playground (CRM Sales Opportunities)"
MANAGER, REP = "Dustin Brinkmann", "Anna Snelling"


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
                "缺少 Maven CRM 数据:{f}(应在 {w})。",
                "The Maven CRM data is missing: {f} (looked for in {w}).",
            ).format(f=", ".join(missing), w=where),
            Text(
                "从 {s} 下载,把这些 CSV 放进一个名为 maven_crm 的文件夹,"
                "再把 WUBU_REALDATA 设为它所在的文件夹。",
                "Download them from {s}, put the CSV files into a folder named maven_crm and set "
                "WUBU_REALDATA to the folder that holds it.",
            ).format(s=SOURCE),
        )
    )


def maven(progress: Progress = quietly) -> None:
    """Import the folder through the same door as the import page, all dates moved by one offset so
    that the last month of the data is the current one.

    Raises Refused when the files are absent or somebody works in this workspace already.
    """
    files = folder()
    with unit_of_work():
        refuse_if_inhabited()
        owner = people.create_member(
            actor=SYSTEM, login="wangli", name="王立", password=PASSWORD, is_owner=True
        )
        permissions.set_roles(actor=SYSTEM, member_id=owner.id, roles=["boss"])
        finance = people.create_member(actor=SYSTEM, login="wuxia", name="吴霞", password=PASSWORD)
        permissions.set_roles(actor=SYSTEM, member_id=finance.id, roles=["finance"])

    def show(done: int, total: int, _note: str) -> None:
        progress(Text("导入", "Import"), done, total)

    run_folder(
        files,
        actor=Actor(owner.id, "command", "en"),
        to_now=True,
        accept_suggestions=True,
        progress=show,
    )
    with unit_of_work():
        for name in (MANAGER, REP):
            people.set_password(actor=SYSTEM, member_id=_named(name), password=PASSWORD)


def _named(name: str) -> int:
    return next(p.id for p in queries.members() if p.name == name)
