"""The current Snapshot, and how the catalog came to be as it is."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from django.db.models import QuerySet

from wubu.kernel.catalog.codec import field_from_json, object_from_json
from wubu.kernel.catalog.models import FieldRow, ObjectRow, Version
from wubu.kernel.catalog.models import Revision as RevisionRow
from wubu.kernel.catalog.render import render
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Revision, Snapshot
from wubu.kernel.prepared import compiled
from wubu.kernel.types import Missing, Problem, Text
from wubu.kernel.workspace import remember, workspace_key

CACHE_SIZE = 8  # rendered Snapshots kept per process; a token is random, so none is ever wrong
_cache: OrderedDict[tuple[str, str], Snapshot] = OrderedDict()
_lock = Lock()


def snapshot() -> Snapshot:
    """The catalog as this unit of work sees it.

    One version query per unit, rendered once per version.
    """
    return remember("snapshot", _current)


def _current() -> Snapshot:
    rows = compiled(Version, "token", _token).rows()
    token = rows[0][0] if rows else ""
    key = (workspace_key(), token)
    with _lock:
        found = _cache.get(key)
        if found is not None:
            _cache.move_to_end(key)
            return found
        latest = next((s for (w, _), s in reversed(_cache.items()) if w == key[0]), None)
    made = render(load_objects(), token, like=latest)
    with _lock:
        _cache[key] = made
        while len(_cache) > CACHE_SIZE:
            _cache.popitem(last=False)
    return made


def _token() -> QuerySet[Version, Any]:
    return Version.objects.order_by("id").values_list("token")[:1]


def load_objects() -> tuple[ObjectSpec, ...]:
    """Every object of the catalog with its fields, in order, without models."""
    fields: dict[int, dict[str, FieldSpec]] = {}
    keys = dict(ObjectRow.objects.values_list("id", "key"))
    columns = ("object_id", "key", "definition", "position", "retired")
    # Without models: a workspace may have thousands of fields.
    for of, key, data, position, retired in FieldRow.objects.order_by("position", "id").values_list(
        *columns
    ):
        fields.setdefault(of, {})[key] = field_from_json(keys[of], key, data, position, retired)
    return tuple(
        object_from_json(row.key, row.definition, fields.get(row.id, {}), row.position, row.retired)
        for row in ObjectRow.objects.order_by("position", "id")
    )


def revisions(
    *, object_key: str | None = None, before_id: int | None = None, limit: int = 50
) -> tuple[Revision, ...]:
    """The changes of the catalog, newest first; of one object where it is named."""
    rows = RevisionRow.objects.order_by("-id")
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    if object_key is not None:
        rows = rows.filter(after__has_key=object_key)
    return tuple(_revision(row) for row in rows[:limit])


def revision(id_: int) -> Revision:
    """One change of the catalog. Raises Missing."""
    row = RevisionRow.objects.filter(id=id_).first()
    if row is None:
        raise Missing(
            Problem("no_such_revision", Text("没有这次变更。", "There is no such change."))
        )
    return _revision(row)


def latest_revision() -> int:
    """The id of the newest change, 0 where there is none."""
    return RevisionRow.objects.order_by("-id").values_list("id", flat=True).first() or 0


def revisions_since(revision_id: int, *, limit: int = 200) -> tuple[Revision, ...]:
    """What was changed after that change, newest first."""
    rows = RevisionRow.objects.filter(id__gt=revision_id).order_by("-id")[:limit]
    return tuple(_revision(row) for row in rows)


def _revision(row: RevisionRow) -> Revision:
    return Revision(
        id=row.id,
        at=row.at,
        actor_id=row.actor_id,
        entrance=row.entrance,
        token=row.token,
        steps=tuple(Text.of(s) for s in row.steps),
        before=row.before,
        after=row.after,
        moved=tuple(row.moved),
        undoes=row.undoes,
        undone_by=row.undone_by,
    )
