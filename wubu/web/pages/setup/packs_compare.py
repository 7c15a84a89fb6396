"""Setup: what taking a pack or a file over would change, part by part, and taking that back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.packs import actions, queries
from wubu.kernel.packs.content.compare import GONE
from wubu.kernel.packs.files.uploads import read_upload
from wubu.kernel.packs.types import Said, Upgrade
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.pages.setup import packs
from wubu.web.ui import (
    Crumb,
    Empty,
    Form,
    Note,
    Page,
    PageRequest,
    Panel,
    Problems,
    Raw,
    redirect,
    show,
)

Choices = dict[str, Literal["theirs", "ours"]]
NOT_YET = Text("按现在的选择还不能采用：", "With the current choices it cannot be applied:")
NOT_BACK = Text("还不能撤销：", "It cannot be undone yet:")
TAKEN = Text("配置已采用", "The configuration was applied")
KEPT = Text("选择已记住，并重新检查过。", "What you chose is remembered, and was checked anew.")
PART = "part:"  # hidden fields that carry the files from the comparison to its end
SIDES: Mapping[str, Text] = {
    "theirs": Text("包改了", "Pack"),
    "both": Text("两边都改了", "Both"),
    "ours": Text("本公司改了", "Ours"),
}


def pack(request: HttpRequest, key: str) -> HttpResponse:
    """What installing, changing to or upgrading a shipped pack would do; POST does it."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup(packs.AREA)
    there = key in {p.key for p in queries.installed()}
    choices = _choices(request)

    def compare() -> Upgrade:
        if there:
            return queries.upgrade(key, choices=choices)
        return queries.compare_shipped(key, choices)

    def take() -> None:
        if there:
            actions.upgrade(key, actor=page_request.actor, choices=choices)
        else:
            actions.apply(key, actor=page_request.actor, choices=choices)

    def keep() -> None:
        actions.choose(choices, actor=page_request.actor, key=key)

    return _flow(page_request, compare, take, keep, choices, {}, f"/setup/packs/{key}")


