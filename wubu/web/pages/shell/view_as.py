"""View as another person: begin, and leave with one click."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.people import queries as people
from wubu.kernel.permissions import viewing
from wubu.kernel.types import Actor, Text
from wubu.web.ui import PageRequest, redirect
from wubu.web.viewing import KEY


@require_POST
def begin(request: HttpRequest, member_id: int) -> HttpResponse:
    """From now on this session shows what the member sees."""
    page_request = cast(PageRequest, request)
    viewing.start(actor=page_request.actor, member_id=member_id)
    request.session[KEY] = member_id
    name = people.person(member_id).name
    return redirect("/", Text("正在以 {n} 的身份查看", "Viewing as {n}").format(n=name))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Back to oneself."""
    page_request = cast(PageRequest, request)
    member_id = request.session.pop(KEY, None)
    if member_id is None:
        return redirect("/")
    viewer = (
        page_request.viewer.pk if page_request.viewer is not None else page_request.actor.member_id
    )
    viewing.end(actor=Actor(viewer, "page", page_request.lang), member_id=int(member_id))
    back = f"/setup/people/{member_id}"
    return redirect(back, Text("已退出，恢复为您本人", "You are back to your own account"))


urlpatterns = [
    path("view-as/end", leave),
    path("view-as/<int:member_id>", begin),
]
