"""The search box: over every searchable object that the actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Value, When

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.permissions.types import Policy
from wubu.kernel.records import read, search, tokens
from wubu.kernel.records.types import Hit, Record


def ids(snapshot: Snapshot, policy: Policy, object_key: str, text: str) -> Any | None:
    """The ids of an object's records that match, as a subquery; None when nothing can match.

    Fields that the actor may not read are not asked. Scope is the caller's matter.
    """
    plan = search.indexed(snapshot, object_key)
    if plan is None or policy.level(object_key, plan.title) == "hidden":
        return None
    owners = policy.owner_ids("view", object_key) if plan.owner else None
    if owners == frozenset():
        return None

    def readable(keys: Sequence[str]) -> list[str]:
        return [k for k in keys if policy.level(object_key, k) != "hidden"]

    return search.matching(
        object_key,
        text,
        phones=readable(plan.phones),
        codes=readable(plan.codes),
        owners=None if owners == "all" else owners,
        # With neither everybody nor a set of owners only the database can tell what is visible.
        everything=owners == "all",
    )


def find(
    snapshot: Snapshot,
    policy: Policy,
    text: str,
    limit: int,
    objects: Sequence[str] | None = None,
) -> list[Hit]:
    """The best ``limit`` hits: names that begin with the text first, then by object and newest."""
    hits: list[tuple[tuple[Any, ...], Hit]] = []
    for order, spec in enumerate(snapshot.live):
        if objects is not None and spec.key not in objects:
            continue
        if not policy.may("view", spec.key):
            continue
        found = ids(snapshot, policy, spec.key, text)
        if found is None:
            continue
        for record in _records(snapshot, policy, spec.key, found, text.strip(), limit):
            hit = Hit(spec.key, record.id, record.title, _subtitle(snapshot, record))
            hits.append(((_rank(record.title, text), order, -record.id), hit))
    hits.sort(key=lambda pair: pair[0])
    return [hit for _, hit in hits[:limit]]


def _records(
    snapshot: Snapshot, policy: Policy, object_key: str, found: Any, text: str, limit: int
) -> list[Record]:
    spec = snapshot.object(object_key)
    rows = snapshot.model(object_key)._default_manager.filter(
        policy.scope("view", object_key), id__in=found, archived_at__isnull=True
    )
    columns = [k for role in ("customer", "owner", "phone") if (k := spec.roles.get(role))]
    title = spec.roles["title"]
    rank = Case(
        When(**{title: text}, then=Value(0)),
        When(**{f"{title}__startswith": text}, then=Value(1)),
        default=Value(2),
    )
    best = rows.order_by(rank, "-id")[:limit]
    return read.records(snapshot, policy, object_key, best, columns)


def _rank(title: str, text: str) -> int:
    name, asked = tokens.plain(title), tokens.plain(text).strip()
    if name == asked:
        return 0
    return 1 if name.startswith(asked) else 2 if asked in name else 3


def _subtitle(snapshot: Snapshot, record: Record) -> str:
    """Beside the name: whose it is, or who looks after it."""
    spec = snapshot.object(record.object_key)
    parts = []
    for role in ("customer", "owner"):
        key = spec.roles.get(role)
        name = record.titles.get(key) if key else None
        if isinstance(name, str) and name != record.title:
            parts.append(name)
    return " · ".join(parts)