@require_POST
def file(request: HttpRequest) -> HttpResponse:
    """Compare a configuration that was pasted or sent; ``apply`` takes it over."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup(packs.AREA)
    choices = _choices(request)
    try:
        files = _files(request)
        return _flow(
            page_request,
            lambda: queries.compare_files(files, choices),
            lambda: actions.install_files(files, actor=page_request.actor, choices=choices),
            lambda: actions.choose(choices, actor=page_request.actor, files=files),
            choices,
            {f"{PART}{name}": text for name, text in files.items()},
            "/setup/packs/file",
        )
    except Refused as refused:
        if refused.status != 422:
            raise
        return packs.page(request, refused)


def _flow(
    request: PageRequest,
    compare: Callable[[], Upgrade],
    take: Callable[[], Any],
    keep: Callable[[], None],
    choices: Choices,
    extra: Mapping[str, str],
    action: str,
) -> HttpResponse:
    """Shown; with ``keep`` remembered and checked anew; with ``apply`` taken over."""
    kept = False
    if request.method == "POST" and request.POST.get("keep"):
        keep()
        kept = True
    elif request.method == "POST" and request.POST.get("apply"):
        try:
            take()
        except Refused as refused:
            if refused.status != 422:
                raise
            return _preview(request, compare(), choices, extra, action, refused)
        return redirect("/setup/packs", TAKEN)
    return _preview(request, compare(), choices, extra, action, kept=kept)


def _files(request: HttpRequest) -> dict[str, str]:
    """What was sent, carried along or pasted, by name. Raises Refused."""
    submitted = request.FILES.get("file")
    if submitted is not None and not isinstance(submitted, list) and submitted.size:
        return read_upload(submitted.read(), submitted.name or "YAML")
    carried = {
        name.removeprefix(PART): text.replace("\r\n", "\n")
        for name, value in request.POST.items()
        if name.startswith(PART) and (text := str(value))
    }
    if carried:
        return carried
    text = request.POST.get("text", "").replace("\r\n", "\n")
    if not text.strip():
        raise Refused(
            Problem(
                "required",
                Text(
                    "还没有选择文件，也没有粘贴内容。", "No file was chosen and nothing was pasted."
                ),
                Text(
                    "选择导出的 .yaml 或 .zip 文件，或者粘贴 YAML。",
                    "Choose an exported .yaml or .zip file, or paste YAML.",
                ),
            )
        )
    return read_upload(text.encode(), "YAML")


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
    action: str,
    refused: Refused | None = None,
    *,
    kept: bool = False,
) -> HttpResponse:
    problems = refused.problems if refused else made.problems
    title = packs.NOT_TAKEN if refused else NOT_YET
    labels: dict[str, Any] = {p.field: "" for p in problems if p.field}
    labels |= {s.id: s.place for s in made.differences}
    shown: Any = Empty(
        Text("没有不同", "There is no difference"),
        Text("工作区与这份配置一致。", "The workspace is as this configuration says."),
        icon="circle-check",
    )
    if made.differences:
        shown = Raw(
            "parts/setup/pack_differences.html", action=action, extra=extra, **_shown(made, choices)
        )
    body = [
        Problems(_unique(problems), title, labels) if problems else "",
        Note(KEPT, tone="good") if kept and not problems else "",
        shown,
    ]
    return Page(
        made.label,
        [b for b in body if b],
        crumbs=[Crumb(packs.PACKS, "/setup/packs")],
        subtitle=_versions(made),
    ).response(request, 422 if refused else 200)


def _shown(made: Upgrade, choices: Choices) -> dict[str, Any]:
    counts = {"theirs": len(made.taken), "both": len(made.conflicts), "ours": len(made.own)}
    first = "pack" if made.taken or made.conflicts else "ours"
    filters = [
        ("pack", Text("包的变化", "What the pack changes"), counts["theirs"] + counts["both"]),
        ("both", Text("只看冲突", "Only what conflicts"), counts["both"]),
        ("ours", Text("本公司的修改", "Our own changes"), counts["ours"]),
        ("all", Text("全部", "All"), len(made.differences)),
    ]
    return {
        "filters": [(k, label, n, k == first) for k, label, n in filters],
        "kinds": _by_kind(made.differences, {**made.chosen, **choices}),
        "risks": [s for s in made.plan.steps if s.risk],
        "problems": made.problems,
    }


def _by_kind(some: Iterable[Said], choices: Mapping[str, str]) -> list[dict[str, Any]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    names: dict[str, Text] = {}
    for one in some:
        key = one.difference.path[0]
        names[key] = one.section
        side = one.difference.side
        grouped.setdefault(key, []).append(
            {
                "said": one,
                "side": side,
                "mark": SIDES[side],
                "had": one.difference.before is not GONE,
                "path": one.id.replace("/", " › "),
                "choice": choices.get(one.id, one.difference.takes),
            }
        )
    return [
        {
            "label": names[k],
            "rows": rows,
            "count": len(rows),
            "both": sum(r["side"] == "both" for r in rows),
        }
        for k, rows in grouped.items()
    ]


def _unique(problems: Iterable[Problem]) -> list[Problem]:
    found: dict[tuple[str, str], Problem] = {}
    for one in problems:
        found.setdefault((one.message.zh, one.field or ""), one)
    return list(found.values())


def _versions(made: Upgrade) -> Text:
    if made.base and made.base != made.key:
        base = next((p.label for p in queries.installed() if p.key == made.base), made.base)
        return Text(
            "版本 {v}，与已安装的“{b}”（版本 {a}）比较",
            "Version {v}, beside “{b}” (version {a}) as installed",
        ).format(v=made.shipped_version, b=base, a=made.installed_version)
    if made.installed_version is None:
        return Text("版本 {v}，尚未安装", "Version {v}, not installed").format(
            v=made.shipped_version
        )
    return Text("已安装版本 {a}，这一份是版本 {b}", "Version {a} installed, this is {b}").format(
        a=made.installed_version, b=made.shipped_version
    )


def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """What taking a change back would do; POST does it."""
    page_request = cast(PageRequest, request)
    page_request.policy.require_setup(packs.AREA)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            actions.undo(change_id, actor=page_request.actor)
        except Refused as error:
            if error.status != 422:
                raise
            refused = error
        else:
            return redirect("/setup/packs", Text("已撤销", "Undone"))
    made = queries.undoing(change_id)
    problems = refused.problems if refused else made.problems
    body: list[Any] = []
    if problems:
        body.append(Problems(_unique(problems), NOT_BACK))
    if made.plan.steps or made.differences:
        kinds = _by_kind(made.differences, {})
        shown = Raw("parts/setup/pack_undo.html", steps=made.plan.steps, kinds=kinds)
        body.append(Panel(Text("会变回这样", "What would be as before"), shown, flush=True))
    if not problems:
        body.append(
            Form(
                f"/setup/packs/changes/{change_id}/undo",
                [],
                submit=Text("撤销", "Undo"),
                note=Text(
                    "规则和指标从今天起恢复为之前的；这段时间里的记录和结果不变。",
                    "Rules and metrics are as before from today on; what they gave stays.",
                ),
            )
        )
    title = Text("撤销“{p}”", "Undo “{p}”").format(p=made.label)
    return Page(
        title,
        body,
        crumbs=[Crumb(packs.PACKS, "/setup/packs")],
        subtitle=Text("版本 {v}", "Version {v}").format(v=show.number(made.version)),
    ).response(page_request, 422 if refused else 200)


urlpatterns = [
    path("setup/packs/file", file),
    path("setup/packs/changes/<int:change_id>/undo", undo),
    path("setup/packs/<slug:key>", pack),
]
