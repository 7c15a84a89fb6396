"""A change of objects as it goes through the pages: read, planned, shown, applied, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.http import HttpResponse

from wubu.kernel.catalog.queries import latest_revision, snapshot
from wubu.kernel.catalog.types import ObjectSpec, Revision
from wubu.kernel.people import queries as people
from wubu.kernel.schema import actions as schema
from wubu.kernel.schema.types import INTO, Accept, Plan, Use
from wubu.kernel.types import Refused, Text
from wubu.web.ui import Action, Crumb, Page, PageRequest, Panel, Raw, Tab, redirect
from wubu.web.ui.asking import whole

OBJECTS = Text("对象与字段", "Objects and fields")
APPLIED = Text("已应用", "Applied")
UNDECIDED = {"would_lose_values", "choice_in_use"}  # problems that the reader can settle here
KEPT_OUT = ("csrfmiddlewaretoken", "token", "back")
MOST_USES = 12


def apply(request: PageRequest, made: Plan, onward: str, message: Text = APPLIED) -> HttpResponse:
    """Let it happen, and offer to take it back."""
    schema.apply(made, actor=request.actor)
    undo = f"/setup/objects/history/{latest_revision()}/undo"
    return redirect(onward, message, undo=undo)


def settle(
    request: PageRequest,
    wanted: Sequence[ObjectSpec],
    onward: str,
    *,
    back: str,
    fields: Sequence[str] = (),
    at_once: bool = False,
) -> HttpResponse:
    """Show what would happen; with the plan's token in the form, let it happen.

    Whoever began before somebody else's change keeps what they typed, on top of it, and is told.
    ``at_once``: what touches nothing but words and order needs no second look. Raises Refused.
    """
    specs, since = _newest(request, wanted, fields)
    plan = schema.plan(specs, accept=accepted(request), actor=request.actor)
    if {p.code for p in plan.problems} - UNDECIDED:
        raise Refused(*plan.problems)
    good = not plan.problems
    if good and (request.POST.get("token") == plan.token or (at_once and not since)):
        return apply(request, plan, onward)
    return show(request, plan, since=since, back=back)


def show(
    request: PageRequest, plan: Plan, *, since: Sequence[Revision] = (), back: str
) -> HttpResponse:
    """The plan, to be looked at."""
    names = people.names({r.actor_id for r in since if r.actor_id is not None})
    shown = Raw(
        "parts/setup/plan.html",
        plan=plan,
        since=[(names.get(r.actor_id or 0, ""), r) for r in since],
        uses=grouped(plan.uses),
        hidden=[
            (k, v)
            for k, values in request.POST.lists()
            for v in values
            if k not in KEPT_OUT and not k.startswith("accept:")
        ],
        back=back,
        blocked=bool(plan.problems),
    )
    title = Text("将要进行的变更", "What will change")
    return page(request, title, [Panel("", shown)], subtitle=_subtitle(plan))


def _subtitle(plan: Plan) -> Text | str:
    if plan.is_empty:
        return ""
    return Text(
        "{n} 步，涉及 {u} 处页面、指标、规则或权限",
        "Steps: {n}; pages, metrics, rules and roles that it touches: {u}",
    ).format(n=len(plan.steps), u=len(plan.uses))


def grouped(uses: Sequence[Use]) -> list[tuple[Text, list[Use], int]]:
    """Uses by kind, the first few of each, and how many more there are."""
    by_kind = sorted(uses, key=lambda u: u.kind.en)
    found = []
    for kind, some in groupby(by_kind, key=lambda u: u.kind):
        every = list(dict.fromkeys(some))
        found.append((kind, every[:MOST_USES], max(0, len(every) - MOST_USES)))
    return found


def accepted(request: PageRequest) -> Accept:
    """What the reader said about values that cannot be carried over."""
    return {
        k.removeprefix("accept:"): str(v)
        for k, v in request.POST.items()
        if k.startswith("accept:") and (v in ("empty", "closest") or str(v).startswith(INTO))
    }


def _newest(
    request: PageRequest, wanted: Sequence[ObjectSpec], fields: Sequence[str]
) -> tuple[list[ObjectSpec], tuple[Revision, ...]]:
    began = whole(request.POST, "base")
    if began is None or len(wanted) != 1:
        return list(wanted), ()
    merged, since = schema.three_way(wanted[0], began, fields=fields)
    return [merged], since


def page(
    request: PageRequest,
    title: Any,
    body: list[Any],
    *,
    status: int = 200,
    subtitle: Any = "",
    actions: Sequence[Action] = (),
    tabs: Sequence[Tab] = (),
    spec: ObjectSpec | None = None,
) -> HttpResponse:
    """A page of this part of the setup."""
    crumbs = [] if title == OBJECTS else [Crumb(OBJECTS, "/setup/objects")]
    if spec is not None and spec.key in snapshot().objects:
        crumbs.append(Crumb(spec.label, f"/setup/objects/{spec.key}"))
    made = Page(
        title,
        body,
        step="setup",
        crumbs=crumbs,
        subtitle=subtitle,
        actions=actions,
        tabs=tabs,
        template="pages/setup/objects.html",
    )
    return made.response(request, status)
