"""The search box: over every searchable object that the actor may see."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from wubu.kernel.bulk import Values
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.permissions.types import Policy
from wubu.kernel.records.indexing import search, tokens
from wubu.kernel.records.reading import read
from wubu.kernel.records.types import Hit, Record


def ask(
    snapshot: Snapshot, policy: Policy, object_key: str, text: str
) -> search.SearchRequest | None:
    """The search text for one object; None when nothing there can match.

    Fields that the actor may not read are not asked. Scope is the caller's matter.
    """
    plan = search.indexed(snapshot, object_key)
    if plan is None or not policy.clear(object_key, plan.title):
        return None
    owners = policy.owner_ids("view", object_key) if plan.owner else None
    if owners == frozenset():
        return None

    def readable(keys: Sequence[str]) -> list[str]:
        return [k for k in keys if policy.clear(object_key, k)]

    return search.ask(
        object_key,
        text,
        phones=readable(plan.phones),
        codes=readable(plan.codes),
        owners=None if owners == "all" else owners,
        everything=owners == "all" or policy.scope("view", object_key) == Q(),
    )


def find(
    snapshot: Snapshot,
    policy: Policy,
    text: str,
    limit: int,
    objects: Sequence[str] | None = None,
) -> list[Hit]:
    """The best ``limit`` hits: names that begin with the text first, then by object and newest."""
    best: list[tuple[int, int, int, str]] = []  # rank, place of the object, -id, object
    for place, spec in enumerate(snapshot.live):
        if objects is not None and spec.key not in objects:
            continue
        if not policy.may("view", spec.key):
            continue
        for id_, title in _titles(snapshot, policy, spec.key, text.strip()):
            best.append((_rank(title or "", text), place, -id_, spec.key))
    best.sort()
    chosen = best[:limit]
    ids: dict[str, list[int]] = {}
    for _, _, negative, key in chosen:
        ids.setdefault(key, []).append(-negative)
    hits: dict[tuple[str, int], Hit] = {}
    for key, some in ids.items():
        for record in _records(snapshot, policy, key, some):
            subtitle = _subtitle(snapshot, record)
            hits[key, record.id] = Hit(key, record.id, record.title, subtitle)
    return [hits[key, -negative] for _, _, negative, key in chosen if (key, -negative) in hits]


def _titles(
    snapshot: Snapshot, policy: Policy, object_key: str, text: str
) -> list[tuple[int, str | None]]:
    """Visible records that match, with their names.

    The newest, and those that are called just so.
    """
    asked = ask(snapshot, policy, object_key, text)
    found = asked.ids() if asked is not None else []
    if asked is None or not found:
        return []
    title = snapshot.object(object_key).roles["title"]
    matching = Q(id__among=Values(found))
    if len(found) == asked.limit:
        matching |= Q(**{title: text})
    rows = snapshot.model(object_key)._default_manager.filter(
        policy.scope("view", object_key), matching, archived_at__isnull=True
    )
    return list(rows.values_list("id", title))


def _records(snapshot: Snapshot, policy: Policy, object_key: str, ids: list[int]) -> list[Record]:
    spec = snapshot.object(object_key)
    rows = snapshot.model(object_key)._default_manager.filter(id__in=ids)
    columns = [k for role in ("customer", "owner") if (k := spec.roles.get(role))]
    return read.records(snapshot, policy, object_key, rows, columns)


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
