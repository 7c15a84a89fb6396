"""Deleting for good what lies in the recycle bin. The log of changes stays whole.

A record to which another still points is kept and named, so that nothing that is linked breaks.
Parts go with what they are part of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from wubu.kernel.audit import actions as audit
from wubu.kernel.bulk import Values
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.records import events
from wubu.kernel.records.context import Context
from wubu.kernel.records.models import File, StageSpan
from wubu.kernel.records.reading import images
from wubu.kernel.records.shape import Shape, shape

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Purged:
    """How many records were deleted for good.

    ``kept`` names those still pointed at: record id → the objects that point there, with how many
    of each.
    """

    deleted: int
    kept: dict[int, dict[str, int]] = field(default_factory=dict)


def purge(ctx: Context, of: Shape, ids: Iterable[int]) -> Purged:
    """Delete archived records with their parts, in the caller's transaction; see the module."""
    rows = of.model.objects.filter(id__among=Values(sorted(ids)), archived_at__isnull=False)
    images.lock(of, rows.values_list("id", flat=True))
    wanted = set(rows.values_list("id", flat=True))
    together = _with_parts(ctx, of, wanted)
    kept: dict[int, dict[str, int]] = {}
    while pointed := _pointed_at(ctx, together, of.spec.key):
        # Whoever is kept may be what points at another of them: look again without it.
        kept.update(pointed)
        together = _with_parts(ctx, of, wanted - kept.keys())
    for key, some in reversed(list(together.items())):
        _delete(ctx, shape(ctx.snapshot, key), sorted(some))
    return Purged(len(wanted) - len(kept), kept)


def _with_parts(ctx: Context, of: Shape, ids: set[int]) -> dict[str, set[int]]:
    """The records and their parts, by object, wholes before parts."""
    found = {of.spec.key: set(ids)}
    for spec in ctx.snapshot.objects.values():
        if not spec.part_of or spec.fields[spec.part_of].target != of.spec.key or not ids:
            continue
        part = shape(ctx.snapshot, spec.key)
        rows = part.model.objects.filter(**{f"{spec.part_of}__among": Values(sorted(ids))})
        for key, some in _with_parts(ctx, part, set(rows.values_list("id", flat=True))).items():
            found.setdefault(key, set()).update(some)
    return found


def _pointed_at(ctx: Context, together: dict[str, set[int]], top: str) -> dict[int, dict[str, int]]:
    """Of the records of ``top``, those that something outside of all these still points at."""
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, ids in together.items():
        if not ids:
            continue
        of = shape(ctx.snapshot, key)
        owner_of = _tops(ctx, of, ids, top)
        for f in ctx.snapshot.links_to(key):
            leaving = together.get(f.object, set())
            for source, target in _pointing(ctx, f, ids):
                if source not in leaving:
                    found[owner_of[target]][f.object] += 1
    return {k: dict(v) for k, v in found.items()}


def _pointing(ctx: Context, f: FieldSpec, ids: set[int]) -> Iterable[tuple[int, int]]:
    of = shape(ctx.snapshot, f.object)
    if f.kind.links_many:
        between, own, other = images.through(of, f.key)
        rows = between.objects.filter(**{f"{other}__among": Values(sorted(ids))})
        return list(rows.values_list(own, other))
    if f.key not in of.columns:
        return []  # it shows a link of another record and holds none
    rows = of.model.objects.filter(**{f"{f.key}__among": Values(sorted(ids))})
    return list(rows.values_list("id", of.columns[f.key]))


def _tops(ctx: Context, of: Shape, ids: set[int], top: str) -> dict[int, int]:
    """For each record the one of ``top`` that it is a part of, itself where it is one."""
    if of.spec.key == top:
        return {i: i for i in ids}
    via = of.spec.part_of
    rows = of.model.objects.filter(id__among=Values(sorted(ids)))
    above = dict(rows.values_list("id", of.columns[via]))
    whole = shape(ctx.snapshot, of.spec.fields[via].target)
    further = _tops(ctx, whole, set(above.values()), top)
    return {i: further[parent] for i, parent in above.items()}


def _delete(ctx: Context, of: Shape, ids: list[int]) -> None:
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        audit.append(
            actor=ctx.actor,
            at=ctx.at,
            object_key=of.spec.key,
            action="purge",
            rows=[(i, None, None, None) for i in some],
            origin=ctx.origin,
        )
        for f in of.many:
            between, own, _ = images.through(of, f.key)
            between.objects.filter(**{f"{own}__among": Values(some)}).delete()
        rows: Any = of.model.objects.filter(id__among=Values(some))
        for f in ctx.snapshot.links_to(of.spec.key):
            if f.object == of.spec.key and f.key in of.columns:
                rows.update(**{f.key: None})  # among themselves they may point in circles
        # Without Django's own cascades: what points here was looked for, and the database checks.
        rows._raw_delete(rows.db)
        StageSpan.objects.filter(object_key=of.spec.key, record_id__in=some).delete()
        _delete_files(of.spec.key, some)
        events.emit_purged(of.spec.key, some)


def _delete_files(object_key: str, ids: list[int]) -> None:
    """Their files, and the content where no other file has the same."""
    gone = File.objects.filter(object_key=object_key, record_id__in=ids)
    paths = set(gone.values_list("path", flat=True))
    gone.delete()
    paths -= set(File.objects.filter(path__in=paths).values_list("path", flat=True))
    root = Path(settings.MEDIA_ROOT)
    for path in paths:
        for each in (root / path, root / "small" / f"{path}.webp"):
            transaction.on_commit(partial(each.unlink, missing_ok=True))


def overdue(ctx: Context, of: Shape, days: int) -> list[int]:
    """The records that have been in the bin for longer than ``days``."""
    before: datetime = ctx.at - timedelta(days=days)
    rows = of.model.objects.filter(archived_at__lt=before).order_by("id")
    return list(rows.values_list("id", flat=True)[: CHUNK * 10])
