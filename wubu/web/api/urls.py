"""Addresses of the API: everything below ``v1``, the OpenAPI document, and its reader."""

from __future__ import annotations

from django.urls import path, re_path

from wubu.web.api import document, entry

urlpatterns = [
    path("openapi.json", document.openapi, name="openapi"),
    path("docs", document.docs, name="api_docs"),
    re_path(r"^v1/(?P<path>.*)$", entry.dispatch, name="api"),
]
