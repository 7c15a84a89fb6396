"""The navigation is the method.

Today, the five steps, Setup. Pages add their entries with ``NAV``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.types import Text
from wubu.web import pages, plus
from wubu.web.entries import STEPS, Entry

if TYPE_CHECKING:
    from wubu.web.ui.request import PageRequest

NUMBERED = {"collect": 1, "measure": 2, "control": 3, "motivate": 4, "improve": 5}


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as one reader sees it on one page."""

    label: Text
    url: str
    icon: str
    active: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step with its pages."""

    key: str
    label: Text
    icon: str
    number: int | None
    children: tuple[Link, ...]
    url: str
    active: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Nav:
    """Everything the frame around a page needs."""

    steps: tuple[Step, ...]
    quick: tuple[Link, ...]
    adds: bool  # whether there is a plus at all
    bottom: tuple[Link, ...]


def build(request: PageRequest) -> Nav:
    """The navigation for this reader, with the page they are on lit. No query of its own."""
    path, rights = request.path, request.policy
    objects = [o for o in snapshot().live if not o.part_of and rights.may("view", o.key)]
    entries = [e for e in pages.entries() if e.may is None or e.may(rights)]
    steps = tuple(_step(key, label, icon, objects, entries, path) for key, label, icon in STEPS)
    shown = tuple(s for s in steps if s.children or s.key == "today")
    own = request.user.plus
    quick = tuple(
        Link(o.label, f"/o/{o.key}/new", o.icon or "circle") for o in plus.shown(rights, own)
    )
    # Who emptied it still finds the way to fill it again.
    adds = bool(quick) or (own is not None and bool(plus.offered(rights)))
    return Nav(shown, quick, adds, _bottom(objects, path, adds=adds))


def _step(
    key: str,
    label: Text,
    icon: str,
    objects: list[ObjectSpec],
    entries: list[Entry],
    path: str,
) -> Step:
    links = [
        (e.position, Link(e.label, e.url, e.icon, any(_is_on(u, path) for u in (e.url, *e.also))))
        for e in entries
        if e.step == key
    ]
    links += [
        (
            10 + o.position,
            Link(o.plural, f"/o/{o.key}/", o.icon or "circle", _is_on(f"/o/{o.key}/", path)),
        )
        for o in objects
        if (o.group or "collect") == key
    ]
    children = tuple(link for _, link in sorted(links, key=lambda pair: pair[0]))
    if key == "today":
        return Step(key, label, icon, None, (), "/", path == "/", False)
    active = any(c.active for c in children)
    opened = active or (key == "collect" and path == "/")
    url = children[0].url if children else "/"
    return Step(key, label, icon, NUMBERED.get(key), children, url, active, opened)


def _is_on(url: str, path: str) -> bool:
    return path == url or path.startswith(url.rstrip("/") + "/")


def _bottom(objects: list[ObjectSpec], path: str, *, adds: bool) -> tuple[Link, ...]:
    """The phone's bar: Today, customers, a large plus, deals, everything else."""
    by_key = {o.key: o for o in objects}
    first = _object_link(by_key.get("customer") or next(iter(objects), None), path)
    deals = _object_link(by_key.get("opportunity") or _staged(objects), path)
    return tuple(
        link
        for link in (
            Link(Text("工作台", "Today"), "/", "home", path == "/"),
            first,
            Link(Text("新建", "New"), "", "plus", key="add") if adds else None,
            deals,
            Link(Text("更多", "More"), "", "layout-grid", key="more"),
        )
        if link is not None
    )


def _staged(objects: list[ObjectSpec]) -> ObjectSpec | None:
    return next((o for o in objects if o.role("stage")), None)


def _object_link(spec: ObjectSpec | None, path: str) -> Link | None:
    if spec is None:
        return None
    url = f"/o/{spec.key}/"
    return Link(spec.plural, url, spec.icon or "circle", _is_on(url, path))
