"""复盘 Reviews: a closed month with pinned figures, what was found, why, and what will be done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.improve.actions import actions as acts
from wubu.improve.actions import queries as acts_queries
from wubu.improve.reviews import actions, queries
from wubu.improve.reviews.types import Pinned, PinnedRow, ReviewLine, ReviewView
from wubu.kernel.calendar.queries import today
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Conflict, Forbidden, Missing, Refused, Text
from wubu.measure.ledger import queries as ledger
from wubu.measure.ledger.actions import close_month, first_open_month, reopen_month
from wubu.measure.metrics.queries import metrics
from wubu.web import figures
from wubu.web.nav import Entry
from wubu.web.pages.action import action_form, action_table
from wubu.web.pages.cockpit import headlines
from wubu.web.ui import (
    Action,
    Bar,
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
    Table,
    redirect,
    show,
)
from wubu.web.ui.asking import Ask, Form, day, whole

STATES = {
    "open": Text("进行中", "Open"),
    "signed": Text("已签字", "Signed"),
}
PROSE = (
    ("findings", Text("发现了什么", "Findings")),
    ("causes", Text("原因是什么", "Causes")),
    ("decisions", Text("决定", "Decisions")),
)


def every(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    """All reviews, the closing of months, and the actions that are still open."""
    asked = cast(PageRequest, request)
    lines = queries.reviews(asked.actor)
    may = asked.policy.may_setup("periods")
    body = [
        *([Problems(refused.problems, Text("没有关账", "Not closed"))] if refused else []),
        *([_closing()] if may else []),
        Grid([(7, _reviews(lines)), (5, _open_actions(asked))]),
    ]
    return Page(
        Text("复盘", "Reviews"),
        body,
        step="improve",
        subtitle=Text(
            "关账后数字定格，复盘在这里打开；每次复盘都要有发现、原因和行动。",
            "Closing a month pins its figures and opens its review: findings, causes, actions.",
        ),
    ).response(asked, 422 if refused else 200)


def _closing() -> Panel:
    month = first_open_month()
    over = month.end <= today()
    words = (
        Text(
            "{m}已经结束，可以关账。关账后数字不再改写，并打开复盘。",
            "{m} is over and can be closed: its figures are pinned and the review opens.",
        )
        if over
        else Text(
            "{m}还没有结束，月底后可以关账。",
            "{m} is not over yet; it can be closed after its end.",
        )
    ).format(m=month.label())
    last = next((c for c in ledger.closings() if c.is_closed), None)
    actions_ = []
    if over:
        actions_.append(
            Action(
                Text("关账 {m}", "Close {m}").format(m=month.label()),
                f"/review/close/{month.key}",
                icon="lock",
                style="primary",
                post=True,
                confirm=Text(
                    "确定关账吗？之后的更正会记入下个月。",
                    "Close the month? Later corrections count in the next.",
                ),
            )
        )
    if last is not None:
        actions_.append(
            Action(
                Text("重新打开 {m}", "Reopen {m}").format(m=last.month.label()),
                f"/review/reopen/{last.month.key}",
                icon="lock-open",
                style="ghost",
            )
        )
    return Panel(Text("关账", "Closing"), words, key="closing", actions=actions_)


def _reviews(lines: tuple[ReviewLine, ...]) -> Panel:
    columns = [
        Column(Text("月份", "Month"), lambda r: Period.of("month", r.month).label()),
        Column(Text("范围", "Of"), lambda r: r.team_name or Text("全公司", "Company")),
        Column(Text("状态", "State"), _state),
        Column(
            Text("行动", "Actions"),
            lambda r: (
                f"{r.actions_all - r.actions_open}/{r.actions_all}" if r.actions_all else show.NONE
            ),
        ),
    ]
    empty = Empty(
        Text("还没有复盘", "No reviews yet"),
        Text("第一次关账后，复盘会自动打开。", "The first one opens when a month is closed."),
        icon="refresh",
        small=True,
    )
    return Panel(
        Text("复盘", "Reviews"),
        Table(columns, lines, row_url=lambda r: f"/review/{r.id}", empty=empty),
        key="reviews",
    )


def _state(line: ReviewLine) -> str:
    said = str(STATES[line.state])
    if line.round > 1:
        said += str(Text(" · 第 {n} 次", " · round {n}").format(n=line.round))
    if line.reopened:
        said += str(Text(" · 月份已重新打开", " · month reopened"))
    return said


def _open_actions(request: PageRequest) -> Panel:
    found = acts_queries.actions(request.actor, state="open", limit=30)
    return Panel(
        Text("未完成的改进行动", "Open actions"),
        action_table(found),
        key="actions",
    )


def one(
    request: HttpRequest, review_id: int, refused: Refused | None = None, form: str = ""
) -> HttpResponse:
    """One review."""
    asked = cast(PageRequest, request)
    review = queries.review(asked.actor, review_id)
    month = Period.of("month", review.month)
    found = acts_queries.actions(asked.actor, review_id=review.id)
    body = [
        *([Problems(refused.problems)] if refused else []),
        *_round(review),
        _pinned(review, month),
        Grid(
            [
                (6, _rows(Text("团队", "Teams"), "team", review.teams, month)),
                (6, _rows(Text("成员", "People"), "member", review.members, month)),
            ]
        ),
        Grid(
            [
                (6, _prose(asked, review, refused if form == "prose" else None)),
                (
                    6,
                    [
                        Panel(Text("改进行动", "Actions"), action_table(found), key="actions"),
                        *_new_action(asked, review, refused if form == "action" else None),
                    ],
                ),
            ]
        ),
    ]
    title = Text("{m}复盘", "Review of {m}").format(m=month.label())
    acts_ = []
    if review.may_edit:
        acts_.append(
            Action(
                Text("签字结束", "Sign off"),
                f"/review/{review.id}/sign",
                icon="signature",
                style="primary",
                post=True,
            )
        )
    return Page(
        title,
        body,
        step="improve",
        subtitle=review.team_name or Text("全公司", "The whole company"),
        crumbs=[Crumb(Text("复盘", "Reviews"), "/review/")],
        actions=acts_,
    ).response(asked, (409 if isinstance(refused, Conflict) else 422) if refused else 200)


def _round(review: ReviewView) -> list[Any]:
    notes = []
    if review.round > 1:
        notes.append(
            Note(
                Text(
                    "这个月曾重新打开，这是第 {n} 次关账的数字。",
                    "The month was reopened; these are the figures of closing {n}.",
                ).format(n=review.round)
            )
        )
    if review.state == "signed":
        notes.append(
            Note(
                Text("{w} 于 {d} 签字。", "Signed by {w} on {d}.").format(
                    w=review.signed_by or "–", d=show.moment(review.signed_at)
                ),
                "good",
            )
        )
    return notes


def _pinned(review: ReviewView, month: Period) -> Panel:
    infos = {m.key: m for m in metrics(hidden=True, retired=True)}
    rows = [f for f in review.figures if f.metric in infos]

    def value(name: str) -> Any:
        def read(f: Pinned) -> str:
            number = getattr(f, name)
            return figures.shown(infos[f.metric], number)

        return read

    columns = [
        Column(Text("指标", "Metric"), lambda f: f.label),
        Column(Text("本月", "This month"), value("value"), align="end"),
        Column(Text("目标", "Target"), value("target"), align="end"),
        Column(Text("完成率", "Attained"), lambda f: f.attainment, "percent"),
        Column(
            "",
            lambda f: Bar(f.attainment, label=f.label) if f.attainment is not None else "\u00a0",
            "bar",
        ),
        Column(Text("上月", "Previous"), value("previous"), align="end"),
        Column(
            Text("环比", "Change"),
            lambda f: Raw("parts/delta.html", value=f.previous_change, better=f.better),
            align="end",
        ),
        Column(Text("去年同月", "Last year"), value("year_ago"), align="end"),
        Column(
            Text("同比", "Change"),
            lambda f: Raw("parts/delta.html", value=f.year_ago_change, better=f.better),
            align="end",
        ),
    ]

    def url(f: Pinned) -> str:
        return figures.link(f.metric, month, team=review.team_id or None)

    return Panel(
        Text("定格的数字", "Pinned figures"),
        Table(columns, rows, row_url=url),
        key="pinned",
        note=Text("关账时的数字，以后不变", "as they stood at closing; they never change"),
    )


def _rows(title: Text, kind: str, rows: tuple[PinnedRow, ...], month: Period) -> Panel:
    shown = headlines()[:4]

    columns = [
        Column(title, lambda r: r.name, "member" if kind == "member" else "text"),
        *(figures.column(m, _reader(m.key)) for m in shown),
    ]
    busy = [r for r in rows if any(r.values.get(m.key) for m in shown)]
    lead = shown[0].key if shown else ""
    busy.sort(key=lambda r: -(r.values.get(lead) or Decimal(0)))

    def url(r: PinnedRow) -> str:
        return figures.link(lead, month, **{kind: r.id})

    return Panel(title, Table(columns, busy, row_url=url), key=kind, scroll=True)


def _reader(key: str) -> Any:
    return lambda r: r.values.get(key)


def _prose(request: PageRequest, review: ReviewView, refused: Refused | None) -> Panel:
    if not review.may_edit:
        return Panel(
            Text("结论", "Conclusions"),
            Raw("parts/prose.html", items=[(label, getattr(review, key)) for key, label in PROSE]),
            key="prose",
        )
    form = Form(
        f"/review/{review.id}/write",
        [Ask(key, label, "textarea", getattr(review, key), wide=True) for key, label in PROSE],
        extra={"version": str(review.version)},
    )
    if refused is not None:
        form.answered(request.POST, refused)
    if isinstance(refused, Conflict):
        for ask in form.asks:
            theirs = str(refused.theirs.get(ask.name) or "")
            if theirs and theirs != ask.value:
                ask.help = Text("对方保存的：{t}", "What they saved: {t}").format(t=theirs)
    return Panel(Text("结论", "Conclusions"), form, key="prose")


def _new_action(request: PageRequest, review: ReviewView, refused: Refused | None) -> list[Panel]:
    if not review.may_edit:
        return []
    form = action_form(request, f"/review/{review.id}/action")
    if refused is not None:
        form.answered(request.POST, refused)
    return [Panel(Text("添加行动", "Add an action"), form, key="new-action")]


@require_POST
def write(request: HttpRequest, review_id: int) -> HttpResponse:
    asked = cast(PageRequest, request)
    version = asked.POST.get("version", "")
    prose = {key: asked.POST.get(key, "") for key, _ in PROSE}
    try:
        actions.write(
            review_id,
            actor=asked.actor,
            version=int(version) if version.isdigit() else None,
            **prose,
        )
    except (Forbidden, Missing):
        raise
    except Refused as refused:
        return one(request, review_id, refused, "prose")
    return redirect(f"/review/{review_id}", Text("已保存。", "Saved."))


@require_POST
def sign(request: HttpRequest, review_id: int) -> HttpResponse:
    asked = cast(PageRequest, request)
    try:
        actions.sign(review_id, actor=asked.actor)
    except (Forbidden, Missing):
        raise
    except Refused as refused:
        return one(request, review_id, refused)
    return redirect(f"/review/{review_id}", Text("复盘已签字。", "The review is signed."))


@require_POST
def add_action(request: HttpRequest, review_id: int) -> HttpResponse:
    asked = cast(PageRequest, request)
    review = queries.review(asked.actor, review_id)
    if not review.may_edit:
        return redirect(f"/review/{review_id}")
    try:
        acts.create(
            actor=asked.actor,
            title=asked.POST.get("title", ""),
            owner_id=whole(asked.POST, "owner_id"),
            due_on=day(asked.POST, "due_on"),
            detail=asked.POST.get("detail", ""),
            review_id=review.id,
            team_id=review.team_id,
            metric_key=asked.POST.get("metric_key", ""),
        )
    except Refused as refused:
        return one(request, review_id, refused, "action")
    return redirect(f"/review/{review_id}", Text("行动已添加。", "The action is added."))


@require_POST
def close(request: HttpRequest, month: str) -> HttpResponse:
    asked = cast(PageRequest, request)
    try:
        close_month(actor=asked.actor, month=Period.parse(month))
    except Forbidden:
        raise
    except Refused as refused:
        return every(request, refused)
    found = queries.reviews(asked.actor, month=Period.parse(month).start)
    url = f"/review/{found[0].id}" if found else "/review/"
    return redirect(url, Text("已关账，复盘已打开。", "Closed; the review is open."))


def reopen(request: HttpRequest, month: str) -> HttpResponse:
    """Open a closed month again: asks for the reason."""
    asked = cast(PageRequest, request)
    period = Period.parse(month)
    form = Form(
        f"/review/reopen/{month}",
        [
            Ask(
                "reason",
                Text("为什么重新打开", "Why it is reopened"),
                "textarea",
                required=True,
                wide=True,
            )
        ],
        submit=Text("重新打开", "Reopen"),
    )
    refused: Refused | None = None
    if asked.method == "POST":
        try:
            reopen_month(actor=asked.actor, month=period, reason=asked.POST.get("reason", ""))
        except Forbidden:
            raise
        except Refused as wrong:
            refused = wrong
            form.answered(asked.POST, wrong)
        else:
            return redirect(
                "/review/", Text("{m}已重新打开。", "{m} is open again.").format(m=period.label())
            )
    return Page(
        Text("重新打开{m}", "Reopen {m}").format(m=period.label()),
        [*([Problems(refused.problems)] if refused else []), Panel(body=form)],
        step="improve",
        subtitle=Text(
            "已有的复盘保持不变；再次关账会另开一次复盘。",
            "Reviews that exist stay as they are; closing again opens another beside them.",
        ),
        crumbs=[Crumb(Text("复盘", "Reviews"), "/review/")],
    ).response(asked, 422 if refused else 200)


urlpatterns: list[Any] = [
    path("review/", every, name="reviews"),
    path("review/<int:review_id>", one, name="review"),
    path("review/<int:review_id>/write", write, name="review-write"),
    path("review/<int:review_id>/sign", sign, name="review-sign"),
    path("review/<int:review_id>/action", add_action, name="review-action"),
    path("review/close/<str:month>", close, name="review-close"),
    path("review/reopen/<str:month>", reopen, name="review-reopen"),
]
NAV = (Entry("improve", Text("复盘", "Reviews"), "/review/", "refresh", position=1),)
