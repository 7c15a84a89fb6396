"""What falls due, for one person or for a manager's people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from wubu.control.reminders import rules
from wubu.control.reminders.types import Due, DueCount, ReminderRule
from wubu.kernel.calendar.queries import day_of, start_of, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.formula import queries as formula
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import policy
from wubu.kernel.permissions.types import Policy
from wubu.kernel.records import queries as records
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor


def due(actor: Actor, *, day: date | None = None, limit: int = 50) -> tuple[Due, ...]:
    """What the actor has to do by the end of ``day`` (today unless given).

    The latest comes first.

    Each kind gives at most ``limit``; ``due_count`` tells how many there are.
    """
    found: list[Due] = []
    for rule, spec, field in _usable(actor):
        rows = _open(actor, rule, spec, field, day).filter(_mine(spec, actor))
        listed = rows.order_by(field.key, "id")[:limit]
        found += _dues(actor, rule, spec, records.present(actor, spec.key, listed), day)
    return tuple(sorted(found, key=lambda d: (-d.days_late, str(d.when), d.record_id)))


def due_count(actor: Actor, *, day: date | None = None) -> DueCount:
    """How much of the actor's own is late, and how much falls on the day."""
    late = now = 0
    for rule, spec, field in _usable(actor):
        rows = _open(actor, rule, spec, field, day).filter(_mine(spec, actor))
        row = rows.aggregate(all=Count("id"), late=Count("id", filter=_late(field, day)))
        late += row["late"]
        now += row["all"] - row["late"]
    return DueCount(actor.member_id or 0, "", late, now)


def due_by_owner(actor: Actor, *, day: date | None = None) -> tuple[DueCount, ...]:
    """For a manager: how much is late and due with each person whose records the actor may see."""
    counted: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for rule, spec, field in _usable(actor):
        owner = spec.role("owner")
        if owner is None:
            continue
        # Grouped by a computed number: SQLite would otherwise walk all records in the order of
        # their owners instead of taking the due ones from the index of the day.
        rows = _open(actor, rule, spec, field, day).order_by()
        rows = rows.values(who=F(f"{owner.key}_id") + 0)
        for row in rows.annotate(all=Count("id"), late=Count("id", filter=_late(field, day))):
            total = counted[row["who"] or 0]
            total[0] += row["late"]
            total[1] += row["all"] - row["late"]
    names = people.names([i for i in counted if i])
    made = [DueCount(i, names.get(i, ""), late, now) for i, (late, now) in counted.items()]
    return tuple(sorted(made, key=lambda c: (-c.late, -c.today, c.owner_id)))


def _usable(actor: Actor) -> list[tuple[ReminderRule, ObjectSpec, FieldSpec]]:
    """The rules whose object and day the actor may see."""
    rights = policy(actor)
    usable = []
    for rule in rules.current():
        spec = snapshot().object(rule.object_key)
        field = spec.field(rule.when)
        seen = rights.may("view", spec.key) and rights.clear(spec.key, field.key)
        if seen and not field.retired and _may_ask(rights, rule):
            usable.append((rule, spec, field))
    return usable


def _may_ask(rights: Policy, rule: ReminderRule) -> bool:
    """Whether the actor may read all that the rule's condition looks at."""
    if not rule.where:
        return True
    parsed = formula.parse(rule.where, snapshot=snapshot(), object_key=rule.object_key)
    return all(rights.readable(rule.object_key, path) for path in parsed.written)


def _open(
    actor: Actor, rule: ReminderRule, spec: ObjectSpec, field: FieldSpec, day: date | None
) -> QuerySet[Any]:
    last = (day or today()) + timedelta(days=rule.ahead_days)
    rows = records.matching(actor, spec.key, rule.where)
    bound: date | datetime = start_of(last + timedelta(days=1)) if field.kind.timed else last
    return rows.filter(**{f"{field.key}__lt" if field.kind.timed else f"{field.key}__lte": bound})


def _late(field: FieldSpec, day: date | None) -> Q:
    at = day or today()
    bound: date | datetime = start_of(at) if field.kind.timed else at
    return Q(**{f"{field.key}__lt": bound})


def _mine(spec: ObjectSpec, actor: Actor) -> Q:
    owner = spec.role("owner")
    name = f"{owner.key}_id" if owner else "created_by_id"
    return Q(**{name: actor.member_id})


def _dues(
    actor: Actor,
    rule: ReminderRule,
    spec: ObjectSpec,
    listed: Iterable[Record],
    day: date | None,
) -> list[Due]:
    owner = spec.role("owner")
    subject = spec.fields.get(rule.subject) if rule.subject else None
    made = []
    for record in listed:
        when = record.values[rule.when]
        local = day_of(when) if isinstance(when, datetime) else when
        subject_id = record.values.get(subject.key) if subject else None
        made.append(
            Due(
                rule=rule,
                object_key=spec.key,
                record_id=record.id,
                version=record.version,
                title=record.title,
                subject_key=subject.target if subject else "",
                subject_id=subject_id,
                subject=str(record.titles.get(subject.key, "")) if subject else "",
                owner_id=record.values.get(owner.key) if owner else record.created_by,
                owner_name=str(record.titles.get(owner.key, "")) if owner else "",
                when=when,
                days_late=((day or today()) - local).days,
            )
        )
    return made
