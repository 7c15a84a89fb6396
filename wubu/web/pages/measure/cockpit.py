"""驾驶舱 Cockpit: the whole picture on one page, read from balances: alike fast at any size."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.control.alerts import queries as alerts
from wubu.kernel.calendar.queries import time_progress
from wubu.kernel.calendar.types import Period
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.types import Text
from wubu.measure.figures.queries import compare, is_derived, is_stock, metrics, series
from wubu.measure.figures.queries import figures as metric_figures
from wubu.measure.metrics.types import Compared, MetricInfo
from wubu.measure.targets.queries import attainment, int_key, lacking
from wubu.measure.targets.types import AttainedRow, Attainment
from wubu.web import figures
from wubu.web.entries import Entry
from wubu.web.pages.control.pipeline_parts import funnel_of, pipeline
from wubu.web.ui import (
    Action,
    Bar,
    Chart,
    Column,
    Empty,
    Grid,
    Page,
    PageRequest,
    Panel,
    Problems,
    Raw,
    Stat,
    Stats,
    Table,
    show,
)

MONTHS = 13
CANDIDATES = 4  # amounts that the lead may be drawn with
FLAT = 10  # a line below a tenth of the bars says nothing
SHOWN = 20  # people
TEAMS_SHOWN = 12
HEADLINES = 8  # the first metrics of the dictionary lead the page


def page(request: HttpRequest) -> HttpResponse:
    page_request = cast(PageRequest, request)
    period, refused = figures.safe_period(page_request)
    team = figures.requested_team(page_request)
    teams = (team,) if team else None
    shown = headlines()
    if not shown:
        return _without_metrics(page_request)
    lead = shown[0]
    keys = tuple(m.key for m in shown)
    reached = attainment(page_request.actor, keys, period, "company", teams=teams)
    body = [
        *(
            [Problems(refused.problems, Text("周期无法识别", "This period is not valid"))]
            if refused
            else []
        ),
        _headlines(page_request, period, team, keys, reached),
        Grid(
            [
                (8, _trend(page_request, lead, shown, period, teams)),
                (4, _funnel(page_request) or ""),
                (8, _teams(page_request, lead, period, team)),
                (4, _alerts(page_request) or ""),
            ]
        ),
        _members(page_request, lead, shown, period, teams),
    ]
    return Page(
        Text("驾驶舱", "Cockpit"),
        [part for part in body if part is not None],
        step="measure",
        subtitle=_progress(period),
        aside=figures.picker(page_request, period, teams=True),
    ).response(page_request)


def headlines() -> list[MetricInfo]:
    """The metrics that lead: the first of the dictionary, in its order."""
    return list(metrics())[:HEADLINES]


def live() -> str:
    """The objects whose changes move the figures of the page."""
    every = {m.rule.definition.object for m in metrics(hidden=True)}
    return " ".join(sorted(key for key in every if key in snapshot().objects))


def _headlines(
    request: PageRequest,
    period: Period,
    team: int | None,
    keys: Sequence[str],
    reached: Attainment,
) -> Panel:
    teams = (team,) if team else None
    found = compare(request.actor, keys, period, teams=teams)
    pace = reached.progress.share
    return Panel(
        key="headlines",
        live=live(),
        flush=True,
        body=Stats([_stat(c, reached.total, pace, period, team) for c in found]),
    )


def _stat(
    found: Compared, total: AttainedRow, pace: Decimal | None, period: Period, team: int | None
) -> Stat:
    line = total.lines[found.metric.key]
    changes = (
        (Text("环比", "vs previous"), found.previous_change),
        (Text("同比", "vs last year"), found.year_ago_change),
    )
    return Stat(
        found.metric.label,
        figures.shown(found.metric, found.now.value, short=True),
        figures.unit(found.metric),
        deltas=[(versus, change) for versus, change in changes if change is not None],
        better=found.metric.better,
        target=line.attainment,
        pace=pace if line.expected is not None else None,
        url=figures.link(found.metric.key, period, team=team),
    )


def _progress(period: Period) -> Text | str:
    progress = time_progress(period)
    if progress.share is None or not progress.remaining:
        return period.label()
    return Text(
        "{p} · 时间进度 {s}，还剩 {n} 个工作日", "{p} · {s} of the time gone, {n} working days left"
    ).format(p=period.label(), s=show.percent(progress.share, 0), n=progress.remaining)


def _beside(requested: Sequence[MetricInfo], points: Sequence[Any]) -> list[MetricInfo]:
    """The lead, and the first beside it whose line would not lie on the ground."""
    lead, *others = requested

    def top(m: MetricInfo) -> Any:
        return max((abs(cells[m.key].value or 0) for _, cells in points), default=0)

    return [lead, *[m for m in others if top(m) * FLAT >= top(lead)][:1]]


def _trend(
    request: PageRequest,
    lead: MetricInfo,
    shown: Sequence[MetricInfo],
    period: Period,
    teams: Sequence[int] | None,
) -> Panel:
    end = Period.of("month", period.last)
    months = [end]
    while len(months) < MONTHS:
        months.insert(0, months[0].previous())
    alike = [m for m in shown if m.unit == lead.unit and not (is_derived(m) or is_stock(m))]
    requested = [lead, *(m for m in alike if m is not lead)][:CANDIDATES]
    points = series(request.actor, tuple(m.key for m in requested), months, teams=teams)
    money = _beside(requested, points)
    team = teams[0] if teams else None
    drawn = [
        {
            "name": str(m.label),
            "type": "bar" if n == 0 else "line",
            "data": [
                {
                    "value": figures.charted(m, cells[m.key].value),
                    "url": figures.link(m.key, month, team=team),
                }
                for month, cells in points
            ],
        }
        for n, m in enumerate(money)
    ]
    if not any(d["value"] for one in drawn for d in cast(Any, one["data"])):
        return Panel(Text("走势", "Trend"), nothing_yet(lead), key="trend")
    option = {
        "tooltip": {"trigger": "axis"},
        "legend": {},
        "xAxis": {"type": "category", "data": [f"{m.start:%Y-%m}" for m in months]},
        "yAxis": {"type": "value"},
        "series": drawn,
    }
    last = figures.shown(lead, points[-1][1][lead.key].value)
    summary = Text("{m}近 13 个月走势，最近一个月 {v}", "{m} over 13 months; the latest is {v}")
    return Panel(
        Text("走势", "Trend"),
        Chart(
            option,
            unit=figures.chart_unit(lead),
            height=300,
            summary=summary.format(m=lead.label, v=last),
        ),
        key="trend",
    )


def nothing_yet(metric: MetricInfo) -> Empty:
    """In place of a chart without a single figure: where the first one comes from."""
    spec = snapshot().objects.get(metric.rules[-1].definition.object) if metric.rules else None
    new = Text("新建{o}", "New {o}").format(o=spec.label) if spec else None
    return Empty(
        Text("近 13 个月还没有数据", "Nothing in the last 13 months"),
        Text("导入历史数据，或者录入第一条。", "Import what was, or record the first one."),
        icon="chart-bar",
        actions=[
            Action(Text("导入表格", "Import a spreadsheet"), "/import", icon="table-import"),
            *([Action(new, f"/o/{spec.key}/new", icon="plus")] if spec and new else []),
        ],
    )


def _teams(request: PageRequest, lead: MetricInfo, period: Period, team: int | None) -> Panel:
    teams = (team,) if team else None
    found = attainment(request.actor, (lead.key,), period, "team", teams=teams)
    rows = [r for r in found.rows if r.key and r.lines[lead.key].actual.value]
    leaves = [r for r in rows if r.lines[lead.key].target or r.key != team]
    shown = set(_topmost([r.key for r in leaves]))
    columns = [
        Column(Text("团队", "Team"), lambda r: r.label),
        figures.column(
            lead,
            lambda r: r.lines[lead.key].actual.value,
            url=lambda r: figures.link(lead.key, period, team=r.key),
        ),
        *_attained(lead.key, found),
    ]
    return Panel(
        Text("团队对比", "Teams"),
        Table(
            columns,
            [r for r in leaves if r.key in shown],
            empty=Empty(Text("本期还没有业绩", "Nothing in this period yet"), small=True),
        ),
        key="teams",
        note=lead.label,
        foot=_all_teams(len(leaves)),
    )


def _topmost(teams: Sequence[int]) -> list[int]:
    """Of many teams those nearest to the top: they hold the figures of the others."""
    depth = {node.id: len(node.path) for node in people.tree(active=None)}
    return sorted(teams, key=lambda t: depth.get(t, 0))[:TEAMS_SHOWN]


def _all_teams(count: int) -> Raw | None:
    if count <= TEAMS_SHOWN:
        return None
    words = Text("全部 {n} 个团队", "All {n} teams").format(n=count)
    return Raw(
        "parts/measure/all.html", url="/leaderboard?board=team_sales_month&all=1", label=words
    )


def _attained(key: str, found: Attainment) -> list[Column]:
    """The ratio reached as a bar, with the mark where time is, and as a number."""

    def bar(row: AttainedRow) -> Bar | str:
        reached = row.lines[key].attainment
        return show.NONE if reached is None else Bar(reached, found.progress.share, row.label)

    return [
        Column(Text("完成率", "Attained"), lambda r: r.lines[key].attainment, "percent"),
        Column("", bar, "bar"),
    ]


def _members(
    request: PageRequest,
    lead: MetricInfo,
    shown: Sequence[MetricInfo],
    period: Period,
    teams: Sequence[int] | None,
) -> Panel:
    """The first by the leading metric, with all their figures."""
    every = metric_figures(request.actor, (lead.key,), period, "member", teams=teams)
    ordered = sorted(
        (r for r in every.rows if r.key or r.cells[lead.key].count),
        key=lambda r: -(r.cells[lead.key].value or 0),
    )

    def first(row: AttainedRow) -> Any:
        return -(row.lines[lead.key].actual.value or 0)

    found = attainment(
        request.actor,
        tuple(m.key for m in shown),
        period,
        "member",
        members=[int_key(r.key) for r in ordered[:SHOWN] if r.key],
        teams=teams,
    )
    rows = sorted(
        (
            r
            for r in found.rows
            if any(line.actual.count or line.target for line in r.lines.values())
        ),
        key=first,
    )
    columns = [
        Column(Text("成员", "Member"), lambda r: r.label, "member"),
        _figure(lead, period),
        *_attained(lead.key, found),
        *(_figure(m, period) for m in shown if m.key != lead.key),
    ]
    without = len(lacking(request.actor, every, teams=teams)[lead.key])
    note: Any = ""
    if without:
        note = Text("{n} 人还没有目标", "{n} people have no target yet").format(n=without)
    return Panel(
        Text("成员", "People"),
        Table(
            columns,
            rows,
            empty=Empty(
                Text("本期还没有业绩", "Nothing in this period yet"),
                Text(
                    "录入合同、跟进或回款后会立即出现在这里。",
                    "It appears here as soon as a contract, follow-up or payment is recorded.",
                ),
            ),
        ),
        key="members",
        note=note,
        foot=_rest(lead, period, len(ordered)),
        actions=[Action(Text("设定目标", "Set targets"), "/targets", icon="target", style="ghost")],
    )


def _rest(lead: MetricInfo, period: Period, everybody: int) -> Raw | None:
    """The way to those who are not shown: a page's cost must not grow with the company."""
    if everybody <= SHOWN:
        return None
    words = Text("全部 {n} 人", "All {n} people").format(n=everybody)
    return Raw("parts/measure/all.html", url=figures.link(lead.key, period), label=words)


