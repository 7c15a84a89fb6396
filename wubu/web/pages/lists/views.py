"""Keeping a way of looking at an object under a name, and how each member lays it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.views import actions, queries
from wubu.collect.views.checking import NARROWEST, WIDEST
from wubu.collect.views.definition import MOST_FROZEN, MOST_GROUPS
from wubu.collect.views.types import HEIGHTS, Look, ViewInfo
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import actions as people
from wubu.kernel.people import queries as preferences
from wubu.kernel.types import Missing, Refused, Text
from wubu.web import list_state
from wubu.web.pages.lists import view_settings
from wubu.web.pages.records import view_sharing
from wubu.web.ui import Crumb, Page, PageRequest, Problems, redirect, toast
from wubu.web.ui.asking import whole

MOST_TABS = 200


@require_POST
def remember(request: HttpRequest, object_key: str) -> HttpResponse:
    """The filter that the member applied by hand; empty forgets it."""
    page_request = cast(PageRequest, request)
    page_request.policy.require("view", object_key)
    people.prefer(
        actor=page_request.actor,
        key=list_state.key(object_key),
        f=request.POST.get("f", "").strip()[:4000],
    )
    return HttpResponse(status=204)


@require_POST
def columns(request: HttpRequest, object_key: str) -> HttpResponse:
    """The columns this member sees in a view, their order, and what else of its layout is given."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    page_request.policy.require("view", object_key)
    post = request.POST
    view = _view(page_request, object_key, post.get("view", ""))
    place = str(view.id) if view else "0"
    kept = preferences.preference(page_request.actor.member_id, list_state.key(object_key))
    layouts: dict[str, Any] = {**kept.get("layouts", {})}
    if "reset" in post:
        layouts.pop(place, None)
        people.prefer(
            actor=page_request.actor,
            key=list_state.key(object_key),
            layouts=layouts,
            columns=kept.get("columns") if view else None,
        )
    else:
        seen = {f.key for f in list_state.readable(page_request, spec)}
        layouts[place] = {**layouts.get(place, {}), **_layout(post, seen)}
        known = [i for i in layouts if i != "0"][-30:]  # the views arranged last
        layouts = {i: v for i, v in layouts.items() if i == "0" or i in known}
        people.prefer(actor=page_request.actor, key=list_state.key(object_key), layouts=layouts)
    if "quiet" in post:
        return HttpResponse(status=204)
    rest = [
        (k, v)
        for k, v in parse_qsl(list_state.parameters(post.get("query", "")), keep_blank_values=True)
        if k != "columns"
    ]
    return redirect(f"/o/{object_key}/?{urlencode(rest) or 'f='}")


def _layout(post: QueryDict, seen: set[str]) -> dict[str, Any]:
    """What of a layout was sent, as far as it makes sense."""
    found: dict[str, Any] = {}
    if "column" in post:
        found["columns"] = [k for k in dict.fromkeys(post.getlist("column")) if k in seen]
    widths = {}
    for one in post.getlist("width")[:100]:
        name, _, number = one.partition(":")
        if name in seen and number.isascii() and number.isdigit() and len(number) < 5:
            widths[name] = min(max(int(number), NARROWEST), WIDEST)
    if widths:
        found["widths"] = widths
    frozen = post.get("frozen", "")
    if frozen.isascii() and frozen.isdigit() and int(frozen) <= MOST_FROZEN:
        found["frozen"] = int(frozen)
    if post.get("height") in HEIGHTS:
        found["height"] = post["height"]
    return found


@require_POST
def group_order(request: HttpRequest, object_key: str) -> HttpResponse:
    """Which groups come first for this member in a view, and how it was before."""
    page_request = cast(PageRequest, request)
    snapshot().object(object_key)
    page_request.policy.require("view", object_key)
    said = request.POST if "by" in request.POST else request.GET
    view = _view(page_request, object_key, said.get("view", ""))
    place = str(view.id) if view else "0"
    liked = preferences.preference(page_request.actor.member_id, list_state.key(object_key))
    layouts: dict[str, Any] = {**liked.get("layouts", {})}
    was = layouts.get(place, {}).get("groups", {})
    by, order = said.get("by", "")[:63], [v[:200] for v in said.getlist("in")][:MOST_GROUPS]
    mine = {k: v for k, v in layouts.get(place, {}).items() if k != "groups"}
    layouts[place] = mine | ({"groups": {"by": by, "order": order}} if order else {})
    people.prefer(actor=page_request.actor, key=list_state.key(object_key), layouts=layouts)
    if said is request.GET:
        return redirect(
            request.headers.get("Referer", f"/o/{object_key}/"), Text("已撤销", "Undone")
        )
    back = [("by", by), ("view", said.get("view", ""))]
    if was.get("by") == by:
        back += [("in", v) for v in was.get("order", ())]
    undo = f"/o/{object_key}/group-order?{urlencode(back)}"
    words = Text("分组顺序已保存", "The order of the groups is saved")
    return toast(HttpResponse(status=204), words, undo=undo)


