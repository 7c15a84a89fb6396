"""One box that finds anything by name, pinyin initials, code or the tail of a phone number."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records import queries
from wubu.kernel.types import Text
from wubu.web.ui import Empty, Page, PageRequest, Panel, Raw, htmx_partial

QUICK, FULL = 8, 40


def search(request: HttpRequest) -> HttpResponse:
    """The list below the box while typing, or a page of its own."""
    page_request = cast(PageRequest, request)
    words = request.GET.get("q", "").strip()
    small = htmx_partial(request)
    hits = queries.find(page_request.actor, words, limit=QUICK if small else FULL) if words else []
    specs = snapshot().objects
    rows = [{"hit": h, "spec": specs[h.object_key]} for h in hits]
    context = {"rows": rows, "words": words}
    if small:
        return render(request, "parts/lists/hits.html", context)
    if rows:
        body: Any = Panel("", Raw("parts/lists/hits.html", **context))
    else:
        body = Panel(
            "",
            Empty(
                Text("没有找到", "Nothing found"),
                Text(
                    "可以用名称、拼音首字母、编号或电话后四位查找。",
                    "Try a name, pinyin initials, a code or the last digits of a phone number.",
                ),
                icon="search",
            ),
        )
    title = Text("搜索：{w}", "Search: {w}").format(w=words) if words else Text("搜索", "Search")
    return Page(title, [body]).response(page_request)


urlpatterns = [path("search", search, name="search")]
