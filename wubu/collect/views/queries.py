"""The views of a list, as their reader may use them: nobody sees more through a view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, Value

from wubu.collect.views import definition
from wubu.collect.views.checking import Checker, is_moment, may_group
from wubu.collect.views.models import View
from wubu.collect.views.types import Color, Look, ViewInfo, ViewShare
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.people import queries as people
from wubu.kernel.permissions import sharing
from wubu.kernel.permissions.queries import Policy, policy
from wubu.kernel.records import queries as records
from wubu.kernel.types import Actor, Missing, Problem, Refused, Text
from wubu.kernel.workspace import remember

__all__ = ["colors", "default_slug", "is_moment", "may_group", "suited", "view", "views"]
SHARED_KIND = "view"  # of shares
SETUP_AREA = "objects"  # who may set this up may arrange views for everybody
FILTER_LEFT_OUT = Text(
    "视图的筛选条件用到了您无权查看或已不存在的内容，所以没有应用：下面是您能看到的全部记录。",
    "The condition of this view is about something that you may not see or that is gone, "
    "so it is not applied: below is everything that you may see.",
)
ORDER_LEFT_OUT = Text(
    "视图的部分排序或分组您无权使用，已略去。",
    "Part of this view's sorting or grouping uses fields that you cannot see and was left out.",
)


def views(actor: Actor, object_key: str) -> tuple[ViewInfo, ...]:
    """The views of an object that the actor finds among the tabs.

    Shared, of their teams, own, and those that somebody shares with them until a day.

    Raises Forbidden for an object that the actor may not view.
    """
    policy(actor).require("view", object_key)
    return remember(("views", actor.member_id, object_key), lambda: _views(actor, object_key))


def _views(actor: Actor, object_key: str) -> tuple[ViewInfo, ...]:
    reaching = sharing.reaching(actor.member_id, object_key, SHARED_KIND)
    rows = list(
        View.objects.annotate(
            reached=ExpressionWrapper(Q(id__in=reaching), output_field=BooleanField())
        )
        .filter(
            Q(audience__in=("shared", "team"))
            | Q(member_id=actor.member_id or 0)
            | Q(id__in=reaching),
            object_key=object_key,
            removed_at__isnull=True,
        )
        .order_by("position", "id")
    )
    teams = _teams(actor) if any(r.audience == "team" for r in rows) else frozenset()
    place = {"shared": 0, "team": 1, "personal": 2}
    found = [r for r in rows if _is_theirs(actor, r, teams)]
    found.sort(key=lambda r: place[r.audience])
    others = [r for r in rows if r.reached and r not in found]
    return (*(to_view(actor, r) for r in found), *_share(actor, object_key, others))


def _is_theirs(actor: Actor, row: View, teams: frozenset[int]) -> bool:
    if row.audience == "personal":
        return actor.is_member(row.member_id)
    return row.audience != "team" or row.team_id in teams


def _share(actor: Actor, object_key: str, rows: Sequence[View]) -> list[ViewInfo]:
    """Those of the views of others that are shared with the actor, with whose share it is."""
    if not rows:
        return []
    shares = sharing.given_to(actor, object_key, SHARED_KIND, [r.pk for r in rows])
    names = people.names({s.by_id for s in shares.values() if s.by_id})
    return [
        replace(to_view(actor, row), given=ViewShare(names.get(s.by_id or 0, ""), s.until, s.note))
        for row in rows
        if (s := shares.get(row.pk)) is not None
    ]


def named(actor: Actor, ids: Iterable[int]) -> dict[int, tuple[Text, str, str]]:
    """Name, kind and slug of views by id, of objects that the actor may look at."""
    wanted = sorted(set(ids))
    rows = View.objects.filter(id__in=wanted, removed_at__isnull=True) if wanted else ()
    may = policy(actor).may
    return {r.pk: (Text.of(r.name), r.kind, r.slug) for r in rows if may("view", r.object_key)}


def arranged(
    actor: Actor, object_key: str, order: Sequence[int] | None = None
) -> tuple[ViewInfo, ...]:
    """The same in the reader's own order, where they have one; others come after, as for all.

    ``order`` is that order, if the caller knows it.
    """
    found = views(actor, object_key)
    order = own_order(actor, object_key) if order is None else order
    own = {i: n for n, i in enumerate(order)}
    return tuple(sorted(found, key=lambda v: own.get(v.id, len(own)))) if own else found


def own_order(actor: Actor, object_key: str) -> tuple[int, ...]:
    """The ids of views as the actor put them among the tabs; empty for the order of everybody."""
    kept = people.preference(actor.member_id, f"list:{object_key}")
    return tuple(kept.get("tabs") or ())


def view(actor: Actor, slug: str, object_key: str = "") -> ViewInfo:
    """A view by what stands in its address (a slug, or the number of one among the tabs).

    Whoever was given the address may open it and sees through it what they may see anyhow. Raises
    Missing; Forbidden where the object may not be viewed.
    """
    rows = View.objects.filter(removed_at__isnull=True)
    if object_key:
        policy(actor).require("view", object_key)
        rows = rows.filter(object_key=object_key)
    if slug.isascii() and slug.isdigit() and len(slug) < 16 and object_key:
        row = rows.filter(id=int(slug)).first() if int(slug) else None
        if row is not None and any(v.id == row.pk for v in views(actor, object_key)):
            return to_view(actor, row)
        raise missing()
    row = rows.filter(slug=slug).first()
    if row is None or not policy(actor).may("view", row.object_key):
        raise missing()
    return to_view(actor, row)


def missing() -> Missing:
    """There is no such view, or none for this reader."""
    return Missing(
        Problem("no_such_view", Text("没有这个视图。", "There is no such view."), field="view")
    )


def default_slug(actor: Actor, object_key: str) -> str:
    """The view that a member opens a list with, or empty."""
    kept = people.preference(actor.member_id, f"list:{object_key}")
    return str(kept.get("default", ""))


def may_arrange(actor: Actor, audience: str, team_id: int | None, member_id: int | None) -> bool:
    """May the actor make or change a view for this audience?"""
    if audience == "personal":
        return actor.is_member(member_id)
    if policy(actor).may_setup(SETUP_AREA):
        return True
    return audience == "team" and team_id is not None and leads(actor, team_id)


def leads(actor: Actor, team_id: int) -> bool:
    """Does the actor lead this team, or one above it?"""
    above = set(people.ancestors(team_id))
    me = actor.member_id
    return me is not None and any(t.leader_id == me and t.id in above for t in people.tree())


def teams_to_arrange(actor: Actor) -> tuple[tuple[int, str], ...]:
    """The teams for which the actor may make views: id and name."""
    every = policy(actor).may_setup(SETUP_AREA)
    return tuple((t.id, t.name) for t in people.tree() if every or leads(actor, t.id))


def _teams(actor: Actor) -> frozenset[int]:
    """The teams whose views a member finds: their own, those above, and those they lead."""
    if policy(actor).everything:
        return frozenset(t.id for t in people.tree())
    if actor.member_id is None:
        return frozenset()
    reach = people.reach(actor.member_id)
    above = {a for t in reach.teams for a in people.ancestors(t)}
    return frozenset(above | reach.teams_below)


def to_view(actor: Actor, row: View) -> ViewInfo:
    """The view as this actor may use it."""
    spec = snapshot().object(row.object_key)
    look, left_out = within(spec, policy(actor), definition.read(row.definition))
    return ViewInfo(
        id=row.pk,
        slug=row.slug,
        object_key=row.object_key,
        name=Text.of(row.name),
        kind=row.kind,
        audience=row.audience,
        team_id=row.team_id,
        member_id=row.member_id,
        look=look,
        version=row.version,
        may_edit=may_arrange(actor, row.audience, row.team_id, row.member_id),
        left_out=left_out,
        key=row.key,
    )


def within(spec: ObjectSpec, rights: Policy, look: Look) -> tuple[Look, tuple[Text, ...]]:
    """What a reader may use of a look, and words about what was left out.

    A condition over something that may not be read is not applied at all: whichever records it
    picked would tell what is in there.
    """
    left: list[Text] = []
    checker = Checker(spec, rights)
    condition = _condition(checker, look.filter)
    if look.filter and not condition:
        left.append(FILTER_LEFT_OUT)
    order = tuple(s for s in look.sort if _sorts(checker, s))
    group = look.group if _groups(checker, look.group) else ""
    if order != look.sort or group != look.group:
        left.append(ORDER_LEFT_OUT)
    columns = tuple(k for k in look.columns if checker.shown(k))
    seen = replace(
        look,
        filter=condition,
        sort=order,
        group=group,
        groups=look.groups if group else (),
        columns=columns,
        widths={k: w for k, w in look.widths.items() if checker.shown(k)},
        colors=tuple(
            c
            for c in look.colors
            if _condition(checker, c.when) and (not c.field or checker.shown(c.field))
        ),
        card=tuple(k for k in look.card if checker.shown(k)),
        start=look.start if checker.readable(look.start) else "",
        end=look.end if checker.readable(look.end) else "",
        image=look.image if checker.shown(look.image) else "",
        location=look.location if checker.shown(look.location) else "",
    )
    return seen, tuple(left)


def _condition(checker: Checker, text: str) -> str:
    if not text:
        return ""
    try:
        checker.formula(text)
    except Refused:
        return ""
    return text


def _sorts(checker: Checker, name: str) -> bool:
    steps = name.removeprefix("-").removeprefix("{").removesuffix("}").split(".")
    return checker.rights.readable(checker.spec.key, steps)


def _groups(checker: Checker, key: str) -> bool:
    found = checker.readable(key) if key else None
    return found is not None and may_group(found)


def suited(actor: Actor, spec: ObjectSpec) -> tuple[str, ...]:
    """The kinds of view that make sense for an object and this reader."""
    rights = policy(actor)
    seen = [f for f in spec.live_fields if rights.readable(spec.key, (f.key,))]
    found = ["list"]
    stage = spec.role("stage")
    if stage is not None and any(f.key == stage.key for f in seen):
        found.append("board")
    if any(is_moment(f) for f in seen):
        found += ["calendar", "timeline"]
    found.append("gallery")
    if places(seen):
        found.append("locations")
    return tuple(found)


NAMES_OF_PLACES = ("province", "city", "district", "region", "area", "address")


def places(fields: Sequence[FieldSpec]) -> list[FieldSpec]:
    """The fields that say where something is: by their type, else by what they are called."""
    points = [f for f in fields if f.kind.mapped]
    addresses = [f for f in fields if f.kind.divided]
    words = [f for f in fields if f.kind.one_line or f.kind.classifies]
    named = [f for f in words if f.key in NAMES_OF_PLACES]
    return [*points, *addresses, *sorted(named, key=lambda f: NAMES_OF_PLACES.index(f.key))]


def colors(
    actor: Actor, object_key: str, rules: Sequence[Color], ids: Sequence[int]
) -> dict[int, dict[str, str]]:
    """For each record that a rule speaks of: the colour of its row (``""``) and of its cells.

    The first rule that holds wins. One query for all rules.
    """
    found: dict[int, dict[str, str]] = {}
    if not rules or not ids:
        return found
    parts: list[Any] = []
    for number, rule in enumerate(rules):
        rows = records.matching(actor, object_key, rule.when).filter(id__in=list(ids)).order_by()
        parts.append(rows.annotate(_rule=Value(number)).values_list("_rule", "id"))
    every = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    for number, record_id in sorted(every):
        rule = rules[number]
        found.setdefault(record_id, {}).setdefault(rule.field, rule.color)
    return found
