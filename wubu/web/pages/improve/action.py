"""改进行动 Actions: what shall be done, by whom, until when, and what it moved."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.improve.actions import actions as acts
from wubu.improve.actions import queries as acts_queries
from wubu.improve.actions.types import ActionView
from wubu.kernel.calendar.queries import period_of, today
from wubu.kernel.people import queries as people
from wubu.kernel.types import Refused, Text
from wubu.measure.figures.queries import metrics
from wubu.web import figures
from wubu.web.ui import (
    Column,
    Crumb,
    Empty,
    Page,
    PageRequest,
    Panel,
    Problems,
    Raw,
    Table,
    redirect,
    show,
)
from wubu.web.ui.asking import Ask, Form, attempt, day, whole

STATES = {
    "open": Text("进行中", "Open"),
    "done": Text("已完成", "Done"),
    "dropped": Text("已放弃", "Dropped"),
}


def action_table(found: tuple[ActionView, ...]) -> Table:
    columns = [
        Column(Text("行动", "Action"), lambda a: a.title),
        Column(Text("负责人", "Owner"), lambda a: a.owner_name, "member"),
        Column(Text("期限", "Due"), _due),
        Column(Text("效果", "Effect"), _effect, align="end"),
    ]
    empty = Empty(Text("没有行动", "No actions"), small=True)
    return Table(columns, found, row_url=lambda a: f"/actions/{a.id}", empty=empty)


def _due(action: ActionView) -> Any:
    if action.state != "open":
        return STATES[action.state]
    if action.days_late:
        return Text("{d}(逾期 {n} 天)", "{d} ({n} days late)").format(
            d=show.date(action.due_on), n=action.days_late
        )
    return show.date(action.due_on)


def _effect(action: ActionView) -> str:
    if action.metric is None or action.effect is None:
        return show.NONE
    sign = "+" if action.effect > 0 else ""
    return sign + figures.shown(action.metric, action.effect, short=True)


def action_form(request: PageRequest, action: str) -> Form:
    """What, who, until when, and which figure it should move."""
    members = [(str(p.id), p.name) for p in people.members()]
    figures_ = [
        ("", Text("不针对指标", "None")),
        *((m.key, m.label) for m in metrics() if not m.hidden),
    ]
    return Form(
        action,
        [
            Ask("title", Text("做什么", "What"), required=True, wide=True),
            Ask(
                "owner_id",
                Text("谁负责", "Who"),
                "select",
                options=[("", "–"), *members],
                required=True,
            ),
            Ask("due_on", Text("完成日期", "By when"), "date", required=True),
            Ask("metric_key", Text("希望改善", "Which figure"), "select", options=figures_),
            Ask("detail", Text("说明", "Detail"), "textarea", wide=True),
        ],
        submit=Text("添加", "Add"),
    )


def action(request: HttpRequest, action_id: int) -> HttpResponse:
    """One improvement action: how it stands, and ending it with an outcome."""
    page_request = cast(PageRequest, request)
    refused: Refused | None = None
    if page_request.method == "POST":
        _, refused = attempt(
            lambda: acts.update(
                action_id,
                actor=page_request.actor,
                version=whole(page_request.POST, "version"),
                title=page_request.POST.get("title"),
                detail=page_request.POST.get("detail"),
                owner_id=whole(page_request.POST, "owner_id"),
                due_on=day(page_request.POST, "due_on"),
                state=page_request.POST.get("state"),
                outcome=page_request.POST.get("outcome"),
            )
        )
        if refused is None:
            return redirect(f"/actions/{action_id}", Text("已保存。", "Saved."))
    found = acts_queries.action(page_request.actor, action_id)
    body: list[Any] = [*([Problems(refused.problems)] if refused else [])]
    if found.metric is not None:
        body.append(_moved(found))
    body.append(_action_panel(page_request, found, refused))
    crumbs = [Crumb(Text("复盘", "Reviews"), "/review/")]
    if found.review_id:
        crumbs.append(Crumb(Text("来自复盘", "From a review"), f"/review/{found.review_id}"))
    page = Page(found.title, body, step="improve", subtitle=_due(found), crumbs=crumbs)
    return page.response(page_request, refused.status if refused else 200)


def _moved(found: ActionView) -> Panel:
    metric = found.metric
    if metric is None:
        return Panel()
    month = period_of("month", today())
    row = {
        "url": figures.link(metric.key, month, team=found.team_id or None),
        "label": metric.label,
        "baseline": figures.shown(metric, found.baseline),
        "now": figures.shown(metric, found.now),
        "effect": _effect(found),
    }
    return Panel(Text("效果", "Effect"), Raw("parts/improve/effect.html", **row), key="effect")


def _action_panel(request: PageRequest, found: ActionView, refused: Refused | None) -> Panel:
    if not found.may_edit:
        items = [(Text("说明", "Detail"), found.detail), (Text("结果", "Outcome"), found.outcome)]
        return Panel(Text("行动", "Action"), Raw("parts/improve/prose.html", items=items))
    members = [(str(p.id), p.name) for p in people.members()]
    states = [(k, STATES[k]) for k in ("open", "done", "dropped")]
    form = Form(
        f"/actions/{found.id}",
        [
            Ask("title", Text("做什么", "What"), value=found.title, required=True, wide=True),
            Ask("owner_id", Text("谁负责", "Who"), "select", found.owner_id, members),
            Ask("due_on", Text("完成日期", "By when"), "date", found.due_on),
            Ask("detail", Text("说明", "Detail"), "textarea", found.detail, wide=True),
            Ask("state", Text("状态", "State"), "select", found.state, states),
            Ask(
                "outcome",
                Text("结果", "Outcome"),
                "textarea",
                found.outcome,
                help=Text("完成或放弃时必须写明。", "Required to complete or drop it."),
                wide=True,
            ),
        ],
        extra={"version": str(found.version)},
    )
    if refused is not None:
        form.answered(request.POST, refused)
    return Panel(Text("行动", "Action"), form)


urlpatterns = [path("actions/<int:action_id>", action, name="action")]
