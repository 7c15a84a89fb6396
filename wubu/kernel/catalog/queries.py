"""The current Snapshot."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from wubu.kernel.catalog.codec import field_from_json, object_from_json
from wubu.kernel.catalog.models import FieldRow, ObjectRow, Version
from wubu.kernel.catalog.render import render
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.workspace import remember, workspace_key

KEPT = 8  # rendered Snapshots kept per process; a token is random, so none is ever wrong
_cache: OrderedDict[tuple[str, str], Snapshot] = OrderedDict()
_lock = Lock()


def snapshot() -> Snapshot:
    """The catalog as this unit of work sees it: one version query per unit, rendered once per
    version.
    """
    return remember("snapshot", _current)


def _current() -> Snapshot:
    token = Version.objects.values_list("token", flat=True).first() or ""
    key = (workspace_key(), token)
    with _lock:
        found = _cache.get(key)
        if found is not None:
            _cache.move_to_end(key)
            return found
    made = render(load_objects(), token)
    with _lock:
        _cache[key] = made
        while len(_cache) > KEPT:
            _cache.popitem(last=False)
    return made


def load_objects() -> tuple[ObjectSpec, ...]:
    """Every object of the catalog with its fields, in order, without models."""
    fields: dict[int, dict[str, FieldSpec]] = {}
    keys = dict(ObjectRow.objects.values_list("id", "key"))
    for row in FieldRow.objects.order_by("position", "id"):
        spec = field_from_json(
            keys[row.object_id], row.key, row.definition, row.position, row.retired
        )
        fields.setdefault(row.object_id, {})[row.key] = spec
    return tuple(
        object_from_json(row.key, row.definition, fields.get(row.id, {}), row.position, row.retired)
        for row in ObjectRow.objects.order_by("position", "id")
    )
