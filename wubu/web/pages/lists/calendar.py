"""Records on the days of a month, a week or a day; dragged from one to another."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.views import placing
from wubu.collect.views import queries as views
from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice, FieldSpec
from wubu.kernel.records.types import Record
from wubu.kernel.types import Missing, Problem, Refused, Text
from wubu.web import list_state
from wubu.web.pages.lists.filters import filter_bar
from wubu.web.pages.lists.listing_parts import is_editable
from wubu.web.ui import Action, Page, PageRequest, Problems, htmx_target, show, toast, values
from wubu.web.ui.asking import day as parse_day

SPANS = {
    "month": Text("月", "Month"),
    "week": Text("周", "Week"),
    "day": Text("日", "Day"),
}
PER_DAY = {"month": 4, "week": 12, "day": 200}
WEEKDAYS = tuple(
    Text(zh, en)
    for zh, en in zip(
        "一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True
    )
)
FIRST, LAST = date(1970, 1, 1), date(2199, 12, 1)


def calendar(request: HttpRequest, object_key: str) -> HttpResponse:
    page_request = cast(PageRequest, request)
    now = list_state.of(page_request, object_key, "calendar")
    if isinstance(now, HttpResponse):
        return now
    f, dates = chosen(page_request, now)
    span = _span(request, now)
    on = on_day(request)
    first, last = _window(on, span)
    card = list_state.card_fields(page_request, now.spec, now.look.card)[:3]
    keys = [*(c.key for c in card if c.key != f.key), f.key, *stage_keys(page_request, now)]
    refused: Refused | None = None
    found, tray = placing.Month(), None
    paint: dict[int, dict[str, str]] = {}
    try:
        found = placing.month(
            page_request.actor,
            object_key,
            now.where,
            f.key,
            first,
            last,
            per_day=PER_DAY[span],
            columns=keys,
        )
        tray = placing.unplanned(page_request.actor, object_key, now.where, f.key, keys)
        shown = [r.id for d in found.days.values() for r in d.records]
        paint = views.colors(page_request.actor, object_key, now.look.colors, shown)
    except Refused as problem:
        if problem.status != 422:
            raise
        refused = problem
    context = {
        "spec": now.spec,
        "now": now,
        "field": f,
        "dates": dates,
        "span": span,
        "spans": SPANS.items(),
        "on": on,
        "previous": _step(on, span, -1),
        "next": _step(on, span, 1),
        "today": today(),
        "title": _title(on, first, last, span),
        "weekdays": WEEKDAYS,
        "days": _days(now, f, card, found, first, last, on, span, paint),
        "tray": [event(r, card, f) for r in tray.records] if tray else [],
        "found_any": bool(found.days),
        "tray_more": tray.next_cursor if tray else None,
        "tray_url": _list(now, f"ISBLANK({{{f.key}}})"),
        "movable": page_request.policy.may("edit", object_key)
        and is_editable(page_request, now.spec, f),
        "creatable": page_request.policy.may("create", object_key)
        and is_editable(page_request, now.spec, f),
        "problems": Problems(refused.problems) if refused else None,
    }
    return answer(page_request, now, "calendar", context)


def answer(
    request: PageRequest,
    now: list_state.ListState,
    name: str,
    context: dict[str, Any],
    *,
    part: str = "",
) -> HttpResponse:
    """The page of a view, or only its inside when that is to be refreshed."""
    status = 422 if context.get("problems") else 200
    if htmx_target(request) == "placed":
        return render(request, f"parts/lists/{part or name}.html", context, status=status)
    actions = []
    if request.policy.may("create", now.spec.key):
        label = Text("新建{o}", "New {o}").format(o=now.spec.label)
        actions.append(Action(label, f"/o/{now.spec.key}/new", icon="plus", style="primary"))
    page = Page(
        now.spec.plural,
        actions=actions,
        template=f"pages/lists/{name}.html",
        context={
            **context,
            "filters": filter_bar(request, now),
            "views": list_state.tabs(request, now),
        },
    )
    return page.response(request, status)


def chosen(request: PageRequest, now: list_state.ListState) -> tuple[FieldSpec, list[FieldSpec]]:
    """The date by which records are placed, and those to choose from. Raises Missing."""
    dates = list_state.moments(request, now.spec)
    wanted = request.GET.get("date", "") or now.look.start
    f = next((d for d in dates if d.key == wanted), dates[0] if dates else None)
    if f is None:
        raise Missing(
            Problem(
                "no_dates",
                Text("“{o}”没有您能看到的日期。", "“{o}” has no dates that you may see.").format(
                    o=now.spec.label
                ),
            )
        )
    return f, dates


def on_day(request: HttpRequest) -> date:
    """The day of the address, today without one."""
    try:
        found = parse_day(request.GET, "on") or today()
    except Refused:
        return today()
    return min(max(found, FIRST), LAST)


def _span(request: HttpRequest, now: list_state.ListState) -> str:
    wanted = request.GET.get("span", "") or now.look.scale
    return wanted if wanted in SPANS else "month"


def _window(on: date, span: str) -> tuple[date, date]:
    if span == "day":
        return on, on + timedelta(days=1)
    if span == "week":
        first = placing.week(on)
        return first, first + timedelta(days=7)
    first = placing.week(on.replace(day=1))
    end = (on.replace(day=28) + timedelta(days=4)).replace(day=1)
    weeks = -(-(end - first).days // 7)
    return first, first + timedelta(days=7 * weeks)


def _step(on: date, span: str, way: int) -> str:
    if span == "month":
        first = on.replace(day=1)
        moved = first - timedelta(days=1) if way < 0 else first + timedelta(days=32)
        return moved.replace(day=1).isoformat()
    return (on + timedelta(days=way * (7 if span == "week" else 1))).isoformat()


def _title(on: date, first: date, last: date, span: str) -> Any:
    if span == "month":
        return show.month(on)
    if span == "day":
        return show.date(on)
    return f"{show.date(first)} – {show.date(last - timedelta(days=1))}"


def _days(
    now: list_state.ListState,
    f: FieldSpec,
    card: list[FieldSpec],
    found: placing.Month,
    first: date,
    last: date,
    on: date,
    span: str,
    paint: dict[int, dict[str, str]],
) -> list[dict[str, Any]]:
    made = []
    day = first
    while day < last:
        here = found.days.get(day, placing.Day(0, ()))
        more = here.count - len(here.records)
        inside = placing.between(f.key, day, day + timedelta(days=1))
        made.append(
            {
                "day": day,
                "number": day.day,
                "key": day.isoformat(),
                "name": Text("周{d}", "{d}").format(d=WEEKDAYS[day.weekday()]),
                "said": show.date(day),
                "outside": span == "month" and day.month != on.month,
                "today": day == today(),
                "weekend": day.weekday() > 4,
                "events": [
                    event(r, card, f, paint.get(r.id, {}).get("", "")) for r in here.records
                ],
                "more": more,
                "url": _list(now, inside) if more else "",
            }
        )
        day += timedelta(days=1)
    return made


def event(record: Record, card: list[FieldSpec], f: FieldSpec, paint: str = "") -> dict[str, Any]:
    """A record as a card on a day."""
    at = record.values.get(f.key)
    clock = show.local(at).strftime("%H:%M") if f.kind.timed and at else ""
    facts = [values.plain(c, record) for c in card if c.key != f.key]
    colored = stage_of(record)
    return {
        "id": record.id,
        "version": record.version,
        "title": record.title,
        "clock": clock,
        "facts": [w for w in facts if w],
        "color": colored.color if colored else "",
        "paint": paint,
    }


def _list(now: list_state.ListState, where: str) -> str:
    return f"/o/{now.spec.key}/?{urlencode({'f': placing.joined(now.where, where)})}"


def stage_keys(request: PageRequest, now: list_state.ListState) -> list[str]:
    """The stage, whose colour a record has, where the reader may see it."""
    stage = now.spec.role("stage")
    return [stage.key] if stage and request.policy.readable(now.spec.key, (stage.key,)) else []


def stage_of(record: Record) -> Choice | None:
    """The stage that a record is in, as far as it is shown."""
    stage = snapshot().object(record.object_key).role("stage")
    return stage.choice(record.values.get(stage.key)) if stage else None


@require_POST
def move(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """Another day for one or two dates of a record; an empty one takes the date away."""
    page_request = cast(PageRequest, request)
    days: dict[str, date | None] = {}
    for name in ("start", "end"):
        key = request.POST.get(f"{name}_field", "")
        if key:
            days[key] = parse_day(request.POST, name)
    if not days:
        raise Refused(Problem("required", Text("请给出日期。", "Give a date."), field="start"))
    raw = request.POST.get("version", "")
    version = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None
    record, batch = placing.move(
        actor=page_request.actor,
        object_key=object_key,
        record_id=record_id,
        days=days,
        version=version,
    )
    first = next(iter(days.values()))
    words = (
        Text("“{t}”改到{d}", "“{t}” moved to {d}").format(t=record.title, d=show.date(first))
        if first
        else Text("“{t}”不再有日期", "“{t}” has no date any more").format(t=record.title)
    )
    answer = HttpResponse(status=204)
    answer["X-Version"] = str(record.version)
    return toast(answer, words, undo=f"/o/{object_key}/undo-edit?batch={batch}")


urlpatterns = [
    path("o/<slug:object_key>/calendar", calendar, name="calendar"),
    path("o/<slug:object_key>/<int:record_id>/when", move, name="move-date"),
]
