"""Whole records in stored form, read many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from wubu.kernel.bulk import ArrayParam, Values
from wubu.kernel.prepared import PreparedQuery, compiled
from wubu.kernel.records.shape import Shape

Image = dict[str, Any]
CHUNK = 2_000


def load(shape: Shape, ids: Iterable[int], *, lock: bool = False) -> dict[int, Image]:
    """Images by id, archived records included.

    With ``lock`` they stay as read until the transaction ends.
    """
    wanted = sorted(set(ids))
    found: dict[int, Image] = {}
    keys = shape.image_keys
    asked = some(shape, shape.attnames, lock=lock)
    for start in range(0, len(wanted), CHUNK):
        for row in asked.rows(ids=wanted[start : start + CHUNK]):
            found[row[0]] = dict(zip(keys, row, strict=True))
    if shape.many and found:
        for f in shape.many:
            linked = links(shape, f.key, found)
            for id_, image in found.items():
                image[f.key] = linked.get(id_)
    return found


def some(shape: Shape, columns: tuple[str, ...], *, lock: bool = False) -> PreparedQuery:
    """Columns of the records of some ``ids``, in the order of these.

    With ``lock`` they stay as read until the transaction ends, on SQLite anyway.
    """
    held = lock and connection.features.has_select_for_update

    def make() -> Any:
        rows = shape.model.objects.filter(id__among=ArrayParam("ids")).order_by("id")
        if held:
            rows = rows.select_for_update(of=("self",), no_key=True)
        return rows.values_list(*columns)

    return compiled(shape.model, ("some", columns, held), make)


def lock(shape: Shape, ids: Iterable[int]) -> None:
    """Nobody else writes these records until the transaction ends; on SQLite nobody can anyway."""
    if connection.features.has_select_for_update:
        some(shape, ("id",), lock=True).rows(ids=sorted(set(ids)))


def through(shape: Shape, key: str) -> tuple[Any, str, str]:
    """The table between the two objects of a link to many: its model, own column, other column."""
    relation = shape.model._meta.get_field(key)
    return relation.remote_field.through, relation.m2m_column_name(), relation.m2m_reverse_name()


def links(shape: Shape, key: str, ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """The targets of a link to many, by record, each in the order of ids; empty ones are absent."""
    between, own, other = through(shape, key)
    found: dict[int, list[int]] = defaultdict(list)
    wanted = list(ids)
    for start in range(0, len(wanted), CHUNK):
        rows = between.objects.filter(**{f"{own}__among": Values(wanted[start : start + CHUNK])})
        for record_id, target_id in rows.order_by(other).values_list(own, other):
            found[record_id].append(target_id)
    return {id_: tuple(targets) for id_, targets in found.items()}


def changed_keys(befores: Sequence[Any], afters: Sequence[Any]) -> frozenset[str]:
    """The union of the field keys in which images differ."""
    keys: set[str] = set()
    for before, after in zip(befores, afters, strict=True):
        if before is None:
            keys.update(k for k, v in after.items() if v is not None)
        else:
            keys.update(k for k, v in after.items() if before.get(k) != v)
    return frozenset(keys)
