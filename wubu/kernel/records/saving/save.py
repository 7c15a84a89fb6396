"""Prepared batches are written here, and nowhere else.

Rows, log, stages, roll-ups, search, events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from wubu.kernel import bulk
from wubu.kernel.audit import actions as audit
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.permissions import sharing
from wubu.kernel.records import events
from wubu.kernel.records.aggregates import guards, rollups
from wubu.kernel.records.attachments import files
from wubu.kernel.records.batch import Batch, Row
from wubu.kernel.records.checks import rights, totals
from wubu.kernel.records.context import Context
from wubu.kernel.records.indexing import search
from wubu.kernel.records.lifecycle import bin, stages
from wubu.kernel.records.reading import images
from wubu.kernel.records.shape import Shape

Image = dict[str, Any]


def write(ctx: Context, batches: Sequence[Batch]) -> list[events.ChangeSet]:
    """Write good batches, parents before their parts, inside the caller's transaction.

    Raises Forbidden when what stands written is out of the actor's reach, and whatever a listener
    raises; either takes everything back.
    """
    told: list[events.ChangeSet] = []
    for prep in batches:
        told += _rows(ctx, prep)
        if prep.dropped:
            told.append(bin.archive(ctx, prep.shape, prep.dropped))
    _touch_wholes(batches)
    for prep in batches:
        rights.check_after(prep)
    finish(ctx, told)
    return told


def finish(ctx: Context, told: list[events.ChangeSet]) -> None:
    """After the rows: totals of parts, roll-ups, the search index, and everybody who listens."""
    if not ctx.undoing:
        totals.check(ctx, told)
    moved = rollups.keep(ctx, told)
    guards.enforce(ctx, [*told, *moved])
    search.keep(ctx, told)
    for change in told:
        owner = ctx.snapshot.object(change.object_key).roles.get("owner")
        if change.action == "update" and owner in change.changed:
            sharing.settle(change.object_key, change.ids, ctx.actor)
    for change in (*told, *moved):
        events.emit(change)


def _rows(ctx: Context, prep: Batch) -> list[events.ChangeSet]:
    shape = prep.shape
    creates, updates = prep.creates, prep.updates
    told: list[events.ChangeSet] = []
    if creates:
        _insert(shape, creates)
        _log_created(ctx, shape, creates)
        told.append(_change_set(ctx, shape, "create", creates))
    if updates:
        touch(ctx, shape, updates)
        log_updated(ctx, shape, updates)
        told.append(_change_set(ctx, shape, "update", updates))
    stages.keep(prep, creates, updates)
    _attach(shape, (*creates, *updates))
    return told


def _attach(shape: Shape, rows: Sequence[Row]) -> None:
    keys = [f.key for f in shape.stored if FIELD_TYPES[f.type].files]
    pairs = {(r.id, k): r.after[k] for k in keys for r in rows if k in r.changed and r.after[k]}
    if pairs:
        files.attach(shape.spec.key, pairs)


def _touch_wholes(batches: Sequence[Batch]) -> None:
    """Give a record whose parts changed a new version.

    Two people then cannot overwrite each other's parts.
    """
    whole, *parts = batches
    moved = {r.after[p.spec.part_of] for p in parts for r in (*p.creates, *p.updates)}
    moved |= {image[p.spec.part_of] for p in parts for image in p.dropped.values()}
    rows = [r for r in whole.rows if r.before is not None and not r.changed and r.id in moved]
    for row in rows:
        row.after = {**row.after, "version": row.after["version"] + 1}
    bulk.update(
        whole.shape.table,
        ("version",),
        ("integer",),
        [r.id for r in rows if r.id is not None],
        [(r.after["version"],) for r in rows],
    )


def _change_set(
    ctx: Context, shape: Shape, action: events.Action, rows: Sequence[Row]
) -> events.ChangeSet:
    changed: set[str] = set()
    for row in rows:
        changed.update(row.changed)
    return events.ChangeSet(
        object_key=shape.spec.key,
        action=action,
        ids=[r.id for r in rows if r.id is not None],
        before=[r.before for r in rows],
        after=[r.after for r in rows],
        changed=frozenset(changed - {"id", "version", "created_at", "created_by"} - STAMPS),
        actor=ctx.actor,
        origin=ctx.origin,
        at=ctx.at,
    )


STAMPS = {"updated_at", "updated_by"}


def _insert(shape: Shape, rows: Sequence[Row]) -> None:
    """Column by column is quicker than row by row: most columns need no conversion."""
    columns = []
    for key in shape.image_keys:
        convert = shape.to_db[key]
        if convert is None:
            columns.append([r.after[key] for r in rows])
        else:
            columns.append(_converted(convert, [r.after[key] for r in rows]))
    bulk.insert(shape.table, shape.attnames, list(zip(*columns, strict=True)))
    for f in shape.many:
        _insert_links(shape, f.key, rows)


def _converted(convert: Any, values: Sequence[Any]) -> list[Any]:
    """Each distinct value of a column is converted once: days and moments repeat."""
    known: dict[Any, Any] = {None: None}
    for value in values:
        if value not in known:
            known[value] = convert(value)
    return [known[value] for value in values]


def _insert_links(shape: Shape, key: str, rows: Sequence[Row]) -> None:
    pairs = [(r.id, target) for r in rows for target in r.after.get(key) or ()]
    if pairs:
        between, own, other = images.through(shape, key)
        names = [between._meta.get_field(n).column for n in (own, other)]
        bulk.insert(between._meta.db_table, names, pairs)


def touch(ctx: Context, shape: Shape, rows: Sequence[Row]) -> None:
    """Update what changed in each row, together by which columns changed; versions count up."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    many = {f.key for f in shape.many}
    for row in rows:
        row.after.update(
            version=row.after["version"] + 1,
            updated_at=ctx.at,
            updated_by=ctx.actor.member_id,
        )
        groups[tuple(sorted(k for k in row.changed if k not in many))].append(row)
    for keys, some in groups.items():
        every = ("version", "updated_at", "updated_by", *keys)
        columns = [dict(zip(shape.image_keys, shape.attnames, strict=True))[k] for k in every]
        bulk.update(
            shape.table,
            columns,
            [shape.db_types[k] for k in every],
            [r.id for r in some if r.id is not None],
            [tuple(db_value(shape, k, r.after[k]) for k in every) for r in some],
        )
    for key in many:
        changed = [r for r in rows if key in r.changed]
        if changed:
            between, own, _ = images.through(shape, key)
            between.objects.filter(**{f"{own}__in": [r.id for r in changed]}).delete()
            _insert_links(shape, key, changed)


