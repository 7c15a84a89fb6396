"""Setup: which packs are installed, what the company changed, what else there is, and YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.practice import actions as practising
from wubu.collect.practice import queries as practice
from wubu.kernel.packs import actions, queries
from wubu.kernel.packs.loading import shipped_keys
from wubu.kernel.packs.types import Offered, Pack, Said, Upgrade
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.nav import Entry
from wubu.web.ui import (
    Action,
    Ask,
    Crumb,
    Empty,
    Form,
    Grid,
    Note,
    Page,
    PageRequest,
    Panel,
    Problems,
    Raw,
    redirect,
    show,
)

PACKS = Text("配置包", "Packs")
AREA = "packs"
LARGEST = 2_000_000  # bytes of a YAML file
Choices = dict[str, Literal["theirs", "ours"]]
COUNTED = (
    "objects",
    "roles",
    "metrics",
    "scorecards",
    "alerts",
    "reminders",
    "leaderboards",
    "points",
)


def page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    asked = cast(PageRequest, request)
    asked.policy.require_setup(AREA)
    there = queries.installed()
    mine = [_installed(p) for p in there]
    keys = {p.key for p in there}
    others = [card(o) for o in queries.offered() if o.key not in keys]
    shown: Any = Raw("parts/packs_installed.html", packs=mine)
    if not mine:
        shown = Empty(
            Text("还没有安装配置包", "No pack is installed"),
            Text("从右侧选一个最接近的行业。", "Choose the one nearest to your trade."),
            icon="package",
        )
    body = [
        *([Problems(refused.problems, NOT_TAKEN)] if refused else []),
        Grid(
            [
                (7, [Panel(Text("已安装", "Installed"), shown, flush=bool(mine)), _file(asked)]),
                (5, [_practice(asked)]),
            ]
        ),
        Panel(
            Text("自带的配置包", "Packs that come with the program"),
            Raw("parts/pack_cards.html", cards=others, choosing=False),
            note=Text("先看不同，再决定", "look at the differences first"),
        )
        if others
        else "",
    ]
    return Page(
        PACKS,
        [b for b in body if b],
        subtitle=Text(
            "对象、角色、指标、预警等全部配置，可以导出、比较、安装和升级。",
            "All that is configured, to export, compare, install and upgrade.",
        ),
        actions=[Action(Text("导出 YAML", "Export YAML"), "/setup/packs/export", icon="download")],
    ).response(asked, refused.status if refused else 200)


NOT_YET = Text("按现在的选择还不能采用：", "As it is chosen now, it cannot be taken:")
NOT_TAKEN = Text("没有采用，请先处理：", "Nothing was taken. First settle this:")


def _installed(pack: Pack) -> dict[str, Any]:
    found: dict[str, Any] = {
        "pack": pack,
        "on": show.date(pack.installed_at),
        "counts": _counts(_shipped_sections()),
        "own": 0,
    }
    if pack.key in shipped_keys():
        made = queries.upgrade(pack.key)
        found |= {
            "own": len(made.own),
            "upgrade": not made.is_empty,
            "to": made.shipped_version,
            "url": f"/setup/packs/{pack.key}",
            "base": queries.base_label(pack.extends) if pack.extends else None,
        }
    return found


def _shipped_sections() -> Mapping[str, Any]:
    return {name: queries.section(name) for name in COUNTED}


def _counts(content: Mapping[str, Any]) -> list[tuple[Text, int]]:
    labels = queries.labels()
    return [(labels[n], len(content[n])) for n in COUNTED if content.get(n) and n in labels]


def card(pack: Offered) -> dict[str, Any]:
    """A pack as a picture: its objects, the stages of its deals, what it measures."""
    objects = pack.content.get("objects", {})
    live = sorted(
        (o for o in objects.values() if not o.get("part_of")), key=lambda o: o.get("position", 0)
    )
    staged = next(
        (o for o in objects.values() if "stage" in o.get("roles", {}) and "amount" in o["roles"]),
        None,
    )
    stages = staged["fields"][staged["roles"]["stage"]]["choices"].values() if staged else ()
    metrics = sorted(
        (m for m in pack.content.get("metrics", {}).values() if not m.get("hidden")),
        key=lambda m: m.get("position", 0),
    )
    return {
        "pack": pack,
        "objects": [(Text.of(o["label"]), o.get("icon", "circle")) for o in live[:9]],
        "more": max(0, len(live) - 9),
        "stages": [(Text.of(s["label"]), s.get("color", "")) for s in stages],
        "metrics": [Text.of(m["label"]) for m in metrics[:6]],
    }


def _file(request: PageRequest) -> Panel:
    form = Form(
        "/setup/packs/file",
        [
            Ask(
                "text",
                Text("YAML 内容", "YAML"),
                "textarea",
                request.POST.get("text", ""),
                wide=True,
                required=True,
                placeholder="pack: workspace …",
                help=Text(
                    "粘贴另一个工作区导出的配置。先显示全部不同，确认后才采用。",
                    "Paste what another workspace exported. All differences are shown before "
                    "anything is taken.",
                ),
            )
        ],
        submit=Text("比较", "Compare"),
        style="",
    )
    return Panel(Text("比较或安装一份配置", "Compare or install a configuration"), form)


def _practice(request: PageRequest) -> Panel:
    found = practice.practice()
    if found is None:
        return Panel(
            Text("练习数据", "Practice data"),
            [
                Note(
                    Text(
                        "填入一小段虚构的业务，先熟悉系统；之后可以一次清空，只清这些记录。",
                        "A small made-up story to get to know the program. It is taken out at "
                        "once later, and nothing else.",
                    )
                ),
                Form("/setup/packs/practice", [], submit=Text("填入练习数据", "Fill in"), style=""),
            ],
        )
    hanging = practice.hanging(found)
    asks = (
        [
            Ask(
                "with_hanging",
                Text("一并清除关联着练习数据的记录", "Take out my own that link to it, too"),
                "check",
                "",
                help=Text("、", ", ").say().join(f"{h.label} {len(h.ids)}" for h in hanging),
                wide=True,
            )
        ]
        if hanging
        else []
    )
    return Panel(
        Text("练习数据", "Practice data"),
        [
            Note(
                Text(
                    "工作区里有 {n} 条练习记录，正在计入业绩；清空前不能关账。",
                    "{n} practice records are there and count in all figures; no month can be "
                    "closed before they are gone.",
                ).format(n=found.count),
                tone="warn",
            ),
            Form(
                "/setup/packs/practice/empty",
                asks,
                submit=Text("清空练习数据", "Take it out"),
                style="",
                confirm=Text("清空后不能恢复。", "It cannot be brought back."),
            ),
        ],
    )


def pack(request: HttpRequest, key: str) -> HttpResponse:
    """What installing, changing to or upgrading a shipped pack would do; POST does it."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup(AREA)
    there = {p.key for p in queries.installed()}
    choices = _choices(request)
    if request.method == "POST":
        try:
            if key in there:
                actions.upgrade(key, actor=asked.actor, choices=choices)
            else:
                actions.take(key, actor=asked.actor, choices=choices)
        except Refused as refused:
            if refused.status != 422:
                raise
            return _preview(asked, _proposal(key, there, choices), choices, {}, refused)
        return redirect("/setup/packs", Text("配置已采用", "The configuration was taken over"))
    return _preview(asked, _proposal(key, there, choices), choices, {})


