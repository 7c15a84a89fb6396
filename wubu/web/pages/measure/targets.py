"""目标 Targets: per person and month, with team sums; typed or pasted, never rewritten."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.calendar.types import Period
from wubu.kernel.people import queries as people
from wubu.kernel.types import Forbidden, Missing, Problem, Refused, Text
from wubu.measure.figures.queries import figures as figures_of
from wubu.measure.figures.queries import metric as metric_of
from wubu.measure.figures.queries import metrics, sees
from wubu.measure.ledger.queries import open_from
from wubu.measure.metrics.types import MetricInfo
from wubu.measure.targets import actions, queries
from wubu.measure.targets.grid import parse_grid
from wubu.measure.targets.types import TargetDraft
from wubu.web import figures
from wubu.web.entries import Entry
from wubu.web.ui import (
    Crumb,
    Empty,
    Note,
    Page,
    PageRequest,
    Panel,
    Problems,
    Raw,
    Tab,
    redirect,
    show,
)
from wubu.web.ui.asking import Ask, Form, whole_of

MONTHS = 12
SAVED = Text(
    "目标已保存：新增 {c}，修改 {u}，删除 {r}。",
    "Targets saved: {c} new, {u} changed, {r} removed.",
)


def page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    page_request = cast(PageRequest, request)
    shown = [m for m in metrics() if not m.hidden]
    if not shown:
        empty = Empty(Text("还没有指标", "No metrics yet"), icon="target")
        return Page(Text("目标", "Targets"), [empty], step="measure").response(page_request)
    metric = _metric(page_request, shown)
    year = _year(page_request)
    team = figures.requested_team(page_request)
    may = page_request.policy.may_setup("targets")
    body = [
        *([Problems(refused.problems)] if refused else []),
        *(
            []
            if may
            else [
                Note(
                    Text("您可以查看目标，但不能修改。", "You may see targets but not change them.")
                )
            ]
        ),
        Panel(
            Text("{m} · {y}", "{m} · {y}").format(m=metric.label, y=year.label()),
            Raw(
                "parts/measure/targets.html",
                **_sheet(page_request, metric, year, team, may, typed=refused is not None),
            ),
            key="sheet",
            flush=True,
            note=_unit(metric),
        ),
        *([_paste(page_request, metric, year, refused)] if may else []),
    ]
    return Page(
        Text("目标", "Targets"),
        body,
        step="measure",
        subtitle=Text(
            "团队和公司的目标是成员目标之和；修改会留下历史，已关账的月份不再改写。",
            "Team and company targets are the sum of people's; changes keep their history.",
        ),
        tabs=[
            Tab(m.label, f"?metric={m.key}&period={year.key}", m.key == metric.key)
            for m in shown[:8]
        ],
        aside=figures.picker(page_request, year, kinds=False, teams=True),
    ).response(page_request, 422 if refused else 200)


def save(request: HttpRequest) -> HttpResponse:
    """Cells as typed (``t-<member>-<month>``) or a pasted sheet; all or none."""
    page_request = cast(PageRequest, request)
    metric = _metric(page_request, [m for m in metrics() if not m.hidden])
    year = _year(page_request)
    try:
        text = page_request.POST.get("sheet", "")
        drafts = (
            parse_grid(text, metric.key, year.months())
            if text.strip()
            else _typed(page_request, metric)
        )
        done = actions.set_targets(
            actor=page_request.actor,
            drafts=drafts,
            reason=page_request.POST.get("reason", "").strip(),
        )
    except Forbidden:
        raise
    except Refused as refused:
        return page(request, refused)
    query = page_request.GET.urlencode()
    return redirect(
        f"/targets?{query}", SAVED.format(c=done.created, u=done.updated, r=done.removed)
    )


def _metric(request: PageRequest, shown: list[MetricInfo]) -> MetricInfo:
    wanted = request.GET.get("metric") or request.POST.get("metric")
    return next((m for m in shown if m.key == wanted), shown[0])


def _year(request: PageRequest) -> Period:
    period, _ = figures.safe_period(request, "year")
    return Period.of("year", period.last, period.fiscal_start)


def _unit(metric: MetricInfo) -> Text:
    words = {
        "money": Text("单位：元", "in yuan"),
        "ratio": Text("单位：%", "in %"),
        "days": Text("单位：天", "in days"),
        "count": Text("单位：个", "a count"),
    }
    return words.get(metric.unit, Text("单位：分", "in points"))


def _sheet(
    request: PageRequest,
    metric: MetricInfo,
    year: Period,
    team: int | None,
    may: bool,
    *,
    typed: bool,
) -> dict[str, Any]:
    """The sheet; with ``typed``, as it was sent, for what was typed is never thrown away."""
    months = year.months()
    first_open = open_from()

    def closed(month: Period) -> bool:
        return first_open is not None and month.start < first_open

    teams = (team,) if team else None
    every = queries.targets((metric.key,), year)
    actual = figures_of(request.actor, (metric.key,), year, "member", teams=teams)
    here = {int(str(row.key)) for row in actual.rows}
    values = {(who, at): v for (_, who, at), v in every.items() if who in here}
    rows = []
    for row in actual.rows:
        member = int(str(row.key))
        if not member:
            continue
        cells = [
            {
                "name": (name := f"t-{member}-{m.start:%Y-%m}"),
                "value": request.POST[name]
                if typed and name in request.POST
                else _typed_form(metric, values.get((member, m.start))),
                "shown": _shown(metric, values.get((member, m.start))),
                "closed": closed(m),
                "past": f"/targets/{metric.key}/{member}/{m.start:%Y-%m}"
                if (member, m.start) in values
                else "",
            }
            for m in months
        ]
        raw = [v for m in months if (v := values.get((member, m.start))) is not None]
        total = _shown(metric, sum(raw)) if raw and _adds(metric) else ""
        rows.append({"id": member, "name": str(row.label), "cells": cells, "total": total})
    sums = []
    for m in months:
        month = [v for (_, at), v in values.items() if at == m.start]
        sums.append(_shown(metric, sum(month)) if month and _adds(metric) else "")
    return {
        "metric": metric,
        "months": [(m, closed(m)) for m in months],
        "rows": rows,
        "sums": sums,
        "may": may,
        "adds": _adds(metric),
        "query": request.GET.urlencode(),
    }


def _adds(metric: MetricInfo) -> bool:
    return metric.unit in ("money", "count", "number")


def _typed_form(metric: MetricInfo, value: int | None) -> str:
    """As people type it: yuan, percent, days."""
    if value is None:
        return ""
    number = Decimal(value).scaleb(-queries.scale(metric))
    if metric.unit == "ratio":
        number *= 100
    return f"{number.normalize():f}"


def _shown(metric: MetricInfo, value: int | None) -> str:
    if value is None:
        return show.NONE
    number = Decimal(value).scaleb(-queries.scale(metric))
    if metric.unit == "ratio":
        return show.percent(number, 1)
    places = 0 if number == number.to_integral_value() else 2
    return show.number(number, places)


def _typed(request: PageRequest, metric: MetricInfo) -> list[TargetDraft]:
    drafts: list[TargetDraft] = []
    wrong: list[Problem] = []
    for name, raw in request.POST.items():
        if not name.startswith("t-"):
            continue
        who, _, month = name[2:].partition("-")
        member = whole_of(who)
        if member is None:
            continue
        text = str(raw).strip().replace(",", "").replace("，", "").rstrip("%")
        if not text:
            drafts.append(TargetDraft(metric.key, Period.parse(month), member, None))
            continue
        try:
            number = Decimal(text)
            if metric.unit == "ratio":
                number /= 100
            stored = number.scaleb(queries.scale(metric))
            if not stored.is_finite() or stored != stored.to_integral_value():
                raise ValueError(text)
        except (ArithmeticError, ValueError):
            wrong.append(_not_a_number(member, month, text))
            continue
        drafts.append(TargetDraft(metric.key, Period.parse(month), member, int(stored)))
    if wrong:
        raise Refused(*wrong)
    return drafts


def _not_a_number(member: int, month: str, text: str) -> Problem:
    name = people.names([member]).get(member, "?")
    return Problem(
        "not_a_number",
        Text("{n} {m} 的“{v}”不是数字。", "“{v}” for {n}, {m} is not a number.").format(
            n=name, m=month, v=text
        ),
        Text("例如 120000 或 12.5。", "For example 120000 or 12.5."),
        value=text,
    )


def _paste(
    request: PageRequest, metric: MetricInfo, year: Period, refused: Refused | None
) -> Panel:
    form = Form(
        f"/targets/save?{request.GET.urlencode()}",
        [
            Ask(
                "sheet",
                Text("从表格粘贴", "Paste from a spreadsheet"),
                "textarea",
                wide=True,
                placeholder=Text(
                    "姓名⇥1月⇥2月⇥3月…\n张伟⇥120000⇥120000⇥12万",
                    "Name⇥Jan⇥Feb⇥Mar…\nZhang Wei⇥120000⇥120000⇥12万",
                ),
                help=Text(
                    "每行一个人，后面依次是 12 个月；第一行可以写月份（2026-03）。"
                    "空格子表示取消目标。",
                    "One person a line, then the months; a first line may name them (2026-03). "
                    "An empty cell removes a target.",
                ),
            ),
            Ask(
                "reason",
                Text("原因", "Reason"),
                placeholder=Text("例如：年中调整", "e.g. mid-year change"),
            ),
        ],
        submit=Text("粘贴并保存", "Paste and save"),
        extra={"metric": metric.key},
    )
    if refused is not None:
        form.answered(request.POST, refused)
    return Panel(Text("批量设定", "Set many at once"), form, key="paste")


def history(request: HttpRequest, metric: str, member: int, month: str) -> HttpResponse:
    """Every time one target was set: by whom, when, why."""
    page_request = cast(PageRequest, request)
    at = Period.parse(month)
    home = people.team_on([member], at.last).get(member)
    if not sees(page_request.actor).member(member, home):
        raise Missing(Problem("no_target", Text("没有这个目标。", "There is no such target.")))
    info = metric_of(metric)
    versions = queries.history(metric, at, member)
    names = people.names({v.set_by for v in versions if v.set_by} | {member})
    rows = [
        {
            "when": v.set_at,
            "from": v.valid_from,
            "value": _shown(info, v.value),
            "by": names.get(v.set_by or 0, str(Text("系统", "the system"))),
            "reason": v.reason or "",
        }
        for v in reversed(versions)
    ]
    return Page(
        Text("目标设定记录", "History of this target"),
        [Panel(body=Raw("parts/measure/target_history.html", rows=rows), flush=True)],
        step="measure",
        subtitle=f"{names.get(member, '?')} · {info.label} · {at.label()}",
        crumbs=[Crumb(Text("目标", "Targets"), f"/targets?metric={metric}&period={at.key}")],
    ).response(page_request)


urlpatterns = [
    path("targets", page, name="targets"),
    path("targets/save", save, name="targets-save"),
    path("targets/<slug:metric>/<int:member>/<str:month>", history, name="target-history"),
]
NAV = (Entry("measure", Text("目标", "Targets"), "/targets", "target", position=3),)