def _figure(metric: MetricInfo, period: Period) -> Column:
    def read(row: AttainedRow) -> Any:
        return row.lines[metric.key].actual.value

    def url(row: AttainedRow) -> str:
        return figures.link(metric.key, period, member=row.key)

    return figures.column(metric, read, url=url)


def _funnel(request: PageRequest) -> Panel | None:
    found = funnel_of(request)
    if found is None:
        return None
    return Panel(
        Text("当前漏斗", "Pipeline now"),
        found,
        key="funnel",
        live=spec.key if (spec := pipeline(request)) else "",
        actions=[Action(Text("打开", "Open"), "/funnel", style="ghost")],
    )


def _alerts(request: PageRequest) -> Panel | None:
    counts = [c for c in alerts.counts(request.actor) if c.count]
    if not counts:
        return None
    columns = [
        Column(Text("预警", "Alert"), lambda c: c.rule.label),
        Column(Text("条数", "Count"), lambda c: c.count, "number"),
        Column(Text("最早", "Oldest"), lambda c: c.oldest, "date"),
    ]
    return Panel(
        Text("需要介入", "Needs attention"),
        Table(columns, counts, row_url=lambda c: f"/alerts?rule={c.rule.key}"),
        key="alerts",
    )


def _without_metrics(request: PageRequest) -> HttpResponse:
    packs = Action(Text("选择配置包", "Choose a pack"), "/setup/packs", icon="package")
    return Page(
        Text("驾驶舱", "Cockpit"),
        [
            Empty(
                Text("还没有指标", "No metrics yet"),
                Text(
                    "安装销售包，或自己定义第一个指标。",
                    "Install the sales pack, or define the first metric.",
                ),
                actions=[packs] if request.policy.may_setup("packs") else [],
            )
        ],
        step="measure",
    ).response(request)


urlpatterns = [path("cockpit", page, name="cockpit")]
NAV = (Entry("measure", Text("驾驶舱", "Cockpit"), "/cockpit", "gauge", position=1),)
