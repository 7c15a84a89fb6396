"""Setup: which packs are installed, what the company changed, what else there is, and YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.practice import actions as practising
from wubu.collect.practice import queries as practice
from wubu.kernel.packs import queries
from wubu.kernel.packs.files.loading import shipped_keys
from wubu.kernel.packs.files.uploads import zipped
from wubu.kernel.packs.types import Offered, Pack
from wubu.kernel.types import Refused, Text
from wubu.web.entries import Entry
from wubu.web.ui import (
    Action,
    Ask,
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
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup(AREA)
    there = queries.installed()
    mine = [_installed(p) for p in there]
    keys = {p.key for p in there}
    others = [card(o) for o in queries.offered() if o.key not in keys]
    shown: Any = Raw("parts/setup/packs_installed.html", packs=mine)
    if not mine:
        shown = Empty(
            Text("还没有安装配置包", "No pack is installed"),
            Text("从右侧选一个最接近的行业。", "Choose the one closest to your industry."),
            icon="package",
        )
    body = [
        *([_refused(refused)] if refused else []),
        Grid(
            [
                (
                    7,
                    [
                        Panel(Text("已安装", "Installed"), shown, flush=bool(mine)),
                        _file(page_request),
                    ],
                ),
                (5, [_practice(page_request)]),
            ]
        ),
        Panel(
            Text("自带的配置包", "Packs that come with the program"),
            Raw("parts/setup/pack_cards.html", cards=others, choosing=False),
            note=Text("先看不同，再决定", "review the differences first"),
        )
        if others
        else "",
        _history(page_request),
    ]
    return Page(
        PACKS,
        [b for b in body if b],
        subtitle=Text(
            "对象、角色、指标、预警等全部配置，可以导出、比较、安装和升级。",
            "All that is configured, to export, compare, install and upgrade.",
        ),
        actions=[
            Action(Text("导出 YAML", "Export YAML"), "/setup/packs/export", icon="download"),
            Action(Text("导出 ZIP", "Export ZIP"), "/setup/packs/export?as=zip", icon="archive"),
        ],
    ).response(page_request, refused.status if refused else 200)


NOT_TAKEN = Text("没有采用，请先处理：", "Nothing was applied. Resolve this first:")


def _installed(pack: Pack) -> dict[str, Any]:
    found: dict[str, Any] = {
        "pack": pack,
        "on": show.date(pack.installed_at),
        "counts": _counts(_shipped_sections()),
        "own": 0,
    }
    if pack.key in shipped_keys():
        made = queries.upgrade(pack.key, rehearse=False)
        found |= {
            "own": len(made.own),
            "upgrade": not made.is_empty,
            "to": made.shipped_version,
            "url": f"/setup/packs/{pack.key}",
            "base": queries.base_label(pack.extends) if pack.extends else None,
        }
    return found


def _refused(refused: Refused) -> Problems:
    """The file and line are in the words; the key of the part says no more."""
    labels = {p.field: "" for p in refused.problems if p.field}
    return Problems(refused.problems, NOT_TAKEN, labels)


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
    shown = Raw("parts/setup/pack_file.html", text=request.POST.get("text", ""))
    return Panel(Text("比较或安装一份配置", "Compare or install a configuration"), shown)


def _history(request: PageRequest) -> Panel | str:
    rows = queries.changes(limit=20)
    if not rows:
        return ""
    shown = Raw("parts/setup/pack_changes.html", rows=rows)
    return Panel(Text("变更记录", "History"), shown, flush=True)


def _practice(request: PageRequest) -> Panel:
    found = practice.practice()
    if found is None:
        return Panel(
            Text("练习数据", "Practice data"),
            [
                Note(
                    Text(
                        "填入一小段虚构的业务，先熟悉系统；之后可以一次清空，只清这些记录。",
                        "A small set of sample records to get to know the program. Clear "
                        "it at any time; your own records stay.",
                    )
                ),
                Form(
                    "/setup/packs/practice",
                    [],
                    submit=Text("填入练习数据", "Add practice data"),
                    style="",
                ),
            ],
        )
    hanging = practice.hanging(found)
    asks = (
        [
            Ask(
                "with_hanging",
                Text("一并清除关联着练习数据的记录", "Also clear my own records that link to it"),
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
                submit=Text("清空练习数据", "Clear practice data"),
                style="",
                confirm=Text("清空后不能恢复。", "This cannot be undone."),
            ),
        ],
    )


def export(request: HttpRequest) -> HttpResponse:
    """The whole configuration as a file; ``as=zip`` as an archive, a file for each part."""
    page_request = cast(PageRequest, request)
    if request.GET.get("as") == "zip":
        data = zipped(queries.export_files(page_request.actor))
        response = HttpResponse(data, content_type="application/zip")
        response["Content-Disposition"] = 'attachment; filename="wubu.zip"'
        return response
    response = HttpResponse(queries.export(page_request.actor), content_type="application/yaml")
    response["Content-Disposition"] = 'attachment; filename="wubu.yaml"'
    return response


@require_POST
def fill(request: HttpRequest) -> HttpResponse:
    page_request = cast(PageRequest, request)
    try:
        done = practising.fill(actor=page_request.actor)
    except Refused as refused:
        if refused.status != 422:
            raise
        return page(request, refused)
    said = Text("已填入 {n} 条练习记录", "{n} practice records were added")
    return redirect(_onward(request), said.format(n=show.number(done.count)))


@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    page_request = cast(PageRequest, request)
    try:
        gone = practising.empty(
            actor=page_request.actor, with_hanging=bool(request.POST.get("with_hanging"))
        )
    except Refused as refused:
        if refused.status != 422:
            raise
        return page(request, refused)
    said = Text("已清空 {n} 条练习记录", "{n} practice records were cleared")
    return redirect("/setup/packs", said.format(n=show.number(gone)))


def _onward(request: HttpRequest) -> str:
    return "/" if request.POST.get("next") == "/" else "/setup/packs"


NAV = (Entry("setup", PACKS, "/setup/packs", "package", lambda p: p.may_setup(AREA), 60),)
urlpatterns = [
    path("setup/packs", page, name="packs"),
    path("setup/packs/export", export),
    path("setup/packs/practice", fill),
    path("setup/packs/practice/empty", empty),
]
