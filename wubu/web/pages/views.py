"""How a member likes a list: the columns, the filter used last, views kept by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import actions as people
from wubu.kernel.people import queries
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.ui import PageRequest, redirect

KEPT = ("f", "q", "sort", "columns")  # what a view holds of the address
MOST, LONGEST = 30, 40
LABEL = Text("视图", "Views")


def key(object_key: str) -> str:
    return f"list:{object_key}"


def shown(request: PageRequest, liked: Mapping[str, Any]) -> dict[str, Any]:
    """The member's views, and which of them the address is."""
    now = query(request.GET.urlencode())
    every = [
        {"name": v["name"], "url": f"?{v['query']}", "on": bool(now) and v["query"] == now}
        for v in liked.get("views", ())
    ]
    current = next((v["name"] for v in every if v["on"]), "")
    return {"all": every, "current": current, "query": now, "label": LABEL}


def query(text: str) -> str:
    """The part of an address that makes a view, always written the same way."""
    given = dict(parse_qsl(text.lstrip("?")[:4000]))
    return urlencode([(k, given[k]) for k in KEPT if given.get(k)])


@require_POST
def remember(request: HttpRequest, object_key: str) -> HttpResponse:
    """The filter that the member applied by hand; empty forgets it."""
    asked = cast(PageRequest, request)
    asked.policy.require("view", object_key)
    people.prefer(
        actor=asked.actor, key=key(object_key), f=request.POST.get("f", "").strip()[:4000]
    )
    return HttpResponse(status=204)


@require_POST
def columns(request: HttpRequest, object_key: str) -> HttpResponse:
    """The columns this member sees, here and next time."""
    asked = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    asked.policy.require("view", object_key)
    wanted = [] if "reset" in request.POST else request.POST.getlist("column")
    known = {k for k in spec.fields if asked.policy.level(object_key, k) != "hidden"}
    chosen = [k for k in dict.fromkeys(wanted) if k in known]
    # Those already shown keep their order; what was added comes after.
    before = [k for k in spec.options.get("list", ()) if k in chosen]
    ordered = [*before, *(k for k in chosen if k not in before)]
    people.prefer(actor=asked.actor, key=key(object_key), columns=ordered)
    rest = [(k, v) for k, v in parse_qsl(query(request.POST.get("query", ""))) if k != "columns"]
    return redirect(f"/o/{object_key}/?{urlencode(rest) or 'f='}")


@require_POST
def views(request: HttpRequest, object_key: str) -> HttpResponse:
    """Keep what is shown now under a name, or let a view go."""
    asked = cast(PageRequest, request)
    asked.policy.require("view", object_key)
    kept = queries.preference(asked.actor.member_id, key(object_key)).get("views", [])
    drop = request.POST.get("drop", "")
    if drop:
        rest = [v for v in kept if v["name"] != drop]
        people.prefer(actor=asked.actor, key=key(object_key), views=rest)
        words = Text("已删除视图“{n}”", "The view “{n}” is gone").format(n=drop)
        return redirect(f"/o/{object_key}/?f=", words)
    name = request.POST.get("name", "").strip()[:LONGEST]
    view = query(request.POST.get("query", ""))
    _check(name, [v for v in kept if v["name"] != name])
    made = [*(v for v in kept if v["name"] != name), {"name": name, "query": view}]
    people.prefer(actor=asked.actor, key=key(object_key), views=made)
    words = Text("视图“{n}”已保存", "The view “{n}” is kept").format(n=name)
    return redirect(f"/o/{object_key}/?{view or 'f='}", words)


def _check(name: str, others: list[Any]) -> None:
    if not name:
        raise Refused(
            Problem("required", Text("请给视图起个名字。", "Give the view a name."), field="name")
        )
    if len(others) >= MOST:
        raise Refused(
            Problem(
                "too_many",
                Text(
                    "每个列表最多 {n} 个视图，请先删除不用的。",
                    "A list keeps {n} views at most; remove one first.",
                ).format(n=MOST),
            )
        )


urlpatterns = [
    path("o/<slug:object_key>/remember", remember, name="list-remember"),
    path("o/<slug:object_key>/columns", columns, name="list-columns"),
    path("o/<slug:object_key>/views", views, name="list-views"),
]
