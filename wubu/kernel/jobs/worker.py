"""The worker takes what is due, one after another.

It starts what is scheduled and finds jobs whose worker died. Several may run at once, on one
machine or many.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from django.db import IntegrityError, close_old_connections, transaction
from django.db.models import F

from wubu.kernel.calendar.queries import now
from wubu.kernel.jobs import queries, queue, tasks
from wubu.kernel.jobs.models import Job
from wubu.kernel.jobs.registry import JOBS, TURNS
from wubu.kernel.jobs.running import back_off, committed, execute
from wubu.kernel.types import Text
from wubu.kernel.workspace import unit_of_work

log = logging.getLogger(__name__)
POLL = 1.0  # seconds between looks at an empty queue
TICK = 10.0  # seconds between looks at schedules and at jobs whose worker died
HOUR = 3600.0
AGAIN = 5.0  # seconds before trying again after the database was not there
SILENCE = timedelta(minutes=2)  # without a sign of life from another machine
KEPT = timedelta(days=7)  # what is over is kept in the queue so long
DIED = Text("执行任务的进程意外中止。", "The process that ran the job ended unexpectedly.")


def run(stopping: Event | None = None) -> None:
    """Work until ``stopping`` is set.

    The job in hand ends first, or goes back into the queue at its next step. A database that does
    not answer is waited for.
    """
    stopping = stopping or Event()
    worker = identity()
    ticked = pruned = float("-inf")
    log.info("Worker %s started", worker)
    while not stopping.is_set():
        close_old_connections()
        try:
            if time.monotonic() - ticked >= TICK:
                ticked = time.monotonic()
                tick(now(), worker)
            if time.monotonic() - pruned >= HOUR:
                pruned = time.monotonic()
                prune(now())
            did = sum(turn(worker) for turn in TURNS)
            job_id = claim(worker)
            if job_id is None:
                stopping.wait(0 if did else POLL)
                continue
            execute(job_id, worker=worker, stop=stopping, alive=True)
        except Exception:
            # Jobs end their own errors; what comes here is the queue's, mostly a database away.
            log.exception("The worker could not go on; again in %s s", AGAIN)
            stopping.wait(AGAIN)
    log.info("Worker %s stopped", worker)


def run_worker() -> None:
    """``run`` until SIGTERM or Ctrl-C."""
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    run(stopping)


def drain(limit: int = 1000) -> int:
    """Run everything that is due now, here, and come back: for commands and tests. How many."""
    worker, count = identity(), 0
    while count < limit and (job_id := claim(worker)) is not None:
        execute(job_id, worker=worker)
        count += 1
    return count


def claim(worker: str) -> int | None:
    """Take the next job that is due; None when there is none. Looking writes nothing."""
    with unit_of_work():
        while (task_id := queue.ready(tasks.PATH, now())) is not None:
            with transaction.atomic():
                at = now()
                job_id = queue.claim(task_id, worker, at)
                if job_id is None:
                    continue  # another worker was first
                if Job.objects.filter(id=job_id, state="queued", task_id=task_id).update(
                    state="running",
                    worker=worker,
                    attempts=F("attempts") + 1,
                    started_at=at,
                    heartbeat_at=at,
                ):
                    return job_id
                queue.close(task_id, at)  # it was cancelled meanwhile
    return None


def tick(at: datetime, worker: str = "") -> None:
    """Start what is scheduled, and find jobs whose worker died.

    ``worker`` is the one that asks: it has no job in hand now, whatever the rows say.
    """
    start_due(at)
    recover(at, lambda other: False if other == worker else alive(other))


def prune(at: datetime) -> None:
    """Forget what is long over. What people asked for, and what failed, stays."""
    with committed():
        queue.prune(at - KEPT)
        Job.objects.filter(
            state__in=("done", "cancelled"), schedule_key__isnull=False, slot__lt=at - KEPT
        ).delete()


def start_due(at: datetime) -> int:
    """Queue every schedule whose latest slot has not been started by anybody. How many.

    Slots missed while no worker ran are not made up for one by one: the latest one is.
    """
    started = 0
    with unit_of_work():
        for schedule in queries.schedules():
            if not schedule.active or (schedule.last and not schedule.last.finished):
                continue
            slot = queries.latest_slot(schedule.timing, at)
            if Job.objects.filter(schedule_key=schedule.key, slot__gte=slot).exists():
                continue
            try:
                with transaction.atomic():
                    row = Job.objects.create(
                        name=schedule.job,
                        max_attempts=JOBS[schedule.job].max_attempts,
                        created_at=at,
                        run_after=at,
                        schedule_key=schedule.key,
                        slot=slot,
                    )
                    tasks.enqueue_task(row.pk, at)
                    started += 1
            except IntegrityError:
                continue  # another worker started this slot in the same moment
    return started


def recover(at: datetime, is_alive: Callable[[str], bool | None] | None = None) -> int:
    """Jobs whose worker died go back into the queue, or are listed as failed. How many."""
    is_alive = is_alive or alive
    found = 0
    with unit_of_work():
        for row in Job.objects.filter(state="running"):
            living = is_alive(row.worker or "")
            silent = row.heartbeat_at is None or row.heartbeat_at < at - SILENCE
            if living or (living is None and not silent):
                continue
            found += _bury(row, at)
    return found


def _bury(row: Job, at: datetime) -> int:
    mine = Job.objects.filter(id=row.pk, state="running", worker=row.worker)
    with transaction.atomic():
        if row.cancel_requested:
            changed = mine.update(state="cancelled", finished_at=at, worker=None)
            queue.close(row.task_id, at)
        elif row.attempts < row.max_attempts:
            when = at + (back_off(row.attempts - 1) if row.attempts > 1 else timedelta())
            changed = mine.update(state="queued", run_after=when, worker=None, error=DIED.en)
            if changed:
                queue.again(row.task_id, when)
        else:
            changed = mine.update(
                state="failed",
                finished_at=at,
                worker=None,
                error=DIED.en,
                problems=[{"code": "worker_died", **DIED.as_dict()}],
            )
            if changed:
                queue.close(row.task_id, at, DIED.en)
    if changed:
        log.warning("Job %s (%s): its worker %s died", row.pk, row.name, row.worker)
    return changed


def identity() -> str:
    """Names this process so that others on its machine can see whether it lives."""
    pid = os.getpid()
    return f"{socket.gethostname()[:60]}:{pid}:{_started(pid) or 0}:{secrets.token_hex(3)}"


def alive(worker: str) -> bool | None:
    """Does that process run? None where it cannot be seen from here."""
    host, _, rest = worker.partition(":")
    if host != socket.gethostname()[:60]:
        return None
    pid, started, _ = rest.split(":")
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return started in ("0", str(_started(int(pid)) or 0))  # else the number was given out anew


def _started(pid: int) -> int | None:
    """When a process started, in the kernel's ticks; None where there is no /proc."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return int(stat.read().rpartition(")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return None
