"""The story of a record as its reader may know it, and the record as it was on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wubu.kernel.audit import queries as audit
from wubu.kernel.audit.types import ChangeRow
from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.registry import mask
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.types import Policy
from wubu.kernel.records.attachments import files
from wubu.kernel.records.reading import plans, read
from wubu.kernel.records.shape import Former, Shape, shape
from wubu.kernel.records.types import ChangeView, FieldChange
from wubu.kernel.types import Text

FILE = "file"
SYSTEM = Text("系统", "System")


def history(
    snapshot: Snapshot,
    policy: Policy,
    object_key: str,
    id_: int,
    *,
    limit: int,
    before_id: int | None,
) -> list[ChangeView]:
    """Newest first; a change of which nothing may be seen is left out."""
    rows = audit.changes(object_key=object_key, record_ids=[id_], before_id=before_id, limit=limit)
    return views(snapshot, policy, rows)


def views(snapshot: Snapshot, policy: Policy, rows: Sequence[ChangeRow]) -> list[ChangeView]:
    """Logged changes as shown to people: one question per linked object for all of them."""
    actors = people.names({r.actor_id for r in rows if r.actor_id is not None})
    made: list[ChangeView] = []
    shown: dict[str, dict[str, FieldSpec]] = {}
    covered: dict[str, frozenset[str]] = {}
    stored: list[dict[str, tuple[Any, Any]]] = []
    for row in rows:
        of = shape(snapshot, row.object_key)
        if row.object_key not in shown:
            shown[row.object_key] = {f.key: f for f in plans.fields(policy, of)}
            covered[row.object_key] = frozenset(
                k for k in shown[row.object_key] if not policy.clear(row.object_key, k)
            )
        stored.append(_pairs(of, shown[row.object_key], row))
    names = _names(snapshot, policy, rows, shown, stored)
    for row, pairs in zip(rows, stored, strict=True):
        if not pairs and row.action == "update":
            continue
        fields = shown[row.object_key]
        made.append(
            ChangeView(
                id=row.id,
                at=row.at,
                actor_id=row.actor_id,
                actor_name=str(SYSTEM) if row.actor_id is None else actors.get(row.actor_id, ""),
                entrance=row.entrance,
                object_key=row.object_key,
                record_id=row.record_id,
                action=row.action,
                fields=tuple(
                    FieldChange(
                        key,
                        fields[key].label,
                        _said(fields[key], before, names, key in covered[row.object_key]),
                        _said(fields[key], after, names, key in covered[row.object_key]),
                    )
                    for key, (before, after) in pairs.items()
                ),
                batch_id=row.batch_id,
                file=row.file,
                sheet=row.sheet,
                line=row.line,
            )
        )
    return made


def _pairs(
    of: Shape, fields: Mapping[str, FieldSpec], row: ChangeRow
) -> dict[str, tuple[Any, Any]]:
    before, after = row.before or {}, row.after or {}
    keys = [k for k in fields if k in before or k in after]
    return {k: (of.from_log(k, before.get(k)), of.from_log(k, after.get(k))) for k in keys}


def _names(
    snapshot: Snapshot,
    policy: Policy,
    rows: Sequence[ChangeRow],
    shown: Mapping[str, Mapping[str, FieldSpec]],
    stored: Sequence[Mapping[str, tuple[Any, Any]]],
) -> dict[str, dict[int, str]]:
    wanted: dict[str, set[int]] = {}
    for row, pairs in zip(rows, stored, strict=True):
        for key, values in pairs.items():
            f = shown[row.object_key][key]
            if aim := _aim(f):
                ids = wanted.setdefault(aim, set())
                for value in values:
                    if isinstance(value, Former):
                        continue
                    if isinstance(value, tuple):
                        ids.update(value)
                    elif value is not None:
                        ids.add(value)
    return {
        t: files.names(ids) if t == FILE else read.names(snapshot, policy, t, ids)
        for t, ids in wanted.items()
        if ids
    }


def _aim(f: FieldSpec) -> str:
    """What the values of a field are ids of; empty when they are none."""
    kind = FIELD_TYPES[f.type]
    return FILE if kind.files else kind.refers_to(f)


def _said(
    f: FieldSpec, value: Any, names: Mapping[str, Mapping[int, str]], masked: bool = False
) -> str:
    if value is None:
        return ""
    if isinstance(value, Former):
        return str(value)
    if masked:
        return mask(f, value)
    if aim := _aim(f):
        known = names.get(aim, {})
        ids = value if isinstance(value, tuple) else (value,)
        return "、".join(known.get(i, str(read.UNSEEN)) for i in ids)
    return FIELD_TYPES[f.type].show(f, value)
