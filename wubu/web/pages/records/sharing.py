"""Sharing one record: the panel on its page, and what others share with me, views included."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.views import queries as views
from wubu.collect.views import sharing as view_sharing
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import sharing
from wubu.kernel.permissions.types import ShareInfo
from wubu.kernel.records import queries as records
from wubu.kernel.records.types import Record
from wubu.kernel.types import Refused, Text
from wubu.web import list_state
from wubu.web.entries import Entry
from wubu.web.ui import (
    Action,
    Ask,
    Column,
    Crumb,
    Empty,
    Form,
    Grid,
    Page,
    PageRequest,
    Panel,
    Problems,
    Raw,
    Table,
    redirect,
)
from wubu.web.ui.asking import day

SHARED = Text("共享", "Shared")
OF_RECORD, OF_VIEW = Text("{o}", "{o}"), Text("{o} · 视图", "{o} · view")
SEEN = Text(
    "对方只看到其角色允许看到的字段。", "They see the fields that their roles let them see."
)
SEEN_BY_VIEW = Text(
    "对方只看到自己有权看的记录和字段；不能修改这个视图，可以另存。",
    "They see the records and fields that they may see; they cannot change the view, but copy it.",
)
LABELS = {
    "with": Text("共享给", "Share with"),
    "level": Text("可以", "They may"),
    "until": Text("截止日期", "Until"),
}


def may_share(request: PageRequest, record: Record) -> bool:
    """Whether the reader may share this record."""
    spec = snapshot().object(record.object_key)
    owner = spec.role("owner")
    whose = record.created_by if owner is None else record.values.get(owner.key)
    return request.actor.viewer_id is None and sharing.may_share(
        request.actor, spec.key, record.id, whose
    )


def sharing_panel(request: PageRequest, record: Record) -> Panel | None:
    """With whom a record is shared, for its page; None while it is shared with nobody."""
    object_key, record_id = record.object_key, record.id
    found = sharing.shares_of(object_key, record_id)
    if not found:
        return None
    may = may_share(request, record)
    url = f"/o/{object_key}/{record_id}"
    change = [Action(Text("共享…", "Share…"), f"{url}/share", icon="share", style="ghost")]
    return Panel(
        SHARED,
        Raw("parts/records/shares.html", shares=lines(request, found), base=url, may=may),
        key="shares",
        actions=change if may else [],
        note=Text("{n} 项", "{n}").format(n=len(found)),
    )


def lines(
    request: PageRequest, shares: Iterable[ShareInfo], *, may_end: bool = False
) -> list[dict[str, Any]]:
    """Shares in words, for templates. ``may_end``: the reader may take back whoever's they are."""
    every = list(shares)
    names = people.names({i for s in every for i in (s.member_id, s.by_id) if i})
    teams = {t.id: t.name for t in people.tree(active=None)} if every else {}
    ends = may_end or request.policy.may_setup("roles")
    return [
        {
            "share": s,
            "name": names.get(s.member_id or 0, "") or teams.get(s.team_id or 0, ""),
            "is_team": s.team_id is not None,
            "level": sharing.LEVELS[s.level],
            "by": names.get(s.by_id or 0, ""),
            "may_end": request.actor.viewer_id is None
            and (s.by_id == request.actor.member_id or ends),
        }
        for s in every
    ]


