"""Setup: the tree of teams, who leads them and who is in them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel import past
from wubu.kernel.calendar.queries import today
from wubu.kernel.past import Subject
from wubu.kernel.people import actions, queries
from wubu.kernel.people.types import TeamNode
from wubu.kernel.types import Refused, Text
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
    show,
)
from wubu.web.ui.asking import day, whole
from wubu.web.ui.reaching_back import confirm

TEAMS = Text("团队", "Teams")
LABELS = {
    "name": Text("名称", "Name"),
    "parent": Text("上级团队", "Part of"),
    "leader": Text("负责人", "Leader"),
    "is_active": Text("启用", "Enabled"),
    "from_day": Text("生效日期", "Effective from"),
    "on": Text("日期", "Day"),
}
AS_OF = Text("查看某一天", "As of a day")
TOP = ("", Text("（最高一级）", "(top level)"))
NOBODY = ("", Text("（无）", "(nobody)"))


def _tree(request: PageRequest, refused: Refused | None = None) -> HttpResponse:
    request.policy.require_setup("teams")
    on, unread = _asked_day(request)
    refused = refused or unread
    teams = queries.tree(active=None, day=on)
    members = queries.members(active=True if on >= today() else None)
    where = queries.team_on([m.id for m in members], on)
    if on < today():  # who is in no team then was not here yet, or no longer
        members = tuple(m for m in members if m.id in where)
    inside: dict[int, list[Any]] = defaultdict(list)
    for one in members:
        inside[where.get(one.id, 0)].append(one)
    names = {m.id: m.name for m in members}
    rows = [
        {"team": t, "people": inside[t.id], "leader": names.get(t.leader_id or 0, "")}
        for t in teams
    ]
    if rows:
        shown: Any = Raw("parts/setup/teams.html", rows=rows, alone=inside[0])
    else:
        shown = Empty(
            Text("还没有团队", "No teams yet"),
            Text("先建一个最高一级的团队。", "Begin with one at the top level."),
            icon="sitemap",
        )
    form = _form("/setup/teams", None, names)
    if refused is not None:
        form.answered(request.POST, refused)
    body = [
        *([Problems(refused.problems, labels=LABELS)] if refused else []),
        Grid(
            [
                (8, Panel(_title(on), shown, flush=True, key="tree")),
                (4, [Panel(Text("新团队", "New team"), form), Panel(AS_OF, _choose_day(on))]),
            ]
        ),
    ]
    return Page(TEAMS, body).response(request, 422 if refused else 200)


def _asked_day(request: PageRequest) -> tuple[date, Refused | None]:
    """The day whose tree is wanted; today unless the address says another."""
    try:
        return day(request.GET, "on") or today(), None
    except Refused as refused:
        return today(), refused


def _title(on: date) -> Text | str:
    return "" if on == today() else Text("{d} 的团队", "Teams on {d}").format(d=show.date(on))


def _choose_day(on: date) -> Form:
    return Form(
        "/setup/teams",
        [Ask("on", Text("日期", "Day"), "date", on, wide=True)],
        submit=Text("查看", "Show"),
        style="",
        method="get",
        prefix="on-",
        note=Text("业绩按当天的团队结构汇总。", "Figures are summed by the structure of each day."),
    )


def _form(action: str, team: TeamNode | None, names: dict[int, str]) -> Form:
    below = queries.subtree(team.id) if team else frozenset()
    parents = [(str(t.id), "　" * t.depth + t.name) for t in queries.tree() if t.id not in below]
    leaders = [(str(i), n) for i, n in names.items()]
    asks = [
        Ask("name", LABELS["name"], value=team.name if team else "", required=True, wide=True),
        Ask(
            "parent",
            LABELS["parent"],
            "select",
            team.parent_id if team else "",
            [TOP, *parents],
            wide=True,
        ),
        Ask(
            "leader",
            LABELS["leader"],
            "select",
            team.leader_id if team else "",
            [NOBODY, *leaders],
            wide=True,
        ),
    ]
    if team is not None:
        asks += [
            Ask(
                "is_active", LABELS["is_active"], "check", "1" if team.is_active else "", wide=True
            ),
            Ask("from_day", LABELS["from_day"], "date", help=_earliest(), wide=True),
        ]
    return Form(action, asks, submit=Text("保存", "Save") if team else Text("添加", "Add"))


def _create(request: PageRequest) -> HttpResponse:
    try:
        made = actions.create_team(
            actor=request.actor,
            name=request.POST.get("name", ""),
            parent_id=whole(request.POST, "parent"),
            leader_id=whole(request.POST, "leader"),
        )
    except Refused as refused:
        if refused.status != 422:
            raise
        return _tree(request, refused)
    return redirect("/setup/teams", Text("已添加{n}", "{n} added").format(n=made.name))


def teams(request: HttpRequest) -> HttpResponse:
    page_request = cast(PageRequest, request)
    return _create(page_request) if request.method == "POST" else _tree(page_request)


def team(request: HttpRequest, team_id: int) -> HttpResponse:
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("teams")
    if request.method == "POST":
        try:
            _save(page_request, team_id)
        except Refused as refused:
            if refused.status != 422:
                raise
            return _team(page_request, team_id, refused)
        return redirect(f"/setup/teams/{team_id}", Text("已保存", "Saved"))
    return _team(page_request, team_id)


def _save(request: PageRequest, team_id: int) -> None:
    post = request.POST
    since = day(post, "from_day")
    confirm(request, Subject("team", str(team_id)), since, field="from_day")
    actions.update_team(
        actor=request.actor,
        team_id=team_id,
        from_day=since,
        name=post.get("name", ""),
        parent_id=whole(post, "parent"),
        leader_id=whole(post, "leader"),
        is_active=bool(post.get("is_active")),
    )


def _team(request: PageRequest, team_id: int, refused: Refused | None = None) -> HttpResponse:
    here = queries.team(team_id)
    everybody = queries.members()
    inside = queries.members_of([team_id])
    form = _form(f"/setup/teams/{team_id}", here, {m.id: m.name for m in everybody})
    if refused is not None:
        form.answered(request.POST, refused)
    outside = [(str(m.id), m.name) for m in everybody if m.id not in inside]
    move = Form(
        f"/setup/teams/{team_id}/move",
        [
            Ask("member", Text("调入", "Move in"), "select", "", [("", "…"), *outside]),
            Ask("from_day", Text("从哪天起", "From which day"), "date", today()),
        ],
        submit=Text("调入", "Move in"),
        compact=True,
        note=Text("以前的业绩仍归当时的团队。", "Earlier figures stay with the team of that time."),
    )
    people = Raw("parts/setup/team_people.html", people=[m for m in everybody if m.id in inside])
    body = [
        *([Problems(refused.problems, labels=LABELS)] if refused else []),
        Grid(
            [
                (7, Panel(Text("成员", "People"), [people, move] if here.is_active else people)),
                (5, [Panel(Text("设置", "Settings"), form), _history(team_id)]),
            ]
        ),
    ]
    actions_ = [Action(Text("新成员", "New member"), "/setup/people/new", icon="plus")]
    return Page(
        here.name,
        body,
        crumbs=[Crumb(TEAMS, "/setup/teams")],
        subtitle=" / ".join(here.path),
        actions=actions_,
    ).response(request, 422 if refused else 200)


def _earliest() -> Text:
    first = past.first_day()
    if first is None:
        return Text("留空即今天", "empty: today")
    said = Text("留空即今天；最早 {d}（之前已关账）", "empty: today; {d} at the earliest")
    return said.format(d=show.date(first))


def _history(team_id: int) -> Panel:
    """What the team has been and will be: what a change from a day on left behind."""
    teams = {t.id: t.name for t in queries.tree(active=None)}
    periods = queries.team_history(team_id)
    people = queries.names({p.leader_id for p in periods if p.leader_id})
    columns = [
        Column(
            LABELS["from_day"],
            lambda p: (
                Text("一开始", "the beginning")
                if p.from_day <= past.BEGINNING
                else show.date(p.from_day)
            ),
        ),
        Column(LABELS["name"], lambda p: p.name),
        Column(LABELS["parent"], lambda p: teams.get(p.parent_id or 0, "–")),
        Column(LABELS["leader"], lambda p: people.get(p.leader_id or 0, "–")),
        Column(
            Text("状态", "State"),
            lambda p: Text("启用", "Enabled") if p.is_active else Text("停用", "Disabled"),
        ),
    ]
    return Panel(Text("变更历史", "History"), Table(columns, periods[::-1]), key="history")


@require_POST
def move(request: HttpRequest, team_id: int) -> HttpResponse:
    """A member comes into the team from a day on."""
    page_request = cast(PageRequest, request)
    member = whole(request.POST, "member")
    if member is None:
        return redirect(f"/setup/teams/{team_id}", Text("请选择成员", "Choose a member"))
    try:
        actions.move_member(
            actor=page_request.actor,
            member_id=member,
            team_id=team_id,
            from_day=day(request.POST, "from_day") or today(),
        )
    except Refused as refused:
        if refused.status != 422:
            raise
        return _team(page_request, team_id, refused)
    return redirect(f"/setup/teams/{team_id}", Text("已调入", "Moved in"))


NAV = (Entry("setup", TEAMS, "/setup/teams", "sitemap", lambda p: p.may_setup("teams"), 11),)
urlpatterns = [
    path("setup/teams", teams, name="teams"),
    path("setup/teams/<int:team_id>", team),
    path("setup/teams/<int:team_id>/move", move),
]
