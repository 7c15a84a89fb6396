"""Where records are: the nearest first around a point, or put together by place."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.collect.views import placing
from wubu.collect.views import queries as views
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.query.types import Measure
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import Missing, Problem, Refused, Text
from wubu.web import list_state
from wubu.web.pages.lists.calendar import answer
from wubu.web.pages.lists.gallery import initials
from wubu.web.pages.lists.listing_parts import NO_VALUE
from wubu.web.ui import PageRequest, Problems, show, values

GROUPS, PER_PAGE = 100, 60


def locations(request: HttpRequest, object_key: str) -> HttpResponse:
    page_request = cast(PageRequest, request)
    now = list_state.of(page_request, object_key, "locations")
    if isinstance(now, HttpResponse):
        return now
    places = [
        f
        for f in views.places(list_state.readable(page_request, now.spec))
        if page_request.policy.readable(object_key, (f.key,))
    ]
    wanted = request.GET.get("place", "") or now.look.location
    f = next((p for p in places if p.key == wanted), places[0] if places else None)
    if f is None:
        words = Text("“{o}”没有地点字段。", "“{o}” has no field for a place.")
        raise Missing(Problem("no_places", words.format(o=now.spec.label)))
    card = [
        c for c in list_state.card_fields(page_request, now.spec, now.look.card) if c.key != f.key
    ][:4]
    refused: Refused | None = None
    context: dict[str, Any] = {"spec": now.spec, "now": now, "field": f, "places": places}
    try:
        draw = _near if f.kind.mapped else _by_place
        context |= draw(page_request, now, f, card)
    except Refused as problem:
        if problem.status != 422:
            raise
        refused = problem
    context["problems"] = Problems(refused.problems) if refused else None
    return answer(page_request, now, "locations", context)


def _near(
    request: PageRequest, now: list_state.ListState, f: FieldSpec, card: list[FieldSpec]
) -> dict[str, Any]:
    """Around where the reader is, or around a chosen record."""
    keys = [*(c.key for c in card), f.key]
    here, around = _here(request, now, f)
    if here is None:
        query = now.query(keys, request.GET.get("cursor", ""), PER_PAGE)
        found = queries.page(request.actor, now.spec.key, query)
        return {
            "mode": "near",
            "here": None,
            "rows": [_row(r, card, f) for r in found.records],
            "found": found,
        }
    near = placing.nearest(request.actor, now.spec.key, now.where, f.key, here, keys)
    rows = [_row(n.record, card, f) | {"far": _far(n.kilometres)} for n in near]
    return {"mode": "near", "here": here, "around": around, "rows": rows, "found": None}


def _here(
    request: PageRequest, now: list_state.ListState, f: FieldSpec
) -> tuple[tuple[float, float] | None, str]:
    record = request.GET.get("near", "")
    if record.isascii() and record.isdigit() and len(record) < 19:
        found = queries.get(request.actor, now.spec.key, int(record))
        there = FIELD_TYPES[f.type].to_json(f, found.values.get(f.key))
        if isinstance(there, dict):
            return (there["lat"], there["lng"]), found.title
    raw = request.GET.get("at", "").split(",")
    try:
        lat, lng = (float(part) for part in raw)
    except ValueError:
        return None, ""
    sane = abs(lat) <= 90 and abs(lng) <= 180
    return ((lat, lng) if sane else None), ""


def _far(kilometres: float) -> Any:
    if kilometres < 1:
        return Text("{n} 米", "{n} m").format(n=int(round(kilometres * 1000, -1)))
    digits = 1 if kilometres < 100 else 0
    return Text("{n} 公里", "{n} km").format(n=f"{kilometres:,.{digits}f}")


def _row(record: Record, card: list[FieldSpec], f: FieldSpec) -> dict[str, Any]:
    where = values.plain(f, record)
    there = FIELD_TYPES[f.type].to_json(f, record.values.get(f.key))
    point = f"{there['lat']},{there['lng']}" if isinstance(there, dict) and "lat" in there else ""
    return {
        "record": record,
        "where": where,
        "point": point,
        "facts": [d for c in card if (d := values.draw(c, record)) != values.NONE],
        "initials": initials(record.title),
        "hue": show.hue(record.title),
        "far": "",
    }


def _by_place(
    request: PageRequest, now: list_state.ListState, f: FieldSpec, card: list[FieldSpec]
) -> dict[str, Any]:
    """By province, city or whatever the place is called; the records of one when it is open."""
    name = _name(f)
    groups = queries.aggregate(
        request.actor, now.spec.key, (name,), [Measure("count")], now.query(), limit=GROUPS
    )
    groups.sort(key=lambda g: -g.values[0])
    opened = request.GET.get("in")
    made = [
        {
            "label": _called(f, g.by[0]),
            "count": g.values[0],
            "value": "" if g.by[0] is None else str(g.by[0]),
            "on": opened is not None and opened == ("" if g.by[0] is None else str(g.by[0])),
        }
        for g in groups
    ]
    rows: list[dict[str, Any]] = []
    found = None
    if opened is not None:
        words = '"' + opened.replace('"', '""') + '"'
        of = name if "{" in name else f"{{{name}}}"
        inside = f"{of} = {words}" if opened else f"ISBLANK({of})"
        where = placing.joined(now.where, inside)
        query = now.query([*(c.key for c in card), f.key], request.GET.get("cursor", ""), PER_PAGE)
        requested = type(query)(
            where, query.sort, query.search, query.columns, PER_PAGE, query.cursor
        )
        found = queries.page(request.actor, now.spec.key, requested)
        rows = [_row(r, card, f) for r in found.records]
    largest = max((g["count"] for g in made), default=1)
    for g in made:
        g["share"] = f"{g['count'] * 100 / largest:.1f}"
    return {
        "mode": "groups",
        "groups": made,
        "rows": rows,
        "found": found,
        "opened": opened,
        "all_url": f"/o/{now.spec.key}/?{urlencode({'f': now.where})}",
    }


def _name(f: FieldSpec) -> str:
    """What places are put together by: the province of an address, also of one in plain words."""
    if f.kind.divided:
        return f"{f.key}.province"
    return f"LEFT({{{f.key}}}, 2)" if f.key == "address" else f.key


def _called(f: FieldSpec, value: Any) -> Any:
    if value is None or value == "":
        return NO_VALUE
    choice = f.choice(value) if f.choices else None
    return choice.label if choice else value


urlpatterns = [path("o/<slug:object_key>/locations", locations, name="locations")]