def _proposal(key: str, there: set[str], choices: Choices) -> Upgrade:
    if key in there:
        return queries.upgrade(key, choices=choices)
    return queries.compare_shipped(key, choices)


@require_POST
def file(request: HttpRequest) -> HttpResponse:
    """Compare a configuration that was pasted or sent; ``apply`` takes it over."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup(AREA)
    text, name = request.POST.get("text", ""), "YAML"
    choices = _choices(request)
    try:
        sent = request.FILES.get("file")
        if sent is not None and not isinstance(sent, list):
            if (sent.size or 0) > LARGEST:
                raise Refused(Problem("too_large", Text("文件太大。", "The file is too large.")))
            text, name = sent.read().decode("utf-8-sig", "replace"), sent.name or name
        if request.POST.get("apply"):
            actions.install_text(text, name, actor=asked.actor, choices=choices)
            return redirect("/setup/packs", Text("配置已采用", "The configuration was taken over"))
        return _preview(asked, queries.compare_text(text, name, choices), choices, {"text": text})
    except Refused as refused:
        if refused.status != 422:
            raise
        return page(request, refused)


def _choices(request: HttpRequest) -> Choices:
    return {
        name.removeprefix("c:"): "theirs" if value == "theirs" else "ours"
        for name, value in request.POST.items()
        if name.startswith("c:")
    }


def _preview(
    request: PageRequest,
    made: Upgrade,
    choices: Choices,
    extra: Mapping[str, str],
    refused: Refused | None = None,
) -> HttpResponse:
    problems = [*made.problems, *(refused.problems if refused else ())]
    action = "/setup/packs/file" if extra else f"/setup/packs/{made.key}"
    taking = bool(made.taken or made.conflicts)
    risks = [s for s in made.plan.steps if s.risk]
    body = [
        Problems(problems, NOT_TAKEN if refused else NOT_YET) if problems else "",
        Raw(
            "parts/pack_differences.html",
            action=action,
            extra=extra,
            groups=_groups(made, choices),
            own=_by_place(made.own),
            own_count=len(made.own),
            risks=risks,
            taking=taking,
        )
        if taking or made.own
        else Empty(
            Text("没有不同", "There is no difference"),
            Text("工作区与这份配置一致。", "The workspace is as this configuration says."),
            icon="circle-check",
        ),
    ]
    return Page(
        made.label,
        [b for b in body if b],
        crumbs=[Crumb(PACKS, "/setup/packs")],
        subtitle=_versions(made),
    ).response(request, refused.status if refused else 200)


def _versions(made: Upgrade) -> Text:
    if made.installed_version is None:
        return Text("版本 {v}，尚未安装", "version {v}, not installed").format(
            v=made.shipped_version
        )
    return Text("已安装版本 {a}，自带版本 {b}", "version {a} installed, {b} shipped").format(
        a=made.installed_version, b=made.shipped_version
    )


def _groups(made: Upgrade, choices: Choices) -> list[dict[str, Any]]:
    found = []
    for title, side, some in (
        (Text("两边都改过，请选择", "Changed on both sides: choose"), "both", made.conflicts),
        (Text("包里的变化", "What the pack changes"), "theirs", made.taken),
    ):
        rows = [
            (where, [(s, choices.get(s.id, s.difference.takes)) for s in these])
            for where, these in _by_place(some)
        ]
        if rows:
            found.append({"title": title, "side": side, "rows": rows, "count": len(some)})
    return found


def _by_place(some: Iterable[Said]) -> list[tuple[str, list[Said]]]:
    grouped: dict[str, list[Said]] = {}
    for one in some:
        grouped.setdefault(str(one.section), []).append(one)
    return list(grouped.items())


def export(request: HttpRequest) -> HttpResponse:
    """The whole configuration as a file."""
    asked = cast(PageRequest, request)
    response = HttpResponse(queries.export(asked.actor), content_type="application/yaml")
    response["Content-Disposition"] = 'attachment; filename="wubu.yaml"'
    return response


@require_POST
def fill(request: HttpRequest) -> HttpResponse:
    asked = cast(PageRequest, request)
    try:
        done = practising.fill(actor=asked.actor)
    except Refused as refused:
        if refused.status != 422:
            raise
        return page(request, refused)
    said = Text("已填入 {n} 条练习记录", "{n} practice records were filled in")
    return redirect(_onward(request), said.format(n=show.number(done.count)))


@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    asked = cast(PageRequest, request)
    try:
        gone = practising.empty(
            actor=asked.actor, with_hanging=bool(request.POST.get("with_hanging"))
        )
    except Refused as refused:
        if refused.status != 422:
            raise
        return page(request, refused)
    said = Text("已清空 {n} 条练习记录", "{n} practice records were taken out")
    return redirect("/setup/packs", said.format(n=show.number(gone)))


def _onward(request: HttpRequest) -> str:
    return "/" if request.POST.get("next") == "/" else "/setup/packs"


NAV = (Entry("setup", PACKS, "/setup/packs", "package", lambda p: p.may_setup(AREA), 60),)
urlpatterns = [
    path("setup/packs", page, name="packs"),
    path("setup/packs/export", export),
    path("setup/packs/file", file),
    path("setup/packs/practice", fill),
    path("setup/packs/practice/empty", empty),
    path("setup/packs/<slug:key>", pack),
]
