"""How a reader looks at an object now: the view, what the address changes in it, own layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpResponse, HttpResponseRedirect, QueryDict

from wubu.collect.views import queries as views
from wubu.collect.views.checking import is_moment
from wubu.collect.views.types import KINDS, Look, ViewInfo, ViewShare
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.formula.queries import parse
from wubu.kernel.formula.types import Formula
from wubu.kernel.people import queries as people
from wubu.kernel.query.types import Query
from wubu.kernel.types import Refused, Text
from wubu.web.ui import PageRequest, htmx_target, show

ICONS = {
    "list": "list",
    "board": "layout-kanban",
    "calendar": "calendar",
    "gallery": "photo",
    "timeline": "timeline",
    "locations": "map-pin",
}
CHANGES = ("f", "sort", "columns", "group")  # what an address may change in a view
PARAMETERS = ("view", *CHANGES, "q")
DEFAULT_COLUMNS = 6


def key(object_key: str) -> str:
    """Under which a member's preferences about a list are kept."""
    return f"list:{object_key}"


def address(object_key: str, kind: str = "list", slug: str = "") -> str:
    """Where a view opens."""
    end = "" if kind == "list" else kind
    return f"/o/{object_key}/{end}" + (f"?{urlencode({'view': slug})}" if slug else "")


@dataclass
class ListState:
    """What is looked at. ``look`` is what counts now; ``changed``: it is not what the view says."""

    spec: ObjectSpec
    kind: str
    view: ViewInfo | None
    look: Look
    search: str = ""
    changed: bool = False
    liked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return self.look.filter

    def query(self, columns: Sequence[str] = (), cursor: str = "", limit: int = 50) -> Query:
        """The question that this look asks."""
        return Query(
            filter=self.look.filter,
            sort=self.look.sort,
            search=self.search,
            columns=tuple(columns),
            limit=limit,
            cursor=cursor,
        )


def of(request: PageRequest, object_key: str, kind: str = "list") -> ListState | HttpResponse:
    """The look of an address. An answer instead, where the page is to be another one.

    Raises Forbidden, Missing for a view that is not there.
    """
    spec = snapshot().object(object_key)
    request.policy.require("view", object_key)
    liked = people.preference(request.actor.member_id, key(object_key))
    raw = request.GET
    slug = raw.get("view", "")
    if kind == "list" and not raw and not htmx_target(request):
        if liked.get("default"):
            there = next(
                (v for v in views.views(request.actor, object_key) if v.slug == liked["default"]),
                None,
            )
            if there is not None:
                return HttpResponseRedirect(address(object_key, there.kind, there.slug))
        if liked.get("f"):
            return HttpResponseRedirect("?" + urlencode({"f": liked["f"]}))
    view = views.view(request.actor, slug, object_key) if slug else None
    if view is not None and view.kind != kind and not htmx_target(request):
        query = raw.copy()
        return HttpResponseRedirect(f"{address(object_key, view.kind)}?{query.urlencode()}")
    look = _own(view.look if view else Look(), liked, view)
    if "f" in raw:
        look = replace(look, filter=raw["f"].strip())
    if "sort" in raw:
        look = replace(look, sort=_split(raw["sort"]))
    if "columns" in raw:
        look = replace(look, columns=_split(raw["columns"]))
    if "group" in raw:
        look = replace(look, group=raw["group"].strip())
    look = _own_groups(look, liked, view)
    laid = _own_groups(_own(view.look if view else Look(), liked, view), liked, view)
    changed = laid != (view.look if view else Look())
    if view is not None:
        changed = changed or _differs(request, view, look)
    search = raw["q"].strip() if "q" in raw else look.search
    return ListState(spec, kind, view, look, search, changed, liked)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _own(look: Look, liked: Mapping[str, Any], view: ViewInfo | None) -> Look:
    """The reader's own layout over it: columns, their order and width, what stays in place."""
    kept = liked.get("layouts", {}).get(str(view.id) if view else "0", {})
    columns = kept.get("columns") or ([] if view else liked.get("columns", ()))
    return replace(
        look,
        columns=tuple(columns) or look.columns,
        widths={**look.widths, **kept.get("widths", {})},
        frozen=kept.get("frozen", look.frozen),
        height=kept.get("height", look.height),
    )


def _own_groups(look: Look, liked: Mapping[str, Any], view: ViewInfo | None) -> Look:
    """The reader's own order of the groups, if it is of the field that is grouped by now."""
    kept = liked.get("layouts", {}).get(str(view.id) if view else "0", {}).get("groups", {})
    if kept and kept.get("by") == look.group:
        return replace(look, groups=tuple(kept.get("order", ())))
    return look if view and look.group == view.look.group else replace(look, groups=())


def _differs(request: PageRequest, view: ViewInfo, look: Look) -> bool:
    was = view.look
    same = (look.sort, look.columns, look.group) == (was.sort, was.columns, was.group)
    return not same or canonical(request, view.object_key, look.filter) != was.filter


def canonical(request: PageRequest, object_key: str, text: str) -> str:
    """The condition with keys; as it is, where it cannot be read."""
    if not text:
        return ""
    try:
        return _parsed(request, object_key, text).canonical()
    except Refused:
        return text


