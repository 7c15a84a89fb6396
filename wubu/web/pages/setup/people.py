"""Setup: who works here, in which team from which day, with which roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.calendar.queries import today
from wubu.kernel.past import Subject
from wubu.kernel.people import actions, queries
from wubu.kernel.people.types import Person
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.permissions import queries as rights
from wubu.kernel.permissions import viewing
from wubu.kernel.types import Refused, Text
from wubu.web.entries import Entry
from wubu.web.pages.setup import offboarding
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
from wubu.web.ui.asking import day, whole
from wubu.web.ui.reaching_back import confirm

PEOPLE = Text("成员", "People")
NONE = ("", Text("（无）", "(none)"))
LABELS = {
    "login": Text("登录名", "Login"),
    "name": Text("姓名", "Name"),
    "email": Text("邮箱", "E-mail"),
    "phone": Text("电话", "Phone"),
    "employee_no": Text("工号", "Employee number"),
    "joined_on": Text("入职日期", "Joined on"),
    "password": Text("密码", "Password"),
    "from_day": Text("从哪天起", "From which day"),
}


def listing(request: HttpRequest) -> HttpResponse:
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("people")
    everybody = request.GET.get("all") == "1"
    members = queries.members(active=None if everybody else True)
    roles = rights.roles_of([m.id for m in members])
    labels = {r.key: str(r.label) for r in rights.roles()}
    teams = {t.id: t.name for t in queries.tree(active=None)}
    where = queries.team_on([m.id for m in members], today())
    rows = [
        {
            "person": m,
            "team": teams.get(where.get(m.id, 0), ""),
            "roles": [labels[k] for k in roles.get(m.id, ()) if k in labels],
        }
        for m in members
    ]
    toggle = Action(
        Text("只看在职", "Active only") if everybody else Text("含离职", "Include former"),
        "?" if everybody else "?all=1",
        icon="users",
    )
    new = Action(Text("新成员", "New member"), "/setup/people/new", icon="plus", style="primary")
    panel = Panel("", Raw("parts/setup/people.html", rows=rows), flush=True, key="people")
    return Page(
        PEOPLE,
        [panel],
        actions=[toggle, new],
        subtitle=Text("{n} 人", "{n} people").format(n=len(rows)),
    ).response(page_request)


def new(request: HttpRequest) -> HttpResponse:
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("people")
    form = _new_form()
    if request.method != "POST":
        return _page(page_request, Text("新成员", "New member"), [Panel("", form)])
    post = request.POST
    try:
        made = _create(page_request)
    except Refused as refused:
        if refused.status != 422:
            raise
        body = [Problems(refused.problems, labels=LABELS), Panel("", form.answered(post, refused))]
        return _page(page_request, Text("新成员", "New member"), body, status=422)
    return redirect(f"/setup/people/{made.id}", Text("已添加{n}", "{n} added").format(n=made.name))


def _create(request: PageRequest) -> Person:
    """The member with their roles, or neither."""
    post = request.POST
    with transaction.atomic():
        made = actions.create_member(
            actor=request.actor,
            login=post.get("login", ""),
            name=post.get("name", ""),
            password=post.get("password") or None,
            team_id=whole(post, "team"),
            joined_on=day(post, "joined_on"),
            language=post.get("language", "zh"),
            **{k: post.get(k, "") for k in ("email", "phone", "employee_no")},
        )
        if request.policy.may_setup("roles"):
            permissions.set_roles(
                actor=request.actor, member_id=made.id, roles=post.getlist("roles")
            )
    return made


def _new_form() -> Form:
    roles = [(r.key, r.label) for r in rights.roles()]
    return Form(
        "/setup/people/new",
        [
            Ask("name", LABELS["name"], required=True),
            Ask("login", LABELS["login"], required=True),
            Ask("password", Text("初始密码", "First password"), "password", help=_password_help()),
            Ask("team", Text("团队", "Team"), "select", options=_teams()),
            Ask("joined_on", LABELS["joined_on"], "date", today()),
            Ask("employee_no", LABELS["employee_no"]),
            Ask("phone", LABELS["phone"], "tel"),
            Ask("email", LABELS["email"], "email"),
            Ask("language", Text("语言", "Language"), "select", "zh", LANGUAGES),
            Ask("roles", Text("角色", "Roles"), "checks", [], roles, wide=True),
        ],
        submit=Text("添加", "Add"),
    )


LANGUAGES: tuple[tuple[str, str], ...] = (("zh", "中文"), ("en", "English"))


def _password_help() -> Text:
    return Text(
        "至少 8 位；不填则暂时不能登录。", "8 characters or more; without one they cannot sign in."
    )


def _teams() -> list[tuple[str, Any]]:
    return [NONE, *((str(t.id), "　" * t.depth + t.name) for t in queries.tree())]


def member(request: HttpRequest, member_id: int) -> HttpResponse:
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup("people")
    return _member(page_request, queries.person(member_id))


def _member(request: PageRequest, one: Person, refused: Refused | None = None) -> HttpResponse:
    base = f"/setup/people/{one.id}"
    top: list[Any] = [Problems(refused.problems, labels=LABELS)] if refused else []
    side = [
        _team_panel(base, one),
        _manager_panel(base, one),
        _handover_panel(request, base, one),
        _access_panel(request, base, one),
    ]
    held = rights.roles_of([one.id]).get(one.id, ())
    roles = Form(
        f"{base}/roles",
        [Ask("roles", "", "checks", held, [(r.key, r.label) for r in rights.roles()], wide=True)],
    )
    details = _details(base, one)
    if refused is not None and request.path == details.action:
        details.answered(request.POST, refused)  # nothing typed is lost
    main = [Panel(Text("资料", "Details"), details)]
    if request.policy.may_setup("roles"):
        main.append(
            Panel(
                Text("角色", "Roles"),
                roles,
                note=Text("决定能看和能做什么", "What they may see and do"),
            )
        )
    state = "" if one.is_active else Text("已离职 {d}", "left {d}").format(d=one.left_on or "")
    return _page(
        request,
        one.name,
        [*top, Grid([(7, main), (5, side)])],
        subtitle=state,
        status=422 if refused else 200,
    )


def _details(base: str, one: Person) -> Form:
    return Form(
        base + "/details",
        [
            Ask("name", LABELS["name"], value=one.name, required=True),
            Ask("login", LABELS["login"], value=one.login, required=True),
            Ask("employee_no", LABELS["employee_no"], value=one.employee_no),
            Ask("phone", LABELS["phone"], "tel", one.phone),
            Ask("email", LABELS["email"], "email", one.email),
            Ask("joined_on", LABELS["joined_on"], "date", one.joined_on),
            Ask("language", Text("语言", "Language"), "select", one.language, LANGUAGES),
            Ask(
                "is_owner",
                Text("系统所有者", "Owner of the workspace"),
                "check",
                "1" if one.is_owner else "",
                help=Text("什么都可以看、可以做", "May see and do everything"),
            ),
        ],
    )


def _team_panel(base: str, one: Person) -> Panel:
    names = {t.id: t.name for t in queries.tree(active=None)}
    periods = [
        {"team": names.get(s.team_id, ""), "from": s.from_day, "to": s.to_day}
        for s in reversed(queries.membership_history(one.id))
        if s.primary
    ]
    table = Table(
        [
            Column(Text("团队", "Team"), "team"),
            Column(Text("从", "From"), "from", "date"),
            Column(Text("到（不含）", "To (not included)"), "to", "date"),
        ],
        periods,
        empty=Empty(Text("还没有进过团队", "Not in a team yet"), icon="users", small=True),
    )
    form = Form(
        f"{base}/team",
        [
            Ask("team", Text("调到", "Move to"), "select", options=_teams()),
            Ask("from_day", LABELS["from_day"], "date", today()),
        ],
        submit=Text("调动", "Move"),
        compact=True,
        note=Text("以前的业绩仍归当时的团队。", "Earlier figures stay with the team of that time."),
    )
    return Panel(Text("团队", "Team"), [form, table])


def _manager_panel(base: str, one: Person) -> Panel:
    managers: list[tuple[str, Text | str]] = [
        NONE,
        *((str(m.id), m.name) for m in queries.members() if m.id != one.id),
    ]
    now = queries.manager_on([one.id], today()).get(one.id)
    form = Form(
        f"{base}/manager",
        [
            Ask("manager", Text("直属上级", "Reports to"), "select", now, managers),
            Ask("from_day", LABELS["from_day"], "date", today()),
        ],
        style="",
        compact=True,
        prefix="manager-",
    )
    return Panel(Text("汇报", "Reporting"), form)


def _handover_panel(request: PageRequest, base: str, one: Person) -> Panel:
    """Their work goes to others; and the workspace as they see it."""
    ways: list[Any] = [offboarding.action(one.id)]
    if viewing.may(request.actor) and one.is_active and one.id != request.actor.member_id:
        ways.append(
            Action(
                Text("以其身份查看", "View as them"), f"/view-as/{one.id}", icon="eye", post=True
            )
        )
    counts = rights.explain_member(one.id) if request.policy.may_setup("roles") else ()
    return Panel(
        Text("交接与可见范围", "Handover and sight"),
        Raw("parts/setup/sight.html", ways=ways, said=counts),
    )


def _access_panel(request: PageRequest, base: str, one: Person) -> Panel:
    reset = Form(
        f"{base}/password",
        [Ask("password", Text("新密码", "New password"), "password", required=True)],
        submit=Text("重置密码", "Reset the password"),
        style="",
        compact=True,
        note=Text("其他设备上的登录会失效。", "They are signed out everywhere."),
    )
    if not one.is_active:
        back = Form(f"{base}/reactivate", [], submit=Text("重新启用", "Enable"), style="")
        return Panel(Text("登录", "Access"), back)
    leave = Form(
        f"{base}/deactivate",
        [Ask("left_on", Text("最后工作日", "Last day of work"), "date", today())],
        submit=Text("停用", "Deactivate"),
        style="",
        compact=True,
        confirm=Text(
            "停用{n}？将立即不能登录，记录和业绩保留。",
            "Deactivate {n}? They cannot sign in any more; records and figures stay.",
        ).format(n=one.name),
    )
    return Panel(
        Text("登录", "Access"), [reset, leave] if one.id != request.actor.member_id else reset
    )


def _page(
    request: PageRequest, title: Any, body: list[Any], *, status: int = 200, subtitle: Any = ""
) -> HttpResponse:
    return Page(title, body, crumbs=[Crumb(PEOPLE, "/setup/people")], subtitle=subtitle).response(
        request, status
    )


Change = Callable[[PageRequest, int], Text]


def _doing(change: Change) -> Callable[..., HttpResponse]:
    """A posted change of one member: done and told, or shown with what is wrong."""

    @require_POST
    def view(request: HttpRequest, member_id: int) -> HttpResponse:
        page_request = cast(PageRequest, request)
        try:
            words = change(page_request, member_id)
        except Refused as refused:
            if refused.status != 422:
                raise
            return _member(page_request, queries.person(member_id), refused)
        return redirect(f"/setup/people/{member_id}", words)

    return view


def _change_details(request: PageRequest, member_id: int) -> Text:
    post = request.POST
    actions.update_member(
        actor=request.actor,
        member_id=member_id,
        joined_on=day(post, "joined_on"),
        is_owner=bool(post.get("is_owner")),
        **{
            k: post.get(k, "")
            for k in ("name", "login", "employee_no", "phone", "email", "language")
        },
    )
    return Text("已保存", "Saved")


def _change_team(request: PageRequest, member_id: int) -> Text:
    since = day(request.POST, "from_day") or today()
    confirm(request, Subject("member", str(member_id)), since, field="from_day")
    actions.move_member(
        actor=request.actor,
        member_id=member_id,
        team_id=whole(request.POST, "team"),
        from_day=since,
    )
    return Text("已调动", "Moved")


def _change_manager(request: PageRequest, member_id: int) -> Text:
    actions.set_manager(
        actor=request.actor,
        member_id=member_id,
        manager_id=whole(request.POST, "manager"),
        from_day=day(request.POST, "from_day") or today(),
    )
    return Text("已保存", "Saved")


def _change_roles(request: PageRequest, member_id: int) -> Text:
    permissions.set_roles(
        actor=request.actor, member_id=member_id, roles=request.POST.getlist("roles")
    )
    return Text("角色已保存", "Roles saved")


def _reset_password(request: PageRequest, member_id: int) -> Text:
    password = request.POST.get("password", "")
    actions.set_password(actor=request.actor, member_id=member_id, password=password)
    return Text("密码已重置", "The password is reset")


def _deactivate(request: PageRequest, member_id: int) -> Text:
    last = day(request.POST, "left_on")
    actions.deactivate(actor=request.actor, member_id=member_id, left_on=last)
    return Text("已停用", "Deactivated")


def _reactivate(request: PageRequest, member_id: int) -> Text:
    actions.reactivate(actor=request.actor, member_id=member_id)
    return Text("已启用", "Enabled")


NAV = (Entry("setup", PEOPLE, "/setup/people", "users", lambda p: p.may_setup("people"), 10),)
urlpatterns = [
    path("setup/people", listing, name="people"),
    path("setup/people/new", new),
    path("setup/people/<int:member_id>", member),
    path("setup/people/<int:member_id>/details", _doing(_change_details)),
    path("setup/people/<int:member_id>/team", _doing(_change_team)),
    path("setup/people/<int:member_id>/manager", _doing(_change_manager)),
    path("setup/people/<int:member_id>/roles", _doing(_change_roles)),
    path("setup/people/<int:member_id>/password", _doing(_reset_password)),
    path("setup/people/<int:member_id>/deactivate", _doing(_deactivate)),
    path("setup/people/<int:member_id>/reactivate", _doing(_reactivate)),
]
