"""Keeping a view, changing it, letting it go and taking that back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from wubu.collect.views import definition as definitions
from wubu.collect.views import queries
from wubu.collect.views.checking import Checker
from wubu.collect.views.models import View
from wubu.collect.views.types import AUDIENCES, KINDS, Look, ViewInfo
from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.people import actions as people
from wubu.kernel.people.queries import tree
from wubu.kernel.permissions import sharing
from wubu.kernel.permissions.queries import policy
from wubu.kernel.types import Actor, Conflict, Forbidden, Problem, Refused, Text
from wubu.kernel.workspace import forget

LOG = "_view"
INDEX_JOB = "views.index"
DATED = ("created_at", "updated_at")
MOST_KEYS = 4  # columns of one index
MOST, LONGEST = 50, 60  # views of one object for one audience; characters of a name


def create(
    *,
    actor: Actor,
    object_key: str,
    name: str | Mapping[str, str],
    kind: str = "list",
    audience: str = "personal",
    team_id: int | None = None,
    definition: Mapping[str, Any] | None = None,
) -> ViewInfo:
    """Keep a view under a name. Raises Refused with every problem, Forbidden, Missing."""
    spec = snapshot().object(object_key)
    rights = policy(actor)
    rights.require("view", object_key)
    words, problems = _name(name)
    problems += _audience(actor, kind, audience, team_id)
    look = Look()
    try:
        look = Checker(spec, rights).look(definition or {}, kind)
    except Refused as refused:
        problems += refused.problems
    mine = View.objects.filter(object_key=object_key, audience=audience, removed_at__isnull=True)
    if audience == "personal":
        mine = mine.filter(member_id=actor.member_id)
    if mine.count() >= MOST:
        said = Text("最多保存 {n} 个视图，请先删除不用的。", "{n} views at most; remove one first.")
        problems.append(Problem("too_many", said.format(n=MOST)))
    if problems:
        raise Refused(*problems)
    _must(actor, audience, team_id, actor.member_id)
    at, short = now(), slug()
    with transaction.atomic():
        row = View.objects.create(
            object_key=object_key,
            slug=short,
            key=key_of(object_key, short),
            name=words,
            kind=kind,
            audience=audience,
            member_id=actor.member_id,
            team_id=team_id if audience == "team" else None,
            definition=definitions.written(look),
            position=(mine.aggregate(last=Max("position"))["last"] or 0) + 1,
            created_at=at,
            created_by_id=actor.member_id,
            updated_at=at,
        )
        _log(actor, row, "create", None, {"name": words, "kind": kind, "audience": audience})
    _index(actor, object_key, look)
    forget()
    return queries.to_view(actor, row)


def update(
    view_id: int,
    *,
    actor: Actor,
    version: int | None = None,
    name: str | Mapping[str, str] | None = None,
    audience: str | None = None,
    team_id: int | None = None,
    definition: Mapping[str, Any] | None = None,
    kind: str | None = None,
    position: int | None = None,
) -> ViewInfo:
    """Change what is given and leave the rest.

    With ``version``, somebody else's change in between raises Conflict. Raises Missing, Forbidden,
    Refused.

    ``definition`` replaces the look as a whole. Whoever changes a view without seeing all of it
    would take away what they do not see, so that is refused.
    """
    with transaction.atomic():
        row = _row(actor, view_id, lock=True)
        spec, rights = snapshot().object(row.object_key), policy(actor)
        if version is not None and version != row.version:
            theirs = queries.to_view(actor, row)
            raise Conflict(
                Problem(
                    "stale", Text("其他人刚刚改过这个视图。", "Someone else changed this view.")
                ),
                theirs={"name": theirs.name.as_dict(), "definition": theirs.look.as_json()},
                yours={"name": name, "definition": definition},
            )
        before = {"name": row.name, "kind": row.kind, "audience": row.audience}
        was_of = row.team_id
        problems: list[Problem] = []
        if name is not None:
            row.name, problems = _name(name)
        wanted = audience or row.audience
        row.kind = kind or row.kind
        team = team_id if team_id is not None else row.team_id
        problems += _audience(actor, row.kind, wanted, team)
        look = None
        if definition is not None:
            seen = queries.to_view(actor, row)
            if seen.look.as_json() != definitions.read(row.definition).as_json():
                problems.append(
                    Problem(
                        "partly_hidden",
                        Text(
                            "这个视图有您看不到的设置，请另存为自己的视图。",
                            "This view has settings that you cannot see; save a copy as your "
                            "own view.",
                        ),
                    )
                )
            try:
                look = Checker(spec, rights).look(definition, row.kind)
            except Refused as refused:
                problems += refused.problems
        if problems:
            raise Refused(*problems)
        if wanted != row.audience or (wanted == "team" and team != row.team_id):
            _must(actor, wanted, team, actor.member_id)
            row.audience, row.team_id = wanted, team if wanted == "team" else None
            row.member_id = actor.member_id if wanted == "personal" else row.member_id
        if look is not None:
            row.definition = definitions.written(look)
        if position is not None:
            row.position = max(0, min(position, 999))
        row.version += 1
        row.updated_at = now()
        row.save()
        if row.audience != before["audience"] or row.team_id != was_of:
            sharing.settle(row.object_key, [row.pk], actor, queries.SHARED_KIND)
        after = {"name": row.name, "kind": row.kind, "audience": row.audience}
        _log(actor, row, "update", before, after | {"definition": row.definition})
    if look is not None:
        _index(actor, row.object_key, look)
    forget()
    return queries.to_view(actor, row)


def remove(view_id: int, *, actor: Actor) -> None:
    """Take a view away; ``restore`` brings it back. Raises Missing, Forbidden."""
    with transaction.atomic():
        row = _row(actor, view_id, lock=True)
        row.removed_at = now()
        row.save()
        _log(actor, row, "archive", {"name": row.name}, {})
    forget()


def restore(view_id: int, *, actor: Actor) -> ViewInfo:
    """Bring a removed view back. Raises Missing, Forbidden."""
    with transaction.atomic():
        row = _row(actor, view_id, lock=True, removed=True)
        row.removed_at = None
        row.save()
        _log(actor, row, "restore", {}, {"name": row.name})
    forget()
    return queries.to_view(actor, row)


def prefer(*, actor: Actor, object_key: str, slug: str) -> None:
    """Open the list with this view from now on; empty: as everybody. Raises Missing."""
    if slug:
        queries.view(actor, slug, object_key)
    people.prefer(actor=actor, key=f"list:{object_key}", default=slug)


def arrange(*, actor: Actor, object_key: str, ids: Sequence[int]) -> None:
    """Put the tabs of an object in the actor's own order; empty: as everybody has them.

    What is not among the actor's tabs is passed over.
    """
    there = {v.id for v in queries.views(actor, object_key)}
    own = [i for i in dict.fromkeys(ids) if i in there]
    people.prefer(actor=actor, key=f"list:{object_key}", tabs=own or None)


def place(view_id: int, *, actor: Actor, after: int | None) -> int | None:
    """Put a view behind another of the same audience, for everybody; None: first.

    Answers which one it stood behind, to take it back. Raises Missing, Forbidden.
    """
    with transaction.atomic():
        row = _row(actor, view_id, lock=True)
        rows = View.objects.filter(
            object_key=row.object_key, audience=row.audience, removed_at__isnull=True
        )
        if row.audience == "personal":
            rows = rows.filter(member_id=row.member_id)
        order = list(rows.order_by("position", "id").values_list("id", flat=True))
        was = order.index(row.pk)
        before = order[was - 1] if was else None
        order.remove(row.pk)
        if after is not None and after not in order:
            raise queries.missing()
        order.insert(0 if after is None else order.index(after) + 1, row.pk)
        View.objects.bulk_update(
            [View(id=pk, position=n) for n, pk in enumerate(order)], ["position"]
        )
        _log(actor, row, "update", {"after": before}, {"after": after})
    forget()
    return before


def key_of(object_key: str, slug: str) -> str:
    """Under which a pack holds a view that somebody made by hand."""
    return f"{object_key[:45]}_{slug.lower().replace('-', '_')}"


def slug() -> str:
    """What stands in an address: 60 bits that nobody guesses, never all digits."""
    return "v" + secrets.token_urlsafe(8)[:11]


def _row(actor: Actor, view_id: int, *, lock: bool = False, removed: bool = False) -> View:
    rows = View.objects.filter(id=view_id, removed_at__isnull=not removed)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None or not policy(actor).may("view", row.object_key):
        raise queries.missing()
    if queries.may_arrange(actor, row.audience, row.team_id, row.member_id):
        return row
    if not removed and any(v.id == row.pk for v in queries.views(actor, row.object_key)):
        raise _forbidden()
    raise queries.missing()


def _must(actor: Actor, audience: str, team_id: int | None, member_id: int | None) -> None:
    if audience == "personal" and actor.member_id is None:
        raise Forbidden(
            Problem(
                "no_member", Text("只有成员才有个人视图。", "Only members have personal views.")
            )
        )
    if not queries.may_arrange(actor, audience, team_id, member_id):
        raise _forbidden()


def _forbidden() -> Forbidden:
    return Forbidden(
        Problem(
            "forbidden",
            Text(
                "团队视图由团队负责人管理，共享视图由有对象设置权的人管理。",
                "Views of a team are its leader's; shared ones take the right to set up objects.",
            ),
            Text("可以另存为自己的视图。", "You can save it as your own view."),
        )
    )


def _name(name: str | Mapping[str, str]) -> tuple[dict[str, str], list[Problem]]:
    said = Text.of(name.strip() if isinstance(name, str) else name).as_dict()
    if not said["zh"].strip():
        message = Text("请给视图起个名字。", "Give the view a name.")
        return said, [Problem("required", message, field="name")]
    if max(map(len, said.values())) > LONGEST:
        message = Text("名字最多 {n} 个字。", "A name has {n} characters at most.")
        return said, [Problem("too_long", message.format(n=LONGEST), field="name")]
    return said, []


def _audience(actor: Actor, kind: str, audience: str, team_id: int | None) -> list[Problem]:
    found = []
    for name, value, known in (("kind", kind, KINDS), ("audience", audience, AUDIENCES)):
        if value not in known:
            said = Text("只能是 {n}。", "It can only be one of {n}.").format(n=", ".join(known))
            found.append(Problem("not_an_option", said, field=name, value=value))
    if audience == "team" and team_id not in {t.id for t in tree()}:
        message = Text("请选择团队。", "Choose the team.")
        found.append(Problem("required", message, field="team_id"))
    return found


def _index(actor: Actor, object_key: str, look: Look) -> None:
    """A sort that a view keeps gets its index; made in the background, for there may be many rows.

    Up to the first key that is compared by something that stands elsewhere. An option, a member or
    a team comes first only: such an order is walked value by value, and within each by what
    follows; PostgreSQL needs the id for that, which SQLite's indexes have anyhow. Links have
    indexes of their own, and few records each.
    """
    fields = snapshot().object(object_key).fields
    keys: list[str] = []
    walked = False
    for n, name in enumerate(look.sort):
        key = name.removeprefix("-").removeprefix("{").removesuffix("}")
        f = fields.get(key)
        if n == 0 and f is not None and (f.kind.chooses_one or f.kind.names_staff):
            walked = True
        elif key not in DATED and (f is None or not f.kind.sorted_by_column):
            break
        keys.append(key)
    if walked and len(keys) == 1 and connection.vendor == "postgresql":
        keys.append("id")
    if keys:
        jobs.enqueue(INDEX_JOB, {"object_key": object_key, "keys": keys[:MOST_KEYS]}, actor=actor)


def _log(
    actor: Actor,
    row: View,
    verb: str,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    append(actor=actor, at=now(), object_key=LOG, action=verb, rows=[(row.pk, before, after, None)])
