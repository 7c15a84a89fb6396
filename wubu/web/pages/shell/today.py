"""工作台 Today: what needs me now.

Each section is a function; one that has nothing to say gives None.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.control.alerts import queries as alerts
from wubu.control.alerts.types import AlertCount
from wubu.control.reminders import actions as reminding
from wubu.control.reminders import queries as reminders
from wubu.control.reminders.types import Due, DueCount
from wubu.kernel.calendar.queries import is_working_day, now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.types import Text
from wubu.kernel.workspace import remember
from wubu.web.pages.records.form_drafts import begun
from wubu.web.pages.shell.notices import panel as about_me
from wubu.web.pages.shell.starting import first_steps, tour
from wubu.web.pages.shell.today_parts import (
    answers_for_others,
    own_pipeline,
    own_targets,
    rank,
    team_targets,
)
from wubu.web.ui import Empty, Grid, Page, PageRequest, Panel, Raw, Stat, Stats, redirect, show
from wubu.web.ui.asking import whole

Section = Callable[[PageRequest], Any]
SHOWN, ALL, PER_ALERT = 12, 200, 6
MOST_DAYS = 3650  # that something is put off
WEEKDAYS = (
    Text("星期一", "Monday"),
    Text("星期二", "Tuesday"),
    Text("星期三", "Wednesday"),
    Text("星期四", "Thursday"),
    Text("星期五", "Friday"),
    Text("星期六", "Saturday"),
    Text("星期日", "Sunday"),
)
LATER = (
    (1, Text("明天", "Tomorrow")),
    (3, Text("3 天后", "In 3 days")),
    (7, Text("一周后", "A week")),
)


def page(request: HttpRequest) -> HttpResponse:
    page_request = cast(PageRequest, request)
    if not snapshot().objects and page_request.policy.may_setup("packs"):
        return redirect("/setup/start")
    mine, late = due(page_request), team(page_request)
    # Whoever has nothing to do and answers for others sees first who needs a hand.
    left: list[Any] = [late, mine] if late and not mine.flush else [mine, late]
    right = [part for section in RIGHT if (part := section(page_request)) is not None]
    columns = Grid([(8, left), (4, right)]) if right else [p for p in left if p is not None]
    top = [part for section in TOP if (part := section(page_request)) is not None]
    body = [*top, columns]
    return Page(_greeting(page_request.user.name), body, subtitle=_day()).response(page_request)


def _greeting(name: str) -> Text:
    hour = show.local(now()).hour
    if hour < 11:
        words = Text("{n}，早上好", "Good morning, {n}")
    elif hour < 13:
        words = Text("{n}，中午好", "Good day, {n}")
    elif hour < 18:
        words = Text("{n}，下午好", "Good afternoon, {n}")
    else:
        words = Text("{n}，晚上好", "Good evening, {n}")
    return words.format(n=name)


def _day() -> Text:
    day = today()
    rest = Text("", "") if is_working_day(day) else Text(" · 休息日", " · day off")
    return Text("{d} {w}{r}", "{w}, {d}{r}").format(
        d=show.date(day), w=WEEKDAYS[day.weekday()], r=rest
    )


def numbers(request: PageRequest) -> Any:
    """How much is late, due today, and warned of; of everybody for whom the reader answers."""
    mine = reminders.due_count(request.actor)
    own = {c.rule.key: c.count for c in alerts.counts(request.actor, mine=True)}
    if not answers_for_others(request):
        warned = alerts.counts(request.actor, mine=True)
        late, now_due = mine.late, mine.today
    else:
        warned = _warned(request)
        everybody = _late(request)
        late, now_due = sum(c.late for c in everybody), sum(c.today for c in everybody)
    rest = Text("其中我的 {n}", "{n} of them mine")

    def said(all_: int, of_me: int) -> Text | str:
        return rest.format(n=of_me) if of_me and of_me != all_ else ""

    items = [
        Stat(
            Text("已逾期", "Late"),
            show.number(late),
            tone="bad" if late else "",
            note=said(late, mine.late),
            url="#p-due",
        ),
        Stat(
            Text("今天到期", "Due today"),
            show.number(now_due),
            note=said(now_due, mine.today),
            url="#p-due",
        ),
    ]
    items += [
        Stat(
            c.rule.label,
            show.number(c.count),
            note=said(c.count, own.get(c.rule.key, 0)),
            tone=("bad" if c.rule.severity == "danger" else "warn") if c.count else "",
            url=f"/alerts?rule={c.rule.key}",
        )
        for c in warned
    ]
    return Stats(items)


def _late(request: PageRequest) -> tuple[DueCount, ...]:
    return remember(("today.late", request.actor), lambda: reminders.due_by_owner(request.actor))


def _warned(request: PageRequest) -> tuple[AlertCount, ...]:
    return remember(("today.warned", request.actor), lambda: alerts.counts(request.actor))


def due(request: PageRequest) -> Panel:
    """Everything the reader promised to do by tonight, the most overdue first."""
    limit = ALL if "all" in request.GET else SHOWN
    found = reminders.due(request.actor, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    count = reminders.due_count(request.actor)
    if not found:
        shown: Any = Empty(
            Text("今天的事都做完了", "All done for today"),
            Text(
                "写跟进时填上“下次”，到时候会出现在这里。",
                "Fill in “next” in a follow-up and it appears here.",
            ),
            icon="mood-smile",
        )
    else:
        shown = Raw("parts/shell/due.html", items=[_due(d) for d in found], later=LATER)
    names = " ".join(dict.fromkeys(d.object_key for d in found)) or "follow_up follow_plan"
    return Panel(
        Text("今天要做", "To do today"),
        shown,
        key="due",
        note=Text("{n} 项", "{n}").format(n=count.late + count.today) if found else "",
        flush=bool(found),
        foot=Raw("parts/shell/due_more.html") if more and limit == SHOWN else None,
        live=f"{names} follow_up",
    )


def _due(one: Due) -> dict[str, Any]:
    spec = snapshot().object(one.object_key)
    when = one.when
    return {
        "due": one,
        "icon": spec.icon or "circle",
        "time": f"{show.local(when):%H:%M}" if isinstance(when, datetime) else "",
        "day": show.day(when),
        "url": f"/o/{one.object_key}/{one.record_id}",
        "subject_url": f"/o/{one.subject_key}/{one.subject_id}" if one.subject_id else "",
    }


def warnings(request: PageRequest) -> Any:
    """The reader's own alerts, each rule with its longest-standing first."""
    found = []
    for count in alerts.counts(request.actor, mine=True):
        if count.count:
            listed = alerts.alerts(request.actor, count.rule.key, mine=True, limit=PER_ALERT)
            panel = Panel(
                count.rule.label,
                Raw("parts/shell/alerts.html", count=count, listed=listed),
                key=f"alert-{count.rule.key}",
                note=str(count.count),
                flush=True,
            )
            found.append(panel)
    return found or None