def db_value(shape: Shape, key: str, value: Any) -> Any:
    """One value as the driver takes it."""
    convert = shape.to_db[key]
    return value if value is None or convert is None else convert(value)


def _log_created(ctx: Context, shape: Shape, rows: Sequence[Row]) -> None:
    rolled = {f.key for f in shape.rollups}
    keys, columns = [], []
    for key in shape.keys:
        values = [] if key in rolled else [row.after[key] for row in rows]
        if any(v is not None for v in values):
            convert = shape.to_json[key]
            keys.append(key)
            columns.append(values if convert is None else _converted(convert, values))
    filled = [
        {k: v for k, v in zip(keys, values, strict=True) if v is not None}
        for values in zip(*columns, strict=True)
    ] or [{} for _ in rows]
    audit.append(
        actor=ctx.actor,
        at=ctx.at,
        object_key=shape.spec.key,
        action="create",
        rows=[
            (row.id, None, image, row.draft.line) for row, image in zip(rows, filled, strict=True)
        ],
        origin=ctx.origin,
    )


def log_updated(ctx: Context, shape: Shape, rows: Sequence[Row], action: str = "update") -> None:
    """Log what was and what is, of the changed fields only."""
    json = shape.json

    def logged(row: Row) -> tuple[int, Image, Image, int | None]:
        was, now = row.before or {}, row.after
        return (
            row.id,
            {k: json(k, was[k]) for k in row.changed},
            {k: json(k, now[k]) for k in row.changed},
            row.draft.line,
        )

    audit.append(
        actor=ctx.actor,
        at=ctx.at,
        object_key=shape.spec.key,
        action=action,
        rows=map(logged, rows),
        origin=ctx.origin,
    )
