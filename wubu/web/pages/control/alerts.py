"""预警 Alerts: what needs somebody, for how long already, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.control.alerts import actions, queries, rules
from wubu.control.alerts.types import AlertCount, AlertRule, AlertView, OwnerCount
from wubu.kernel.catalog import playing
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.types import Refused, Text
from wubu.web.entries import Entry
from wubu.web.ui import (
    Action,
    Column,
    Empty,
    Grid,
    Note,
    Page,
    PageRequest,
    Panel,
    Problems,
    Raw,
    Stat,
    Stats,
    Tab,
    Table,
    redirect,
    show,
)
from wubu.web.ui.asking import Ask, Form, day, whole, whole_of

PER_PAGE = 50


def _watched() -> list[str]:
    """The objects whose changes may raise or resolve an alert.

    Those of the rules, and what is done with customers.
    """
    done = playing.activities(snapshot().live)
    return sorted({*(r.object_key for r in rules.current()), *(o.key for o in done)})


def page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    page_request = cast(PageRequest, request)
    counts = queries.counts(page_request.actor)
    if not counts:
        rule = Action(Text("规则", "Rules"), "/setup/alerts", icon="settings")
        empty = Empty(
            Text("没有您可以看到的预警规则", "There are no alert rules for you to see"),
            Text(
                "预警规则一直看着记录，该介入时把它列在这里。",
                "Alert rules watch the records and list here what needs attention.",
            ),
            icon="bell",
            actions=[rule] if page_request.policy.may_setup("alerts") else [],
        )
        return Page(Text("预警", "Alerts"), [empty], step="control").response(page_request)
    wanted = page_request.GET.get("rule", "")
    count = next((c for c in counts if c.rule.key == wanted), counts[0])
    quiet = page_request.GET.get("show") == "quiet"
    owners = queries.by_owner(page_request.actor)
    body = [
        *([Problems(refused.problems)] if refused else []),
        _counts(counts),
        Note(rules.sentence(count.rule), title=count.rule.help),
        Grid([(9, _listed(page_request, count, quiet)), (3, _owners(owners, count.rule))])
        if page_request.policy.members() == "all" or len(owners) > 1
        else _listed(page_request, count, quiet),
    ]
    return Page(
        Text("预警", "Alerts"),
        body,
        step="control",
        subtitle=Text(
            "处理记录后，预警会自己消失。",
            "An alert closes by itself once the record is corrected.",
        ),
        tabs=[Tab(c.rule.label, f"?rule={c.rule.key}", c is count) for c in counts],
        actions=[Action(Text("规则", "Rules"), "/setup/alerts", icon="settings")]
        if page_request.policy.may_setup("alerts")
        else [],
    ).response(page_request, 422 if refused else 200)


def _counts(counts: tuple[AlertCount, ...]) -> Stats:
    return Stats(
        [
            Stat(
                c.rule.label,
                show.number(c.count),
                note=Text("其中 {n} 条已推迟", "{n} of them snoozed").format(n=c.quiet)
                if c.quiet
                else "",
                url=f"?rule={c.rule.key}",
                tone="bad" if c.count and c.rule.severity == "danger" else "",
            )
            for c in counts
        ]
    )


def _listed(request: PageRequest, count: AlertCount, quiet: bool) -> Panel:
    after = request.GET.get("after", "")
    since, _, last = after.partition("_")
    place = whole_of(last)
    found = queries.alerts(
        request.actor,
        count.rule.key,
        owner_id=whole(request.GET, "owner"),
        quiet=quiet,
        limit=PER_PAGE,
        after=(since, place) if since and place is not None else None,
    )
    foot = None
    if len(found) == PER_PAGE and found[-1].since:
        query = {**request.GET.dict(), "after": f"{found[-1].since.isoformat()}_{found[-1].id}"}
        foot = Raw(
            "parts/measure/more.html", url="?" + "&".join(f"{k}={v}" for k, v in query.items())
        )
    key = count.rule.key
    switch = (
        Action(Text("未处理", "Open"), f"?rule={key}", style="ghost")
        if quiet
        else Action(
            Text("已推迟 {n}", "Snoozed: {n}").format(n=count.quiet),
            f"?rule={key}&show=quiet",
            style="ghost",
        )
    )
    return Panel(
        Text("已推迟", "Snoozed") if quiet else Text("待处理", "Open"),
        Table(
            _columns(quiet),
            found,
            row_url=lambda a: f"/o/{a.object_key}/{a.record_id}",
            empty=Empty(
                Text("这里没有需要处理的", "Nothing to do here"),
                icon="circle-check",
                small=True,
            ),
        ),
        key="alerts",
        note=count.rule.advice,
        live="" if quiet or after else " ".join(_watched()),
        actions=[switch] if quiet or count.quiet else [],
        foot=foot,
    )


def _columns(quiet: bool) -> list[Column]:
    columns = [
        Column(Text("记录", "Record"), _what),
        Column(Text("负责人", "Owner"), lambda a: a.owner_name or Text("无人", "Nobody"), "member"),
        Column(Text("自", "Since"), lambda a: a.since, "date"),
        Column(Text("天数", "Days"), lambda a: a.days, "number"),
    ]
    if quiet:
        columns += [
            Column(Text("推迟到", "Snooze until"), lambda a: a.quiet_until, "date"),
            Column(Text("原因", "Reason"), lambda a: a.quiet_reason),
        ]
    else:
        columns.append(Column("", _snooze))
    return columns


def _what(alert: AlertView) -> str:
    """What the record is about, then which one of it: “华东年度框架合同 · 尾款”."""
    return f"{alert.subject} · {alert.title}" if alert.subject else alert.title


def _snooze(alert: AlertView) -> Raw:
    return Raw("parts/control/alert_quiet.html", alert=alert)


def _owners(owners: Iterable[OwnerCount], rule: AlertRule) -> Panel:
    rows = [o for o in owners if o.counts.get(rule.key)]
    columns = [
        Column(Text("负责人", "Owner"), lambda o: o.owner_name or Text("无人", "Nobody"), "member"),
        Column(Text("条数", "Count"), lambda o: o.counts[rule.key], "number"),
    ]
    rows.sort(key=lambda o: -o.counts[rule.key])
    table = Table(columns, rows, row_url=lambda o: f"?rule={rule.key}&owner={o.owner_id}")
    return Panel(Text("按负责人", "By owner"), table, key="owners", scroll=True)


@require_POST
def quiet(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Put one alert off until a day, for a reason."""
    page_request = cast(PageRequest, request)
    try:
        until = day(page_request.POST, "until")
        actions.quiet(
            alert_id,
            actor=page_request.actor,
            until=until,
            reason=page_request.POST.get("reason", ""),
        )
    except Refused as refused:
        if refused.status != Refused.status:
            raise
        return page(request, refused)
    return redirect(page_request.headers.get("Referer", "/alerts"), Text("已推迟。", "Snoozed."))


def quiet_form(request: HttpRequest, alert_id: int) -> HttpResponse:
    """The question: until when, and why."""
    page_request = cast(PageRequest, request)
    form = Form(
        f"/alerts/{alert_id}/quiet/save",
        [
            Ask("until", Text("推迟到", "Until"), "date", required=True),
            Ask("reason", Text("原因", "Reason"), "textarea", required=True, wide=True),
        ],
        submit=Text("推迟", "Snooze"),
    )
    return Page(
        Text("推迟预警", "Snooze an alert"),
        [Panel(body=form)],
        step="control",
        subtitle=Text(
            "推迟的预警仍在“已推迟”里，到期后重新出现。",
            "It stays listed under “Snoozed” and comes back after that day.",
        ),
    ).response(page_request)


urlpatterns: list[Any] = [
    path("alerts", page, name="alerts"),
    path("alerts/<int:alert_id>/quiet", quiet_form, name="alert-quiet"),
    path("alerts/<int:alert_id>/quiet/save", quiet, name="alert-quiet-save"),
]
NAV = (Entry("control", Text("预警", "Alerts"), "/alerts", "bell-ringing", position=5),)
