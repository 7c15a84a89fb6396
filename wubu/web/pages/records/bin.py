"""The recycle bin: what was put away, by whom, until when; taken back or deleted for good."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.permissions.queries import Policy
from wubu.kernel.records import actions, queries
from wubu.kernel.records.history import stories
from wubu.kernel.records.lifecycle import retention
from wubu.kernel.records.lifecycle.purging import Purged
from wubu.kernel.types import Refused, Text
from wubu.web.entries import Entry
from wubu.web.ui import Ask, Empty, Form, Grid, Page, PageRequest, Panel, Problems, Raw, redirect

MOST = 1000
COUNTED = 1000
TITLE = Text("回收站", "Recycle bin")
LABELS = {"bin_days": Text("回收站保留天数", "Days in the recycle bin")}


def may(rights: Policy) -> bool:
    """Whoever may delete anything, or sets it up."""
    return rights.may_setup(retention.AREA) or any(
        rights.may("delete", o.key) for o in snapshot().live if not o.part_of
    )


def page(request: HttpRequest) -> HttpResponse:
    """One object at a time: those with something in the bin come first."""
    page_request = cast(PageRequest, request)
    return _page(page_request)


def _page(page_request: PageRequest, refused: Refused | None = None) -> HttpResponse:
    if not may(page_request.policy):
        page_request.policy.require_setup(retention.AREA)
    objects = [
        o for o in snapshot().live if not o.part_of and page_request.policy.may("view", o.key)
    ]
    counts = {
        o.key: queries.count(page_request.actor, o.key, cap=COUNTED, archived=True) for o in objects
    }
    filled = [o for o in objects if counts[o.key].number]
    wanted = page_request.GET.get("object", "")
    spec = next((o for o in filled if o.key == wanted), None) or next(iter(filled), None)
    left: list[Any] = [_panel(page_request, spec, filled, counts)]
    right = [_retention(page_request, refused)]
    body: list[Any] = [Grid([(8, left), (4, right)])]
    if refused is not None:
        body.insert(0, Problems(refused.problems, labels=LABELS))
    made = Page(
        TITLE,
        body,
        step="setup",
        subtitle=Text("归档的记录先到这里", "Archived records are kept here first"),
    )
    return made.response(page_request, 422 if refused else 200)


def _panel(
    request: PageRequest,
    spec: ObjectSpec | None,
    filled: list[ObjectSpec],
    counts: dict[str, Any],
) -> Panel:
    if spec is None:
        empty = Empty(
            Text("回收站是空的", "The recycle bin is empty"),
            Text(
                "归档的记录会出现在这里，可以恢复。",
                "Archived records appear here and can be restored.",
            ),
            icon="trash",
        )
        return Panel("", empty, key="bin")
    rows, cursor = stories.binned(
        request.actor, spec.key, cursor=request.GET.get("cursor", "")[:2000]
    )
    context = {
        "spec": spec,
        "objects": [(o, counts[o.key], o.key == spec.key) for o in filled],
        "rows": rows,
        "cursor": cursor,
        "may_restore": request.policy.may("delete", spec.key),
        "may_purge": request.policy.may("delete", spec.key)
        and request.policy.may_setup(retention.AREA),
    }
    return Panel("", Raw("parts/records/bin.html", **context), key="bin", flush=True)


def _retention(request: PageRequest, refused: Refused | None) -> Panel:
    held = retention.retention()
    words = (
        Text("归档满 {n} 天后自动彻底删除。", "Deleted for good {n} days after being archived.")
        if held.bin_days
        else Text("不会自动删除。", "Nothing is deleted automatically.")
    ).format(n=held.bin_days)
    if not request.policy.may_setup(retention.AREA):
        return Panel(Text("保留多久", "Retention"), words)
    form = Form(
        "/bin/keep",
        [
            Ask(
                "bin_days",
                LABELS["bin_days"],
                "number",
                held.bin_days,
                help=Text("0 表示永久保留。", "0 keeps them for ever."),
                required=True,
            )
        ],
        note=Text(
            "修改日志不受影响：彻底删除也会记入日志。",
            "The log of changes stays whole: deleting is written there too.",
        ),
    )
    if refused is not None:
        form.answered(request.POST, refused)
    return Panel(Text("保留多久", "Retention"), [words, form])


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """For how long."""
    page_request = cast(PageRequest, request)
    try:
        retention.keep(actor=page_request.actor, bin_days=request.POST.get("bin_days", ""))
    except Refused as refused:
        if refused.status != 422:
            raise
        return _page(page_request, refused)
    return redirect("/bin", Text("已保存", "Saved"))


@require_POST
def act(request: HttpRequest, object_key: str) -> HttpResponse:
    """Take back, or delete for good, what was ticked."""
    page_request = cast(PageRequest, request)
    raw = request.POST.getlist("id")[:MOST]
    ids = [int(i) for i in raw if i.isascii() and i.isdigit() and len(i) < 19]
    back = f"/bin?object={object_key}"
    if not ids:
        return redirect(back, Text("没有选择记录", "Nothing was chosen"))
    if request.POST.get("do") == "purge":
        done = actions.purge(actor=page_request.actor, object_key=object_key, ids=ids)
        return redirect(back, _message(done))
    try:
        count = actions.restore(actor=page_request.actor, object_key=object_key, ids=ids)
    except Refused as refused:
        if refused.status != 422:
            raise
        return redirect(back, " ".join(str(p.message) for p in refused.problems))
    return redirect(back, Text("已恢复 {n} 条", "{n} restored").format(n=count))


def _message(done: Purged) -> Text:
    if not done.kept:
        return Text("已彻底删除 {n} 条", "{n} deleted for good").format(n=done.deleted)
    users = sorted({key for uses in done.kept.values() for key in uses})
    objects = snapshot().objects
    return Text(
        "已彻底删除 {n} 条；{m} 条仍被{o}引用，保留",
        "{n} deleted for good; {m} kept, still linked from {o}",
    ).format(n=done.deleted, m=len(done.kept), o=objects[users[0]].plural)


NAV = (Entry("setup", TITLE, "/bin", "trash", may, position=80),)
urlpatterns = [
    path("bin", page),
    path("bin/keep", keep),
    path("bin/<slug:object_key>", act),
]
