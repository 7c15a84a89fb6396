"""The metric dictionary, and the glass box: a figure opened into rule, parts and records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.calendar.types import Period
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.types import Missing, Problem, Text
from wubu.measure.figures.queries import (
    dictionary,
    explain,
    is_stock,
    metrics,
    rule_in_words,
    sees,
    series,
)
from wubu.measure.figures.queries import (
    figures as figures_of,
)
from wubu.measure.metrics.definition import BETTER
from wubu.measure.metrics.types import EntryView, Explanation, MetricInfo, Part, Row
from wubu.web import figures
from wubu.web.entries import Entry
from wubu.web.pages.measure.cockpit import nothing_yet
from wubu.web.ui import (
    Action,
    Attr,
    Attrs,
    Chart,
    Column,
    Crumb,
    Empty,
    Grid,
    Note,
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
from wubu.web.ui.asking import whole

MONTHS = 13


def every(request: HttpRequest) -> HttpResponse:
    """Every metric with its rule in words and what it is good for."""
    page_request = cast(PageRequest, request)
    rows = [m for m in metrics() if not m.hidden]
    may = page_request.policy.may_setup("metrics")
    retired = [m for m in metrics(retired=True) if m.retired] if may else []
    columns = [
        Column(Text("指标", "Metric"), lambda m: m.label),
        Column(Text("规则", "Rule"), lambda m: rule_in_words(m.key)),
        Column(Text("设定原则", "Principle"), lambda m: str(m.principle)),
        Column(Text("适用场景", "Context"), lambda m: str(m.scene)),
        Column(Text("工具推荐", "Tools"), lambda m: str(m.tools)),
        Column(Text("管理价值", "Management value"), lambda m: str(m.worth)),
    ]
    broken = [
        Note(
            Text("指标“{m}”的规则不再适用：{p}", "The rule of “{m}” no longer fits: {p}").format(
                m=key, p=problems[0].message
            ),
            "warn",
        )
        for key, problems in dictionary().broken.items()
    ]
    return Page(
        Text("指标字典", "Metric dictionary"),
        [
            *broken,
            Panel(body=Table(columns, rows, row_url=lambda m: f"/metrics/{m.key}"), flush=True),
            *([_retired(retired)] if retired else []),
        ],
        step="measure",
        subtitle=Text(
            "每个指标怎么算、从哪来、看什么；点开看当前数字和背后的记录。",
            "How each metric is worked out and what it tells; open one for its figure and records.",
        ),
        actions=[Action(Text("新指标", "New metric"), "/setup/metrics/new", icon="plus")]
        if may
        else [],
    ).response(page_request)


def _retired(found: list[MetricInfo]) -> Panel:
    columns = [
        Column(Text("指标", "Metric"), lambda m: m.label),
        Column(Text("规则", "Rule"), lambda m: rule_in_words(m.key)),
    ]
    table = Table(columns, found, row_url=lambda m: f"/setup/metrics/{m.key}")
    return Panel(Text("已停用", "Disabled"), table, key="retired", flush=True)


def one(request: HttpRequest, key: str) -> HttpResponse:
    """One figure: rule, parts, people, records."""
    page_request = cast(PageRequest, request)
    period, refused = figures.safe_period(page_request)
    member, team = _whose(page_request)
    found = explain(
        page_request.actor,
        key,
        period,
        member=member,
        team=team,
        cursor=page_request.GET.get("cursor", ""),
    )
    metric = found.metric
    body = [
        *(
            [Problems(refused.problems, Text("周期无法识别", "This period is not valid"))]
            if refused
            else []
        ),
        Grid(
            [
                (5, [_figure(found), _rule(found)]),
                (7, [_trend(page_request, metric, period, member, team)]),
            ]
        ),
        *_warnings(found),
        _parts(page_request, found, member, team),
        _entries(page_request, found),
    ]
    return Page(
        metric.label,
        [part for part in body if part is not None],
        step="measure",
        subtitle=Text("{w} · {p}", "{w} · {p}").format(w=found.who, p=period.label()),
        crumbs=[Crumb(Text("指标字典", "Metric dictionary"), "/metrics/")],
        actions=[Action(Text("修改", "Change"), f"/setup/metrics/{key}", icon="settings")]
        if page_request.policy.may_setup("metrics")
        else [],
        aside=figures.picker(page_request, period, teams=member is None),
    ).response(page_request)


def _whose(request: PageRequest) -> tuple[int | None, int | None]:
    """The member or team of the address. Raises Missing where they are out of sight."""
    member = whole(request.GET, "member")
    if member is not None:
        home = people.team_on([member], figures.requested_period(request).last).get(member)
        if not sees(request.actor).member(member, home):
            raise Missing(
                Problem("no_such_member", Text("没有这位成员。", "There is no such member."))
            )
        return member, None
    return None, figures.requested_team(request)


def _figure(found: Explanation) -> Panel:
    metric, cell = found.metric, found.figure
    items = [
        Stat(
            metric.label,
            figures.shown(metric, cell.value),
            figures.unit(metric),
            note=Text("共 {n} 笔", "{n} entries").format(n=show.number(found.total_entries)),
        )
    ]
    return Panel(body=Stats(items), flush=True)


def _rule(found: Explanation) -> Panel:
    metric = found.metric
    words = [
        Attr(Text("规则", "Rule"), found.rule, wide=True),
        Attr(Text("方向", "Direction"), BETTER.options[metric.better]),
        Attr(Text("负责人", "Owner"), str(metric.owner) or show.NONE),
        Attr(Text("数据来源", "Source"), str(metric.source) or show.NONE),
        Attr(Text("期间", "Period"), _state(found)),
        *(Attr(label, said) for label, said in _good_for(metric) if said.zh),
    ]
    if len(found.rules) > 1:
        told = [f"{show.date(day)}: {rule}" for day, rule in found.rules]
        words.append(Attr(Text("规则历史", "Rule by date"), "\n".join(told), wide=True))
    return Panel(Text("怎么算", "How it is worked out"), Attrs(words), key="rule")


def _good_for(metric: MetricInfo) -> tuple[tuple[Text, Text], ...]:
    return (
        (Text("用途", "Purpose"), metric.purpose),
        (Text("设定原则", "Principle"), metric.principle),
        (Text("适用场景", "Context"), metric.scene),
        (Text("工具推荐", "Tools"), metric.tools),
        (Text("管理价值", "Management value"), metric.worth),
    )


def _state(found: Explanation) -> Text:
    if found.closed:
        return Text("已关账，不再改写", "Closed: never rewritten")
    if is_stock(found.metric):
        return Text("当前存量", "As of now")
    return Text("未关账，实时更新", "Open: follows the records")


def _trend(
    request: PageRequest,
    metric: MetricInfo,
    period: Period,
    member: int | None,
    team: int | None,
) -> Panel:
    months = [Period.of("month", period.last)]
    while len(months) < MONTHS:
        months.insert(0, months[0].previous())
    points = series(
        request.actor,
        (metric.key,),
        months,
        members=None if member is None else (member,),
        teams=None if team is None else (team,),
    )
    data = [
        {
            "value": figures.charted(metric, cells[metric.key].value),
            "url": figures.link(metric.key, month, member=member, team=team),
        }
        for month, cells in points
    ]
    if not any(d["value"] for d in data):
        return Panel(Text("近 13 个月", "Last 13 months"), nothing_yet(metric), key="trend")
    ratio = metric.unit in ("ratio", "days", "points")
    option = {
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [f"{m.start:%Y-%m}" for m in months]},
        "yAxis": {"type": "value"},
        "series": [
            {
                "name": str(metric.label),
                "type": "line" if ratio else "bar",
                "showSymbol": ratio,
                "data": data,
            }
        ],
    }
    words = ", ".join(
        f"{m.start:%Y-%m} {figures.shown(metric, cells[metric.key].value)}"
        for m, cells in points[-3:]
    )
    return Panel(
        Text("近 13 个月", "Last 13 months"),
        Chart(option, unit=figures.chart_unit(metric), height=300, summary=words),
        key="trend",
    )


def _warnings(found: Explanation) -> list[Any]:
    notes = []
    if found.hidden:
        notes.append(
            Note(
                Text(
                    "其中 {n} 笔的记录您无权打开；它们计入合计，但不显示内容。",
                    "Of these, {n} belong to records you may not open: counted, but not shown.",
                ).format(n=show.number(found.hidden))
            )
        )
    if found.undated:
        notes.append(
            Note(
                Text(
                    "有 {n} 条记录符合规则，但缺少日期或数值，所以没有计入任何期间。",
                    "{n} records meet the rule but lack a date or value, so they are not counted.",
                ).format(n=show.number(found.undated)),
                "warn",
            )
        )
    return notes


def _parts(
    request: PageRequest, found: Explanation, member: int | None, team: int | None
) -> Grid | None:
    cells: list[tuple[int, Any]] = []
    if len(found.parts) > 1:
        columns = [
            Column(Text("组成", "Part"), lambda p: p.label),
            Column(Text("数值", "Value"), _part, align="end"),
            Column(Text("笔数", "Entries"), lambda p: p.count, "number"),
        ]

        def url(part: Part) -> str:
            return figures.link(part.metric, found.period, member=member, team=team)

        table = Table(columns, found.parts, row_url=url)
        cells.append((5, Panel(Text("由什么组成", "Breakdown"), table, key="parts")))
    if member is None:
        cells.append((12 - (5 if cells else 0), _members(request, found, team)))
    return Grid(cells) if cells else None


def _part(part: Part) -> str:
    if part.unit == "money":
        return show.money(part.value)
    return show.number(Decimal(part.value).scaleb(-part.scale), part.scale)


def _members(request: PageRequest, found: Explanation, team: int | None) -> Panel:
    metric, period = found.metric, found.period
    rows = [
        r
        for r in figures_of(
            request.actor,
            (metric.key,),
            period,
            "member",
            teams=None if team is None else (team,),
        ).rows
        if r.cells[metric.key].count or r.cells[metric.key].denominator
    ]
    rows.sort(key=lambda r: -(r.cells[metric.key].value or 0))
    columns = [
        Column(Text("成员", "Member"), lambda r: r.label, "member"),
        figures.column(metric, lambda r: r.cells[metric.key].value),
        Column(Text("笔数", "Entries"), lambda r: r.cells[metric.key].count, "number"),
    ]

    def url(row: Row) -> str:
        return figures.link(metric.key, period, member=int_of(row.key), team=team)

    table = Table(
        columns,
        rows,
        row_url=url,
        empty=Empty(Text("本期没有记录", "No records in this period"), small=True),
    )
    return Panel(Text("按成员", "By person"), table, key="members", scroll=True)


def int_of(key: Any) -> int:
    """A member's id out of a row's key."""
    return int(key)


def _entries(request: PageRequest, found: Explanation) -> Panel:
    objects = snapshot().objects
    infos = {m.key: m for m in metrics(hidden=True, retired=True)}
    names = people.names({e.member_id for e in found.entries if e.member_id})

    def record(entry: EntryView) -> Any:
        label = objects[entry.object_key].label if entry.object_key in objects else entry.object_key
        if entry.title is None:
            return Text("{o}（无权查看）", "{o} (not visible to you)").format(o=label)
        return entry.title or f"{label} #{entry.record_id}"

    def value(entry: EntryView) -> str:
        return figures.shown(infos[entry.metric], entry.value)

    columns = [
        Column(Text("日期", "Day"), lambda e: e.day, "date"),
        Column(
            Text("记录", "Record"),
            record,
            url=lambda e: f"/o/{e.object_key}/{e.record_id}" if e.title is not None else "",
        ),
        Column(
            Text("成员", "Member"),
            lambda e: names.get(e.member_id, str(Text("未分配", "Unassigned"))),
            "member",
        ),
        Column(Text("计入", "Counts for"), lambda e: infos[e.metric].label),
        Column(Text("数值", "Value"), value, align="end"),
        Column(Text("说明", "Note"), lambda e: _note(e)),
    ]
    foot = None
    if found.next_cursor:
        query = {**request.GET.dict(), "cursor": found.next_cursor}
        foot = Raw("parts/measure/more.html", url=f"?{urlencode(query)}")
    return Panel(
        Text("背后的记录", "The records behind it"),
        Table(
            columns,
            found.entries,
            empty=Empty(Text("本期没有记录", "No records in this period"), small=True),
        ),
        key="entries",
        note=Text("{n} 笔", "{n} entries").format(n=show.number(found.total_entries)),
        foot=foot,
    )


def _note(entry: EntryView) -> Any:
    if entry.of_day is not None:
        return Text("更正 {d}", "Corrects {d}").format(d=show.date(entry.of_day))
    return entry.note or ""


urlpatterns = [
    path("metrics/", every, name="metrics"),
    path("metrics/<slug:key>", one, name="metric"),
]
NAV = (
    Entry(
        "measure",
        Text("指标字典", "Metric dictionary"),
        "/metrics/",
        "ruler-2",
        position=5,
        also=("/setup/metrics",),
    ),
)
