"""The list of any object: filtered, sorted and searched in the database, page by page by cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.people import queries as people
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Page as RecordPage
from wubu.kernel.records.types import Record
from wubu.kernel.types import Forbidden, Refused, Text
from wubu.web import exporting
from wubu.web.pages import views
from wubu.web.ui import Action, Page, PageRequest, Problems, Raw, htmx_target, redirect, values

PER_PAGE = 50
COUNTED = 1000
MOST_BULK = 1000
DEFAULT_COLUMNS = 6


@dataclass(frozen=True)
class Heading:
    """A column's head: how a click sorts, and how it sorts now."""

    field: FieldSpec
    sort: str
    direction: str
    number: bool


def listing(request: HttpRequest, object_key: str) -> HttpResponse:
    asked = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    asked.policy.require("view", object_key)
    liked = people.preference(asked.actor.member_id, views.key(object_key))
    if liked.get("f") and not request.GET and not htmx_target(request):
        return HttpResponseRedirect("?" + urlencode({"f": liked["f"]}))
    columns = _columns(asked, spec, liked.get("columns", ()))
    query = _query(asked, columns)
    if request.GET.get("format") in exporting.FORMATS:
        return _export(asked, spec, columns, query)
    refused: Refused | None = None
    found = RecordPage(())
    try:
        found = queries.page(asked.actor, object_key, query)
    except Refused as problem:
        if problem.status != 422:
            raise
        refused = problem
    context = {
        "spec": spec,
        "headings": [_heading(f, query) for f in columns],
        "rows": _rows(found.records, columns),
        "found": found,
        "q": query.search,
        "filtered": bool(query.search or query.filter),
        "problems": _problems(spec, refused),
        "bulk": _bulk(asked, spec),
        "first": not query.cursor,
        "count": _count(asked, spec, query) if not refused and not query.cursor else None,
    }
    if htmx_target(request) == "rows":
        context["filters"] = filter_bar(asked, spec)
        return Page(spec.plural, template="parts/rows.html", context=context).response(asked)
    page = Page(
        spec.plural,
        actions=_actions(asked, spec),
        template="pages/listing.html",
        context={
            **context,
            "filters": filter_bar(asked, spec),
            "choosable": _readable(asked, spec),
            "own_columns": bool(liked.get("columns")),
            "views": views.shown(asked, liked),
        },
    )
    return page.response(asked, 422 if refused else 200)


def _problems(spec: ObjectSpec, refused: Refused | None) -> Problems | None:
    if refused is None:
        return None
    title = Text("这个筛选条件没有看懂", "This filter was not understood")
    return Problems(refused.problems, title, labels={f.key: f.label for f in spec.live_fields})


def _count(request: PageRequest, spec: ObjectSpec, query: Query) -> Any:
    return queries.count(request.actor, spec.key, query, cap=COUNTED)


def _readable(request: PageRequest, spec: ObjectSpec) -> list[FieldSpec]:
    return [f for f in spec.live_fields if request.policy.level(spec.key, f.key) != "hidden"]


def _columns(request: PageRequest, spec: ObjectSpec, liked: Sequence[str] = ()) -> list[FieldSpec]:
    """Those asked for, else those the reader chose, else the object's own, else the first few."""
    readable = {f.key: f for f in _readable(request, spec)}
    wanted = [k for k in request.GET.get("columns", "").split(",") if k in readable]
    if not wanted:
        wanted = [k for k in liked if k in readable]
    if not wanted:
        wanted = [k for k in spec.options.get("list", ()) if k in readable]
    if not wanted:
        wanted = [f.key for f in readable.values() if f.type != "longtext"][:DEFAULT_COLUMNS]
    return [readable[k] for k in wanted]


def _query(request: PageRequest, columns: Iterable[FieldSpec]) -> Query:
    sort = tuple(s for s in request.GET.get("sort", "").split(",") if s)
    return Query(
        filter=request.GET.get("f", "").strip(),
        sort=sort,
        search=request.GET.get("q", "").strip(),
        columns=tuple(f.key for f in columns),
        limit=PER_PAGE,
        cursor=request.GET.get("cursor", ""),
    )


def _heading(f: FieldSpec, query: Query) -> Heading:
    now = query.sort[0] if query.sort else ""
    direction = "ascending" if now == f.key else "descending" if now == f"-{f.key}" else ""
    if not FIELD_TYPES[f.type].sortable:
        return Heading(f, "", "", values.is_number(f))
    number = values.is_number(f) or f.type in ("date", "datetime")
    first, second = (f"-{f.key}", f.key) if number else (f.key, f"-{f.key}")
    return Heading(f, second if now == first else first, direction, values.is_number(f))


def _rows(found: Iterable[Record], columns: list[FieldSpec]) -> list[dict[str, Any]]:
    """The records, and their cells as HTML: a template for each would cost more than all else."""
    opened = [
        (f'<td class="{_class(f)}" data-label="{escape(f.label)}">', values.drawer(f))
        for f in columns
    ]
    rows = []
    for record in found:
        link = f'<a class="w-title" href="/o/{record.object_key}/{record.id}">'
        first = f"{opened[0][0]}{link}{escape(record.title)}</a></td>"
        rest = "".join(f"{tag}{draw(record)}</td>" for tag, draw in opened[1:])
        rows.append({"record": record, "cells": SafeString(first + rest)})
    return rows


