"""Editing many records in the background, and taking that back."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from wubu.collect.views import actions, editing
from wubu.kernel.jobs.actions import job
from wubu.kernel.jobs.types import Run
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions as records
from wubu.kernel.schema import actions as schema
from wubu.kernel.types import Refused, Text
from wubu.kernel.workspace import unit_of_work

TRIES = 3  # when somebody else changed an object meanwhile


@job(editing.JOB, label=Text("批量修改", "Bulk edit"), own_units=True)
def edit_many(
    run: Run,
    object_key: str,
    field: str,
    value: Any,
    batch: int,
    filter: str = "",
    search: str = "",
    ids: list[int] | None = None,
) -> dict[str, Any]:
    """Give one field of many records one value; what was done so far stays when it is stopped."""
    with unit_of_work():
        question = Query(filter=filter, search=search)
        found = ids or [i for some in editing.ids_of(run.actor, object_key, question) for i in some]
    run.progress(0, len(found))
    updated = unchanged = refused = 0
    told: dict[str, Text] = {}
    for start in range(0, len(found), editing.CHUNK):
        with unit_of_work(), transaction.atomic():
            done = editing.edit_some(
                actor=run.actor,
                object_key=object_key,
                ids=found[start : start + editing.CHUNK],
                field=field,
                value=value,
                batch=batch,
            )
        updated += done.updated
        unchanged += done.unchanged
        refused += done.refused
        told |= {p.en: p for p in done.problems}
        run.progress(min(start + editing.CHUNK, len(found)))
    return {
        "object": object_key,
        "batch": batch,
        "updated": updated,
        "unchanged": unchanged,
        "refused": refused,
        "problems": [p.as_dict() for p in told.values()][: editing.MAX_SHOWN],
    }


@job(editing.UNDO_JOB, label=Text("撤销批量修改", "Undo a bulk edit"))
def undo_edit(run: Run, object_key: str, batch: int) -> dict[str, Any]:
    """Put back what an edit of many records changed; what was changed since stays."""
    done = records.undo_batch(actor=run.actor, batch=batch)
    return {"object": object_key, "put_back": done.put_back, "kept": len(done.kept)}


@job(actions.INDEX_JOB, label=Text("为排序建索引", "An index for an order"), own_units=True)
def index(run: Run, object_key: str, keys: list[str]) -> dict[str, Any]:
    """Make the order of a view quick, if there is no such index yet and one can be made.

    A unit of work of its own: on SQLite an index is not made inside a transaction.
    """
    made = False
    for _ in range(TRIES):
        try:
            with unit_of_work():
                made = schema.ensure_index(object_key, keys)
        except Refused as refused:
            # Too many already, or a column that takes none: the list works without.
            if all(p.code != "catalog_moved" for p in refused.problems):
                break
        else:
            break
    return {"object": object_key, "made": made}
