"""Open alerts within what the actor may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from wubu.control.alerts import rules
from wubu.control.alerts.models import Alert
from wubu.control.alerts.types import AlertCount, AlertRule, AlertView, OwnerCount
from wubu.kernel.calendar.queries import today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.formula.queries import MANY
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import Policy, policy
from wubu.kernel.records import queries as records
from wubu.kernel.types import Actor


def counts(actor: Actor, *, mine: bool = False) -> tuple[AlertCount, ...]:
    """Per rule, how many alerts are open; rules without any are listed too."""
    found = []
    for rule in _usable(actor):
        row = _seen(actor, rule, mine=mine).aggregate(
            n=Count("id"), q=Count("id", filter=Q(quiet_until__gt=today())), oldest=Min("since")
        )
        found.append(AlertCount(rule, row["n"], row["q"], row["oldest"]))
    return tuple(found)


def alerts(
    actor: Actor,
    rule_key: str,
    *,
    mine: bool = False,
    owner_id: int | None = None,
    quiet: bool = False,
    limit: int = 50,
    after: tuple[str, int] | None = None,
) -> tuple[AlertView, ...]:
    """The open alerts of one rule, the longest-standing first.

    ``quiet`` lists those that were put off instead. ``after`` is (since ISO, id) of the last one
    already shown.
    """
    rule = next((r for r in _usable(actor) if r.key == rule_key), None)
    if rule is None:
        return ()
    rows = _seen(actor, rule, mine=mine)
    if owner_id is not None:
        rows = rows.filter(owner_id=owner_id)
    snooze = Q(quiet_until__gt=today())
    rows = rows.filter(snooze if quiet else ~snooze | Q(quiet_until__isnull=True))
    if after is not None:
        rows = rows.filter(Q(since__gt=after[0]) | Q(since=after[0], id__gt=after[1]))
    return _views(actor, rule, rows.order_by("since", "id")[:limit])


def on_record(actor: Actor, object_key: str, record_id: int) -> tuple[AlertView, ...]:
    """What is wrong with one record. The caller has already been shown the record."""
    by_key = {r.key: r for r in _usable(actor) if r.object_key == object_key}
    rows = Alert.objects.filter(
        object_key=object_key, record_id=record_id, resolved_at__isnull=True, rule_key__in=by_key
    )
    beyond = {key for key, rule in by_key.items() if _beyond(actor, rule) != Q()}
    return tuple(
        v
        for row in rows
        if row.rule_key not in beyond
        or _seen(actor, by_key[row.rule_key]).filter(pk=row.pk).exists()
        for v in _views(actor, by_key[row.rule_key], [row])
    )


def by_owner(actor: Actor) -> tuple[OwnerCount, ...]:
    """For a manager: who has how many, the most first. Nobody is left out for having no owner."""
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    for rule in _usable(actor):
        for row in _seen(actor, rule).values("owner_id").annotate(n=Count("id")):
            counted[row["owner_id"]][rule.key] = row["n"]
    names = people.names([i for i in counted if i])
    made = [OwnerCount(i, names.get(i, ""), c) for i, c in counted.items()]
    return tuple(sorted(made, key=lambda o: (-o.total, o.owner_id)))


def _usable(actor: Actor) -> list[AlertRule]:
    """The rules about objects that the actor may see and fields that they may read.

    That an alert is open tells what stands in these.
    """
    rights = policy(actor)
    return [
        rule
        for rule in rules.current()
        if rights.may("view", rule.object_key)
        and (
            rights.everything
            or all(_readable(rights, rule.object_key, p) for p in rules.reads(rule))
        )
    ]


def _readable(rights: Policy, object_key: str, path: tuple[str, ...]) -> bool:
    """May a field be read?

    What the company counts over many records goes by the fields alone, as a roll-up does.
    """
    many = next((step for step in path if MANY in step), "")
    if not many:
        return rights.readable(object_key, path)
    key, _, link = many.rpartition(MANY)
    return all(rights.clear(key, k) for k in (link, *path[path.index(many) + 1 :][:1]))


def _beyond(actor: Actor, rule: AlertRule) -> Q:
    """The records from which the rule looks no further than the actor sees."""
    rights, found = policy(actor), Q()
    for path in () if rights.everything else rules.reads(rule):
        found &= rights.across(rule.object_key, path)
    return found


def _seen(actor: Actor, rule: AlertRule, *, mine: bool = False) -> QuerySet[Alert]:
    rows = Alert.objects.filter(rule_key=rule.key, resolved_at__isnull=True)
    if mine:
        rows = rows.filter(owner_id=actor.member_id or 0)
    owners, beyond = policy(actor).owner_ids("view", rule.object_key), _beyond(actor, rule)
    if beyond == Q():
        if owners == "all":
            return rows
        if isinstance(owners, frozenset):
            return rows.filter(owner_id__in=owners)
    visible = records.visible(actor, rule.object_key).filter(beyond).order_by().values("id")
    return rows.filter(record_id__in=visible)


def _views(actor: Actor, rule: AlertRule, rows: Iterable[Any]) -> tuple[AlertView, ...]:
    listed = list(rows)
    ids = [a.record_id for a in listed]
    titles = records.titles(actor, rule.object_key, ids)
    names = people.names({a.owner_id for a in listed if a.owner_id})
    target, about = _subjects(actor, rule, list(titles))
    day = today()
    return tuple(
        AlertView(
            id=a.pk,
            rule=rule,
            object_key=a.object_key,
            record_id=a.record_id,
            title=titles[a.record_id],
            owner_id=a.owner_id,
            owner_name=names.get(a.owner_id, ""),
            since=a.since,
            days=(day - a.since).days if a.since else None,
            raised_at=a.raised_at,
            quiet_until=a.quiet_until,
            quiet_reason=a.quiet_reason,
            subject_key=target if a.record_id in about else "",
            subject_id=about[a.record_id][0] if a.record_id in about else None,
            subject=about[a.record_id][1] if a.record_id in about else "",
        )
        for a in listed
        if a.record_id in titles
    )


def _subjects(
    actor: Actor, rule: AlertRule, ids: list[int]
) -> tuple[str, dict[int, tuple[int, str]]]:
    """What each record is about: the object, and by record the id and the title in sight."""
    field = snapshot().object(rule.object_key).fields.get(rule.subject)
    if field is None or field.retired or not ids:
        return "", {}
    if not policy(actor).clear(rule.object_key, field.key):
        return "", {}
    rows = records.visible(actor, rule.object_key).filter(id__in=ids).order_by()
    links = {i: to for i, to in rows.values_list("id", f"{field.key}_id") if to}
    titles = records.titles(actor, field.target, sorted(set(links.values())))
    return field.target, {i: (to, titles[to]) for i, to in links.items() if to in titles}
