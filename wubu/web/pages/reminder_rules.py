"""设置 A reminder: which day falls due, for which records, and what ticks it off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.control.reminders import actions, rules
from wubu.control.reminders.types import ReminderRule
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.rules import Pages, answers, asks, fresh_key, named, naming
from wubu.web.ui import (
    Action,
    Crumb,
    Empty,
    PageRequest,
    Panel,
)
from wubu.web.ui.asking import Ask, Form

BASE = "/setup/reminders"
NEW = Text("新增提醒", "New reminder")
MOST_AHEAD = 365  # days
MOST_OPTIONS = 50  # of one choice, as something that ticks off

PAGES = Pages(
    rules.SECTION,
    BASE,
    Crumb(Text("预警与提醒", "Alerts and reminders"), "/setup/alerts"),
    rests=Text("停用后不再提醒。", "Resting, it reminds nobody."),
    wakes=Text("启用后马上出现在工作台。", "Woken, it shows on Today at once."),
)


def choose(request: HttpRequest) -> HttpResponse:
    """The first question of a new reminder: of which object; only those with a day can have one."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup("alerts")
    key = asked.GET.get("object", "")
    if key:
        return reminder(request, object_key=key)
    objects = [(o.key, o.label) for o in snapshot().live if not o.part_of and _days(o)]
    body: Any = Form(
        BASE + "/new",
        [Ask("object", Text("提醒哪一类记录", "Remind of which records"), "select", "", objects)],
        Text("下一步", "Next"),
        method="get",
    )
    if not objects:
        body = Empty(
            Text("还没有带日期的对象", "No object has a date yet"),
            Text("提醒需要一个日期或时间字段。", "A reminder needs a date or a time."),
            icon="calendar",
            actions=[Action(Text("对象与字段", "Objects and fields"), "/setup/objects")],
        )
    return PAGES.page(asked, NEW, [Panel(body=body)])


def reminder(request: HttpRequest, key: str = "", object_key: str = "") -> HttpResponse:
    """One reminder rule: shown in words, asked for in a form, kept in versions."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup("alerts")
    rule = dated.rule(rules.SECTION, key) if key else None
    spec = snapshot().object(rule.definition["object"] if rule else object_key)
    read = rules.read(rule) if rule else None
    return PAGES.setting(
        asked,
        read.label if read else NEW,
        _form(spec, rule),
        lambda: _save(asked, key, spec, rule),
        rule=rule,
        sentence=rules.sentence(read) if read else None,
    )


def _days(spec: ObjectSpec) -> list[tuple[str, Text]]:
    return [(f.key, f.label) for f in spec.live_fields if f.type in rules.WHEN_TYPES]


def _form(spec: ObjectSpec, rule: Rule | None) -> Form:
    d: Mapping[str, Any] = rule.definition if rule else {}
    label = Text.of(d.get("label") or "")
    links = [(f.key, f.label) for f in spec.live_fields if f.type == "link"]
    ticks = _ticks(spec)
    return Form(
        "",
        [
            *naming(label),
            Ask(
                "when",
                Text("到期的日期", "The day that falls due"),
                "select",
                d.get("when", ""),
                _days(spec),
            ),
            Ask(
                "ahead_days",
                Text("提前几天出现", "Days ahead"),
                "number",
                d.get("ahead_days", 0),
                help=Text("0 表示当天才出现", "0: on the day itself"),
            ),
            Ask(
                "filter",
                Text("只在满足条件时", "Only where"),
                "formula",
                d.get("filter", ""),
                wide=True,
                object=spec.key,
                expect="bool",
                help=Text("留空即所有记录", "Empty: every record"),
            ),
            Ask(
                "done",
                Text("一键完成时写入", "Ticking off sets"),
                "select",
                _tick_of(d.get("done") or {}),
                [("", Text("（打开记录处理）", "(open the record)")), *ticks],
            ),
            Ask(
                "subject",
                Text("同时显示", "Shown beside it"),
                "select",
                d.get("subject", ""),
                [("", Text("（不显示）", "(nothing)")), *links],
            ),
            *asks(),
        ],
    )


def _ticks(spec: ObjectSpec) -> list[tuple[str, Text]]:
    """What one tap may set: a box that is ticked, or one option of a choice."""
    found: list[tuple[str, Text]] = []
    for f in spec.live_fields:
        if f.type == "bool":
            words = Text("“{f}”为“是”", "“{f}” is yes").format(f=f.label)
            found.append((f"{f.key}=true", words))
        elif f.type in ("choice", "stage"):
            for c in [c for c in f.choices if not c.retired][:MOST_OPTIONS]:
                words = Text("“{f}”为“{c}”", "“{f}” is “{c}”").format(f=f.label, c=c.label)
                found.append((f"{f.key}={c.key}", words))
    return found


def _tick_of(done: Mapping[str, Any]) -> str:
    for key, value in done.items():
        return f"{key}={'true' if value is True else value}"
    return ""


def _save(request: PageRequest, key: str, spec: ObjectSpec, rule: Rule | None) -> ReminderRule:
    post = request.POST
    before: dict[str, Any] = dict(rule.definition) if rule else {}
    label = named(post)
    wrong = [] if label["zh"] else [_needed("label_zh", Text("名称", "Name"))]
    ahead, odd = _ahead(post)
    wrong += odd
    tick = post.get("done", "")
    if tick and tick not in {value for value, _ in _ticks(spec)}:
        said = Text("不能这样标记完成。", "That cannot tick it off.")
        wrong.append(Problem("no_such_tick", said, field="done", value=tick))
    if wrong:
        raise Refused(*wrong)
    field, _, value = tick.partition("=")
    # Several values at once come from packs and callers; the form leaves them unless it is changed.
    done = {field: True if value == "true" else value} if field else {}
    if tick == _tick_of(before.get("done") or {}):
        done = before.get("done") or {}
    definition = {
        **before,
        "label": label,
        "object": spec.key,
        "when": post.get("when", ""),
        "filter": post.get("filter", "").strip(),
        "ahead_days": ahead,
        "done": done,
        "subject": post.get("subject", ""),
    }
    return actions.set_rule(
        key or fresh_key(rules.SECTION, "reminder"),
        definition,
        actor=request.actor,
        **answers(post, rule),
    )


def _needed(field: str, label: Text) -> Problem:
    return Problem(
        "required", Text("请填写“{f}”。", "“{f}” is required.").format(f=label), field=field
    )


def _ahead(post: QueryDict) -> tuple[int, list[Problem]]:
    text = post.get("ahead_days", "").strip() or "0"
    if text.isascii() and text.isdigit() and int(text) <= MOST_AHEAD:
        return int(text), []
    said = Text("请输入 0 到 {n} 之间的整数。", "Give a whole number from 0 to {n}.")
    return 0, [
        Problem("not_a_day_count", said.format(n=MOST_AHEAD), field="ahead_days", value=text)
    ]


@require_POST
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Let a reminder rest, or wake it, from today on."""
    asked = cast(PageRequest, request)
    rule = dated.rule(rules.SECTION, key)
    actions.set_rule(key, rule.definition, actor=asked.actor, active=not rule.active)
    return PAGES.switched(rule)


urlpatterns: list[Any] = [
    path("setup/reminders/new", choose, name="setup-reminder-new"),
    path("setup/reminders/<slug:key>", reminder, name="setup-reminder"),
    path("setup/reminders/<slug:key>/switch", switch, name="setup-reminder-switch"),
]
