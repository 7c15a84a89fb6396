"""My settings: language, contact, plus menu, password, and personal keys to the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.people import actions as people
from wubu.kernel.people import queries
from wubu.kernel.types import Refused, Text
from wubu.web import plus
from wubu.web.ui import Page, PageRequest, Panel, Problems, Raw, redirect

LABELS = {
    "email": Text("邮箱", "E-mail"),
    "phone": Text("电话", "Phone"),
    "old": Text("原密码", "Old password"),
    "password": Text("新密码", "New password"),
    "name": Text("名称", "Name"),
    "objects": Text("新建菜单", "Plus menu"),
}
MOST = 200  # keys that are read of one request


def page(request: HttpRequest) -> HttpResponse:
    return _show(cast(PageRequest, request))


def _show(
    request: PageRequest,
    refused: Refused | None = None,
    secret: str = "",
    keys: Sequence[str] | None = None,
) -> HttpResponse:
    member_id = cast(int, request.actor.member_id)
    top: list[object] = [Problems(refused.problems, labels=LABELS)] if refused else []
    if secret:
        top.append(Raw("parts/shell/secret.html", secret=secret))
    person = queries.person(member_id)
    body = [
        *top,
        Panel(Text("我", "Me"), Raw("parts/shell/me_profile.html", person=person), key="profile"),
        _plus(request, keys),
        Panel(Text("密码", "Password"), Raw("parts/shell/me_password.html"), key="password"),
        Panel(
            Text("接口密钥", "API keys"),
            Raw(
                "parts/shell/me_tokens.html",
                tokens=[t for t in queries.tokens(member_id) if not t.revoked_at],
            ),
            note=Text("以您的身份和权限调用接口", "They act as you, with your permissions"),
            key="tokens",
        ),
    ]
    title = Text("我的设置", "My settings")
    made = Page(title, body, step="setup", template="pages/shell/me.html")
    return made.response(request, 422 if refused else 200)


def _plus(request: PageRequest, keys: Sequence[str] | None) -> Panel:
    """What the plus offers, in its order, then all else that it might."""
    own = request.user.plus
    chosen = plus.shown(request.policy, own if keys is None else keys)
    rest = [o for o in plus.offered(request.policy) if o not in chosen]
    rows = [*((o, True) for o in chosen), *((o, False) for o in rest)]
    return Panel(
        Text("新建菜单", "Plus menu"),
        Raw("parts/shell/me_plus.html", rows=rows, own=own is not None),
        note=Text("顶栏和手机上的加号里有什么，只对您", "What your plus menu offers"),
        key="plus",
    )


def _doing(request: HttpRequest, act: Callable[[PageRequest], HttpResponse]) -> HttpResponse:
    page_request = cast(PageRequest, request)
    try:
        return act(page_request)
    except Refused as refused:
        if refused.status != 422:
            raise
        return _show(page_request, refused)


@require_POST
def profile(request: HttpRequest) -> HttpResponse:
    def act(page_request: PageRequest) -> HttpResponse:
        values = {k: page_request.POST.get(k, "") for k in ("email", "phone")}
        people.update_member(
            actor=page_request.actor,
            member_id=cast(int, page_request.actor.member_id),
            language=page_request.POST.get("language", page_request.lang),
            **values,
        )
        return redirect("/me", Text("已保存", "Saved"))

    return _doing(request, act)


@require_POST
def plus_menu(request: HttpRequest) -> HttpResponse:
    """Keep the member's own plus menu, or go back to the usual one; undo says how it was."""
    page_request = cast(PageRequest, request)
    undoing = "undo" in request.GET
    said = request.GET if undoing else request.POST
    keys = said.getlist("object")[:MOST]
    own = page_request.user.plus
    was = None if own is None else [o.key for o in plus.shown(page_request.policy, own)]
    try:
        plus.choose(
            actor=page_request.actor,
            rights=page_request.policy,
            keys=None if "reset" in said else keys,
        )
    except Refused as refused:
        if refused.status != 422:
            raise
        return _show(page_request, refused, keys=keys)
    if undoing:
        return redirect("/me#p-plus", Text("已撤销", "Undone"))
    before = [("reset", "1")] if was is None else [("object", k) for k in was]
    words = Text("新建菜单已保存（只对您）", "Your plus menu is saved")
    return redirect("/me#p-plus", words, undo=f"/me/plus?{urlencode([('undo', '1'), *before])}")


@require_POST
def password(request: HttpRequest) -> HttpResponse:
    def act(page_request: PageRequest) -> HttpResponse:
        old, new = page_request.POST.get("old", ""), page_request.POST.get("new", "")
        people.change_password(actor=page_request.actor, old=old, new=new)
        return redirect("/login", Text("密码已更改，请重新登录", "Password changed. Sign in again"))

    return _doing(request, act)


@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    def act(page_request: PageRequest) -> HttpResponse:
        _, secret = people.create_token(
            actor=page_request.actor, name=page_request.POST.get("name", "")
        )
        return _show(page_request, secret=secret)

    return _doing(request, act)


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    people.revoke_token(actor=cast(PageRequest, request).actor, token_id=token_id)
    return redirect("/me", Text("密钥已停用", "The key is revoked"))


urlpatterns = [
    path("me", page, name="me"),
    path("me/profile", profile),
    path("me/plus", plus_menu),
    path("me/password", password),
    path("me/tokens", new_token),
    path("me/tokens/<int:token_id>/revoke", revoke_token),
]
