"""The list of any object: filtered, sorted and searched in the database, page by page by cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.views import queries as views
from wubu.collect.views.types import HEIGHTS
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.people import queries as people
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Page as RecordPage
from wubu.kernel.types import Forbidden, Refused, Text
from wubu.web import exporting, list_state
from wubu.web.pages.lists import listing_parts as parts
from wubu.web.pages.lists.filters import filter_bar
from wubu.web.ui import Action, Page, PageRequest, Problems, htmx_target, redirect
from wubu.web.ui.asking import whole

PER_PAGE = 50
IN_GROUP = 20
COUNTED = 1000
SUMMED_AT_ONCE = 20_000  # records; beyond, the sums are worked out when somebody asks
MOST_BULK = 1000


def listing(request: HttpRequest, object_key: str) -> HttpResponse:
    page_request = cast(PageRequest, request)
    now = list_state.of(page_request, object_key)
    if isinstance(now, HttpResponse):
        return now
    spec = now.spec
    columns = list_state.columns(page_request, spec, now.look.columns)
    query = now.query([f.key for f in columns], request.GET.get("cursor", ""), PER_PAGE)
    if request.GET.get("format") in exporting.FORMATS:
        return _export(page_request, spec, columns, query)
    context = _context(page_request, now, columns, query)
    status = 422 if context["problems"] else 200
    if htmx_target(request) == "rows":
        return Page(spec.plural, template="parts/lists/rows.html", context=context).response(
            page_request
        )
    page = Page(
        spec.plural,
        actions=_actions(page_request, spec),
        template="pages/lists/listing.html",
        context={
            **context,
            "filters": filter_bar(page_request, now),
            "choosable": _choosable(page_request, spec, columns),
            "views": list_state.tabs(page_request, now),
            "groupable": _groupable(page_request, spec),
            "heights": HEIGHTS.items(),
            "freezable": parts.freezable(columns),
        },
    )
    return page.response(page_request, status)


def _context(
    request: PageRequest, now: list_state.ListState, columns: list[FieldSpec], query: Query
) -> dict[str, Any]:
    """What the rows need. A filter or order that cannot be is told, and no rows are shown."""
    spec = now.spec
    found, groups, refused = RecordPage(()), None, None
    paint: dict[int, dict[str, str]] = {}
    try:
        if now.look.group and not query.cursor:
            groups = parts.groups(request, now, columns)
        if groups is None:
            found = queries.page(request.actor, spec.key, query)
            paint = views.colors(
                request.actor, spec.key, now.look.colors, [r.id for r in found.records]
            )
        count = (
            queries.count(request.actor, spec.key, query, cap=COUNTED) if not query.cursor else None
        )
    except Refused as problem:
        if problem.status != 422:
            raise
        refused, count = problem, None
    return {
        "spec": spec,
        "now": now,
        "headings": parts.headings(request, now, columns),
        "rows": parts.rows(found.records, columns, paint),
        "groups": groups,
        "found": found,
        "q": now.search,
        "filtered": bool(now.search or now.where),
        "problems": _problems(spec, refused),
        "bulk": _bulk(request, spec),
        "count": count,
        "sums": bool(parts.summed(request, spec, columns)) and count is not None,
        "may_edit": request.policy.may("edit", spec.key),
    }


def _problems(spec: ObjectSpec, refused: Refused | None) -> Problems | None:
    if refused is None:
        return None
    title = Text("筛选条件无法识别", "This filter is not valid")
    return Problems(refused.problems, title, labels={f.key: f.label for f in spec.live_fields})


def _choosable(
    request: PageRequest, spec: ObjectSpec, columns: list[FieldSpec]
) -> list[tuple[FieldSpec, bool]]:
    """The columns to choose from: those shown in their order, then the rest."""
    shown = {f.key for f in columns}
    rest = [f for f in list_state.readable(request, spec) if f.key not in shown]
    return [*((f, True) for f in columns), *((f, False) for f in rest)]


def _groupable(request: PageRequest, spec: ObjectSpec) -> list[FieldSpec]:
    return [
        f
        for f in spec.live_fields
        if views.may_group(f) and request.policy.readable(spec.key, (f.key,))
    ]


def _bulk(request: PageRequest, spec: ObjectSpec) -> dict[str, Any] | None:
    rights = request.policy
    owner = spec.role("owner")
    transfer = owner is not None and (
        rights.may("transfer", spec.key) or rights.may("edit", spec.key)
    )
    archive = rights.may("delete", spec.key)
    edit = rights.may("edit", spec.key) and rights.may("bulk_edit", spec.key)
    if not (transfer or archive or edit):
        return None
    merge = archive and rights.may("edit", spec.key)
    return {
        "transfer": transfer,
        "archive": archive,
        "merge": merge,
        "owner": owner,
        "edit": edit,
    }


def _actions(request: PageRequest, spec: ObjectSpec) -> list[Action]:
    found: list[Action] = []
    more = []
    if request.policy.may("export", spec.key):
        query = request.GET.copy()
        query.pop("cursor", None)
        for kind, icon in (("xlsx", "file-spreadsheet"), ("csv", "file-text")):
            query["format"] = kind
            label = Text("导出 {k}", "Export {k}").format(k=kind.upper())
            more.append(Action(label, f"?{query.urlencode()}", icon=icon, attrs={"download": ""}))
    if request.policy.may("import", spec.key):
        more.append(
            Action(Text("导入", "Import"), f"/import?object={spec.key}", icon="table-import")
        )
    if more:
        found.append(Action("", icon="dots", style="ghost", menu=more))
    if request.policy.may("create", spec.key):
        label = Text("新建{o}", "New {o}").format(o=spec.label)
        found.append(Action(label, f"/o/{spec.key}/new", icon="plus", style="primary"))
    return found


def _export(
    request: PageRequest, spec: ObjectSpec, columns: list[FieldSpec], query: Query
) -> HttpResponse:
    request.policy.require("export", spec.key)
    kind = request.GET["format"]
    name = str(spec.plural)
    return exporting.export(request.actor, spec.key, kind, name, columns, query, request.path)


def group(request: HttpRequest, object_key: str) -> HttpResponse:
    """The rows of one group, from the first or from a cursor on."""
    page_request = cast(PageRequest, request)
    now = _list_state(page_request, object_key)
    spec = now.spec
    columns = list_state.columns(page_request, spec, now.look.columns)
    f = spec.fields.get(now.look.group)
    may = f is not None and not f.retired and page_request.policy.readable(object_key, (f.key,))
    if f is None or not may or not views.may_group(f):
        raise views.missing()
    one = parts.inside(f, request.GET.get("in", ""))
    where = f"({now.where}) AND {one}" if now.where else one
    found_ = now.query([c.key for c in columns], request.GET.get("cursor", ""), IN_GROUP)
    query = Query(where, found_.sort, found_.search, found_.columns, IN_GROUP, found_.cursor)
    found = queries.page(page_request.actor, spec.key, query)
    paint = views.colors(
        page_request.actor, spec.key, now.look.colors, [r.id for r in found.records]
    )
    context = {
        "spec": spec,
        "rows": parts.rows(found.records, columns, paint),
        "found": found,
        "bulk": _bulk(page_request, spec),
        "span": len(columns),
    }
    return render(request, "parts/lists/rows_group.html", context)


def sums(request: HttpRequest, object_key: str) -> HttpResponse:
    """The row of sums over all that is found. For very many only when somebody asks."""
    page_request = cast(PageRequest, request)
    now = _list_state(page_request, object_key)
    columns = list_state.columns(page_request, now.spec, now.look.columns)
    count = queries.count(page_request.actor, object_key, now.query(), cap=SUMMED_AT_ONCE)
    wait = count.more and "all" not in request.GET
    found = {} if wait else parts.sums(page_request, now.spec, columns, now.query())
    context = {
        "spec": now.spec,
        "cells": [(f, found.get(f.key, "")) for f in columns],
        "bulk": _bulk(page_request, now.spec),
        "wait": wait,
    }
    return render(request, "parts/lists/rows_sums.html", context)


def _list_state(request: PageRequest, object_key: str) -> list_state.ListState:
    """The look of a part's address, which never leads to another page."""
    now = list_state.of(request, object_key, request.GET.get("kind", "list"))
    if isinstance(now, HttpResponse):
        raise views.missing()
    return now


