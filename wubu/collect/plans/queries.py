"""How the plans stand: what is filled, what is missing, who enters and who does not.

Only the newest records are looked at, so that the cost does not grow with their number.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from wubu.collect.plans import rules
from wubu.collect.plans.types import Entered, Filled, Plan, PlanStatus, Rhythm
from wubu.kernel.calendar.queries import add_working_days, now, today, zone
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import holders, policy
from wubu.kernel.records import queries as records
from wubu.kernel.rules import queries as dated
from wubu.kernel.types import Actor, Forbidden, Problem, Text

NEWEST = 5_000  # records looked at


def plans(actor: Actor) -> tuple[Plan, ...]:
    """The plans whose object the actor may see."""
    may = policy(actor)
    return tuple(p for p in rules.current() if may.may("view", p.object_key))


def plan(actor: Actor, key: str) -> Plan:
    """One plan, resting or not. Raises Missing, Forbidden."""
    found = rules.read(dated.rule(rules.NAME, key))
    if not policy(actor).may("view", found.object_key):
        said = Text("您看不到这类记录。", "You may not see these records.")
        raise Forbidden(Problem("forbidden", said, object=found.object_key))
    return found


def status(actor: Actor, found: Plan) -> PlanStatus:
    """How one plan stands for the records and the people that the actor may see. Four queries."""
    since = window(found.rhythm, today())
    rows: Any = records.visible(actor, found.object_key).order_by()
    newest = rows.order_by("-id").values_list("id", flat=True)[NEWEST - 1 : NEWEST]
    first = next(iter(newest), 0)
    rows = rows.filter(id__gte=first)
    fields = _readable(actor, found)
    when, recent = _since(actor, found, since)
    counted = rows.aggregate(
        looked_at=Count("id"),
        entries=Count("id", filter=recent),
        **{f"field_{key}": Count(key) for key in fields},
    )
    labels = snapshot().object(found.object_key).fields
    return PlanStatus(
        plan=found,
        since=since,
        looked_at=counted["looked_at"],
        entries=counted["entries"],
        fields=tuple(
            Filled(key, labels[key].label, counted[f"field_{key}"], counted["looked_at"])
            for key in fields
        ),
        people=_people(actor, found, rows, when, recent),
    )


def window(rhythm: Rhythm, day: date) -> date:
    """The first day of the time in which one entry is expected; a month where none is."""
    if rhythm == "daily":
        return add_working_days(day, -1)
    return day - timedelta(days=7 if rhythm == "weekly" else 30)


def _readable(actor: Actor, found: Plan) -> list[str]:
    """A field that the actor may not read in clear is not counted either."""
    may, spec = policy(actor), snapshot().object(found.object_key)
    return [
        key
        for key in found.fields
        if key in spec.fields
        and rules.countable(spec.fields[key])
        and may.level(spec.key, key) in ("read", "write")
    ]


def _since(actor: Actor, found: Plan, day: date) -> tuple[str, Q]:
    """The column that says when, and the records since a day; none of them is ahead of today."""
    f = snapshot().object(found.object_key).fields.get(found.when)
    midnight = datetime.combine(day, time(), zone())
    clear = f is not None and policy(actor).level(found.object_key, f.key) in ("read", "write")
    if f is None or f.retired or not clear:
        return "created_at", Q(created_at__gte=midnight)
    if f.kind.whole_day:
        return f.key, Q(**{f"{f.key}__gte": day, f"{f.key}__lte": today()})
    return f.key, Q(**{f"{f.key}__gte": midnight, f"{f.key}__lte": now()})


def _people(actor: Actor, found: Plan, rows: Any, when: str, recent: Q) -> tuple[Entered, ...]:
    """Who entered, and who was expected to; of those whose figures the actor may see."""
    who = _whose(actor, found)
    entered: dict[int, tuple[int, Any]] = {
        row[who]: (row["n"], row["last"])
        for row in rows.filter(**{f"{who}__isnull": False})
        .values(who)
        .annotate(n=Count("id", filter=recent), last=Max(when))
    }
    asked = found.roles if found.rhythm != "event" else ()
    wanted = {m for role in asked for m in holders(role)}
    seen = policy(actor).members()
    ids = {m for m in wanted | entered.keys() if seen == "all" or m in seen}
    names = people.names(ids)
    made = [
        Entered(m, names.get(m, ""), *entered.get(m, (0, None)), expected=m in wanted) for m in ids
    ]
    made = [p for p in made if p.count or p.expected]
    return tuple(sorted(made, key=lambda p: (-p.count, p.name, p.member_id)))


def _whose(actor: Actor, found: Plan) -> str:
    """The column of the person whose record it is: the owner, else who made it."""
    owner = snapshot().object(found.object_key).role("owner")
    if owner is None or owner.retired or not owner.kind.names_member:
        return "created_by_id"
    clear = policy(actor).level(found.object_key, owner.key) in ("read", "write")
    return f"{owner.key}_id" if clear else "created_by_id"
