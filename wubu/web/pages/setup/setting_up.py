"""The first hour of an empty workspace: company, pack, teams, people, and off to work.

Nothing of it is kept beside what it makes: where somebody left off is told by what is there.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path as route
from django.views.decorators.http import require_POST

from wubu.collect.practice import queries as practice
from wubu.collect.rosters import actions as rosters
from wubu.collect.rosters import queries as reading
from wubu.collect.rosters.types import Account
from wubu.kernel.calendar import actions as calendar
from wubu.kernel.calendar.queries import settings as calendar_settings
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs import actions as packs
from wubu.kernel.packs.queries import installed, offered
from wubu.kernel.people import actions as people
from wubu.kernel.people import queries as directory
from wubu.kernel.permissions.actions import set_roles
from wubu.kernel.permissions.queries import roles, roles_of
from wubu.kernel.types import LANGS, Problem, Refused, Text
from wubu.web.pages.setup.packs import card
from wubu.web.ui import Ask, Form, Note, Page, PageRequest, Panel, Problems, Raw, redirect
from wubu.web.ui.asking import whole

START = "/setup/start"
MEND = Text("请先改好：", "Correct this first:")
LABELS = {
    "people": Text("名单", "List"),
    "name": Text("名称", "Name"),
    "fiscal_start_month": Text("财年", "Fiscal year"),
}
STEPS = (
    ("company", Text("公司", "Company")),
    ("pack", Text("行业", "Industry")),
    ("teams", Text("团队", "Teams")),
    ("people", Text("成员", "People")),
    ("ready", Text("完成", "Ready")),
)
MONTHS = [(str(m), Text(f"{m} 月", f"month {m}")) for m in range(1, 13)]
SHOWN_LANGS = {"zh": Text("中文", "中文"), "en": Text("English", "English")}
EXAMPLE = (
    "姓名\t手机\t团队\t角色\t上级\n"
    "李强\t13800000001\t华东组\t{manager}\t\n"
    "张伟\t13800000002\t华东组\t{rep}\t李强"
)


def _may(request: PageRequest) -> None:
    for area in ("packs", "people", "teams", "roles", "periods"):
        request.policy.require_setup(area)


def begin(request: HttpRequest) -> HttpResponse:
    """On with the first step that is not done."""
    page_request = cast(PageRequest, request)
    _may(page_request)
    done = _done()
    following = next((key for key, _ in STEPS if key not in done), "ready")
    return redirect(f"{START}/{following}")


def _done() -> set[str]:
    tree = directory.tree()
    found = set()
    if tree:
        found.add("company")
    if installed() or snapshot().objects:
        found.add("pack")
    if len(tree) > 1:
        found.add("teams")
    if len(directory.members()) > 1:
        found.add("people")
    return found


def company(request: HttpRequest) -> HttpResponse:
    """What the company is called, when its year begins, which language its owner reads."""
    page_request = cast(PageRequest, request)
    _may(page_request)
    root = next((t for t in directory.tree() if t.parent_id is None), None)
    form = Form(
        f"{START}/company",
        [
            Ask(
                "name",
                Text("公司名称", "Company name"),
                value=root.name if root else "",
                required=True,
                wide=True,
                placeholder=Text("例如 明华传感", "for example Minghua Sensors"),
            ),
            Ask(
                "fiscal",
                Text("财年从哪个月开始", "The fiscal year begins in"),
                "select",
                str(calendar_settings().fiscal_start_month),
                MONTHS,
            ),
            Ask(
                "language",
                Text("您的语言", "Your language"),
                "select",
                page_request.actor.lang,
                [(k, SHOWN_LANGS[k]) for k in LANGS],
            ),
        ],
        submit=Text("下一步", "Next"),
    )
    if request.method == "POST":
        try:
            _save_company(page_request, root.id if root else None)
        except Refused as refused:
            return _step(page_request, "company", [form.answered(request.POST, refused)], refused)
        return redirect(f"{START}/pack" if "pack" not in _done() else START)
    return _step(page_request, "company", [form])


def _save_company(request: PageRequest, root: int | None) -> None:
    post = request.POST
    name = post.get("name", "")
    if root is None:
        people.create_team(actor=request.actor, name=name, leader_id=request.actor.member_id)
    else:
        people.update_team(actor=request.actor, team_id=root, name=name)
    calendar.update_settings(actor=request.actor, fiscal_start_month=whole(post, "fiscal") or 1)
    if post.get("language") in LANGS:
        people.update_member(
            actor=request.actor,
            member_id=cast(int, request.actor.member_id),
            language=post["language"],
        )


def pack(request: HttpRequest) -> HttpResponse:
    """Which trade is nearest: objects, stages, metrics and roles come with it."""
    page_request = cast(PageRequest, request)
    _may(page_request)
    if request.method == "POST":
        key = request.POST.get("pack", "")
        if key not in {o.key for o in offered()}:
            said = Text("请选择一个配置包。", "Choose a pack.")
            return _step(page_request, "pack", [_cards()], Refused(Problem("required", said)))
        if not snapshot().objects:
            packs.install(key, actor=page_request.actor)
            _give_the_owner_a_role(page_request)
        return redirect(f"{START}/teams")
    there = installed()
    if there:
        note = Note(
            Text(
                "已安装：{p}。换行业请到“配置包”。", "Installed: {p}. Change it under Packs."
            ).format(p=there[0].label),
            tone="good",
        )
        return _step(page_request, "pack", [note, _next("teams")])
    return _step(page_request, "pack", [_cards()])


def _cards() -> Raw:
    return Raw("parts/setup/pack_cards.html", cards=[card(o) for o in offered()], choosing=True)


def _give_the_owner_a_role(request: PageRequest) -> None:
    """The owner may everything; the role decides what their first page shows."""
    me = cast(int, request.actor.member_id)
    if not roles_of([me]).get(me) and "boss" in {r.key for r in roles()}:
        set_roles(actor=request.actor, member_id=me, roles=["boss"])


def teams(request: HttpRequest) -> HttpResponse:
    """The teams, one a line; indented ones are part of the one above."""
    page_request = cast(PageRequest, request)
    _may(page_request)
    tree = directory.tree()
    shown = "\n".join("  " * (t.depth - 1) + t.name for t in tree if t.depth)
    form = Form(
        f"{START}/teams",
        [
            Ask(
                "teams",
                Text(
                    "每行一个团队，下级团队前面空两格",
                    "One team a line; two spaces before those below",
                ),
                "textarea",
                shown or str(Text("销售部\n  华东组\n  华南组", "Sales\n  East\n  South")),
                wide=True,
                help=Text("以后可以随时调整。", "It can be changed at any time."),
            )
        ],
        submit=Text("下一步", "Next"),
    )
    if request.method == "POST":
        try:
            _save_teams(page_request, request.POST.get("teams", ""))
        except Refused as refused:
            return _step(page_request, "teams", [form.answered(request.POST, refused)], refused)
        return redirect(f"{START}/people")
    return _step(page_request, "teams", [form], skip="people")


def _save_teams(request: PageRequest, text: str) -> None:
    tree = directory.tree()
    root = next((t.id for t in tree if t.parent_id is None), None)
    there = {(t.parent_id, t.name): t.id for t in tree}
    above: list[tuple[int, int | None]] = [(-1, root)]
    for line in text.splitlines():
        name = line.strip(" \t　-·•")
        if not name:
            continue
        depth = len(line.expandtabs(2)) - len(line.expandtabs(2).lstrip(" 　"))
        while above[-1][0] >= depth:
            above.pop()
        parent = above[-1][1]
        id_ = there.get((parent, name))
        if id_ is None:
            id_ = people.create_team(actor=request.actor, name=name, parent_id=parent).id
            there[parent, name] = id_
        above.append((depth, id_))


def people_page(request: HttpRequest) -> HttpResponse:
    """People by paste or file: seen first, then created with a first password each."""
    page_request = cast(PageRequest, request)
    _may(page_request)
    text = request.POST.get("people", "")
    submitted = request.FILES.get("file")
    try:
        if submitted is not None and not isinstance(submitted, list):
            text = _from_file(submitted)
        if request.method == "POST" and request.POST.get("save"):
            made = rosters.save(text, actor=page_request.actor)
            return _accounts(page_request, made)
        seen = reading.read(text) if text.strip() else None
    except Refused as refused:
        if refused.status != 422:
            raise
        return _step(page_request, "people", [_paste(text), _known()], refused)
    body: list[Any] = [_paste(text)]
    if seen is not None and not seen.problems and seen.entries:
        labels = {r.key: r.label for r in roles()}
        body = [
            Raw(
                "parts/setup/roster.html",
                roster=seen,
                text=text,
                rows=[(e, labels.get(e.role, "")) for e in seen.entries],
                action=f"{START}/people",
            ),
            *body,
        ]
    elif seen is not None and not seen.problems:
        body = [Note(Text("名单里没有新成员。", "There is nobody new in the list.")), *body]
    problems = Refused(*seen.problems) if seen and seen.problems else None
    return _step(page_request, "people", [*body, _known()], problems, skip="ready")


def _from_file(submitted: Any) -> str:
    """The first sheet of a workbook, or a text table, as if it had been pasted."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people"
        path.write_bytes(submitted.read())
        return reading.of_file(path, submitted.name)


