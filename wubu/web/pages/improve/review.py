"""复盘 Reviews: a closed month with pinned figures, what was found, why, and what will be done."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.improve.actions import actions as acts
from wubu.improve.actions import queries as acts_queries
from wubu.improve.reviews import actions, queries
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import Refused, Text
from wubu.measure.ledger.actions import close_month, reopen_month
from wubu.web.entries import Entry
from wubu.web.pages.improve import review_parts as parts
from wubu.web.pages.improve.action import action_table
from wubu.web.ui import (
    Action,
    Crumb,
    Grid,
    Page,
    PageRequest,
    Panel,
    Problems,
    redirect,
)
from wubu.web.ui.asking import Ask, Form, attempt, day, whole


def every(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    """All reviews, the closing of months, and the actions that are still open."""
    page_request = cast(PageRequest, request)
    lines = queries.reviews(page_request.actor)
    may = page_request.policy.may_setup("periods")
    body = [
        *([Problems(refused.problems, Text("没有关账", "Not closed"))] if refused else []),
        *([parts.closing()] if may else []),
        Grid([(7, parts.review_table(lines)), (5, parts.open_actions(page_request))]),
    ]
    return Page(
        Text("复盘", "Reviews"),
        body,
        step="improve",
        subtitle=Text(
            "关账后数字定格，复盘在这里打开；每次复盘都要有发现、原因和行动。",
            "Closing a month pins its figures and opens its review: findings, causes, actions.",
        ),
    ).response(page_request, 422 if refused else 200)


def one(
    request: HttpRequest, review_id: int, refused: Refused | None = None, form: str = ""
) -> HttpResponse:
    """One review."""
    page_request = cast(PageRequest, request)
    review = queries.review(page_request.actor, review_id)
    month = Period.of("month", review.month)
    found = acts_queries.actions(page_request.actor, review_id=review.id)
    body = [
        *([Problems(refused.problems)] if refused else []),
        *parts.round_notes(review),
        parts.pinned(review, month),
        Grid(
            [
                (6, parts.pinned_rows(Text("团队", "Teams"), "team", review.teams, month)),
                (6, parts.pinned_rows(Text("成员", "People"), "member", review.members, month)),
            ]
        ),
        Grid(
            [
                (6, parts.prose(page_request, review, refused if form == "prose" else None)),
                (
                    6,
                    [
                        Panel(Text("改进行动", "Actions"), action_table(found), key="actions"),
                        *parts.new_action(
                            page_request, review, refused if form == "action" else None
                        ),
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
    ).response(page_request, refused.status if refused else 200)


@require_POST
def write(request: HttpRequest, review_id: int) -> HttpResponse:
    page_request = cast(PageRequest, request)
    prose = {key: page_request.POST.get(key, "") for key, _ in parts.PROSE}
    known = whole(page_request.POST, "version")
    _, refused = attempt(
        lambda: actions.write(review_id, actor=page_request.actor, version=known, **prose)
    )
    if refused is not None:
        return one(request, review_id, refused, "prose")
    return redirect(f"/review/{review_id}", Text("已保存。", "Saved."))


@require_POST
def sign(request: HttpRequest, review_id: int) -> HttpResponse:
    page_request = cast(PageRequest, request)
    _, refused = attempt(lambda: actions.sign(review_id, actor=page_request.actor))
    if refused is not None:
        return one(request, review_id, refused)
    return redirect(f"/review/{review_id}", Text("复盘已签字。", "The review is signed."))


@require_POST
def add_action(request: HttpRequest, review_id: int) -> HttpResponse:
    page_request = cast(PageRequest, request)
    review = queries.review(page_request.actor, review_id)
    if not review.may_edit:
        return redirect(f"/review/{review_id}")
    _, refused = attempt(
        lambda: acts.create(
            actor=page_request.actor,
            title=page_request.POST.get("title", ""),
            owner_id=whole(page_request.POST, "owner_id"),
            due_on=day(page_request.POST, "due_on"),
            detail=page_request.POST.get("detail", ""),
            review_id=review.id,
            team_id=review.team_id,
            metric_key=page_request.POST.get("metric_key", ""),
        )
    )
    if refused is not None:
        return one(request, review_id, refused, "action")
    return redirect(f"/review/{review_id}", Text("行动已添加。", "The action is added."))


@require_POST
def close(request: HttpRequest, month: str) -> HttpResponse:
    page_request = cast(PageRequest, request)
    _, refused = attempt(lambda: close_month(actor=page_request.actor, month=Period.parse(month)))
    if refused is not None:
        return every(request, refused)
    found = queries.reviews(page_request.actor, month=Period.parse(month).start)
    url = f"/review/{found[0].id}" if found else "/review/"
    return redirect(url, Text("已关账，复盘已打开。", "Closed; the review is open."))


def reopen(request: HttpRequest, month: str) -> HttpResponse:
    """Open a closed month again: asks for the reason."""
    page_request = cast(PageRequest, request)
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
    if page_request.method == "POST":
        reason = page_request.POST.get("reason", "")
        done, refused = form.tried(
            page_request.POST,
            lambda: reopen_month(actor=page_request.actor, month=period, reason=reason),
        )
        if done is not None:
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
    ).response(page_request, 422 if refused else 200)


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
