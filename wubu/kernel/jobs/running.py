"""Running one claimed job: once to the end, or back into the queue, or listed as failed."""

from __future__ import annotations

import contextlib
import json
import logging
import traceback
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event
from typing import Any, cast

from django.db import transaction
from django.db.models import F

from wubu.kernel.calendar.queries import now
from wubu.kernel.jobs import queue
from wubu.kernel.jobs.heartbeat import Heartbeat
from wubu.kernel.jobs.models import Job
from wubu.kernel.jobs.registry import JOBS
from wubu.kernel.jobs.types import Cancelled, Interrupted, Run
from wubu.kernel.types import Actor, ActorKind, Refused, speaking
from wubu.kernel.workspace import unit_of_work

log = logging.getLogger(__name__)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


class _Lost(Exception):
    """Another worker has taken the job over; what this run wrote is taken back."""


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 30 s, 2 min, 8 min … at most an hour."""
    times: int = 4 ** min(max(attempts - 1, 0), 10)
    return min(FIRST_WAIT * times, LONGEST_WAIT)


@contextlib.contextmanager
def committed() -> Iterator[None]:
    """A unit of work whose writes stand together, on both databases."""
    with unit_of_work(), transaction.atomic():
        yield


def execute(
    job_id: int, *, worker: str = "", stop: Event | None = None, alive: bool = False
) -> None:
    """Run a job that is claimed. ``alive`` shows progress while it runs, from a second thread."""
    with unit_of_work():
        row = Job.objects.filter(id=job_id, state="running").first()
    if row is None:
        return
    run = Run(row.pk, _actor(row), total=row.total, _stop=stop or Event())
    try:
        kind = JOBS[row.name]
        beating = Heartbeat(run, worker) if alive else None
        with speaking(run.actor.lang), beating or contextlib.nullcontext():
            if kind.own_units:
                result = kind.run(run, **row.kwargs)
                _done(row, run, result, beating)
            else:
                with unit_of_work():
                    result = kind.run(run, **row.kwargs)
                    _done(row, run, result, beating)
    except _Lost:
        log.warning("Job %s was taken over by another worker; this run is dropped", row.pk)
    except Cancelled:
        _end(row, run, "cancelled")
    except Interrupted:
        _later(row, now(), attempts=F("attempts") - 1)
    except Refused as refused:
        _end(row, run, "failed", problems=_said(refused), error=traceback.format_exc())
    except Exception:
        _failed(row, run, traceback.format_exc())


def _actor(row: Job) -> Actor:
    """Who started it, with at most the rights that they had then."""
    kind = row.actor_kind or ("system" if row.actor_id is None else "member")
    return Actor(
        row.actor_id,
        "job",
        "en" if row.lang == "en" else "zh",
        kind=cast(ActorKind, kind),
        name=row.actor_name,
        role=row.actor_role,
        at_most=None if row.at_most is None else frozenset(row.at_most),
    )


def _done(row: Job, run: Run, result: Any, heartbeat: Heartbeat | None) -> None:
    """In the job's own transaction: its effect and its end are one."""
    if heartbeat is not None:
        heartbeat.stop()
    run.total = run.done if run.total is None else run.total
    # Made plain here, so that what cannot be kept fails the job rather than the bookkeeping.
    kept = json.loads(json.dumps(result, ensure_ascii=False, default=str))
    with transaction.atomic():
        if not _write(row, run, "done", result=kept):
            raise _Lost


def _end(row: Job, run: Run, state: str, **values: Any) -> None:
    with committed():
        _write(row, run, state, **values)


def _write(row: Job, run: Run, state: str, **values: Any) -> bool:
    """False when the job is no longer this worker's, which was thought dead."""
    at = now()
    mine = Job.objects.filter(id=row.pk, state="running", worker=row.worker)
    changed = mine.update(
        state=state,
        done=run.done,
        total=run.total,
        note=run.note.as_dict() if run.note else None,
        finished_at=at,
        worker=None,
        **values,
    )
    if changed:
        queue.close(row.task_id, at, values.get("error") or "")
    return bool(changed)


def _later(row: Job, when: datetime, **values: Any) -> None:
    with committed():
        mine = Job.objects.filter(id=row.pk, state="running", worker=row.worker)
        if mine.update(state="queued", run_after=when, worker=None, done=0, note=None, **values):
            queue.again(row.task_id, when)


def _failed(row: Job, run: Run, trace: str) -> None:
    log.error("Job %s (%s), attempt %s:\n%s", row.pk, row.name, row.attempts, trace)
    if row.attempts < row.max_attempts:
        _later(row, now() + back_off(row.attempts), error=trace)
    else:
        _end(row, run, "failed", error=trace)


def _said(refused: Refused) -> list[dict[str, str]]:
    return [{"code": p.code, **p.message.as_dict()} for p in refused.problems[:100]]
