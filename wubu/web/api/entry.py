"""The way in: who calls, in which language, on which route; every failure as problem details."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any, cast

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import Resolver404
from django.views.decorators.csrf import csrf_exempt

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.people.access import token_used
from wubu.kernel.permissions.queries import policy
from wubu.kernel.types import Actor, Lang, Problem, Refused, Text, speaking
from wubu.web.api import build
from wubu.web.api.errors import problem, refused
from wubu.web.database_errors import problem_of
from wubu.web.ui.request import PageRequest

log = logging.getLogger("wubu.api")
NOTE_EVERY = 300.0  # seconds
_noted: dict[int, float] = {}
SAFE = {"GET", "HEAD", "OPTIONS"}


class _Csrf(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


@csrf_exempt
def dispatch(request: HttpRequest, path: str = "") -> HttpResponse:
    """Every call under ``/api/v1/``."""
    page = cast(PageRequest, request)
    try:
        raw = _bearer(request)
        actor = _by_token(request, raw) if raw is not None else _by_session(page)
    except _Stranger as stranger:
        with speaking(_language(request, None)):
            return problem(request, stranger.status, [stranger.problem])
    page.actor, page.lang = actor, actor.lang
    page.policy = policy(actor)
    with speaking(actor.lang):
        return _answer(request, path)


def _answer(request: HttpRequest, path: str) -> HttpResponse:
    try:
        try:
            match = build.resolver(snapshot()).resolve(path)
        except Resolver404:
            return problem(request, 404, [_no_route(request.path)])
        response = match.func(request, *match.args, **match.kwargs)
        if response.status_code == 405:
            return problem(request, 405, [_no_method(request.method or "")])
        return cast(HttpResponse, response)
    except Refused as error:
        return refused(request, error)
    except RequestDataTooBig:
        return problem(request, 413, [_too_big()])
    except (SuspiciousOperation, UnreadablePostError):
        return problem(request, 400, [_bad()])
    except Exception as error:
        told = problem_of(error)
        if told is not None:
            return problem(request, told[0], [told[1]])
        number = secrets.token_hex(4)
        log.exception("failure %s at %s", number, request.path)
        return problem(request, 500, [_broken(number)])


class _Stranger(Exception):
    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.code)
        self.status, self.problem = status, problem


def _bearer(request: HttpRequest) -> str | None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def _by_token(request: HttpRequest, raw: str) -> Actor:
    person = people.member_for_token(raw)
    if person is None:
        raise _Stranger(
            401,
            Problem(
                "bad_token",
                Text("密钥无效、已过期或已撤销。", "The key is unknown, expired or revoked."),
                Text("请在“我的”页面新建一个密钥。", "Make a new key on the page “Me”."),
            ),
        )
    _note_use(raw)
    return Actor(person.id, "api", _language(request, person.language))


def _note_use(raw: str) -> None:
    """Once in a while is enough, and no lock for a call that only reads."""
    key, at = hash(raw), time.monotonic()
    if at - _noted.get(key, -NOTE_EVERY) >= NOTE_EVERY:
        token_used(raw)
        _noted[key] = at


def _by_session(request: PageRequest) -> Actor:
    """The signed-in member of the pages; unsafe methods need the page's CSRF token."""
    if not request.user.is_authenticated:
        raise _Stranger(
            401,
            Problem(
                "not_signed_in",
                Text("请先登录，或带上个人密钥。", "Sign in, or send a personal key."),
                Text("Authorization: Bearer <密钥>", "Authorization: Bearer <key>"),
            ),
        )
    if request.method not in SAFE:
        check = _Csrf(lambda _: HttpResponse())
        check.process_request(request)
        if check.process_view(request, _unprotected, (), {}):
            raise _Stranger(
                403,
                Problem(
                    "csrf",
                    Text("缺少或不正确的 CSRF 令牌。", "The CSRF token is missing or wrong."),
                    Text("请刷新页面，或改用个人密钥。", "Reload the page, or use a personal key."),
                ),
            )
    viewer_id = None if request.viewer is None else request.viewer.pk
    lang = _language(request, request.user.language)
    return Actor(request.user.pk, "api", lang, viewer_id)


def _unprotected(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _language(request: HttpRequest, preferred: str | None) -> Lang:
    """What the caller asks for with Accept-Language, else the member's own, else Chinese."""
    for part in request.headers.get("Accept-Language", "").lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "en" if preferred == "en" else "zh"


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For the document of the API: who is not signed in gets a problem, not a page."""

    def inner(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        page = cast(PageRequest, request)
        raw = _bearer(request)
        try:
            actor = _by_token(request, raw) if raw is not None else _by_session(page)
        except _Stranger as stranger:
            with speaking(_language(request, None)):
                return problem(request, stranger.status, [stranger.problem])
        page.actor, page.lang, page.policy = actor, actor.lang, policy(actor)
        with speaking(actor.lang):
            return view(request, **kwargs)

    return inner


def _no_route(path: str) -> Problem:
    return Problem(
        "no_such_address",
        Text("没有这个地址。", "There is no such address."),
        Text("全部地址见 /api/docs。", "Every address is at /api/docs."),
        value=path,
    )


def _no_method(method: str) -> Problem:
    return Problem(
        "method_not_allowed",
        Text("此地址不支持 {m}。", "This address does not take {m}.").format(m=method),
        value=method,
    )


def _too_big() -> Problem:
    return Problem(
        "too_large",
        Text("内容太大。", "The content is too large."),
        Text("请分批发送。", "Send it in parts."),
    )


def _bad() -> Problem:
    return Problem("bad_request", Text("请求格式不正确。", "The request is not valid."))


def _broken(number: str) -> Problem:
    return Problem(
        "broken",
        Text("程序出错，编号 {n}。", "Something went wrong (number {n}).").format(n=number),
        Text("没有写入一半的数据。", "No data was partly written."),
        value=number,
    )
