"""Roll-ups: kept sums, counts, firsts and lasts, worked out anew for the parents that were
touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import Count, F, Max, Min, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from wubu.kernel.bulk import Values
from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.formula.queries import of_field, parse
from wubu.kernel.records import images
from wubu.kernel.records.context import Context
from wubu.kernel.records.events import ChangeSet, wants_rollups
from wubu.kernel.records.shape import Shape, shape

AGGREGATES: dict[str, Any] = {"sum": Sum, "count": Count, "min": Min, "max": Max}
DEPTH = 4  # a roll-up over a roll-up over a roll-up …
CHUNK = 1_000
Touched = dict[str, dict[str, set[int]]]  # parent object → roll-up field → ids


@dataclass(frozen=True, slots=True)
class Rollup:
    """One roll-up field, compiled: whose records feed it, by which link, and what moves it."""

    field: FieldSpec
    source: str
    via: str
    watched: frozenset[str]
    value: Subquery | Coalesce


_feeding: WeakKeyDictionary[Any, tuple[Rollup, ...]] = WeakKeyDictionary()


def feeding(snapshot: Snapshot, object_key: str) -> tuple[Rollup, ...]:
    """The roll-ups that an object's records feed; compiled once per Snapshot."""
    model = snapshot.model(object_key)
    found = _feeding.get(model)
    if found is None:
        found = _feeding[model] = tuple(
            _compile(snapshot, f)
            for o in snapshot.live
            for f in o.live_fields
            if f.type == "rollup" and f.options.get("object") == object_key
        )
    return found


def _compile(snapshot: Snapshot, f: FieldSpec) -> Rollup:
    source = snapshot.object(str(f.options["object"]))
    via = str(f.options["via"])
    key = str(f.options.get("field") or "id")
    watched = {via, "archived_at", key}
    model: Any = snapshot.model(source.key)
    rows = model.objects.filter(**{via: OuterRef("pk"), "archived_at__isnull": True})
    if f.options.get("filter"):
        condition = parse(str(f.options["filter"]), snapshot=snapshot, object_key=source.key)
        watched |= {path[0] for path in condition.paths}
        rows = rows.filter(condition.expression())
    summed: Any = F(key)
    spec = source.fields.get(key)
    if spec is not None and spec.type == "formula":
        formula = of_field(spec, snapshot=snapshot)
        watched |= {path[0] for path in formula.paths}
        summed = formula.expression()
    agg = str(f.options.get("agg", "count"))
    # Grouping by the link makes one row of all that point at the parent.
    rows = rows.order_by().values(via).annotate(rolled=AGGREGATES[agg](summed)).values("rolled")
    value: Any = Subquery(rows)
    if agg in ("count", "sum"):
        value = Coalesce(value, Value(0))
    return Rollup(f, source.key, via, frozenset(watched), value)


def keep(ctx: Context, changes: Sequence[ChangeSet]) -> list[ChangeSet]:
    """Bring every touched roll-up up to date; tell of those that moved, when somebody listens."""
    told: list[ChangeSet] = []
    wave: Sequence[ChangeSet] = changes
    for _ in range(DEPTH):
        touched = _touched(ctx.snapshot, wave)
        if not touched:
            break
        wave = [c for key in sorted(touched) for c in recompute(ctx, key, touched[key])]
        told += wave
    return told if wants_rollups() else []


def _touched(snapshot: Snapshot, changes: Iterable[ChangeSet]) -> Touched:
    touched: Touched = defaultdict(lambda: defaultdict(set))
    for change in changes:
        for rollup in feeding(snapshot, change.object_key):
            if change.action != "create" and not rollup.watched & change.changed:
                continue
            ids = touched[rollup.field.object][rollup.field.key]
            via = rollup.via
            ids.update(image[via] for image in change.after)
            ids.update(image[via] for image in change.before if image is not None)
            ids.discard(None)  # type: ignore[arg-type]
    return {o: dict(fields) for o, fields in touched.items() if any(fields.values())}


def recompute(ctx: Context, object_key: str, fields: dict[str, set[int]]) -> list[ChangeSet]:
    """Work out roll-up fields of an object for the given parents."""
    parent = shape(ctx.snapshot, object_key)
    matter = wants_rollups() or bool(feeding(ctx.snapshot, object_key))
    told: list[ChangeSet] = []
    groups: dict[frozenset[int], list[str]] = defaultdict(list)
    for key, ids in fields.items():
        groups[frozenset(ids)].append(key)
    for group, keys in groups.items():
        ordered = sorted(group)
        for start in range(0, len(ordered), CHUNK):
            some = ordered[start : start + CHUNK]
            if matter:
                told += _tell(ctx, parent, keys, some)
            else:
                _lock(parent, some)
                _update(ctx.snapshot, parent, keys, some)
    return told


def _update(snapshot: Snapshot, parent: Shape, keys: Sequence[str], ids: Sequence[int]) -> None:
    values = {}
    for key in keys:
        f = parent.spec.fields[key]
        rollups = feeding(snapshot, str(f.options["object"]))
        values[key] = next(r.value for r in rollups if r.field is f or r.field == f)
    parent.model.objects.filter(id__among=Values(ids)).update(**values)


def _lock(parent: Shape, ids: Sequence[int]) -> None:
    """Two writers of parts of one parent: the second must see the first one's rows when it sums."""
    if connection.features.has_select_for_update:
        rows = parent.model.objects.filter(id__among=Values(ids)).order_by("id")
        list(rows.select_for_update(no_key=True).values_list("id"))


def _tell(ctx: Context, parent: Shape, keys: Sequence[str], ids: Sequence[int]) -> list[ChangeSet]:
    before = images.load(parent, ids, lock=True)
    _update(ctx.snapshot, parent, keys, ids)
    rows = parent.model.objects.filter(id__among=Values(ids)).values_list("id", *keys)
    after = {
        id_: {**before[id_], **dict(zip(keys, values, strict=True))}
        for id_, *values in rows
        if id_ in before
    }
    moved = [id_ for id_ in ids if id_ in after and after[id_] != before[id_]]
    if not moved:
        return []
    return [
        ChangeSet(
            object_key=parent.spec.key,
            action="rollup",
            ids=moved,
            before=[before[i] for i in moved],
            after=[after[i] for i in moved],
            changed=images.changed_keys([before[i] for i in moved], [after[i] for i in moved]),
            actor=ctx.actor,
            origin=ctx.origin,
            at=ctx.at,
        )
    ]