def team(request: PageRequest) -> Panel | None:
    """For whoever answers for others: who is late, and with whom something is wrong."""
    late = {c.owner_id: c for c in _late(request)}
    warned = {c.owner_id: c for c in alerts.by_owner(request.actor)}
    others = [i for i in {*late, *warned} if i != request.actor.member_id]
    if not others:
        return None
    rules = [c.rule for c in _warned(request)]
    whole = "all" in request.GET
    rows: list[dict[str, Any]] = [
        {
            "id": i,
            "name": (late.get(i) or warned[i]).owner_name,
            "late": late[i].late if i in late else 0,
            "today": late[i].today if i in late else 0,
            "counts": [
                (r.key, warned[i].counts.get(r.key, 0) if i in warned else 0) for r in rules
            ],
        }
        for i in others
    ]
    rows.sort(key=lambda r: (-r["late"] - sum(n for _, n in r["counts"]), r["name"]))
    return Panel(
        Text("团队", "The team"),
        Raw("parts/shell/team_today.html", rows=rows if whole else rows[:SHOWN], rules=rules),
        key="team",
        foot=Raw("parts/shell/due_more.html") if len(rows) > SHOWN and not whole else None,
        flush=True,
        note=Text("先看谁需要帮忙", "Who needs help first"),
    )


@require_POST
def done(request: HttpRequest, rule: str, record_id: int) -> HttpResponse:
    """One tap settles it."""
    reminding.done(rule, record_id, actor=cast(PageRequest, request).actor)
    return redirect("/", Text("已完成", "Done"))


@require_POST
def later(request: HttpRequest, rule: str, record_id: int) -> HttpResponse:
    """Put off by some days, at the same time of day."""
    page_request = cast(PageRequest, request)
    days = min(whole(request.POST, "days") or 1, MOST_DAYS)
    until = now() + timedelta(days=days)
    reminding.snooze(rule, record_id, actor=page_request.actor, until=until)
    return redirect("/", Text("已推迟到{d}", "Snoozed until {d}").format(d=show.day(until)))


TOP: tuple[Section, ...] = (tour, first_steps, numbers)
RIGHT: tuple[Section, ...] = (
    about_me,
    begun,
    team_targets,
    own_targets,
    rank,
    own_pipeline,
    warnings,
)
urlpatterns = [
    path("", page, name="today"),
    path("due/<slug:rule>/<int:record_id>/done", done),
    path("due/<slug:rule>/<int:record_id>/later", later),
]
