"""Three-way compare: what was shipped, what is shipped now, and what the company made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wubu.kernel.catalog.codec import (
    field_from_json,
    field_to_json,
    object_from_json,
    object_to_json,
)
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot

GONE: Any = object()
Note = tuple[tuple[str, ...], Any, Any]  # path, shipped, own


@dataclass(frozen=True, slots=True)
class Kept:
    """A point where pack and company both changed something: the company's version stays."""

    object: str
    path: tuple[str, ...]
    shipped: Any
    own: Any


def merge(
    before: Any,
    now: Any,
    own: Any,
    path: tuple[str, ...],
    kept: list[Note],
) -> Any:
    """What is to stand, part by part; ``GONE`` stands for a part that is not there."""
    if now == before or own == now:
        return own
    if own == before:
        return now
    if all(isinstance(side, dict) for side in (now, own)):
        old = before if isinstance(before, dict) else {}
        keys = [*now, *(k for k in own if k not in now)]
        parts = {
            k: merge(old.get(k, GONE), now.get(k, GONE), own.get(k, GONE), (*path, k), kept)
            for k in keys
        }
        return {k: v for k, v in parts.items() if v is not GONE}
    kept.append((path, None if now is GONE else now, None if own is GONE else own))
    return own


def compare(
    before: Iterable[ObjectSpec], now: Iterable[ObjectSpec], snapshot: Snapshot
) -> tuple[list[ObjectSpec], list[Kept]]:
    """The objects as they should stand after an upgrade, and where the company's own is kept."""
    old = {s.key: s for s in before}
    wanted: list[ObjectSpec] = []
    kept: list[Kept] = []
    for spec in now:
        own = snapshot.objects.get(spec.key)
        if own is None:
            wanted.append(spec)
        else:
            wanted.append(_object(old.get(spec.key), spec, own, kept))
    return wanted, kept


def _object(
    before: ObjectSpec | None, now: ObjectSpec, own: ObjectSpec, kept: list[Kept]
) -> ObjectSpec:
    notes: list[Note] = []
    data = merge(object_to_json(before or now), object_to_json(now), object_to_json(own), (), notes)
    old_fields: Mapping[str, FieldSpec] = before.fields if before else {}
    fields: dict[str, FieldSpec] = dict(own.fields)
    for key, field in now.fields.items():
        mine = own.fields.get(key)
        if mine is None:
            fields[key] = field
            continue
        past = old_fields.get(key, field)
        merged = merge(_open(past), _open(field), _open(mine), (key,), notes)
        fields[key] = _closed(now.key, key, merged, mine)
    kept += [Kept(now.key, path, shipped, theirs) for path, shipped, theirs in notes]
    made = object_from_json(now.key, data, fields, own.position, own.retired)
    return replace(made, model=None)


def _open(field: FieldSpec) -> dict[str, Any]:
    """The field with its choices by key, so that each is compared by itself."""
    data = field_to_json(field)
    data["choices"] = {c["key"]: c for c in data.get("choices", ())}
    return data


def _closed(object_key: str, key: str, data: Mapping[str, Any], own: FieldSpec) -> FieldSpec:
    flat = {**data, "choices": list(data["choices"].values())}
    return field_from_json(object_key, key, flat, own.position, own.retired)
