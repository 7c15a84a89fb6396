"""The first days of a workspace, and of whoever is new in it: what to do next, until it is done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from wubu.collect.practice import queries as practice
from wubu.kernel.calendar.queries import period_of, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.people.preferences import preference
from wubu.kernel.records import queries as records
from wubu.kernel.types import Text
from wubu.measure.targets import queries as targets
from wubu.web.pages.control.pipeline_parts import pipeline
from wubu.web.pages.measure.cockpit import headlines
from wubu.web.ui import PageRequest, Panel, Raw

NEW = timedelta(days=30)  # for so long somebody is new


def tour(request: PageRequest) -> Raw | None:
    """The guided tour: offered to whoever is new, started by ``?tour=1`` from the menu."""
    starts = "tour" in request.GET
    person = request.user
    joined = getattr(person, "joined_on", None)
    new = joined is not None and today() - joined < NEW
    if not starts and not new:
        return None
    seen = bool(preference(request.actor.member_id, "tour").get("seen"))
    if seen and not starts:
        return None
    return Raw("parts/shell/tour_hint.html", starts=starts, seen=seen)


def first_steps(request: PageRequest) -> Panel | None:
    """People, records, targets, a follow-up: shown to whoever may do them while any is missing.

    Practice data ticks nothing off.
    """
    rights = request.policy
    if not (rights.may_setup("people") and rights.may_setup("targets")):
        return None
    practising = practice.is_there()
    drill = practice.practice() if practising else None
    spec = pipeline(request)

    def real(*keys: str) -> bool:
        return any(
            records.visible(request.actor, key)
            .exclude(id__in=drill.records.get(key, ()) if drill else ())
            .exists()
            for key in keys
            if key in snapshot().objects and rights.may("view", key)
        )

    steps: list[dict[str, Any]] = [
        {
            "title": Text("添加成员和团队", "Add people and teams"),
            "text": Text(
                "业绩按人、按团队统计，先把人加进来。",
                "Figures are counted by person and team: bring the people in first.",
            ),
            "url": "/setup/start/people" if rights.may_setup("packs") else "/setup/people",
            "icon": "users",
            "done": len(people.members()) > 1,
        },
        {
            "title": Text("导入现有的表格", "Import the spreadsheets you have"),
            "text": Text(
                "客户、商机、合同，Excel 或 CSV 都行；导错了可以整批撤销。",
                "Customers, deals, contracts, from Excel or CSV; a batch can be undone as a whole.",
            ),
            "url": "/import",
            "icon": "table-import",
            "done": real("customer", *([spec.key] if spec else ())),
        },
        {
            "title": Text("设定本月目标", "Set this month's targets"),
            "text": Text(
                "有了目标，才有进度、差距和评分。",
                "Progress, gaps and scores begin with targets.",
            ),
            "url": "/targets",
            "icon": "target",
            "done": any(
                targets.targets([m.key for m in headlines()], period_of("month", today())).values()
            ),
        },
    ]
    if "follow_up" in snapshot().objects and rights.may("create", "follow_up"):
        steps.append(
            {
                "title": Text("写第一条跟进", "Write the first follow-up"),
                "text": Text(
                    "一句话就够；客户的“最近跟进”和提醒都从它来。",
                    "One line will do; reminders and “last follow-up” come of it.",
                ),
                "url": "/o/follow_up/new",
                "icon": "message-circle",
                "done": real("follow_up"),
            }
        )
    if practising:
        steps.append(
            {
                "title": Text("清空练习数据", "Clear the practice data"),
                "text": Text(
                    "练习数据正在计入业绩；熟悉之后一次清空。",
                    "It counts in all figures; clear it once you know the program.",
                ),
                "url": "/setup/packs",
                "icon": "flask",
                "done": False,
            }
        )
    if all(step["done"] for step in steps):
        return None
    following = next(step for step in steps if not step["done"])
    return Panel(
        Text("开始使用", "Getting started"),
        Raw("parts/shell/first_steps.html", steps=steps, following=following),
        key="start",
        flush=True,
        note=Text("完成后自动勾选", "checked off automatically"),
    )
