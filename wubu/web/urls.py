"""Every address: the pages' own, the API, the live stream."""

from __future__ import annotations

import importlib.util

from django.urls import URLPattern, URLResolver, include, path

from wubu.web import live, pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("live", live.stream, name="live"),
    *(pattern for module in pages.modules() for pattern in module.urlpatterns),
]
if importlib.util.find_spec("wubu.web.api.urls"):
    urlpatterns.insert(0, path("api/", include("wubu.web.api.urls")))

handler400 = "wubu.web.problems.bad_request"
handler403 = "wubu.web.problems.forbidden"
handler404 = "wubu.web.problems.not_found"
handler500 = "wubu.web.problems.server_error"