def spoken(request: PageRequest, object_key: str, text: str) -> str:
    """The condition with today's labels, for people to read; as it is where that would differ."""
    if not text:
        return ""
    try:
        formula = _parsed(request, object_key, text)
        said = formula.labelled()
        return (
            said if _parsed(request, object_key, said).canonical() == formula.canonical() else text
        )
    except Refused:
        return text


def _parsed(request: PageRequest, object_key: str, text: str) -> Formula:
    return parse(
        text,
        snapshot=snapshot(),
        object_key=object_key,
        readable=lambda path: request.policy.readable(object_key, path),
    )


# Which fields


def readable(request: PageRequest, spec: ObjectSpec) -> list[FieldSpec]:
    """The live fields that are shown to this reader."""
    return [f for f in spec.live_fields if request.policy.level(spec.key, f.key) != "hidden"]


def columns(request: PageRequest, spec: ObjectSpec, wanted: Sequence[str]) -> list[FieldSpec]:
    """Those asked for, else the object's own, else the first few and its key fields."""
    seen = {f.key: f for f in readable(request, spec)}
    keys = [k for k in wanted if k in seen]
    if not keys:
        keys = [k for k in spec.options.get("list", ()) if k in seen]
    if not keys:
        plain = [f.key for f in seen.values() if not f.kind.multiline]
        first = {*plain[:DEFAULT_COLUMNS], *spec.roles.values()}
        keys = [k for k in plain if k in first]
    return [seen[k] for k in dict.fromkeys(keys)]


def moments(request: PageRequest, spec: ObjectSpec) -> list[FieldSpec]:
    """The dates by which records can be placed, the object's own first."""
    may = request.policy
    found = [f for f in spec.live_fields if is_moment(f) and may.readable(spec.key, (f.key,))]
    first = spec.roles.get("when")
    return sorted(found, key=lambda f: f.key != first)


def card_fields(request: PageRequest, spec: ObjectSpec, wanted: Sequence[str]) -> list[FieldSpec]:
    """What stands on a card below its title."""
    title = spec.roles.get("title")
    seen = {f.key: f for f in readable(request, spec) if f.key != title}
    keys = [k for k in wanted if k in seen]
    if not keys:
        keys = [k for k in spec.options.get("card", ()) if k in seen]
    if not keys:
        roles = (spec.roles.get(r) for r in ("customer", "amount", "stage", "when", "owner"))
        keys = [k for k in roles if k in seen]
    if not keys:
        keys = list(seen)[:4]
    return [seen[k] for k in dict.fromkeys(keys)]


# Tabs


@dataclass
class ViewTab:
    """One way of looking, among the tabs."""

    label: Any
    url: str
    icon: str
    active: bool
    audience: str = ""
    id: int = 0
    given: ViewShare | None = None

    @property
    def until(self) -> str:
        """The last day of a view that is shared with the reader, in words."""
        there = self.given is not None and self.given.until
        return show.day(there) if there else ""


ALL = Text("全部", "All")
BUILT_IN = ("list", "board")


def tabs(request: PageRequest, now: ListState) -> dict[str, Any]:
    """The tabs of an object, what can be done with the open one, and what a new one takes."""
    spec = now.spec
    kinds = views.suited(request.actor, spec)
    found = [
        ViewTab(
            ALL if kind == "list" else KINDS[kind],
            address(spec.key, kind) + ("?f=" if kind == "list" else ""),
            ICONS[kind],
            now.view is None and now.kind == kind,
        )
        for kind in kinds
        if kind in BUILT_IN or (now.view is None and kind == now.kind)
    ]
    listed = views.arranged(request.actor, spec.key, now.liked.get("tabs") or ())
    found += [
        ViewTab(
            v.name,
            address(spec.key, v.kind, v.slug),
            ICONS[v.kind],
            now.view is not None and now.view.id == v.id,
            "given" if v.given else v.audience,
            v.id,
            v.given,
        )
        for v in listed
    ]
    if now.view is not None and all(v.id != now.view.id for v in listed):
        found.append(ViewTab(now.view.name, "", ICONS[now.kind], True, "guest"))
    return {
        "tabs": found,
        "view": now.view,
        "given": next((v.given for v in listed if now.view and v.id == now.view.id), None),
        "guest": now.view is not None and all(v.id != now.view.id for v in listed),
        "changed": now.changed,
        "kind": now.kind,
        "kinds": [(k, KINDS[k], ICONS[k], address(spec.key, k)) for k in kinds],
        "teams": views.teams_to_arrange(request.actor),
        "may_share": request.policy.may_setup(views.SETUP_AREA),
        "query": parameters(request.GET.urlencode()),
        "is_default": now.view is not None and now.liked.get("default") == now.view.slug,
    }


def parameters(text: str) -> str:
    """The part of an address that says what is looked at, always written the same way."""
    raw = dict(parse_qsl(text.lstrip("?")[:8000], keep_blank_values=True))
    return urlencode([(k, raw[k]) for k in PARAMETERS if k in raw])


def at(request: PageRequest, object_key: str, url: str) -> ListState | None:
    """The look of another page of the same object, from its address; None where it is none."""
    parts = urlsplit(url)
    place = parts.path.removeprefix(f"/o/{object_key}/")
    if place == parts.path or place not in ("", *ICONS):
        return None
    kept_get = request.GET
    request.GET = QueryDict(parameters(parts.query) or "f=")
    try:
        found = of(request, object_key, place or "list")
    except Refused:
        return None
    finally:
        request.GET = kept_get
    return None if isinstance(found, HttpResponse) else found
