"""What inputs ask the server for while somebody fills them in.

Options by what is typed, where there are too many for a list, and pictures made small.
"""

from __future__ import annotations

from typing import cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import path

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Choice
from wubu.kernel.fields.choice import folded
from wubu.kernel.people import queries as people
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries
from wubu.kernel.types import Missing, Problem, Text
from wubu.web.ui import PageRequest

SHOWN = 40  # options of a choice
PICKED = 8  # records that a link may point at


def pick(request: HttpRequest, target: str) -> HttpResponse:
    """What a link field may point at, by what was typed; the newest where nothing was."""
    page_request = cast(PageRequest, request)
    words = request.GET.get("q", "").strip()
    if target == "member":
        found = people.search(words, PICKED) if words else people.members()[:PICKED]
        items = [{"id": str(p.id), "title": p.name, "subtitle": p.login} for p in found]
    elif words:
        hits = queries.find(page_request.actor, words, limit=PICKED, objects=[target])
        items = [{"id": str(h.id), "title": h.title, "subtitle": h.subtitle} for h in hits]
    else:
        title = snapshot().object(target).roles.get("title", "")
        query = Query(columns=(title,) if title else (), limit=PICKED)
        page = queries.page(page_request.actor, target, query)
        items = [{"id": str(r.id), "title": r.title, "subtitle": ""} for r in page.records]
    return JsonResponse({"items": items})


def choice(request: HttpRequest, object_key: str, key: str) -> HttpResponse:
    """The live options that what is typed begins or stands in; with ``above``, those below it."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    f = spec.fields.get(key)
    if f is None or f.retired or not page_request.policy.clear(object_key, key):
        raise Missing(
            Problem("no_such_field", Text("没有这个字段。", "There is no such field."), field=key)
        )
    above = request.GET.get("above", "")
    words = folded(request.GET.get("q", ""))
    open_ = [
        c
        for c in f.choices
        if not c.retired and (not above or c.parent in ("", above)) and _names(c, words)
    ]
    # What begins with the words comes before what only has them somewhere.
    begins = [c for c in open_ if folded(str(c.label)).startswith(words)]
    rest = [c for c in open_ if c not in begins[:SHOWN]] if len(begins) < SHOWN else []
    shown = [*begins, *rest][:SHOWN]
    more = len(open_) - len(shown)
    return JsonResponse(
        {
            "items": [{"id": c.key, "title": str(c.label), "subtitle": ""} for c in shown],
            "more": str(Text("还有 {n} 项", "{n} more").format(n=f"{more:,}")) if more else "",
        }
    )


def _names(c: Choice, words: str) -> bool:
    return not words or any(words in folded(n) for n in (c.label.zh, c.label.en, c.key))


def small(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """A picture made small."""
    page_request = cast(PageRequest, request)
    made = queries.small_picture(page_request.actor, file_id)
    if made is None:
        raise Missing(Problem("no_picture", Text("没有这张图片。", "There is no such picture.")))
    answer = FileResponse(made.open("rb"))
    answer["Content-Type"] = "image/webp"
    answer["Cache-Control"] = "private, max-age=86400"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


urlpatterns = [
    path("pick/<slug:target>", pick, name="pick"),
    path("pick/choice/<slug:object_key>/<slug:key>", choice, name="pick-choice"),
    path("files/<int:file_id>/small", small, name="small-picture"),
]
