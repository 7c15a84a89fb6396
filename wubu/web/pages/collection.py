"""采集 The collection plan: what is collected, by whom, how often, and what is missing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.plans import queries, rules
from wubu.collect.plans.types import Plan, Standing
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.permissions import queries as permissions
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.nav import Entry
from wubu.web.rules import Pages, answers, asks, fresh_key, named, naming
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
from wubu.web.ui.asking import Ask, Form

TITLE = Text("采集计划", "Collection plan")
SHOWN = 12  # silent people named

NEW = Text("新增计划", "New plan")
PAGES = Pages(
    rules.NAME,
    "/setup/collection",
    Crumb(TITLE, "/collection"),
    step="collect",
    rests=Text("停用后不再统计，历史保留。", "Resting, it is not counted; its history stays."),
    wakes=Text("启用后马上统计。", "Woken, it is counted at once."),
)


def plans(request: HttpRequest) -> HttpResponse:
    """Every plan in one table, the whole of it first: what is asked, and what comes in."""
    asked = cast(PageRequest, request)
    found = [queries.standing(asked.actor, p) for p in queries.plans(asked.actor)]
    may = asked.policy.may_setup("objects")
    new = Action(NEW, "/setup/collection/new", icon="plus")
    columns = [
        Column(Text("采集什么", "What"), lambda s: s.plan.label),
        Column(Text("对象", "Object"), lambda s: snapshot().object(s.plan.object_key).label),
        Column(Text("谁来录", "Who"), lambda s: _roles(s.plan)),
        Column(Text("频率", "How often"), lambda s: rules.RHYTHMS[s.plan.rhythm]),
        Column(Text("本期录入", "Entered"), lambda s: s.entries, "number"),
        Column(Text("未录入的人", "Silent"), lambda s: len(s.silent) or None, "number"),
        Column(Text("完整度", "Filled"), lambda s: Bar(s.share) if s.share is not None else None),
        Column("", lambda s: s.share, "percent"),
    ]
    empty = Empty(
        Text("还没有采集计划", "No collection plan yet"),
        Text(
            "写下要采集哪些数据、由谁、多久一次，缺什么就一目了然。",
            "Say what is collected, by whom and how often, and what is missing shows itself.",
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
            "Which data, by whom, how often; what is missing and who is silent.",
        ),
        actions=[new] if may and found else [],
    ).response(asked)


def plan(request: HttpRequest, key: str) -> HttpResponse:
    """One plan: what is filled, and who enters."""
    asked = cast(PageRequest, request)
    found = queries.standing(asked.actor, queries.plan(asked.actor, key))
    spec = snapshot().object(found.plan.object_key)
    actions = [Action(spec.plural, f"/o/{spec.key}/", icon="list")]
    if asked.policy.may_setup("objects"):
        actions.append(Action(Text("修改", "Change"), f"/setup/collection/{key}", icon="settings"))
    if asked.policy.may("create", spec.key):
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
    ).response(asked)


def _fields(spec: ObjectSpec, found: Standing) -> Panel:
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
    return Text("有条件", "at times") if f.options.get("required_when") else ""


def _people(found: Standing) -> Panel:
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


# Setting it


def setup(request: HttpRequest, key: str = "") -> HttpResponse:
    """A plan asked for in a form; a new one first asks of which object."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup("objects")
    rule = dated.rule(rules.NAME, key) if key else None
    object_key = rule.definition["object"] if rule else asked.GET.get("object", "")
    if not object_key:
        return PAGES.page(asked, NEW, [Panel(body=_choose())])
    spec = snapshot().object(object_key)
    return PAGES.setting(
        asked,
        rule.label if rule else NEW,
        _form(spec, rule),
        lambda: _save(asked, key, spec, rule),
        rule=rule,
        leads_to=lambda saved: f"/collection/{saved.key}",
    )


def _choose() -> Form:
    objects = [(o.key, o.label) for o in snapshot().live if not o.part_of]
    asks = [Ask("object", Text("采集哪一类记录", "Of which records"), "select", "", objects)]
    return Form("/setup/collection/new", asks, Text("下一步", "Next"), method="get")


def _form(spec: ObjectSpec, rule: Rule | None) -> Form:
    d: dict[str, Any] = dict(rule.definition) if rule else {}
    label, purpose = Text.of(d.get("label") or spec.plural), Text.of(d.get("purpose") or "")
    fields = [f for f in spec.live_fields if rules.countable(f)]
    dates = [(f.key, f.label) for f in rules.days(spec)]
    chosen = d.get("fields") or [f.key for f in fields if f.required]
    return Form(
        "",
        [
            *naming(label),
            Ask(
                "fields",
                Text("应该填写的字段", "Fields to be filled"),
                "checks",
                chosen,
                [(f.key, f.label) for f in fields],
                wide=True,
            ),
            Ask(
                "roles",
                Text("谁来录", "Who enters it"),
                "checks",
                d.get("roles") or [],
                [(r.key, r.label) for r in permissions.roles()],
                wide=True,
            ),
            Ask(
                "rhythm",
                Text("频率", "How often"),
                "select",
                d.get("rhythm", "event"),
                list(rules.RHYTHMS.items()),
            ),
            Ask(
                "when",
                Text("按哪个日期算", "By which day"),
                "select",
                d.get("when", ""),
                [("", Text("录入时间", "when entered")), *dates],
            ),
            Ask("purpose", Text("用来做什么", "What it is for"), value=purpose.zh, wide=True),
            *asks(),
        ],
    )


def _save(request: PageRequest, key: str, spec: ObjectSpec, rule: Rule | None) -> Plan:
    post = request.POST
    before: dict[str, Any] = dict(rule.definition) if rule else {}
    label, purpose = named(post), post.get("purpose", "").strip()
    if not label["zh"]:
        said = Text("请填写名称。", "Give it a name.")
        raise Refused(Problem("required", said, field="label_zh"))
    kept = Text.of(before.get("purpose") or "")
    definition = {
        **before,
        "label": label,
        "object": spec.key,
        "fields": post.getlist("fields"),
        "roles": post.getlist("roles"),
        "rhythm": post.get("rhythm", "event"),
        "when": post.get("when", ""),
        "purpose": kept.as_dict() if purpose == kept.zh else {"zh": purpose, "en": purpose},
    }
    return rules.set_rule(
        key or fresh_key(rules.NAME, spec.key),
        definition,
        actor=request.actor,
        **answers(post, rule),
    )


@require_POST
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Let a plan rest, or wake it, from today on."""
    asked = cast(PageRequest, request)
    rule = dated.rule(rules.NAME, key)
    rules.set_rule(key, rule.definition, actor=asked.actor, active=not rule.active)
    return PAGES.switched(rule)


urlpatterns: list[Any] = [
    path("collection", plans, name="collection"),
    path("collection/<slug:key>", plan, name="collection-plan"),
    path("setup/collection/new", setup, name="setup-collection-new"),
    path("setup/collection/<slug:key>", setup, name="setup-collection"),
    path("setup/collection/<slug:key>/switch", switch, name="setup-collection-switch"),
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
