"""Checking, running, stopping, going on, taking back."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from wubu.collect.imports import mapping as mappings
from wubu.collect.imports import queries, rows_of, running, staging
from wubu.collect.imports.checking import READ_AS, nothing
from wubu.collect.imports.models import (
    CANCELLED,
    CHECKED,
    DONE,
    DRAFT,
    RUNNING,
    UNDONE,
    Batch,
    Import,
    SavedMapping,
)
from wubu.collect.imports.planning import OPEN, busy
from wubu.collect.imports.resolving import alias
from wubu.collect.imports.types import (
    MEMBERS,
    Checked,
    Done,
    FolderDone,
    Progress,
)
from wubu.collect.imports.views import ImportView, checked_json
from wubu.kernel.calendar.queries import now
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.records import actions as records
from wubu.kernel.types import Actor, Refused
from wubu.kernel.workspace import unit_of_work

JOB = "imports.run"
CHECK_JOB = "imports.check"
CHECKED_AT_ONCE = 20_000  # rows; more are checked in the background


def check(*, actor: Actor, import_id: int, progress: Progress = nothing) -> dict[int, Checked]:
    """Check every row of an import without writing any record, and keep the result for the page."""
    view = queries.get(actor, import_id)
    if view.state not in OPEN:
        raise Refused(busy())
    found = queries.check(replace(actor, entrance="import"), import_id, progress)
    with transaction.atomic():
        for batch_id, checked in found.items():
            row = Batch.objects.get(pk=batch_id)
            row.check_result = checked_json(checked)
            mapping = rows_of.mapping(row)
            for group in checked.groups:
                if group.code == READ_AS:
                    mapping = alias(mapping, group.field, group.value, group.suggestion)
            row.mapping = mappings.to_json(mapping)
            row.save(update_fields=["check_result", "mapping"])
        Import.objects.filter(pk=import_id).update(state=CHECKED, job_id=None)
    return found


def run(*, actor: Actor, import_id: int, progress: Progress = nothing) -> FolderDone:
    """Run an import, or go on with one that was stopped, cancelled or killed.

    Outside of transactions.

    Rows go in chunk by chunk; a chunk is in whole or not at all. Raises Refused with what stopped
    it.
    """
    with unit_of_work():
        view = queries.get(actor, import_id)
        # A running one is taken over by its own job, or when its process gave no sign of life.
        mine = view.state == RUNNING and (view.job_id is not None or queries.silent(view))
        if view.state not in OPEN and not mine:
            raise Refused(busy())
        for batch in view.batches:
            if batch.object:
                staging.require(actor, batch.object)
    running.run(import_id, actor=actor, progress=progress)
    with unit_of_work():
        _remember_mappings(import_id)
        return result(actor, import_id)


def result(actor: Actor, import_id: int) -> FolderDone:
    """What an import has done so far."""
    view = queries.get(actor, import_id)
    return FolderDone(
        tuple(
            Done(b.id, b.file, b.object, b.created, b.updated, b.unchanged, b.skipped, b.seconds)
            for b in view.batches
            if b.object
        ),
        view.offset_days,
    )


def _remember_mappings(import_id: int) -> None:
    for batch in Batch.objects.filter(plan_id=import_id, state=DONE):
        SavedMapping.objects.update_or_create(
            signature=mappings.signature(rows_of.source(batch)),
            defaults={
                "object_key": batch.object_key,
                "mapping": batch.mapping,
                "used_at": now(),
            },
        )


def start(*, actor: Actor, import_id: int, check_only: bool = False) -> ImportView:
    """Run (or check) an import in the background, with progress."""
    view = queries.get(actor, import_id)
    if view.state not in OPEN and not queries.silent(view):
        raise Refused(busy())
    for batch in view.batches:
        if batch.object:
            staging.require(actor, batch.object)
    job = jobs.enqueue(CHECK_JOB if check_only else JOB, {"import_id": import_id}, actor=actor)
    state = view.state if check_only else RUNNING
    Import.objects.filter(pk=import_id).update(
        job_id=str(job.id), state=state, moved_at=now(), cancel=False
    )
    return queries.get(actor, import_id)


def cancel(*, actor: Actor, import_id: int) -> ImportView:
    """Stop after the chunk that is being written.

    What is in stays in and can be undone or resumed.
    """
    view = queries.get(actor, import_id)
    Import.objects.filter(pk=view.id, state=RUNNING).update(cancel=True)
    if queries.silent(view):
        Import.objects.filter(pk=view.id).update(state=CANCELLED)
    return queries.get(actor, import_id)


def stopped_by_hand(import_id: int) -> None:
    """Note that an import was cancelled in the middle."""
    Import.objects.filter(pk=import_id, state=RUNNING).update(state=CANCELLED, finished_at=now())


def undo(*, actor: Actor, import_id: int) -> ImportView:
    """Take back what an import wrote.

    Created records are archived, changed ones get their old values.

    Values that somebody changed since are left alone. Members and teams stay. Last batch first.
    """
    view = queries.get(actor, import_id)
    if view.state == RUNNING and not queries.silent(view):
        raise Refused(busy())
    with transaction.atomic():
        for batch in reversed(view.batches):
            if batch.created + batch.updated and batch.object != MEMBERS:
                records.undo_batch(actor=replace(actor, entrance="import"), batch=batch.id)
                Batch.objects.filter(pk=batch.id).update(state=UNDONE)
        Import.objects.filter(pk=import_id).update(state=UNDONE, finished_at=now())
    return queries.get(actor, import_id)


def remove(*, actor: Actor, import_id: int) -> None:
    """Forget an import that never ran."""
    view = queries.get(actor, import_id)
    if view.state not in {DRAFT, CHECKED} or view.done_rows:
        raise Refused(busy())
    Import.objects.filter(pk=import_id).delete()