def _class(f: FieldSpec) -> str:
    return "num" if values.is_number(f) else "tnum" if f.type in ("date", "datetime") else ""


def filter_bar(request: PageRequest, spec: ObjectSpec, *, board: bool = False) -> Raw:
    """The builder and the typed filter, side by side; the typed text is what counts."""
    fields = [
        {
            "key": f.key,
            "label": str(f.label),
            "kind": FIELD_TYPES[f.type].type_of(f).kind,
            "type": f.options.get("result", f.type) if f.type in ("formula", "rollup") else f.type,
            "target": f.target,
            "choices": [{"key": c.key, "label": str(c.label)} for c in f.choices if not c.retired],
        }
        for f in _readable(request, spec)
        if FIELD_TYPES[f.type].filterable
    ]
    return Raw(
        "parts/filter.html",
        spec=spec,
        fields=fields,
        f=request.GET.get("f", ""),
        board=board,
        presets=_presets(spec),
        example=_example(spec),
    )


def _example(spec: ObjectSpec) -> str:
    """A condition over this object's own fields, in the reader's language."""
    parts = []
    amount, stage = spec.role("amount"), spec.role("stage")
    if amount is not None:
        parts.append(str(Text("{{{f}}} > 10万", "{{{f}}} > 100k").format(f=amount.label)))
    if stage is not None and stage.choices:
        parts.append(f'{{{stage.label}}} = "{stage.choices[-1].label}"')
    elif (owner := spec.role("owner")) is not None:
        parts.append(f"{{{owner.label}}} = ME()")
    return str(Text(" 且 ", " AND ")).join(parts)


def _presets(spec: ObjectSpec) -> list[dict[str, Any]]:
    """What is asked for every day, one press away."""
    found = []
    owner, stage = spec.role("owner"), spec.role("stage")
    if owner is not None:
        found.append({"label": Text("我的", "Mine"), "f": f"{{{owner.key}}} = ME()"})
    if stage is not None:
        closed = [c.key for c in stage.choices if c.outcome]
        if closed:
            listed = ", ".join(f'"{k}"' for k in closed)
            found.append(
                {"label": Text("进行中", "Open"), "f": f"{{{stage.key}}} NOT IN ({listed})"}
            )
    return found


def _bulk(request: PageRequest, spec: ObjectSpec) -> dict[str, Any] | None:
    rights = request.policy
    owner = spec.role("owner")
    transfer = owner is not None and (
        rights.may("transfer", spec.key) or rights.may("edit", spec.key)
    )
    archive = rights.may("delete", spec.key)
    if not (transfer or archive):
        return None
    merge = archive and rights.may("edit", spec.key)
    return {"transfer": transfer, "archive": archive, "merge": merge, "owner": owner}


def _actions(request: PageRequest, spec: ObjectSpec) -> list[Action]:
    found: list[Action] = []
    if spec.role("stage"):
        found.append(Action(Text("看板", "Board"), f"/o/{spec.key}/board", icon="layout-kanban"))
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
    rows = exporting.records(request.actor, spec.key, query)
    return exporting.response(kind, str(spec.plural), columns, rows)


@require_POST
def bulk(request: HttpRequest, object_key: str) -> HttpResponse:
    """Hand over or put away what was ticked; all of it or nothing, and it can be taken back."""
    asked = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    ids = _ids(request.POST.getlist("id"))
    back = request.headers.get("Referer", f"/o/{object_key}/")
    if not ids:
        return redirect(back, Text("没有选择记录", "Nothing was chosen"))
    if request.POST.get("do") == "merge":
        if len(ids) != 2:
            return redirect(back, Text("请正好选择两条记录", "Choose exactly two records"))
        return redirect(f"/o/{object_key}/{ids[0]}/merge?with={ids[1]}")
    if request.POST.get("do") == "archive":
        return _archive(asked, spec, ids, back)
    owner = spec.role("owner")
    to = request.POST.get("owner", "").removeprefix("id:")
    if owner is None or not to.isdigit():
        return redirect(back, Text("请选择接收人", "Choose who takes over"))
    done = actions.transfer(actor=asked.actor, object_key=object_key, ids=ids, owner=int(to))
    if done.problems:
        raise (
            Forbidden(*done.problems) if _only_forbidden(done.problems) else Refused(*done.problems)
        )
    name = people.person(int(to)).name
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
    asked = cast(PageRequest, request)
    ids = _ids(request.GET.get("ids", "").split(","))
    actions.restore(actor=asked.actor, object_key=object_key, ids=ids)
    back = request.headers.get("Referer", f"/o/{object_key}/")
    return redirect(back, Text("已恢复 {n} 条", "{n} restored").format(n=len(ids)))


def _ids(raw: Iterable[str]) -> list[int]:
    return [int(i) for i in list(raw)[:MOST_BULK] if i.isascii() and i.isdigit() and len(i) < 19]


urlpatterns = [
    path("o/<slug:object_key>/", listing, name="list"),
    path("o/<slug:object_key>/bulk", bulk, name="bulk"),
    path("o/<slug:object_key>/restore", restore, name="restore"),
]