def _paste(text: str) -> Raw:
    labels = {r.key: str(r.label) for r in roles()}
    example = EXAMPLE.format(
        manager=labels.get("sales_manager", ""), rep=labels.get("sales_rep", "")
    )
    return Raw(
        "parts/setup/roster_paste.html", text=text, example=example, action=f"{START}/people"
    )


def _known() -> Any:
    count = len(directory.members())
    said = Text("现在有 {n} 位成员。", "There are {n} members now.").format(n=count)
    return Note(said) if count > 1 else ""


def _accounts(request: PageRequest, made: tuple[Account, ...]) -> HttpResponse:
    body = [
        Note(
            Text(
                "首次登录密码只显示这一次，请现在复制并分别告诉本人。",
                "The first passwords are shown this once: copy them now and hand them over.",
            ),
            tone="warn",
        ),
        Panel(
            Text("已创建 {n} 位成员", "{n} members were created").format(n=len(made)),
            Raw("parts/setup/accounts.html", accounts=made),
            flush=True,
        ),
        _next("ready"),
    ]
    return _step(request, "people", body)


def ready(request: HttpRequest) -> HttpResponse:
    """What comes next, and a little practice data for those who like to look around first."""
    page_request = cast(PageRequest, request)
    _may(page_request)
    if "pack" not in _done():
        return redirect(f"{START}/pack")
    body = [Raw("parts/setup/begin_ready.html", practising=practice.is_there(), tour="/?tour=1")]
    return _step(page_request, "ready", body)


