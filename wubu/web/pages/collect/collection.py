"""采集 The collection plan: what is collected, by whom, how often, and what is missing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.collect.plans import queries, rules
from wubu.collect.plans.types import Plan, PlanStatus
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.permissions import queries as permissions
from wubu.kernel.types import Text
from wubu.web.entries import Entry
from wubu.web.rules import Frame, Pages
from wubu.web.ui import (
    Action,
    Bar,
    Column,
    Crumb,
    Empty,
    Grid,
    Note,
    Page,
    PageRequest,
    Panel,
    Table,
    show,
)

TITLE = Text("采集计划", "Collection plan")
SHOWN = 12  # silent people named


def _fresh(object_key: str) -> dict[str, Any]:
    """A new plan begins with the fields that must be filled anyway."""
    spec = snapshot().object(object_key)
    wanted = [f.key for f in spec.live_fields if rules.countable(f) and f.required]
    return {"label": spec.plural.as_dict(), "fields": wanted}


PAGES = Pages(
    rules.KIND,
    Frame(Crumb(TITLE, "/collection"), step="collect"),
    first=True,
    fresh=_fresh,
    leads_to=lambda saved: f"/collection/{saved.key}",
)


def plans(request: HttpRequest) -> HttpResponse:
    """Every plan in one table, the whole of it first: what is asked, and what comes in."""
    page_request = cast(PageRequest, request)
    found = [queries.status(page_request.actor, p) for p in queries.plans(page_request.actor)]
    may = page_request.policy.may_setup("objects")
    new = Action(rules.KIND.new, "/setup/collection/new", icon="plus")
    columns = [
        Column(Text("采集什么", "What"), lambda s: s.plan.label),
        Column(Text("对象", "Object"), lambda s: snapshot().object(s.plan.object_key).label),
        Column(Text("谁来录", "Who"), lambda s: _roles(s.plan)),
        Column(Text("频率", "How often"), lambda s: rules.RHYTHMS[s.plan.rhythm]),
        Column(Text("本期录入", "Entered"), lambda s: s.entries, "number"),
        Column(Text("未录入的人", "No entries from"), lambda s: len(s.silent) or None, "number"),
        Column(Text("完整度", "Filled"), lambda s: Bar(s.share) if s.share is not None else None),
        Column("", lambda s: s.share, "percent"),
    ]
    empty = Empty(
        Text("还没有采集计划", "No collection plan yet"),
        Text(
            "写下要采集哪些数据、由谁、多久一次，缺什么就一目了然。",
            "Define what is collected, by whom and how often; what is missing is then shown.",
        ),
        icon="clipboard-list",
        actions=[new] if may else [],
    )
    table = Table(columns, found, row_url=lambda s: f"/collection/{s.plan.key}", empty=empty)
    foot = Text(
        "完整度按最近 {n} 条记录计算：已填写的格子 ÷ 应填写的格子。",
        "Filled: cells filled ÷ cells wanted, of the newest {n} records.",
    ).format(n=f"{queries.NEWEST:,}")
    return Page(
        TITLE,
        [Panel(body=table, key="plans", flush=True, foot=foot if found else "")],
        step="collect",
        subtitle=Text(
            "采集哪些数据、谁来录、多久一次；缺什么、谁没录。",
            "Which data, by whom, how often; what is missing and who has not entered anything.",
        ),
        actions=[new] if may and found else [],
    ).response(page_request)


def plan(request: HttpRequest, key: str) -> HttpResponse:
    """One plan: what is filled, and who enters."""
    page_request = cast(PageRequest, request)
    found = queries.status(page_request.actor, queries.plan(page_request.actor, key))
    spec = snapshot().object(found.plan.object_key)
    actions = [Action(spec.plural, f"/o/{spec.key}/", icon="list")]
    if page_request.policy.may_setup("objects"):
        actions.append(Action(Text("修改", "Change"), f"/setup/collection/{key}", icon="settings"))
    if page_request.policy.may("create", spec.key):
        label = Text("新建{o}", "New {o}").format(o=spec.label)
        actions.append(Action(label, f"/o/{spec.key}/new", icon="plus", style="primary"))
    return Page(
        found.plan.label,
        [
            *([Note(found.plan.purpose)] if found.plan.purpose.zh else []),
            Grid([(7, _fields(spec, found)), (5, _people(found))]),
        ],
        step="collect",
        subtitle=Text("{w}，{r}", "{w}, {r}").format(
            w=_roles(found.plan) or Text("所有人", "everybody"), r=rules.RHYTHMS[found.plan.rhythm]
        ),
        crumbs=[Crumb(TITLE, "/collection")],
        actions=actions,
    ).response(page_request)


def _fields(spec: ObjectSpec, found: PlanStatus) -> Panel:
    def missing(field: str) -> str:
        return f"/o/{spec.key}/?{urlencode({'f': f'ISBLANK({{{field}}})'})}"

    columns = [
        Column(Text("字段", "Field"), lambda f: f.label),
        Column(Text("必填", "Required"), lambda f: _needed(spec, f.field)),
        Column(Text("缺", "Missing"), lambda f: f.missing, "number", lambda f: missing(f.field)),
        Column("", lambda f: Bar(f.share) if f.share is not None else None),
        Column(Text("已填", "Filled"), lambda f: f.share, "percent"),
    ]
    note = Text("最近 {n} 条记录", "the newest {n} records").format(n=f"{found.looked_at:,}")
    empty = Empty(Text("还没有记录", "No records yet"), small=True)
    rows = found.fields if found.looked_at else ()
    return Panel(
        Text("填写情况", "What is filled"),
        Table(columns, rows, empty=empty),
        key="fields",
        live=spec.key,
        note=note,
        flush=True,
    )


def _needed(spec: ObjectSpec, key: str) -> Text | str:
    f = spec.fields[key]
    if f.required:
        return Text("必填", "required")
    return Text("有条件", "conditional") if f.options.get("required_when") else ""


def _people(found: PlanStatus) -> Panel:
    columns = [
        Column(Text("成员", "Member"), lambda p: p.name, "member"),
        Column(Text("录入", "Entered"), lambda p: p.count, "number"),
        Column(Text("最近一次", "Last"), lambda p: _last(p.last)),
    ]
    since = Text("自 {d}", "since {d}").format(d=show.date(found.since))
    body: Any = Table(
        columns,
        found.people,
        empty=Empty(Text("这段时间没有人录入", "Nobody entered any in this time"), small=True),
    )
    silent = found.silent
    said: Any = ""
    if silent:
        more = "…" if len(silent) > SHOWN else ""
        names = str(Text("、", ", ")).join(p.name for p in silent[:SHOWN]) + more
        said = Text("还没有录入：{n}", "Nothing yet from {n}").format(n=names)
    return Panel(
        Text("谁在录入", "Who enters"), body, key="people", note=since, foot=said, flush=True
    )


def _last(at: date | datetime | None) -> str:
    if at is None:
        return ""
    return str(show.ago(at) if isinstance(at, datetime) else show.date(at))


def _roles(found: Plan) -> str:
    labels = {r.key: r.label for r in permissions.roles()}
    return str(Text("、", ", ")).join(str(labels[r]) for r in found.roles if r in labels)


urlpatterns: list[Any] = [
    path("collection", plans, name="collection"),
    path("collection/<slug:key>", plan, name="collection-plan"),
    *PAGES.urls("setup-collection"),
]
NAV = (
    Entry(
        "collect",
        TITLE,
        "/collection",
        "clipboard-list",
        position=90,
        also=("/setup/collection",),
    ),
)
