"""设置 Alerts and reminders: rules in words, with the days that a manager may set."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.control.alerts import actions as alert_actions
from wubu.control.alerts import queries as alert_queries
from wubu.control.alerts import rules as alert_rules
from wubu.control.alerts.types import AlertRule
from wubu.control.reminders import rules as reminder_rules
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.rules import queries as dated
from wubu.kernel.rules.types import Rule
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.nav import Entry
from wubu.web.rules import HOLDS, Pages, answers, fresh_key, named, naming, state
from wubu.web.rules import asks as asks_of_change
from wubu.web.ui import (
    Action,
    Column,
    Crumb,
    Empty,
    Page,
    PageRequest,
    Panel,
    Problems,
    Table,
)
from wubu.web.ui.asking import Ask, Form, whole_of

TITLE = Text("预警与提醒", "Alerts and reminders")
PAGES = Pages(
    alert_rules.SECTION,
    "/setup/alerts",
    Crumb(TITLE, "/setup/alerts"),
    rests=Text(
        "停用后不再产生新的预警，已有的会关闭。",
        "Resting, it raises no alerts; open ones are closed.",
    ),
    wakes=Text("启用后立即检查全部记录。", "Woken, it looks at all records at once."),
)

NAMES = Text(
    "用字段名写，例如 {应收日期} < TODAY()", "With field names, such as {Due on} < TODAY()"
)
DAYS = Text(
    "用字段名写，例如 {应收日期} < TODAY()；[days] 代表上面的天数。",
    "With field names, such as {Due on} < TODAY(); [days] stands for the days above.",
)


def alerts(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    """Alert and reminder rules, in words."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup("alerts")
    counts = {c.rule.key: c.count for c in alert_queries.counts(asked.actor)}
    columns = [
        Column(Text("预警", "Alert"), lambda r: r.label),
        Column(Text("规则", "Rule"), alert_rules.sentence),
        Column(Text("当前", "Open now"), lambda r: counts.get(r.key), "number"),
        Column(Text("状态", "State"), lambda r: state(r.active)),
    ]
    reminder_columns = [
        Column(Text("提醒", "Reminder"), lambda r: r.label),
        Column(Text("规则", "Rule"), reminder_rules.sentence),
        Column(Text("状态", "State"), lambda r: state(r.active)),
    ]
    body = [
        *([Problems(refused.problems)] if refused else []),
        Panel(
            Text("预警规则", "Alert rules"),
            Table(
                columns,
                alert_rules.current(resting=True),
                row_url=lambda r: f"/setup/alerts/{r.key}",
                empty=Empty(Text("还没有预警规则", "No alert rules yet"), small=True),
            ),
            key="alerts",
            actions=[Action(Text("新增预警", "New alert"), "/setup/alerts/new", icon="plus")],
        ),
        Panel(
            Text("到期提醒", "Reminders"),
            Table(
                reminder_columns,
                reminder_rules.current(resting=True),
                row_url=lambda r: f"/setup/reminders/{r.key}",
                empty=Empty(Text("还没有提醒", "No reminders yet"), small=True),
            ),
            key="reminders",
            actions=[Action(Text("新增提醒", "New reminder"), "/setup/reminders/new", icon="plus")],
            note=Text("到期时出现在负责人的工作台", "shown to the owner on Today when due"),
        ),
    ]
    status = refused.status if refused else 200
    return Page(TITLE, body, step="setup", subtitle=HOLDS).response(asked, status)


def alert(request: HttpRequest, key: str = "") -> HttpResponse:
    """One alert rule: its days, its condition in the one language, its history."""
    asked = cast(PageRequest, request)
    asked.policy.require_setup("alerts")
    rule = None if not key else dated.rule(alert_rules.SECTION, key)
    read = alert_rules.read(rule) if rule else None
    return PAGES.setting(
        asked,
        read.label if read else Text("新增预警", "New alert"),
        _alert_form(rule),
        lambda: _save_alert(asked, key, rule),
        rule=rule,
        sentence=alert_rules.sentence(read) if read else None,
    )


