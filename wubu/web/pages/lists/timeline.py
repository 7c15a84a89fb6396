"""Records as bars over time: dragged, lengthened, grouped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.collect.views import placing
from wubu.collect.views import queries as views
from wubu.collect.views.checking import may_group
from wubu.collect.views.types import SCALES
from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.records.types import Page as Records
from wubu.kernel.records.types import Record
from wubu.kernel.types import Refused, Text
from wubu.web import list_state
from wubu.web.pages.lists.calendar import answer, chosen, on_day, stage_keys, stage_of
from wubu.web.pages.lists.listing_parts import is_editable
from wubu.web.ui import PageRequest, Problems, show, values

ROWS = 60
LENGTH = {"day": 28, "week": 7 * 13, "month": 366}  # days of the window


@dataclass(frozen=True)
class Tick:
    """A column of the scale: where it begins, in days from the window's first, and how long."""

    at: int
    length: int
    label: Any
    weekend: bool = False


def timeline(request: HttpRequest, object_key: str) -> HttpResponse:
    page_request = cast(PageRequest, request)
    now = list_state.of(page_request, object_key, "timeline")
    if isinstance(now, HttpResponse):
        return now
    start, dates = chosen(page_request, now)
    end = _end(request, now, start, dates)
    scale = request.GET.get("span", "") or now.look.scale
    scale = scale if scale in SCALES else "week"
    first = _first(on_day(request), scale)
    last = first + timedelta(days=LENGTH[scale])
    group = _group(page_request, now)
    card = [
        c for c in list_state.card_fields(page_request, now.spec, now.look.card) if c not in dates
    ][:2]
    keys = [*(c.key for c in card), *([group.key] if group else []), *stage_keys(page_request, now)]
    found, refused = Records(()), None
    paint: dict[int, dict[str, str]] = {}
    try:
        found = placing.intervals(
            page_request.actor,
            object_key,
            now.where,
            start.key,
            end.key if end else "",
            first,
            last,
            group=group.key if group else "",
            columns=keys,
            cursor=request.GET.get("cursor", ""),
            limit=ROWS,
        )
        ids = [r.id for r in found.records]
        paint = views.colors(page_request.actor, object_key, now.look.colors, ids)
    except Refused as problem:
        if problem.status != 422:
            raise
        refused = problem
    edit = page_request.policy.may("edit", object_key)
    context = {
        "spec": now.spec,
        "now": now,
        "start": start,
        "end": end,
        "dates": dates,
        "scale": scale,
        "scales": SCALES.items(),
        "group": group,
        "groupable": [
            f
            for f in now.spec.live_fields
            if may_group(f) and page_request.policy.readable(object_key, (f.key,))
        ],
        "first": first,
        "length": LENGTH[scale],
        "previous": (first - timedelta(days=LENGTH[scale] // 2)).isoformat(),
        "next": (first + timedelta(days=LENGTH[scale] // 2)).isoformat(),
        "ticks": _ticks(first, scale),
        "heads": _heads(first, last, scale),
        "now_at": _share(today(), first, LENGTH[scale]) if first <= today() < last else None,
        "rows": _rows(found.records, start, end, group, card, first, LENGTH[scale], paint),
        "found": found,
        "movable": edit and is_editable(page_request, now.spec, start),
        "sizable": edit and end is not None and is_editable(page_request, now.spec, end),
        "problems": Problems(refused.problems) if refused else None,
        "on": on_day(request),
        "today": today(),
    }
    return answer(page_request, now, "timeline", context, part="gantt")


def _end(
    request: HttpRequest, now: list_state.ListState, start: FieldSpec, dates: list[FieldSpec]
) -> FieldSpec | None:
    wanted = request.GET.get("until", "") or now.look.end
    return next((f for f in dates if f.key == wanted and f.key != start.key), None)


def _group(request: PageRequest, now: list_state.ListState) -> FieldSpec | None:
    """Lanes by the field of the view; by owner where nothing else is said."""
    key = now.look.group
    if not key and "group" not in request.GET and now.view is None:
        key = now.spec.roles.get("owner", "")
    f = now.spec.fields.get(key)
    may = f is not None and not f.retired and request.policy.readable(now.spec.key, (key,))
    return f if f is not None and may and may_group(f) else None


def _first(on: date, scale: str) -> date:
    if scale == "month":
        return (on.replace(day=1) - timedelta(days=62)).replace(day=1)
    return placing.week(on) - timedelta(days=7 if scale == "day" else 21)


def _ticks(first: date, scale: str) -> list[Tick]:
    made, at = [], 0
    while at < LENGTH[scale]:
        day = first + timedelta(days=at)
        if scale == "day":
            made.append(Tick(at, 1, str(day.day), day.weekday() > 4))
            at += 1
        elif scale == "week":
            made.append(Tick(at, 7, show.short_day(day)))
            at += 7
        else:
            following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            length = min((following - day).days, LENGTH[scale] - at)
            made.append(Tick(at, length, show.month(day, year=False)))
            at += length
    return made


def _heads(first: date, last: date, scale: str) -> list[Tick]:
    """The row above: months, or years."""
    made: list[Tick] = []
    day = first
    while day < last:
        if scale == "month":
            following = date(day.year + 1, 1, 1)
            label: Any = Text("{y} 年", "{y}").format(y=day.year)
        else:
            following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            label = show.month(day)
        end = min(following, last)
        made.append(Tick((day - first).days, (end - day).days, label))
        day = following
    return made


def _share(day: date, first: date, length: int) -> str:
    return f"{((day - first).days + 0.5) * 100 / length:.3f}"


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return show.local(value).date()
    return value if isinstance(value, date) else None


def _rows(
    found: tuple[Record, ...],
    start: FieldSpec,
    end: FieldSpec | None,
    group: FieldSpec | None,
    card: list[FieldSpec],
    first: date,
    length: int,
    paint: dict[int, dict[str, str]],
) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    lane: Any = object()
    for record in found:
        if group is not None and record.values.get(group.key) != lane:
            lane = record.values.get(group.key)
            made.append({"lane": values.draw(group, record)})
        begins = _day(record.values.get(start.key))
        if begins is None:
            continue
        until = _day(record.values.get(end.key)) if end else None
        until = max(begins, until or begins)
        left = max(0, (begins - first).days)
        right = min(length, (until - first).days + 1)
        choice = stage_of(record)
        made.append(
            {
                "record": record,
                "start": begins.isoformat(),
                "end": until.isoformat() if end and record.values.get(end.key) else "",
                "left": f"{left * 100 / length:.3f}",
                "width": f"{max(1, right - left) * 100 / length:.3f}",
                "cut_left": begins < first,
                "cut_right": (until - first).days + 1 > length,
                "said": show.day(begins) + (f" – {show.day(until)}" if until > begins else ""),
                "facts": [w for c in card if (w := values.plain(c, record))],
                "color": choice.color if choice else "",
                "paint": paint.get(record.id, {}).get("", ""),
                "single": end is None,
            }
        )
    return made


urlpatterns = [path("o/<slug:object_key>/timeline", timeline, name="timeline")]