@require_POST
def tab_order(request: HttpRequest, object_key: str) -> HttpResponse:
    """The tabs in this member's own order."""
    page_request = cast(PageRequest, request)
    said = request.POST if "id" in request.POST else request.GET
    ids = [int(i) for i in said.getlist("id")[:MOST_TABS] if i.isascii() and i.isdigit()]
    was = queries.own_order(page_request.actor, object_key)
    actions.arrange(actor=page_request.actor, object_key=object_key, ids=ids)
    if said is request.GET:
        return redirect(
            request.headers.get("Referer", f"/o/{object_key}/"), Text("已撤销", "Undone")
        )
    undo = f"/o/{object_key}/views/order?{urlencode([('id', i) for i in was])}"
    words = Text("标签顺序已保存（只对您）", "The order of your tabs is saved")
    return toast(HttpResponse(status=204), words, undo=undo)


@require_POST
def placed(request: HttpRequest, object_key: str, view_id: int) -> HttpResponse:
    """Take back where a view was put for everybody."""
    page_request = cast(PageRequest, request)
    found = _by_id(page_request, object_key, view_id)
    actions.place(found.id, actor=page_request.actor, after=whole(request.GET, "after"))
    return redirect(
        list_state.address(object_key, found.kind, found.slug), Text("已撤销", "Undone")
    )


def _view(request: PageRequest, object_key: str, slug: str) -> ViewInfo | None:
    return queries.view(request.actor, slug, object_key) if slug else None


def _now(request: PageRequest, object_key: str, text: str) -> tuple[ViewInfo | None, Look]:
    """The look that an address stands for, with the reader's own layout."""
    raw = QueryDict(list_state.parameters(text), mutable=False)
    original, request.GET = request.GET, raw
    try:
        view = _view(request, object_key, raw.get("view", ""))
        found = list_state.of(request, object_key, view.kind if view else "list")
    finally:
        request.GET = original
    if isinstance(found, HttpResponse):
        return view, view.look if view else Look()
    return found.view, found.look


@require_POST
def views(request: HttpRequest, object_key: str) -> HttpResponse:
    """Keep what is shown now under a name."""
    page_request = cast(PageRequest, request)
    page_request.policy.require("view", object_key)
    post = request.POST
    view, look = _now(page_request, object_key, post.get("query", ""))
    kind = post.get("kind", "") or (view.kind if view else "list")
    audience, _, team = post.get("audience", "personal").partition(":")
    made = actions.create(
        actor=page_request.actor,
        object_key=object_key,
        name=post.get("name", ""),
        kind=kind,
        audience=audience,
        team_id=int(team) if team.isascii() and team.isdigit() and len(team) < 19 else None,
        definition=_kept(page_request, object_key, look),
    )
    _tidy(page_request, object_key, view)
    words = Text("视图“{n}”已保存", "The view “{n}” is saved").format(n=made.name)
    return redirect(list_state.address(object_key, made.kind, made.slug), words)


def _kept(request: PageRequest, object_key: str, look: Look) -> dict[str, Any]:
    """The look as it is kept: columns that are everybody's anyhow need no mention."""
    said = look.as_json()
    seen = {f.key for f in list_state.readable(request, snapshot().object(object_key))}
    if "columns" in said:
        said["columns"] = [k for k in said["columns"] if k in seen]
    said["widths"] = {k: w for k, w in said.get("widths", {}).items() if k in seen}
    return {k: v for k, v in said.items() if v}


def _tidy(request: PageRequest, object_key: str, view: ViewInfo | None) -> None:
    """What was laid out by hand is in a view now; the one it was laid over is as it was."""
    if request.actor.member_id is None:
        return
    kept = preferences.preference(request.actor.member_id, list_state.key(object_key))
    layouts = {
        i: v for i, v in kept.get("layouts", {}).items() if i != (str(view.id) if view else "0")
    }
    people.prefer(actor=request.actor, key=list_state.key(object_key), layouts=layouts)