def _alert_form(rule: Rule | None) -> Form:
    d = dict(rule.definition) if rule else {}
    label = Text.of(d.get("label") or "")
    params = d.get("params", {})
    objects = [(o.key, o.label) for o in snapshot().live if not o.part_of]
    asks = [
        *naming(label),
        Ask("object", Text("对象", "Object"), "select", d.get("object", ""), objects),
        *(
            Ask(f"param_{name}", Text("天数", "Days") if name == "days" else name, "number", value)
            for name, value in params.items()
        ),
        Ask(
            "filter",
            Text("条件", "Condition"),
            "formula",
            d.get("filter", ""),
            required=True,
            wide=True,
            object_from="object",
            expect="bool",
            help=DAYS if params else NAMES,
        ),
        Ask(
            "since",
            Text("从哪天算起", "Counted from"),
            "formula",
            d.get("since", ""),
            wide=True,
            object_from="object",
            expect="date",
            help=Text("一个日期，例如 {应收日期}", "A date, such as {Due on}"),
        ),
        *_subject(d),
        Ask(
            "advice",
            Text("怎么办", "What to do"),
            value=Text.of(d.get("advice") or "").zh,
            wide=True,
        ),
        Ask(
            "severity",
            Text("程度", "Severity"),
            "select",
            d.get("severity", "warning"),
            [("warning", Text("提醒", "warning")), ("danger", Text("严重", "serious"))],
        ),
        *asks_of_change(),
    ]
    return Form("", asks)


def _subject(definition: dict[str, Any]) -> list[Ask]:
    """What is shown beside a record; a new rule is asked once its object is saved."""
    spec = snapshot().objects.get(definition.get("object", ""))
    links = [(f.key, f.label) for f in spec.live_fields if f.type == "link"] if spec else []
    if not links:
        return []
    return [
        Ask(
            "subject",
            Text("关于", "About"),
            "select",
            definition.get("subject", ""),
            [("", Text("（不显示）", "(not shown)")), *links],
            help=Text(
                "列表里和记录一起显示的关联记录，例如合同。",
                "The linked record shown beside it, such as the contract.",
            ),
        )
    ]


def _save_alert(request: PageRequest, key: str, rule: Rule | None) -> AlertRule:
    post = request.POST
    before = dict(rule.definition) if rule else {}
    params = {}
    wrong = []
    for name, value in before.get("params", {}).items():
        text = post.get(f"param_{name}", str(value)).strip()
        days = whole_of(text)
        if days is None or not 1 <= days <= 3650:
            wrong.append(
                Problem(
                    "not_a_day_count",
                    Text("请输入 1 到 3650 之间的整数。", "Give a whole number from 1 to 3650."),
                    field=f"param_{name}",
                    value=text,
                )
            )
        else:
            params[name] = days
    if wrong:
        raise Refused(*wrong)
    advice = post.get("advice", "").strip()
    kept = Text.of(before.get("advice") or "")
    definition = {
        **before,
        "label": named(post),
        "object": post.get("object", ""),
        "params": params,
        "filter": post.get("filter", ""),
        "since": post.get("since", "").strip(),
        "advice": kept.as_dict() if advice == kept.zh else {"zh": advice, "en": advice},
        "severity": post.get("severity", "warning"),
        "subject": post.get("subject", "") if post.get("object") == before.get("object") else "",
    }
    return alert_actions.set_rule(
        key or fresh_key(alert_rules.SECTION, "alert"),
        definition,
        actor=request.actor,
        **answers(post, rule),
    )


@require_POST
def switch(request: HttpRequest, key: str) -> HttpResponse:
    asked = cast(PageRequest, request)
    rule = dated.rule(alert_rules.SECTION, key)
    alert_actions.rest(key, actor=asked.actor, resting=rule.active)
    return PAGES.switched(rule)


urlpatterns: list[Any] = [
    path("setup/alerts", alerts, name="setup-alerts"),
    path("setup/alerts/new", alert, name="setup-alert-new"),
    path("setup/alerts/<slug:key>", alert, name="setup-alert"),
    path("setup/alerts/<slug:key>/switch", switch, name="setup-alert-switch"),
]
NAV = (
    Entry(
        "setup",
        Text("预警与提醒", "Alerts"),
        "/setup/alerts",
        "bell",
        may=lambda p: p.may_setup("alerts"),
        position=70,
        also=("/setup/reminders",),
    ),
)
