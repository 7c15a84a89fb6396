"""The OpenAPI document as one member may know it, and its reader.

The reader is a page to read and try it.
"""

from __future__ import annotations

import copy
import re
from functools import lru_cache
from typing import Any, cast

import orjson
from django.contrib.staticfiles.finders import find
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from ninja import NinjaAPI
from orjson import OPT_NON_STR_KEYS as NON_STR_KEYS

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.permissions.types import Policy
from wubu.web.api import build
from wubu.web.api.answers import ConflictDetails, ProblemDetails, send
from wubu.web.api.entry import signed_in
from wubu.web.api.errors import MEDIA, TITLES
from wubu.web.api.values import camel
from wubu.web.ui.request import PageRequest

READ = (400, 401, 403, 404, 405, 422)
WRITE = (*READ, 409, 413, 503)
PREFIX = "/api/v1"
REF = re.compile(r'"#/components/schemas/([^"]+)"')
SUFFIXES = ("Input", "Values", "Row")


@lru_cache(maxsize=build.CACHE_SIZE)
def _whole(api: NinjaAPI) -> dict[str, Any]:
    """The document of all objects and fields; some seconds of work, done once per catalog."""
    made: dict[str, Any] = orjson.loads(
        orjson.dumps(dict(api.get_openapi_schema(path_prefix=PREFIX)), option=NON_STR_KEYS)
    )
    schemas = made["components"]["schemas"]
    for model in (ProblemDetails, ConflictDetails):
        own = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= own.pop("$defs", {})
        schemas[model.__name__] = own
    for operations in made["paths"].values():
        for method, operation in operations.items():
            for status in READ if method == "get" else WRITE:
                operation["responses"][str(status)] = _problem(status)
    return made


def _problem(status: int) -> dict[str, Any]:
    name = "ConflictDetails" if status == 409 else "ProblemDetails"
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {
        "description": TITLES[status].en,
        "content": {MEDIA: {"schema": schema}},
    }


def schema(catalog: Snapshot, policy: Policy) -> dict[str, Any]:
    """The document without objects and fields that are hidden from this member."""
    made = copy.deepcopy(_whole(build.api(catalog)))
    hidden = tuple(
        f"{PREFIX}/records/{o.key}" for o in catalog.live if not policy.may("view", o.key)
    )
    made["paths"] = {p: found for p, found in made["paths"].items() if not _below(p, hidden)}
    schemas = made["components"]["schemas"]
    for spec in catalog.live:
        unseen = [f.key for f in spec.live_fields if policy.level(spec.key, f.key) == "hidden"]
        for suffix in SUFFIXES:
            properties = schemas.get(f"{camel(spec.key)}{suffix}", {}).get("properties", {})
            for key in unseen:
                properties.pop(key, None)
    made["components"]["schemas"] = _named(made, schemas)
    return made


def _named(made: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Only the schemas that what is left speaks of: the others are of hidden objects."""
    found: dict[str, Any] = {}
    wanted = REF.findall(orjson.dumps(made["paths"]).decode())
    while wanted:
        name = wanted.pop()
        if name not in found and name in schemas:
            found[name] = schemas[name]
            wanted += REF.findall(orjson.dumps(schemas[name]).decode())
    return {name: found[name] for name in schemas if name in found}


def _below(path: str, starts: tuple[str, ...]) -> bool:
    return any(path == s or path.startswith(f"{s}/") for s in starts)


@signed_in
def openapi(request: HttpRequest) -> HttpResponse:
    """``/api/openapi.json``."""
    return send(schema(snapshot(), cast(PageRequest, request).policy))


def docs(request: HttpRequest) -> HttpResponse:
    """``/api/docs``: Swagger UI, served by the app itself."""
    page = cast(PageRequest, request)
    if not page.user.is_authenticated:
        return redirect(f"/login?next={request.path}")
    return render(request, "api/docs.html", {"assets": find("ninja/swagger-ui.css") is not None})
