"""What one should know of: mentions, comments, changes of what one follows."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.conversations import actions, queries
from wubu.collect.conversations.types import OF_VIEW, NoticeView
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.types import Text
from wubu.web.ui import Action, Empty, Page, PageRequest, Panel, Raw, redirect

TITLE = Text("通知", "Notices")
SHOWN, TODAY = 60, 6
WORDS = {
    "mention": Text("提到了您", "mentioned you"),
    "comment": Text("评论了", "commented"),
    "change": Text("修改了", "changed"),
    "share": Text("共享给您", "shared with you"),
    "view": Text("把视图共享给您", "shared a view with you"),
}
ICONS = {
    "mention": "at",
    "comment": "message",
    "change": "pencil",
    "share": "share",
    "view": "share",
}


def page(request: HttpRequest) -> HttpResponse:
    """All of them, the newest first."""
    page_request = cast(PageRequest, request)
    found = queries.notices(page_request.actor, limit=SHOWN)
    shown: Any = Raw("parts/shell/notices.html", notices=lines(found)) if found else _empty()
    doing = []
    if any(not n.read for n in found):
        label = Text("全部标为已读", "Mark all as read")
        doing.append(Action(label, "/notices/read", icon="checks", post=True))
    panel = Panel("", shown, key="notices", flush=bool(found))
    return Page(TITLE, [panel], actions=doing).response(page_request)


def _empty() -> Empty:
    return Empty(
        Text("还没有通知", "No notices yet"),
        Text(
            "有人在评论里 @您、共享记录或视图给您，或您关注的记录有修改时，会出现在这里。",
            "When somebody mentions you with @, shares with you, or something you follow changes.",
        ),
        icon="bell",
    )


def lines(found: list[NoticeView]) -> list[dict[str, Any]]:
    """Notices in words, for templates."""
    objects = snapshot().objects
    return [
        {
            "notice": n,
            "spec": objects[n.object_key],
            "words": WORDS[n.kind],
            "icon": ICONS[n.kind],
            "url": f"/o/{n.object_key}/?view={n.record_id}"
            if n.kind == OF_VIEW
            else f"/o/{n.object_key}/{n.record_id}#p-timeline",
        }
        for n in found
    ]


def panel(request: PageRequest) -> Panel | None:
    """The unread ones, for Today."""
    found = queries.notices(request.actor, unread=True, limit=TODAY)
    if not found:
        return None
    return Panel(
        Text("与我有关", "About me"),
        Raw("parts/shell/notices.html", notices=lines(found)),
        key="about-me",
        flush=True,
        live="_notice",
        foot=Raw("parts/shell/notices_foot.html"),
    )


def bell(request: HttpRequest) -> HttpResponse:
    """The number on the bell."""
    page_request = cast(PageRequest, request)
    return render(request, "parts/shell/bell.html", {"unread": queries.unread(page_request.actor)})


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Take note of all."""
    actions.mark_read(actor=cast(PageRequest, request).actor)
    return redirect("/notices", Text("全部已读", "All read"))


urlpatterns = [
    path("notices", page),
    path("notices/bell", bell),
    path("notices/read", read),
]
