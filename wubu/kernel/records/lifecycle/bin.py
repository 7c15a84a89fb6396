"""The recycle bin: records put away and taken back, with their parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.kernel import bulk
from wubu.kernel.audit import actions as audit
from wubu.kernel.records.context import Context
from wubu.kernel.records.events import ChangeSet
from wubu.kernel.records.reading import images
from wubu.kernel.records.reading.images import Image
from wubu.kernel.records.shape import Shape, shape


def archive(
    ctx: Context, of: Shape, rows: Mapping[int, Image], note: Mapping[str, Any] | None = None
) -> ChangeSet:
    """Put live records away; ``note`` goes into the log beside it."""
    return _set(ctx, of, rows, archived=True, note=note)


def restore(ctx: Context, of: Shape, rows: Mapping[int, Image]) -> ChangeSet:
    """Take records back out."""
    return _set(ctx, of, rows, archived=False)


def parts_of(
    ctx: Context, of: Shape, ids: list[int], *, archived: bool
) -> list[tuple[Shape, dict[int, Image]]]:
    """The parts of these records, and parts of parts, that are live or put away."""
    found: list[tuple[Shape, dict[int, Image]]] = []
    for spec in ctx.snapshot.children(of.spec.key):
        part = shape(ctx.snapshot, spec.key)
        rows = part.model.objects.filter(
            **{f"{spec.part_of}__in": ids}, archived_at__isnull=not archived
        )
        loaded = images.load(part, rows.values_list("id", flat=True), lock=True)
        if loaded:
            found.append((part, loaded))
            found += parts_of(ctx, part, list(loaded), archived=archived)
    return found


def _set(
    ctx: Context,
    of: Shape,
    rows: Mapping[int, Image],
    *,
    archived: bool,
    note: Mapping[str, Any] | None = None,
) -> ChangeSet:
    when = ctx.at if archived else None
    ids = sorted(rows)
    before = [rows[i] for i in ids]
    after = [
        {
            **image,
            "archived_at": when,
            "version": image["version"] + 1,
            "updated_at": ctx.at,
            "updated_by": ctx.actor.member_id,
        }
        for image in before
    ]
    keys = ("archived_at", "version", "updated_at", "updated_by")
    columns = ("archived_at", "version", "updated_at", "updated_by_id")
    bulk.update(
        of.table,
        columns,
        [of.db_types[k] for k in keys],
        ids,
        [tuple(_db(of, k, image[k]) for k in keys) for image in after],
    )
    json = of.json
    audit.append(
        actor=ctx.actor,
        at=ctx.at,
        object_key=of.spec.key,
        action="archive" if archived else "restore",
        rows=[
            (
                i,
                {"archived_at": json("archived_at", b["archived_at"])},
                {"archived_at": json("archived_at", when), **(note or {})},
                None,
            )
            for i, b in zip(ids, before, strict=True)
        ],
        origin=ctx.origin,
    )
    return ChangeSet(
        object_key=of.spec.key,
        action="archive" if archived else "restore",
        ids=ids,
        before=before,
        after=after,
        changed=frozenset({"archived_at"}),
        actor=ctx.actor,
        origin=ctx.origin,
        at=ctx.at,
    )


def _db(of: Shape, key: str, value: Any) -> Any:
    convert = of.to_db[key]
    return value if value is None or convert is None else convert(value)
