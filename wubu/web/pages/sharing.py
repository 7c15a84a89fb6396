"""Sharing one record: the panel on its page, and what others share with me."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import sharing
from wubu.kernel.permissions.types import ShareInfo
from wubu.kernel.records import queries as records
from wubu.kernel.records.types import Record
from wubu.kernel.types import Refused, Text
from wubu.web.nav import Entry
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
        Raw("parts/shares.html", shares=lines(request, found), base=url, may=may),
        key="shares",
        actions=change if may else [],
        note=Text("{n} 项", "{n}").format(n=len(found)),
    )


def lines(request: PageRequest, shares: Iterable[ShareInfo]) -> list[dict[str, Any]]:
    """Shares in words, for templates."""
    every = list(shares)
    names = people.names({i for s in every for i in (s.member_id, s.by_id) if i})
    teams = {t.id: t.name for t in people.tree(active=None)} if every else {}
    ends = request.policy.may_setup("roles")
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
    asked = cast(PageRequest, request)
    found = records.get(asked.actor, object_key, record_id)
    asked.policy.require("share", object_key)
    base = f"/o/{object_key}/{record_id}"
    form = _form(base, asked)
    refused = None
    if request.method == "POST":
        try:
            _share(asked, object_key, record_id)
        except Refused as problem:
            if problem.status != 422:
                raise
            refused = problem
            form.answered(request.POST, refused)
        else:
            return redirect(base, Text("已共享", "It is shared"))
    spec = snapshot().object(object_key)
    given = sharing.shares_of(object_key, record_id)
    body = [
        *([Problems(refused.problems, labels=LABELS)] if refused else []),
        Grid(
            [
                (6, Panel(Text("共享这条{o}", "Share this {o}").format(o=spec.label), form)),
                (
                    6,
                    Panel(
                        Text("已共享给", "Shared with"),
                        Raw("parts/shares.html", shares=lines(asked, given), base=base, may=True),
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
    return page.response(asked, 422 if refused else 200)


def crumbs(object_key: str, record_id: int, title: str) -> list[Any]:
    """The way to a page about one record."""
    spec = snapshot().object(object_key)
    return [
        Crumb(spec.plural, f"/o/{object_key}/"),
        Crumb(title, f"/o/{object_key}/{record_id}"),
    ]


def _form(base: str, request: PageRequest) -> Form:
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
            Ask("level", LABELS["level"], "select", "view", levels),
            Ask(
                "until",
                LABELS["until"],
                "date",
                help=Text("含当天；留空则一直有效", "That day included; empty: no end"),
            ),
            Ask("note", Text("留言", "Note"), wide=True),
        ],
        submit=Text("共享", "Share"),
        note=Text(
            "对方只看到其角色允许看到的字段。", "They see the fields that their roles let them see."
        ),
    )


def _share(request: PageRequest, object_key: str, record_id: int) -> None:
    post = request.POST
    kind, _, number = post.get("with", "").partition(":")
    chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
    sharing.share(
        actor=request.actor,
        object_key=object_key,
        target_id=record_id,
        member_id=chosen if kind == "m" else None,
        team_id=chosen if kind == "t" else None,
        level=post.get("level", "view"),
        until=day(post, "until"),
        note=post.get("note", ""),
    )


@require_POST
def end(request: HttpRequest, share_id: int) -> HttpResponse:
    """Take a share back."""
    asked = cast(PageRequest, request)
    sharing.end_share(actor=asked.actor, share_id=share_id)
    back = request.POST.get("next", "/shared")
    inside = back.startswith("/") and not back.startswith(("//", "/\\"))
    return redirect(back if inside else "/shared", Text("共享已收回", "The share is taken back"))


def shared(request: HttpRequest) -> HttpResponse:
    """What others share with me, and what I share."""
    asked = cast(PageRequest, request)
    body = [
        Panel(
            Text("共享给我的", "Shared with me"),
            _table(asked, sharing.shared_with(asked.actor), "by"),
            key="shared-in",
        ),
        Panel(
            Text("我共享的", "Shared by me"),
            _table(asked, sharing.shared_by(asked.actor), "name"),
            key="shared-out",
        ),
    ]
    return Page(SHARED, body).response(asked)


def _table(request: PageRequest, shares: Iterable[ShareInfo], who: str) -> Table:
    rows = [r for r in lines(request, shares) if r["share"].kind == "record"]
    titles: dict[str, dict[int, str]] = {}
    for key in {r["share"].object_key for r in rows}:
        if key in snapshot().objects:
            ids = [r["share"].target_id for r in rows if r["share"].object_key == key]
            titles[key] = records.titles(request.actor, key, ids)
    seen = []
    for row in rows:
        share = row["share"]
        title = titles.get(share.object_key, {}).get(share.target_id)
        if title is not None and request.policy.may("view", share.object_key):
            seen.append({**row, "title": title, "until": share.until, "note": share.note})
    return Table(
        [
            Column(Text("记录", "Record"), "title"),
            Column(Text("类型", "Kind"), lambda r: snapshot().object(r["share"].object_key).label),
            Column(Text("共享人", "By") if who == "by" else Text("共享给", "With"), who),
            Column(Text("可以", "May"), lambda r: r["level"]),
            Column(Text("截止", "Until"), "until", "date"),
            Column(Text("留言", "Note"), "note"),
        ],
        seen,
        row_url=lambda r: f"/o/{r['share'].object_key}/{r['share'].target_id}",
        empty=Empty(
            Text("还没有共享", "Nothing is shared"),
            Text(
                "同事把记录共享给您或您的团队后，会出现在这里。",
                "What colleagues share with you or your team appears here.",
            )
            if who == "by"
            else Text(
                "在记录页点“共享”，可以把一条记录共享给同事或团队，到期自动收回。",
                "“Share” on a record's page lets a colleague or a team see it, until a day.",
            ),
            icon="share",
            small=True,
        ),
    )


NAV = (Entry("collect", SHARED, "/shared", "share", None, 90),)
urlpatterns = [
    path("shared", shared, name="shared"),
    path("shared/<int:share_id>/end", end),
    path("o/<slug:object_key>/<int:record_id>/share", share),
]
