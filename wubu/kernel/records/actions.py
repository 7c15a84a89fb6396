"""The only writer of the company's data. One record or a hundred thousand take the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction

from wubu.kernel import hooks
from wubu.kernel.audit import actions as audit
from wubu.kernel.records.aggregates import guards
from wubu.kernel.records.attachments import files
from wubu.kernel.records.checks import rights
from wubu.kernel.records.context import Aliases, Context, context
from wubu.kernel.records.history import asof, undoing
from wubu.kernel.records.indexing import reindexing
from wubu.kernel.records.lifecycle import bin, purging, retention
from wubu.kernel.records.problems import may_not, no_record
from wubu.kernel.records.reading import images as image_store
from wubu.kernel.records.reading import read
from wubu.kernel.records.reading.images import Image
from wubu.kernel.records.saving import merging, save
from wubu.kernel.records.saving.writing import write
from wubu.kernel.records.shape import Shape, as_id, shape
from wubu.kernel.records.types import Draft, Record, Saved, StoredFile, Undone
from wubu.kernel.types import Actor, Conflict, Forbidden, Missing, Origin, Problem, Refused, Text

Children = Mapping[str, Sequence[Mapping[str, Any]]]


def create(
    *,
    actor: Actor,
    object_key: str,
    values: Mapping[str, Any],
    children: Children | None = None,
    origin: Origin | None = None,
) -> Record:
    """Write a new record, with its parts, and answer it as the actor may see it.

    ``values`` are raw: text as typed, typed cells, ids or names for links. Raises Refused (every
    problem), Forbidden, Missing.
    """
    ctx = context(actor, origin)
    draft = Draft(values, children=children)
    with transaction.atomic():
        prep = write(ctx, object_key, [draft])
    return read.written(ctx, prep.shape, prep.rows[0].after)


def update(
    *,
    actor: Actor,
    object_key: str,
    id: int,
    values: Mapping[str, Any],
    version: int | None = None,
    children: Children | None = None,
    origin: Origin | None = None,
) -> Record:
    """Change the fields given and leave the rest. Nothing different writes nothing.

    With ``version`` (as it was read) someone else's change in between raises Conflict, which
    carries both sides. Raises Missing for what is not there or not visible; Refused, Forbidden.
    """
    ctx = context(actor, origin)
    draft = Draft(values, id=as_id(id), version=version, children=children)
    with transaction.atomic():
        prep = write(ctx, object_key, [draft])
    return read.written(ctx, prep.shape, prep.rows[0].after)


def save_many(
    *,
    actor: Actor,
    object_key: str,
    drafts: Sequence[Draft],
    match_on: Sequence[str] | None = None,
    origin: Origin | None = None,
    accept: Aliases | None = None,
    dry_run: bool = False,
    savepoint: bool = True,
) -> Saved:
    """Write a batch: all of it, or nothing and every problem of every draft.

    With ``match_on`` (natural key fields) drafts whose key is there already change that record;
    drafts with an ``id`` change that one. ``accept`` says what a name means, by field:
    ``{"product": {"GTXPro": "GTX Pro"}}``. ``dry_run`` does everything and takes it back. Batches
    of about 2,000 are best. Without ``savepoint`` problems take the caller's whole transaction
    back. Raises Forbidden when the actor may not do this at all.
    """
    ctx = context(actor, origin, accept)
    try:
        with transaction.atomic(savepoint=savepoint):
            prep = write(ctx, object_key, drafts, match_on=tuple(match_on) if match_on else None)
            if dry_run:
                transaction.set_rollback(True)
    except Forbidden as refused:
        if all(p.row is None for p in refused.problems):
            raise
        return Saved(problems=refused.problems, ids=(None,) * len(drafts))
    except (Refused, Conflict) as refused:
        return Saved(problems=refused.problems, ids=(None,) * len(drafts))
    created = sum(r.before is None for r in prep.rows)
    updated = len(prep.updates)
    return Saved(
        created=created,
        updated=updated,
        unchanged=len(prep.rows) - created - updated,
        ids=tuple(None if dry_run else r.id for r in prep.rows),
    )


# The recycle bin


def archive(
    *, actor: Actor, object_key: str, ids: Sequence[int], origin: Origin | None = None
) -> int:
    """Put records and their parts into the recycle bin; how many. Asks the right to delete.

    Links from other records stay. What is there already is passed over. Raises Missing, Forbidden.
    """
    ctx = context(actor, origin)
    with transaction.atomic():
        of, rows = _loaded(ctx, object_key, ids, "delete")
        live = {i: image for i, image in rows.items() if image["archived_at"] is None}
        told = [bin.archive(ctx, of, live)] if live else []
        for part, parts in bin.parts_of(ctx, of, list(live), archived=False):
            told.append(bin.archive(ctx, part, parts))
        save.finish(ctx, told)
    return len(live)


def restore(
    *, actor: Actor, object_key: str, ids: Sequence[int], origin: Origin | None = None
) -> int:
    """Take records back out of the recycle bin, with the parts that went in with them; how many.

    Raises Refused when a unique value is taken by now; Missing, Forbidden.
    """
    ctx = context(actor, origin)
    with transaction.atomic():
        of, rows = _loaded(ctx, object_key, ids, "delete")
        gone = {i: image for i, image in rows.items() if image["archived_at"] is not None}
        undoing.refuse_taken(ctx, of, gone)
        told = [bin.restore(ctx, of, gone)] if gone else []
        when = {image["archived_at"] for image in gone.values()}
        for part, parts in bin.parts_of(ctx, of, list(gone), archived=True):
            together = {i: p for i, p in parts.items() if p["archived_at"] in when}
            if together:
                told.append(bin.restore(ctx, part, together))
        save.finish(ctx, told)
    return len(gone)


def purge(*, actor: Actor, object_key: str, ids: Sequence[int]) -> purging.Purged:
    """Delete records in the recycle bin for good, with their parts and files.

    What somebody still points at is kept and named. The log of changes keeps its lines.

    Asks the right to delete these, and to set up ``logs``. Raises Missing, Forbidden.
    """
    hooks.require_setup(actor, retention.AREA)
    ctx = context(actor)
    with transaction.atomic():
        of, rows = _loaded(ctx, object_key, ids, "delete")
        gone = [i for i, image in rows.items() if image["archived_at"] is not None]
        return purging.purge(ctx, of, gone)


def purge_overdue(*, actor: Actor) -> int:
    """Delete for good what has been in the bin longer than the company keeps it; how many.

    What points at others goes before these, so whole families of records go together.
    """
    hooks.require_setup(actor, retention.AREA)
    days = retention.retention().bin_days
    ctx = context(actor)
    total = 0
    while days:
        with transaction.atomic():
            deleted = 0
            for spec in ctx.snapshot.objects.values():
                of = shape(ctx.snapshot, spec.key)
                ids = [] if spec.part_of else purging.overdue(ctx, of, days)
                deleted += purging.purge(ctx, of, ids).deleted if ids else 0
        if not deleted:
            break
        total += deleted
    return total


def _loaded(
    ctx: Context, object_key: str, ids: Sequence[int], action: str
) -> tuple[Shape, dict[int, Image]]:
    """The records, locked, on which the actor may do this; refuses when one is not among them."""
    of = shape(ctx.snapshot, object_key)
    if not ctx.policy.may(action, object_key):
        raise Forbidden(may_not(of.spec, action))
    wanted = {as_id(i) for i in ids}
    rows = image_store.load(of, wanted, lock=True)
    if wanted - rights.within(ctx, of, "view", rows):
        raise Missing(no_record(of.spec))
    if wanted - rights.within(ctx, of, action, rows):
        raise Forbidden(may_not(of.spec, action))
    return of, rows


# Setting right


def merge(
    *,
    actor: Actor,
    object_key: str,
    keep: int,
    drop: int | Sequence[int],
    choices: Mapping[str, int] | None = None,
) -> Record:
    """Records of one thing become one: ``keep`` stays, what pointed at the others points at it.

    ``choices`` names, by field key, whose value stays (by the record's id); without a choice the
    kept record's value stays, and gaps are filled from the others in their order. These go to the
    recycle bin. The batch number of the log takes it all back with ``undo_batch``. Asks the right
    to edit the one and delete the others.
    """
    drops = [as_id(i) for i in ([drop] if isinstance(drop, int | str) else drop)]
    said = ", ".join(map(str, drops))
    batch = audit.open_batch(
        actor=actor, kind="merge", at=context(actor).at, note=f"{object_key} {said} → {keep}"
    )
    ctx = context(actor, Origin(batch=batch))
    with transaction.atomic():
        of, _ = _loaded(ctx, object_key, drops, "delete")
        _loaded(ctx, object_key, [keep], "edit")
        image = merging.merge_all(ctx, of, as_id(keep), drops, choices or {})
    return read.written(ctx, of, image)


def restore_value(
    *, actor: Actor, object_key: str, id: int, change_id: int, fields: Sequence[str] | None = None
) -> Record:
    """Put fields of a record back to what they were before one logged change. Raises Missing."""
    ctx = context(actor)
    with transaction.atomic():
        of, image = undoing.restore_value(ctx, object_key, as_id(id), change_id, fields)
    return read.written(ctx, of, image)


def restore_to(*, actor: Actor, object_key: str, id: int, moment: datetime) -> Record:
    """Put a whole record, with its parts, back to what it was at a moment.

    The fields that the actor may write. It is a batch of its own, so ``undo_batch`` takes it back.

    Raises Missing (also when it was not there yet), Forbidden, Refused.
    """
    plain = context(actor)
    spec = shape(plain.snapshot, object_key).spec
    batch = asof.batch(plain, f"{spec.key} {id} {moment:%Y-%m-%d %H:%M}")
    ctx = context(actor, Origin(batch=batch))
    ctx.undoing = True  # parts are put back one after another: totals are whole at the end
    with transaction.atomic():
        of, _ = _loaded(ctx, object_key, [id], "edit")
        image = asof.restore(ctx, of, as_id(id), moment)
        guards.enforce_deferred(ctx)
    return read.written(ctx, of, image)


def undo_batch(*, actor: Actor, batch: int) -> Undone:
    """Take back what a batch wrote: created records are archived, changed fields put back.

    Fields that somebody changed since, or that the actor may not write, keep their value, and
    records created by the batch that somebody changed since stay; all are listed in ``kept``. Asks
    the rights that the same writes would; whoever may import may also take back what an import
    created. Raises Missing, Forbidden.
    """
    ctx = context(actor)
    ctx.undoing = True
    with transaction.atomic():
        done = undoing.undo(ctx, batch)
        guards.enforce_deferred(ctx)
        return done


def transfer(
    *, actor: Actor, object_key: str, ids: Sequence[int], owner: int, origin: Origin | None = None
) -> Saved:
    """Hand records over to another member. Raises Refused, Forbidden, Missing."""
    f = shape(context(actor).snapshot, object_key).spec.role("owner")
    if f is None:
        raise Refused(
            Problem(
                "no_owner",
                Text("此对象没有负责人字段。", "This object has no owner field."),
                object=object_key,
            )
        )
    drafts = [Draft({f.key: int(owner)}, id=as_id(i)) for i in ids]
    return save_many(actor=actor, object_key=object_key, drafts=drafts, origin=origin)


# Files


def store_file(*, actor: Actor, name: str, content: BinaryIO, content_type: str = "") -> StoredFile:
    """Keep an uploaded file; its id goes into an attachment field.

    Raises Refused when too large or empty.
    """
    return files.store(actor, name, content, content_type)


def reindex(*, actor: Actor, object_key: str) -> int:
    """Build an object's part of the search index anew; how many records it holds now."""
    ctx = context(actor)
    with transaction.atomic():
        return reindexing.reindex(ctx, object_key)


def recompute(*, actor: Actor, object_key: str) -> int:
    """Work out an object's roll-up fields anew for every record, as after adding one.

    How many records.
    """
    ctx = context(actor)
    with transaction.atomic():
        return reindexing.recompute(ctx, object_key)
