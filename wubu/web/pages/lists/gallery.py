"""Records as cards with their picture."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.collect.views import queries as views
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.records import queries
from wubu.kernel.records.types import Page as Records
from wubu.kernel.records.types import Record
from wubu.kernel.types import Refused
from wubu.web import list_state
from wubu.web.pages.lists.calendar import answer
from wubu.web.ui import PageRequest, Problems, show, values

PER_PAGE = 24


def gallery(request: HttpRequest, object_key: str) -> HttpResponse:
    page_request = cast(PageRequest, request)
    now = list_state.of(page_request, object_key, "gallery")
    if isinstance(now, HttpResponse):
        return now
    picture = _picture(page_request, now)
    card = list_state.card_fields(page_request, now.spec, now.look.card)
    keys = [*(c.key for c in card), *([picture.key] if picture else [])]
    found, refused = Records(()), None
    paint: dict[int, dict[str, str]] = {}
    try:
        query = now.query(keys, request.GET.get("cursor", ""), PER_PAGE)
        found = queries.page(page_request.actor, object_key, query)
        ids = [r.id for r in found.records]
        paint = views.colors(page_request.actor, object_key, now.look.colors, ids)
    except Refused as problem:
        if problem.status != 422:
            raise
        refused = problem
    pictures = _pictures(page_request, picture, found.records)
    context = {
        "spec": now.spec,
        "now": now,
        "found": found,
        "tiles": [
            _tile(r, card, pictures.get(r.id), paint.get(r.id, {}).get("", ""))
            for r in found.records
        ],
        "filtered": bool(now.where or now.search),
        "problems": Problems(refused.problems) if refused else None,
    }
    return answer(page_request, now, "gallery", context)


def _picture(request: PageRequest, now: list_state.ListState) -> FieldSpec | None:
    """The field whose first picture stands on the card."""
    seen = [f for f in list_state.readable(request, now.spec) if f.kind.pictures]
    wanted = [f for f in seen if f.key == now.look.image]
    return next(iter(wanted or sorted(seen, key=lambda f: f.kind.any_file)), None)


def _pictures(
    request: PageRequest, f: FieldSpec | None, found: tuple[Record, ...]
) -> dict[int, int]:
    """By record, the first of its files that a browser can show. One question for the page."""
    if f is None:
        return {}
    held = {r.id: tuple(r.values.get(f.key) or ()) for r in found}
    ids = [i for some in held.values() for i in some]
    files = {x.id: x for x in queries.files_of(request.actor, ids)} if ids else {}
    shown = {i for i, x in files.items() if x.content_type in show.PICTURES}
    return {
        record: next(i for i in some if i in shown)
        for record, some in held.items()
        if any(i in shown for i in some)
    }


def _tile(record: Record, card: list[FieldSpec], picture: int | None, paint: str) -> dict[str, Any]:
    facts = [(f.label, values.draw(f, record)) for f in card if f.key in record.values]
    return {
        "record": record,
        "picture": picture,
        "initials": initials(record.title),
        "hue": show.hue(record.title),
        "facts": [(label, drawn) for label, drawn in facts if drawn != values.NONE],
        "paint": paint,
    }


def initials(title: str) -> str:
    """What stands for a picture: the first characters of a Chinese name, else initials."""
    words = title.split()
    if len(words) > 1 and title.isascii():
        return (words[0][:1] + words[1][:1]).upper()
    return title.strip()[:2]


urlpatterns = [path("o/<slug:object_key>/gallery", gallery, name="gallery")]
