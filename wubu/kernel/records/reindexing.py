"""Building anew what is kept beside the records: the search index and roll-ups."""

from __future__ import annotations

from collections.abc import Iterator

from wubu.kernel.records import images, rollups, search
from wubu.kernel.records.context import Context
from wubu.kernel.records.shape import Shape, shape

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


def recompute(ctx: Context, object_key: str) -> int:
    """Work out every roll-up of an object anew."""
    of = shape(ctx.snapshot, object_key)
    done = 0
    for ids in _ids(of, live=False):
        if of.rollups:
            rollups.recompute(ctx, object_key, {f.key: set(ids) for f in of.rollups})
        done += len(ids)
    return done


def _ids(of: Shape, *, live: bool) -> Iterator[list[int]]:
    last = 0
    rows = of.model.objects.order_by("id")
    if live:
        rows = rows.filter(archived_at__isnull=True)
    while ids := list(rows.filter(id__gt=last).values_list("id", flat=True)[:CHUNK]):
        yield ids
        last = ids[-1]