@require_POST
def view(request: HttpRequest, object_key: str, view_id: int) -> HttpResponse:
    """Change a view: save what is shown, open with it, keep a copy, let it go."""
    page_request = cast(PageRequest, request)
    found = _by_id(page_request, object_key, view_id, request.POST.get("query", ""))
    home = list_state.address(object_key, found.kind, found.slug)
    match request.POST.get("do"):
        case "save":
            _, look = _now(page_request, object_key, request.POST.get("query", ""))
            actions.update(
                found.id, actor=page_request.actor, definition=_kept(page_request, object_key, look)
            )
            _tidy(page_request, object_key, found)
            return redirect(home, Text("视图已更新", "The view is updated"))
        case "default":
            actions.prefer(actor=page_request.actor, object_key=object_key, slug=found.slug)
            return redirect(home, Text("以后先打开这个视图", "The list opens with this view now"))
        case "no_default":
            actions.prefer(actor=page_request.actor, object_key=object_key, slug="")
            return redirect(home, Text("不再先打开这个视图", "The list opens as usual again"))
        case "copy":
            made = actions.create(
                actor=page_request.actor,
                object_key=object_key,
                name=str(Text("{n}（副本）", "{n} (copy)").format(n=found.name))[:60],
                kind=found.kind,
                definition=found.look.as_json(),
            )
            words = Text("已存为您自己的视图", "Saved as your own view")
            return redirect(list_state.address(object_key, made.kind, made.slug), words)
        case "remove":
            actions.remove(found.id, actor=page_request.actor)
            words = Text("已删除视图“{n}”", "The view “{n}” is deleted").format(n=found.name)
            undo = f"/o/{object_key}/views/{found.id}/restore"
            return redirect(f"/o/{object_key}/?f=", words, undo=undo)
    return redirect(home)


def _by_id(request: PageRequest, object_key: str, view_id: int, query: str = "") -> ViewInfo:
    """One among the tabs, or the one that the address opened. Raises Missing."""
    listed = {v.id: v for v in queries.views(request.actor, object_key)}
    if view_id in listed:
        return listed[view_id]
    slug = dict(parse_qsl(query)).get("view", "")
    guest = _view(request, object_key, slug)
    if guest is not None and guest.id == view_id:
        return guest
    raise queries.missing()


@require_POST
def restore(request: HttpRequest, object_key: str, view_id: int) -> HttpResponse:
    """Bring a removed view back."""
    page_request = cast(PageRequest, request)
    found = actions.restore(view_id, actor=page_request.actor)
    home = list_state.address(found.object_key, found.kind, found.slug)
    return redirect(home, Text("视图已恢复", "The view is restored"))


def settings(request: HttpRequest, object_key: str, view_id: int) -> HttpResponse:
    """Everything about one view, on a page of its own."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    found = _by_id(page_request, object_key, view_id)
    if not found.may_edit:
        raise Missing(*queries.missing().problems)
    form = view_settings.form(page_request, spec, found)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            return _changed(page_request, object_key, found)
        except Refused as wrong:
            if wrong.status != 422:
                raise
            refused = wrong
            form = view_settings.answered(form, request.POST, wrong)
    home = list_state.address(object_key, found.kind, found.slug)
    body: list[Any] = [Problems(refused.problems)] if refused else []
    page = Page(
        Text("视图设置", "View settings"),
        body=[*body, *form, view_sharing.panel(page_request, found)],
        crumbs=[
            Crumb(spec.plural, list_state.address(object_key) + "?f="),
            Crumb(found.name, home),
        ],
    )
    return page.response(page_request, 422 if refused else 200)


def _changed(request: PageRequest, object_key: str, found: ViewInfo) -> HttpResponse:
    post = request.POST
    audience, _, team = post.get("audience", found.audience).partition(":")
    name: str | Mapping[str, str] = post.get("name", "")
    if name == str(found.name):
        name = found.name.as_dict()
    made = actions.update(
        found.id,
        actor=request.actor,
        version=whole(post, "version"),
        name=name,
        audience=audience,
        team_id=int(team) if team.isascii() and team.isdigit() and len(team) < 19 else None,
        definition=view_settings.definition(post, found.look),
    )
    home = list_state.address(object_key, made.kind, made.slug)
    words, undo = Text("视图已更新", "The view is updated"), ""
    wanted = post.get("after", "")
    if made.audience == found.audience and wanted != view_settings.behind(request, made):
        was = actions.place(made.id, actor=request.actor, after=whole(post, "after"))
        undo = f"/o/{object_key}/views/{made.id}/place" + (f"?after={was}" if was else "")
    return redirect(home, words, undo=undo)


urlpatterns = [
    path("o/<slug:object_key>/remember", remember, name="list-remember"),
    path("o/<slug:object_key>/columns", columns, name="list-columns"),
    path("o/<slug:object_key>/views", views, name="list-views"),
    path("o/<slug:object_key>/group-order", group_order, name="list-groups"),
    path("o/<slug:object_key>/views/order", tab_order, name="view-order"),
    path("o/<slug:object_key>/views/<int:view_id>/place", placed, name="view-place"),
    path("o/<slug:object_key>/views/<int:view_id>", view, name="list-view"),
    path("o/<slug:object_key>/views/<int:view_id>/restore", restore, name="view-restore"),
    path("o/<slug:object_key>/views/<int:view_id>/settings", settings, name="view-settings"),
]
