"""The first days of a workspace: what to do next, until it is done."""

from __future__ import annotations

from typing import Any

from wubu.kernel.calendar.queries import period_of, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.records import queries as records
from wubu.kernel.types import Text
from wubu.measure.targets import queries as targets
from wubu.web.pages.cockpit import headlines, pipeline
from wubu.web.ui import PageRequest, Panel, Raw


def first_steps(request: PageRequest) -> Panel | None:
    """People, records, targets: shown to whoever may do them while any is missing."""
    rights = request.policy
    if not (rights.may_setup("people") and rights.may_setup("targets")):
        return None
    spec = pipeline(request)
    first = ("customer", spec.key) if spec else ("customer",)
    steps: list[dict[str, Any]] = [
        {
            "title": Text("添加成员和团队", "Add people and teams"),
            "text": Text(
                "业绩按人、按团队统计，先把人加进来。",
                "Figures are counted by person and team: bring the people in first.",
            ),
            "url": "/setup/people",
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
            "done": any(
                records.visible(request.actor, key).exists()
                for key in first
                if key in snapshot().objects and rights.may("view", key)
            ),
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
    if all(step["done"] for step in steps):
        return None
    following = next(step for step in steps if not step["done"])
    return Panel(
        Text("开始使用", "Getting started"),
        Raw("parts/first_steps.html", steps=steps, following=following),
        key="start",
        flush=True,
        note=Text("三步就能看到第一份业绩", "three steps to the first figures"),
    )
