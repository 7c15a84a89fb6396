"""Building anew what is kept beside the records: the search index and roll-ups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.records import events
from wubu.kernel.records.aggregates import rollups
from wubu.kernel.records.context import Context, context
from wubu.kernel.records.indexing import search
from wubu.kernel.records.lifecycle import stages
from wubu.kernel.records.reading import images
from wubu.kernel.records.shape import Shape, shape
from wubu.kernel.schema.events import SchemaChange
from wubu.kernel.types import SYSTEM

CHUNK = 2_000


def reindex(ctx: Context, object_key: str) -> int:
    """Build an object's part of the search index anew."""
    of = shape(ctx.snapshot, object_key)
    search.clear(object_key)
    plan = search.indexed(ctx.snapshot, object_key)
    if plan is None:
        return 0
    done = 0
    for ids in _ids(of, live=True):
        loaded = images.load(of, ids)
        search.add(object_key, plan, list(loaded.items()))
        done += len(loaded)
    return done


def recompute(ctx: Context, object_key: str, keys: Sequence[str] | None = None) -> int:
    """Work out the roll-ups of an object anew (all, or some), and tell of those that moved."""
    of = shape(ctx.snapshot, object_key)
    wanted = [f.key for f in of.rollups if keys is None or f.key in keys]
    done = 0
    for ids in _ids(of, live=False):
        if wanted:
            moved = rollups.recompute(ctx, object_key, {key: set(ids) for key in wanted})
            for change in (*moved, *rollups.keep(ctx, moved)):
                events.emit(change)
        done += len(ids)
    return done


def on_schema(change: SchemaChange) -> None:
    """Subscriber of the schema: roll-ups that are new or reckon otherwise, and what search reads.

    What the catalog did not hold before has no records yet.
    """
    ctx = context(SYSTEM)
    search.number(change.after)
    for spec in change.after.live:
        if spec.key not in change.before.objects:
            continue
        moved = [
            f.key
            for f in spec.live_fields
            if f.kind.aggregates
            and (
                (spec.key, f.key) in change.moved
                or _reckons(change.before, f) != _reckons(change.after, f)
            )
        ]
        if moved:
            recompute(ctx, spec.key, moved)
        plan = search.indexed(change.after, spec.key)
        written = plan is not None and any((spec.key, k) in change.moved for k in plan.keys)
        if written or search.indexed(change.before, spec.key) != plan:
            reindex(ctx, spec.key)
        stage = stages.stage_field(spec)
        if stage is not None and (spec.key, stage.key) in change.moved:
            stages.settle(spec, stage)


def _reckons(catalog: Snapshot, f: FieldSpec) -> Any:
    """What a roll-up's values depend on besides the records; None where there is none."""
    spec = catalog.objects.get(f.object)
    own = spec.fields.get(f.key) if spec else None
    if own is None or own.retired or not own.kind.aggregates:
        return None
    source = catalog.objects.get(str(own.options.get("object")))
    summed = source.fields.get(str(own.options.get("field"))) if source else None
    formula = summed.options.get("formula") if summed else None
    return dict(own.options), formula


def _ids(of: Shape, *, live: bool) -> Iterator[list[int]]:
    last = 0
    rows = of.model.objects.order_by("id")
    if live:
        rows = rows.filter(archived_at__isnull=True)
    while ids := list(rows.filter(id__gt=last).values_list("id", flat=True)[:CHUNK]):
        yield ids
        last = ids[-1]
