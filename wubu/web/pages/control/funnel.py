"""漏斗 Funnel: how many stand in each stage now, what came through, and where it sticks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.control.boards import queries as boards
from wubu.control.boards.types import StageFigure
from wubu.kernel.catalog.types import Choice, ObjectSpec
from wubu.kernel.types import Text
from wubu.measure.figures.queries import figures as figures_of
from wubu.measure.figures.queries import metrics
from wubu.web import figures
from wubu.web.entries import Entry
from wubu.web.pages.control.pipeline_parts import funnel_of, pipeline
from wubu.web.ui import (
    Action,
    Bar,
    Column,
    Empty,
    Grid,
    Page,
    PageRequest,
    Panel,
    Problems,
    Table,
    show,
)


def page(request: HttpRequest) -> HttpResponse:
    page_request = cast(PageRequest, request)
    period, refused = figures.safe_period(page_request, "quarter")
    spec = pipeline(page_request)
    if spec is None:
        empty = Empty(Text("没有带阶段的对象", "No object has stages"))
        return Page(Text("销售漏斗", "Funnel"), [empty], step="control").response(page_request)
    totals = boards.figures(page_request.actor, spec.key)
    body = [
        *(
            [Problems(refused.problems, Text("周期无法识别", "This period is not valid"))]
            if refused
            else []
        ),
        Grid(
            [
                (
                    5,
                    Panel(
                        Text("当前各阶段", "In each stage now"),
                        funnel_of(page_request, 340),
                        key="now",
                        live=spec.key,
                    ),
                ),
                (7, _standing(spec, totals)),
            ]
        ),
        _conversion(page_request, period),
    ]
    return Page(
        Text("销售漏斗", "Sales funnel"),
        [part for part in body if part is not None],
        step="control",
        subtitle=Text(
            "上面是现在手上的，下面是本期走过每个阶段的。",
            "Above: what is in each stage now. Below: what passed through each "
            "stage in the period.",
        ),
        actions=[Action(Text("看板", "Board"), f"/o/{spec.key}/board", icon="layout-kanban")],
        aside=figures.picker(page_request, period, teams=True),
    ).response(page_request)


def _standing(spec: ObjectSpec, totals: dict[str, StageFigure]) -> Panel:
    stage = spec.role("stage")
    key = stage.key if stage else ""
    rows = [(c, totals.get(c.key)) for c in (stage.choices if stage else ()) if not c.retired]

    def count(row: tuple[Choice, StageFigure | None]) -> int:
        return row[1].count if row[1] else 0

    def weighted(row: tuple[Choice, StageFigure | None]) -> Decimal | None:
        choice, total = row
        if total is None or total.amount is None or choice.probability is None:
            return None
        return total.amount * Decimal(str(choice.probability))

    columns = [
        Column(Text("阶段", "Stage"), lambda r: r[0], "pill"),
        Column(Text("数量", "Count"), count, "number", total=sum(map(count, rows))),
        Column(Text("金额", "Amount"), lambda r: r[1].amount if r[1] else None, "money"),
        Column(
            Text("概率", "Probability"),
            lambda r: None if r[0].probability is None else Decimal(str(r[0].probability)),
            "percent",
        ),
        Column(Text("加权金额", "Weighted"), weighted, "money"),
    ]
    return Panel(
        Text("数量与金额", "Count and amount"),
        Table(columns, rows, row_url=lambda r: f'/o/{spec.key}/?f={{{key}}} = "{r[0].key}"'),
        key="standing",
        live=spec.key,
    )


def _conversion(request: PageRequest, period: Any) -> Panel | None:
    """How many reached each stage in the period, and what share went on to the next."""
    reached = [m for m in metrics(hidden=True) if m.kind == "reached"]
    if not reached:
        return None
    team = figures.requested_team(request)
    keys = tuple(m.key for m in reached)
    found = figures_of(
        request.actor, keys, period, "company", teams=(team,) if team else None
    ).total
    counts = [int(found.cells[k].value or 0) for k in keys]
    rows = []
    for n, metric in enumerate(reached):
        before = counts[n - 1] if n else None
        share = Decimal(counts[n]) / before if before else None
        rows.append((metric, counts[n], share))
    shares = [r[2] for r in rows if r[2] is not None]
    worst = min(shares) if len(shares) > 1 else None

    def remark(row: Any) -> str:
        if worst is not None and row[2] == worst:
            return str(
                Text("瓶颈：到这一步流失最多", "Bottleneck: the largest loss is at this stage")
            )
        return "\u00a0"

    columns = [
        Column(Text("阶段", "Stage"), lambda r: r[0].label),
        Column(
            Text("到达", "Reached"),
            lambda r: r[1],
            "number",
            url=lambda r: figures.link(r[0].key, period, team=team),
        ),
        Column(Text("从上一阶段来的比例", "Share of the stage before"), lambda r: r[2], "percent"),
        Column("", lambda r: Bar(r[2]) if r[2] is not None else show.NONE, "bar"),
        Column("", remark),
    ]
    return Panel(
        Text("{p}阶段转化", "Stage conversion, {p}").format(p=period.label()),
        Table(columns, rows),
        key="conversion",
    )


urlpatterns = [path("funnel", page, name="funnel")]
NAV = (Entry("control", Text("销售漏斗", "Funnel"), "/funnel", "filter", position=4),)
