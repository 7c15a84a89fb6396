"""One NinjaAPI per Snapshot, built when it is first asked for and kept while the catalog stands."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from decimal import Decimal
from threading import Lock
from typing import Any, NoReturn, cast

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import URLResolver
from django.urls.resolvers import RegexPattern
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from wubu import __version__
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.types import Problem, Text
from wubu.kernel.workspace import workspace_key
from wubu.web.api.collect import collection, imports
from wubu.web.api.control import routes as control
from wubu.web.api.errors import malformed, problem
from wubu.web.api.improve import routes as improve
from wubu.web.api.lists import views
from wubu.web.api.measure import figures as measure
from wubu.web.api.measure import targets
from wubu.web.api.motivate import routes as motivate
from wubu.web.api.records import drafts, files, forms, sharing, stories
from wubu.web.api.records.routes import routers
from wubu.web.api.setup import catalog, events, formulas, logs, packs, past, people
from wubu.web.api.setup import dated as rules
from wubu.web.api.setup import rules as setup
from wubu.web.api.shell import jobs, me

HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # an escaped half of a character
CACHE_SIZE = (
    4  # catalogs whose API is kept: those of a few workspaces, or before and after a change
)
ROOMS = (
    me,
    packs,
    catalog,
    formulas,
    collection,
    people,
    past,
    sharing,
    files,
    forms,
    drafts,
    imports,
    jobs,
    measure,
    targets,
    control,
    motivate,
    improve,
    rules,
    setup,
    views,
    stories,
    logs,
    events,
)
_built: OrderedDict[tuple[str, str], tuple[NinjaAPI, URLResolver]] = OrderedDict()
_lock = Lock()


class ExactParser(Parser):
    """JSON with exact decimals; NaN, Infinity and halves of characters are no JSON."""

    def parse_body(self, request: HttpRequest) -> Any:
        found = json.loads(request.body, parse_float=Decimal, parse_constant=_no_constant)
        if HALF.search(request.body):
            # Raises ValueError for a half that stands alone: no database keeps it.
            json.dumps(found, ensure_ascii=False, default=str).encode()
        return found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


class FastRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> Any:
        return orjson.dumps(data)


def _cached(catalog_now: Snapshot) -> tuple[NinjaAPI, URLResolver]:
    key = (workspace_key(), catalog_now.token)
    with _lock:
        found = _built.get(key)
        if found is None:
            api = _build(catalog_now)
            urls = cast(list[Any], api._get_urls())
            found = _built[key] = (api, URLResolver(RegexPattern(r"^"), urls))
            while len(_built) > CACHE_SIZE:
                _built.popitem(last=False)
        _built.move_to_end(key)
    return found


def _one_view_per_path(api: NinjaAPI) -> None:
    """Rooms may share a path: one reads there, another writes. Both then stand in one view."""
    seen: dict[str, Any] = {}
    for bound in api._get_bound_routers():
        for path in list(bound.path_operations):
            first = seen.setdefault(f"{bound.prefix}/{path}", bound.path_operations[path])
            if first is not bound.path_operations[path]:
                first.operations.extend(bound.path_operations.pop(path).operations)


def resolver(catalog_now: Snapshot) -> URLResolver:
    """Finds the view of a path below ``/api/v1/``. Raises Resolver404."""
    return _cached(catalog_now)[1]


def api(catalog_now: Snapshot) -> NinjaAPI:
    """The API of a catalog."""
    return _cached(catalog_now)[0]


def _build(catalog_now: Snapshot) -> NinjaAPI:
    made = NinjaAPI(
        title="Wubu 五步 API",
        version=__version__,
        description=DESCRIPTION,
        parser=ExactParser(),
        renderer=FastRenderer(),
        openapi_url=None,
        docs_url=None,
        urls_namespace="api",
        openapi_extra=EXTRA,
    )
    for room in ROOMS:
        made.add_router("", room.router())
    for object_router in routers(catalog_now):
        made.add_router("", object_router)
    made.add_exception_handler(ValidationError, _invalid)
    made.add_exception_handler(HttpError, _http_error)
    # Everything else goes up to ``entry``, which knows Refused and what broke.
    made._exception_handlers.pop(Exception, None)
    _one_view_per_path(made)
    return made


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    return malformed(request, error.errors)


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(
        request,
        error.status_code,
        [
            Problem(
                "bad_json" if error.status_code == 400 else "refused",
                Text("内容不是正确的 JSON。", "The content is not proper JSON."),
                Text("请检查括号、引号和逗号。", "Check brackets, quotes and commas."),
            )
        ],
    )


DESCRIPTION = """\
Every action and question of the pages, with the same permission checks.

* Sign in with `Authorization: Bearer <personal key>` (made on the page “Me”, or with `wubu token`),
  or with the session of the pages and their CSRF token.
* Ids are strings. Money and numbers with decimals are decimal strings, ratios too (`"0.6000"`).
  Days are `2026-03-01`, times are UTC.
* Lists take `filter` and `sort` in the one language, and cursors; they never count pages.
* Errors are problem details (RFC 9457, `application/problem+json`) with every problem in `errors`,
  in the language of `Accept-Language`.
"""
EXTRA: dict[str, Any] = {
    "components": {
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        }
    },
    "security": [{"key": []}, {"session": []}],
}