def share(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """Choose with whom, for what and until when."""
    page_request = cast(PageRequest, request)
    found = records.get(page_request.actor, object_key, record_id)
    page_request.policy.require("share", object_key)
    base = f"/o/{object_key}/{record_id}"
    form = form_of(base, page_request)
    refused = None
    if request.method == "POST":
        try:
            _share(page_request, object_key, record_id)
        except Refused as problem:
            if problem.status != 422:
                raise
            refused = problem
            form.answered(request.POST, refused)
        else:
            return redirect(base, Text("已共享", "It is shared"))
    spec = snapshot().object(object_key)
    raw = sharing.shares_of(object_key, record_id)
    body = [
        *([Problems(refused.problems, labels=LABELS)] if refused else []),
        Grid(
            [
                (6, Panel(Text("共享这条{o}", "Share this {o}").format(o=spec.label), form)),
                (
                    6,
                    Panel(
                        Text("已共享给", "Shared with"),
                        Raw(
                            "parts/records/shares.html",
                            shares=lines(page_request, raw),
                            base=base,
                            may=True,
                        ),
                        actions=[
                            Action(Text("谁能看到", "Who can see it"), f"{base}/access", icon="eye")
                        ],
                    ),
                ),
            ]
        ),
    ]
    page = Page(found.title, body, subtitle=SHARED)
    page.crumbs = crumbs(object_key, record_id, found.title)
    return page.response(page_request, 422 if refused else 200)


def crumbs(object_key: str, record_id: int, title: str) -> list[Any]:
    """The way to a page about one record."""
    spec = snapshot().object(object_key)
    return [
        Crumb(spec.plural, f"/o/{object_key}/"),
        Crumb(title, f"/o/{object_key}/{record_id}"),
    ]


def form_of(base: str, request: PageRequest, *, of_view: bool = False) -> Form:
    """The questions of a share; a view is shared to be looked through only."""
    teams = [(f"t:{t.id}", "　" * t.depth + t.name) for t in people.tree()]
    members = [(f"m:{m.id}", m.name) for m in people.members() if m.id != request.actor.member_id]
    nobody = ("", Text("请选择…", "Choose…"))
    rule = ("-", Text("── 成员 ──", "── People ──"))
    levels = list(sharing.LEVELS.items())
    return Form(
        f"{base}/share",
        [
            Ask(
                "with",
                LABELS["with"],
                "select",
                options=[nobody, *teams, rule, *members],
                required=True,
                wide=True,
                help=Text(
                    "共享给团队时，其下级团队也能看到。",
                    "A team's share reaches the teams below it too.",
                ),
            ),
            *([] if of_view else [Ask("level", LABELS["level"], "select", "view", levels)]),
            Ask(
                "until",
                LABELS["until"],
                "date",
                help=Text("含当天；留空则一直有效", "That day included; empty: no end"),
            ),
            Ask("note", Text("留言", "Note"), wide=True),
        ],
        submit=Text("共享", "Share"),
        note=SEEN_BY_VIEW if of_view else SEEN,
    )


def _share(request: PageRequest, object_key: str, record_id: int) -> None:
    sharing.share(
        actor=request.actor,
        object_key=object_key,
        target_id=record_id,
        level=request.POST.get("level", "view"),
        **answered(request),
    )


def answered(request: PageRequest) -> dict[str, Any]:
    """With whom, until when, and the note, as the form says them."""
    post = request.POST
    kind, _, number = post.get("with", "").partition(":")
    chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
    return {
        "member_id": chosen if kind == "m" else None,
        "team_id": chosen if kind == "t" else None,
        "until": day(post, "until"),
        "note": post.get("note", ""),
    }


@require_POST
def end(request: HttpRequest, share_id: int) -> HttpResponse:
    """Take a share back."""
    page_request = cast(PageRequest, request)
    sharing.end_share(actor=page_request.actor, share_id=share_id)
    back = _inside(request.POST.get("next", ""))
    undo = f"/shared/{share_id}/resume?{urlencode({'next': back})}"
    return redirect(back, Text("共享已收回", "The share is revoked"), undo=undo)


@require_POST
def resume(request: HttpRequest, share_id: int) -> HttpResponse:
    """Undo that a share was taken back."""
    sharing.resume_share(actor=cast(PageRequest, request).actor, share_id=share_id)
    return redirect(_inside(request.GET.get("next", "")), Text("已撤销", "Undone"))


def _inside(back: str) -> str:
    """Where to go back to: nowhere outside."""
    inside = back.startswith("/") and not back.startswith(("//", "/\\"))
    return back if inside else "/shared"


def shared(request: HttpRequest) -> HttpResponse:
    """What others share with me, and what I share."""
    page_request = cast(PageRequest, request)
    body = [
        Panel(
            Text("共享给我的", "Shared with me"),
            _table(page_request, view_sharing.shared_with(page_request.actor), "by"),
            key="shared-in",
        ),
        Panel(
            Text("我共享的", "Shared by me"),
            _table(page_request, sharing.shared_by(page_request.actor), "name"),
            key="shared-out",
        ),
    ]
    return Page(SHARED, body).response(page_request)


def _table(request: PageRequest, shares: Iterable[ShareInfo], who: str) -> Table:
    every = lines(request, shares)
    of_views = [r["share"].target_id for r in every if r["share"].kind == view_sharing.KIND]
    named = views.named(request.actor, of_views)
    rows = [r for r in every if r["share"].kind == "record"]
    titles: dict[str, dict[int, str]] = {}
    for key in {r["share"].object_key for r in rows}:
        if key in snapshot().objects:
            ids = [r["share"].target_id for r in rows if r["share"].object_key == key]
            titles[key] = records.titles(request.actor, key, ids)
    seen = []
    for row in every:
        share = row["share"]
        more = {"until": share.until, "note": share.note}
        if share.kind == view_sharing.KIND:
            if share.target_id in named:
                name, kind, slug = named[share.target_id]
                more |= {
                    "title": str(name),
                    "url": list_state.address(share.object_key, kind, slug),
                }
                seen.append({**row, **more, "kind": OF_VIEW})
            continue
        title = titles.get(share.object_key, {}).get(share.target_id)
        if title is not None and request.policy.may("view", share.object_key):
            more |= {"title": title, "url": f"/o/{share.object_key}/{share.target_id}"}
            seen.append({**row, **more, "kind": OF_RECORD})
    return Table(
        [
            Column(Text("内容", "What"), "title"),
            Column(
                Text("类型", "Kind"),
                lambda r: r["kind"].format(o=snapshot().object(r["share"].object_key).label),
            ),
            Column(Text("共享人", "By") if who == "by" else Text("共享给", "With"), who),
            Column(Text("可以", "May"), lambda r: r["level"]),
            Column(Text("截止", "Until"), "until", "date"),
            Column(Text("留言", "Note"), "note"),
        ],
        seen,
        row_url=lambda r: r["url"],
        empty=Empty(
            Text("还没有共享", "Nothing is shared"),
            Text(
                "同事把记录或视图共享给您或您的团队后，会出现在这里。",
                "What colleagues share with you or your team appears here.",
            )
            if who == "by"
            else Text(
                "在记录页或视图的菜单里点“共享…”，可以共享给同事或团队，到期自动收回。",
                "“Share…” on a record or in a view's menu: for colleagues or teams, until a day.",
            ),
            icon="share",
            small=True,
        ),
    )


NAV = (Entry("collect", SHARED, "/shared", "share", None, 90),)
urlpatterns = [
    path("shared", shared, name="shared"),
    path("shared/<int:share_id>/end", end),
    path("shared/<int:share_id>/resume", resume),
    path("o/<slug:object_key>/<int:record_id>/share", share),
]
