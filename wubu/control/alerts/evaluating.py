"""Holding rules against records: a few at once with every write, all of them on schedule.

A rule costs a handful of statements: raise what is new, settle what is over, follow changes of
owner and day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from wubu.control.alerts import rules
from wubu.control.alerts.models import Alert, Sweep
from wubu.control.alerts.types import AlertRule
from wubu.kernel.calendar.queries import day_of, now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.records.events import ChangeSet
from wubu.kernel.workspace import rehearsing

AT_ONCE = 200  # a larger write marks the rule stale; the schedule sweeps it within minutes
BATCH = 2000


def on_change(change: ChangeSet) -> None:
    """Raise and settle the alerts of the records that were just written."""
    for rule in rules.current():
        if rule.object_key != change.object_key or not _touches(rule, change):
            continue
        if len(change.ids) > AT_ONCE:
            Sweep.objects.update_or_create(rule_key=rule.key, defaults={"stale": True})
        else:
            apply(rule, change.ids)


def rules_changed(keys: Sequence[str]) -> None:
    """Rules that were set, added or disabled are held against the records at once."""
    for key in keys:
        Sweep.objects.update_or_create(rule_key=key, defaults={"stale": True})
    evaluate_all(only_stale=True)


def evaluate_all(*, only_stale: bool = False) -> int:
    """Hold every rule against every record. Returns how many alerts are open afterwards."""
    if rehearsing():
        return 0
    current = rules.current()
    fresh = set(Sweep.objects.filter(stale=False).values_list("rule_key", flat=True))
    for rule in current:
        if only_stale and rule.key in fresh:
            continue
        with transaction.atomic():
            apply(rule)
            Sweep.objects.update_or_create(
                rule_key=rule.key, defaults={"swept_at": now(), "stale": False}
            )
    ended = Alert.objects.filter(resolved_at__isnull=True).exclude(
        rule_key__in=[r.key for r in current]
    )
    ended.update(resolved_at=now())
    return Alert.objects.filter(resolved_at__isnull=True).count()


def apply(rule: AlertRule, ids: Iterable[int] | None = None) -> None:
    """Make the open alerts of a rule agree with the records (all, or the given ones)."""
    wanted = None if ids is None else list(ids)
    at = now()
    met = {row[0]: row for row in _rows(rule, wanted)}
    there = Alert.objects.filter(rule_key=rule.key, resolved_at__isnull=True)
    if wanted is not None:
        there = there.filter(record_id__in=wanted)
    known: set[int] = set()
    over: list[int] = []
    moved: list[Alert] = []
    for alert in there.iterator(chunk_size=BATCH):
        row = met.get(alert.record_id)
        known.add(alert.record_id)
        if row is None:
            over.append(alert.pk)
        elif (alert.owner_id, alert.since) != row[1:]:
            alert.owner_id, alert.since = row[1:]
            moved.append(alert)
    for start in range(0, len(over), BATCH):
        Alert.objects.filter(pk__in=over[start : start + BATCH]).update(resolved_at=at)
    Alert.objects.bulk_update(moved, ["owner_id", "since"], batch_size=500)
    Alert.objects.bulk_create(
        [
            Alert(
                rule_key=rule.key,
                object_key=rule.object_key,
                record_id=record_id,
                owner_id=owner_id,
                since=since,
                raised_at=at,
            )
            for record_id, owner_id, since in met.values()
            if record_id not in known
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def _rows(rule: AlertRule, ids: Sequence[int] | None) -> Iterable[tuple[int, int, date | None]]:
    has_owner = snapshot().object(rule.object_key).role("owner") is not None
    for row in rules.matching(rule, ids).iterator(chunk_size=BATCH):
        owner = row[1] if has_owner else None
        yield row[0], owner or 0, _day(row[-1]) if rule.since else None


def _day(value: Any) -> date | None:
    return day_of(value) if isinstance(value, datetime) else value


def _touches(rule: AlertRule, change: ChangeSet) -> bool:
    if change.action in ("create", "archive", "restore"):
        return True
    owner = snapshot().object(rule.object_key).roles.get("owner", "")
    return bool(change.changed & (rules.depends_on(rule) | {owner}))


def on_purge(object_key: str, ids: Sequence[int]) -> None:
    """Alerts of records that are deleted for good go with them, resolved ones too."""
    Alert.objects.filter(object_key=object_key, record_id__in=list(ids)).delete()
