"""Checking and running imports in the background. The job's progress is the import's."""

from __future__ import annotations

from typing import Any

from wubu.collect.imports import actions
from wubu.collect.imports.types import Progress
from wubu.kernel.jobs.actions import job
from wubu.kernel.jobs.types import Cancelled, Run
from wubu.kernel.types import Text
from wubu.kernel.workspace import unit_of_work


def _progress(run: Run) -> Progress:
    return lambda done, total, note: run.progress(done, total, Text(note, note))


@job(actions.JOB, label=Text("导入", "Import"), own_units=True)
def run_import(run: Run, import_id: int) -> dict[str, Any]:
    """Run an import, or go on with it after the worker was stopped or killed."""
    try:
        done = actions.run(actor=run.actor, import_id=import_id, progress=_progress(run))
    except Cancelled:
        with unit_of_work():
            actions.stopped_by_hand(import_id)
        raise
    return {"created": done.created, "updated": done.updated, "skipped": done.skipped}


@job(actions.CHECK_JOB, label=Text("检查导入文件", "Check an import"))
def check_import(run: Run, import_id: int) -> dict[str, Any]:
    """Check a large import; what was found is kept with it."""
    found = actions.check(actor=run.actor, import_id=import_id, progress=_progress(run))
    return {"bad_rows": sum(c.bad_rows for c in found.values())}