@require_POST
def bulk(request: HttpRequest, object_key: str) -> HttpResponse:
    """Hand over or put away what was ticked; all of it or nothing, and it can be taken back."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    ids = ids_of(request.POST.getlist("id"))
    back = request.headers.get("Referer", f"/o/{object_key}/")
    if not ids:
        return redirect(back, Text("没有选择记录", "Nothing was chosen"))
    if request.POST.get("do") == "merge":
        if not 2 <= len(ids) <= 6:
            return redirect(back, Text("请选择两到六条记录", "Choose two to six records"))
        others = ",".join(map(str, ids[1:]))
        return redirect(f"/o/{object_key}/{ids[0]}/merge?with={others}")
    if request.POST.get("do") == "archive":
        return _archive(page_request, spec, ids, back)
    owner = spec.role("owner")
    to = whole(request.POST, "owner")
    if owner is None or to is None:
        return redirect(back, Text("请选择接收人", "Choose who takes over"))
    done = actions.transfer(actor=page_request.actor, object_key=object_key, ids=ids, owner=to)
    if done.problems:
        raise (
            Forbidden(*done.problems) if _only_forbidden(done.problems) else Refused(*done.problems)
        )
    name = people.person(to).name
    words = Text("{n} 条已转给{m}", "{n} handed over to {m}").format(n=done.updated, m=name)
    return redirect(back, words)


def _only_forbidden(problems: Iterable[Any]) -> bool:
    return all(p.code in ("forbidden", "out_of_reach") for p in problems)


def _archive(request: PageRequest, spec: ObjectSpec, ids: list[int], back: str) -> HttpResponse:
    actions.archive(actor=request.actor, object_key=spec.key, ids=ids)
    listed = ",".join(map(str, ids))
    words = Text("{n} 条已放入回收站", "{n} moved to the recycle bin").format(n=len(ids))
    return redirect(back, words, undo=f"/o/{spec.key}/restore?ids={listed}")


@require_POST
def restore(request: HttpRequest, object_key: str) -> HttpResponse:
    """Out of the recycle bin again."""
    page_request = cast(PageRequest, request)
    ids = ids_of(request.GET.get("ids", "").split(","))
    actions.restore(actor=page_request.actor, object_key=object_key, ids=ids)
    back = request.headers.get("Referer", f"/o/{object_key}/")
    return redirect(back, Text("已恢复 {n} 条", "{n} restored").format(n=len(ids)))


def ids_of(raw: Iterable[str]) -> list[int]:
    """The ids among what was sent."""
    return [int(i) for i in list(raw)[:MOST_BULK] if i.isascii() and i.isdigit() and len(i) < 19]


urlpatterns = [
    path("o/<slug:object_key>/", listing, name="list"),
    path("o/<slug:object_key>/group", group, name="list-group"),
    path("o/<slug:object_key>/sums", sums, name="list-sums"),
    path("o/<slug:object_key>/bulk", bulk, name="bulk"),
    path("o/<slug:object_key>/restore", restore, name="restore"),
]
