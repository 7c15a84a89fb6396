"""Changing the tree of teams: every change holds from a day, and nothing before it is rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from wubu.kernel import hooks, past
from wubu.kernel.calendar.queries import today
from wubu.kernel.people import queries, tree
from wubu.kernel.people.events import PeopleChange, emit
from wubu.kernel.people.models import Membership, Team, TeamVersion
from wubu.kernel.people.types import TeamNode, TeamPeriod
from wubu.kernel.types import Actor, Problem, Refused, Text

DATED = frozenset({"name", "parent_id", "leader_id", "is_active"})
NAMED = 5  # names in a message; the rest is a number


def create_team(
    *,
    actor: Actor,
    name: str,
    parent_id: int | None = None,
    leader_id: int | None = None,
    position: int | None = None,
) -> TeamNode:
    """A new team under ``parent_id``, last among its sisters unless a position is given.

    It is there since ever: nothing can have been credited to it before. Raises Refused, Missing,
    Forbidden.
    """
    hooks.require_setup(actor, "teams")
    name = _team_name(name)
    with transaction.atomic():
        if parent_id is not None:
            queries.team(parent_id)
        if leader_id is not None:
            queries.person(leader_id)
        if position is None:
            position = sum(n.parent_id == parent_id for n in tree.tree(active=None))
        row = Team.objects.create(name=name, position=position, created_on=today())
        span = TeamPeriod(row.pk, date.min, None, name, parent_id, leader_id, True)
        _store(row.pk, [span])
        after = {"name": name, "parent": parent_id, "leader": leader_id, "position": position}
        hooks.record(actor, "team", row.pk, "create", {}, after)
        emit(PeopleChange("team", actor, team_id=row.pk))
    return queries.team(row.pk)


def update_team(
    *, actor: Actor, team_id: int, from_day: date | None = None, **values: Any
) -> TeamNode:
    """Change a team's name, parent_id, leader_id or is_active from a day on, or its position.

    It holds from ``from_day`` (today unless given; for a team made today, since it is there) until
    a later change of the same that is already known. Figures of earlier days stay with the tree of
    their day. A team does not go below itself, and closes only when it is empty. Raises Refused,
    for a closed day too; Missing; Forbidden.
    """
    hooks.require_setup(actor, "teams")
    unknown = values.keys() - DATED - {"position"}
    if unknown:
        raise TypeError(f"a team has no {', '.join(sorted(unknown))}")
    day = from_day or _default_day(team_id)
    was = queries.team(team_id, day)
    if "name" in values:
        values["name"] = _team_name(values["name"])
    if values.get("parent_id") is not None:
        queries.team(values["parent_id"], day)
    if values.get("leader_id") is not None:
        queries.person(values["leader_id"])
    before = {k: getattr(was, k) for k in values}
    changed = {k: v for k, v in values.items() if v != before[k]}
    with transaction.atomic():
        list(Team.objects.select_for_update().order_by("id").values_list("id"))
        tree.forget()
        later = _changed(
            tree.team_history(team_id), day, {k: changed[k] for k in changed.keys() & DATED}
        )
        problems = _problems(team_id, day, changed, later)
        if problems:
            raise Refused(*problems)
        _store(team_id, later)
        row = {"name": later[-1].name}
        if "position" in changed:
            row["position"] = changed["position"]
        Team.objects.filter(id=team_id).update(**row)
        tree.forget()
        since = {} if day <= past.BEGINNING else {"from_day": day.isoformat()}
        hooks.record(actor, "team", team_id, "update", before, {**values, **since})
        emit(PeopleChange("team", actor, team_id=team_id, from_day=day))
    return queries.team(team_id, max(day, today()))


def lose_leader(member_id: int, from_day: date) -> None:
    """Teams that a member leads have no leader from a day on."""
    histories = {node.id: tree.team_history(node.id) for node in tree.tree(active=None)}
    for team_id, spans in histories.items():
        later = _joined(
            [
                replace(s, leader_id=None)
                if s.leader_id == member_id and s.from_day >= from_day
                else s
                for s in _split(spans, from_day)
            ]
        )
        if later != list(spans):
            _store(team_id, later)


def _default_day(team_id: int) -> date:
    """The first day from which a team may change: today.

    For a team that was made today it is the first open day, as it is still being set up.
    """
    made = Team.objects.filter(id=team_id).values_list("created_on", flat=True).first()
    return (past.first_day() or date.min) if made == today() else today()


def _split(spans: Iterable[TeamPeriod], day: date) -> list[TeamPeriod]:
    """The same spans, one of which begins on the day."""
    found: list[TeamPeriod] = []
    for span in spans:
        if span.from_day < day and (span.to_day is None or day < span.to_day):
            found += [replace(span, to_day=day), replace(span, from_day=day)]
        else:
            found.append(span)
    return found


def _changed(
    spans: Iterable[TeamPeriod], day: date, changes: Mapping[str, Any]
) -> list[TeamPeriod]:
    """The spans with changes from a day on, each until the next known change of the same."""
    found = _split(spans, day)
    for name, value in changes.items():
        first = next(i for i, s in enumerate(found) if s.from_day >= day)
        old = getattr(found[first], name)
        for i in range(first, len(found)):
            if getattr(found[i], name) != old:
                break
            found[i] = replace(found[i], **{name: value})
    return _joined(found)


def _joined(spans: list[TeamPeriod]) -> list[TeamPeriod]:
    """Neighbours that say the same become one."""
    found: list[TeamPeriod] = []
    for span in spans:
        last = found[-1] if found else None
        if last is not None and replace(last, to_day=span.to_day) == replace(
            span, from_day=last.from_day
        ):
            found[-1] = replace(last, to_day=span.to_day)
        else:
            found.append(span)
    return found


def _store(team_id: int, spans: list[TeamPeriod]) -> None:
    TeamVersion.objects.filter(team_id=team_id).delete()
    TeamVersion.objects.bulk_create(
        TeamVersion(
            team_id=team_id,
            from_day=s.from_day,
            to_day=s.to_day,
            name=s.name,
            parent_id=s.parent_id,
            leader_id=s.leader_id,
            is_active=s.is_active,
        )
        for s in spans
    )
    tree.forget()


def _problems(
    team_id: int, day: date, changed: Mapping[str, Any], later: list[TeamPeriod]
) -> list[Problem]:
    found: list[Problem] = []
    # Position and name move no figure; leader and activity decide whose a closed board was.
    if changed.keys() & DATED - {"name"}:
        closed = past.problem(day, field="from_day")
        found += [closed] if closed else []
    if changed.get("parent_id") is not None and _is_circle(team_id, day, later):
        found.append(
            Problem(
                "team_circle",
                Text("上级不能是本团队或其下级。", "A team cannot be placed below itself."),
                Text("请选别的上级团队。", "Choose another team above it."),
                field="parent",
                value=changed["parent_id"],
            )
        )
    if changed.get("is_active") is False:
        found += _not_empty(team_id, day)
    return found


def _is_circle(team_id: int, day: date, later: list[TeamPeriod]) -> bool:
    """Whether the team would be below itself on the day or after it."""
    days = {day, *(s.from_day for s in later if s.from_day > day)}
    days |= {s.from_day for n in tree.tree(active=None) for s in tree.team_history(n.id)}
    for one in days:
        if one < day:
            continue
        above = next(s.parent_id for s in reversed(later) if s.from_day <= one)
        if above is not None and above in tree.subtree(team_id, one):
            return True
    return False


def _not_empty(team_id: int, day: date) -> list[Problem]:
    """Who and what still stands in the way of closing a team, by name."""
    rows = Membership.objects.filter(team_id=team_id, member__is_active=True)
    inside = rows.filter(Q(to_day__isnull=True) | Q(to_day__gt=max(day, today())))
    ids = list(inside.values_list("member_id", flat=True).distinct())
    people = sorted(queries.names(ids).values())
    below = [n.name for n in tree.tree(day=day) if n.parent_id == team_id]
    found = []
    for names, words in (
        (people, Text("团队里还有 {n} 位成员：{who}。", "{n} members are in the team: {who}.")),
        (below, Text("下面还有 {n} 个团队：{who}。", "{n} teams are below it: {who}.")),
    ):
        if names:
            some = Text("、".join(names[:NAMED]), ", ".join(names[:NAMED]))
            if len(names) > NAMED:
                some = Text(f"{some.zh} 等", f"{some.en} …")
            found.append(
                Problem(
                    "team_not_empty",
                    words.format(n=len(names), who=some),
                    Text("先把他们调到别的团队。", "Move them to another team first.")
                    if names is people
                    else Text("先停用它们，或换一个上级。", "Close them first, or move them."),
                    field="is_active",
                    value=len(names),
                )
            )
    return found


def _team_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 150:
        raise Refused(
            Problem(
                "required",
                Text("请填写不超过 150 字的团队名称。", "Give the team a name, at most 150 long."),
                field="name",
                value=name,
            )
        )
    return name