def _next(step: str) -> Raw:
    return Raw("parts/setup/begin_next.html", url=f"{START}/{step}")


def _step(
    request: PageRequest,
    key: str,
    body: list[Any],
    refused: Refused | None = None,
    *,
    skip: str = "",
) -> HttpResponse:
    done = _done()
    steps = [
        {"label": label, "url": f"{START}/{k}", "done": k in done, "here": k == key}
        for k, label in STEPS
    ]
    title = dict(STEPS)[key]
    shown = [
        Raw("parts/setup/begin.html", steps=steps),
        *([Problems(refused.problems, MEND, labels=LABELS)] if refused else []),
        *[b for b in body if b],
        *([Raw("parts/setup/begin_skip.html", url=f"{START}/{skip}")] if skip else []),
    ]
    return Page(
        Text("开始设置：{s}", "Setting up: {s}").format(s=title), shown, subtitle=ABOUT[key]
    ).response(request, refused.status if refused else 200)


ABOUT = {
    "company": Text(
        "几分钟就好，随时可以离开，回来接着做。", "A few minutes; leave and come back as you like."
    ),
    "pack": Text(
        "选最接近的一个：对象、阶段、指标和角色都随它而来，以后都能改。",
        "Choose the closest: objects, stages, metrics and roles come with it and can be changed.",
    ),
    "teams": Text(
        "业绩按团队汇总，也按团队看得见。", "Figures add up by team, and are seen by team."
    ),
    "people": Text(
        "从表格里复制几列，粘贴到这里。", "Copy a few columns of a spreadsheet and paste them."
    ),
    "ready": Text("可以开始工作了。", "Ready to work."),
}


@require_POST
def seen_tour(request: HttpRequest) -> HttpResponse:
    """Whoever took the tour, or did not want it, is not asked again."""
    page_request = cast(PageRequest, request)
    people.prefer(actor=page_request.actor, key="tour", seen=True)
    return HttpResponse(status=204)


urlpatterns = [
    route("setup/start", begin, name="start"),
    route("setup/start/company", company),
    route("setup/start/pack", pack),
    route("setup/start/teams", teams),
    route("setup/start/people", people_page),
    route("setup/start/ready", ready),
    route("tour/seen", seen_tour),
]
