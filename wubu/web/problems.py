"""Refusals as pages: what happened, where, and what to do now; in the reader's language."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from wubu.kernel.types import LANGS, Lang, Problem, Refused, Text, speaking
from wubu.web.ui.components import Problems
from wubu.web.ui.page import toast
from wubu.web.ui.request import PageRequest, htmx_partial

log = logging.getLogger("wubu.web")


@dataclass(frozen=True, slots=True)
class Story:
    """What a status means to a person, and what they can do."""

    title: Text
    text: Text
    icon: str


STORIES = {
    400: Story(
        Text("无法识别这个请求", "The request is not valid"),
        Text(
            "链接可能不完整。请返回上一页重试。",
            "The address may be incomplete. Go back and try again.",
        ),
        "help-circle",
    ),
    403: Story(
        Text("您没有权限", "You may not do this"),
        Text(
            "如果工作需要，请联系您的主管或系统所有者开通。",
            "If your work needs it, ask your manager or an owner of the workspace.",
        ),
        "lock",
    ),
    404: Story(
        Text("没有找到", "Not found"),
        Text(
            "它可能已归档、不存在，或不在您的可见范围内。",
            "It may be archived, may never have existed, or lies outside what you may see.",
        ),
        "map-search",
    ),
    405: Story(
        Text("不能这样打开", "This cannot be opened that way"),
        Text("请从页面上的按钮进入。", "Use the button on the page."),
        "hand-stop",
    ),
    409: Story(
        Text("有人先保存了", "Someone else saved first"),
        Text("两边的内容都还在。", "Nothing of either side is lost."),
        "git-merge",
    ),
    422: Story(
        Text("还不能保存", "This cannot be saved yet"),
        Text("请按提示修改后重试。", "Correct what is listed and try again."),
        "alert-circle",
    ),
    503: Story(
        Text("请稍后再试", "Try again in a moment"),
        Text(
            "您填写的内容保存在本机草稿中，没有写入一半的数据。",
            "What you entered is saved as a draft on this device, and no data was partly written.",
        ),
        "clock",
    ),
    500: Story(
        Text("程序出错了", "Something went wrong"),
        Text(
            "您填写的内容保存在本机草稿中，没有写入一半的数据。请稍后重试；若再次出现，请把下面的编号告诉管理员。",
            "What you typed is kept as a draft on this device, and nothing was half written. "
            "Try again; if it happens again, tell your administrator the number below.",
        ),
        "bug",
    ),
}


def response(request: PageRequest, refused: Refused) -> HttpResponse:
    """A refusal: a page, or for htmx a toast that leaves the page as it stands."""
    status = refused.status
    if htmx_partial(request):
        words = " ".join(_sentence(p) for p in refused.problems) or str(_story(status).title)
        answer = HttpResponse(status=status)
        answer["HX-Reswap"] = "none"
        return toast(answer, words, tone="bad")
    return _page(request, status, refused.problems)


def mishap(request: PageRequest, status: int, problem: Problem) -> HttpResponse:
    """What the database refused. It may be in no state to be asked: the page stands by itself."""
    if htmx_partial(request):
        answer = HttpResponse(status=status)
        answer["HX-Reswap"] = "none"
        return toast(answer, _sentence(problem), tone="bad")
    return _page(request, status, (problem,), layout="plain.html")


def _sentence(problem: Problem) -> str:
    return f"{problem.message} {problem.hint}" if problem.hint else str(problem.message)


def _story(status: int) -> Story:
    return STORIES.get(status, STORIES[500])


def _page(
    request: HttpRequest, status: int, problems: tuple[Problem, ...] = (), **more: Any
) -> HttpResponse:
    story = _story(status)
    known = getattr(request, "actor", None) is not None and status != 500
    context = {
        "story": story,
        "status": status,
        "problems": Problems(problems, story.title) if problems else None,
        "only": problems[0] if len(problems) == 1 else None,
        # An error that broke the database connection must still be told: that page asks nothing.
        "layout": "frame.html" if known else "plain.html",
        **more,
    }
    return HttpResponse(render_to_string("error.html", context, request), status=status)


def _speaking(request: HttpRequest) -> Lang:
    lang = getattr(request, "lang", None) or request.COOKIES.get("wubu_lang")
    return cast(Lang, lang) if lang in LANGS else "zh"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    with speaking(_speaking(request)):
        return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    with speaking(_speaking(request)):
        return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    with speaking(_speaking(request)):
        return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The last resort; ``number`` finds the failure in the log."""
    number = getattr(request, "nonce", "")[:8] or "-"
    log.error("failure %s at %s", number, request.path)
    with speaking(_speaking(request)):
        return _page(request, 500, number=number)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or the request did not come from it."""
    problem = Problem(
        "csrf",
        Text(
            "页面已过期，为安全起见没有提交。",
            "The page had expired, so nothing was sent, for safety.",
        ),
        Text(
            "请返回并刷新页面；您填写的内容保存在本机草稿中。",
            "Go back and reload the page; what you typed is kept as a draft on this device.",
        ),
    )
    with speaking(_speaking(request)):
        return _page(request, 403, (problem,))
