"""Asking for background work, stopping it, trying it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.db import transaction

from wubu.kernel import hooks
from wubu.kernel.calendar.queries import now
from wubu.kernel.jobs import queries
from wubu.kernel.jobs.models import Job, Schedule
from wubu.kernel.jobs.registry import JOBS, SCHEDULES
from wubu.kernel.jobs.registry import job as job
from wubu.kernel.jobs.tasks import enqueue_task
from wubu.kernel.jobs.types import JobView, ScheduleView, Timing
from wubu.kernel.types import Actor, Missing, Problem, Refused, Text


def enqueue(
    name: str,
    kwargs: Mapping[str, Any] | None = None,
    *,
    actor: Actor,
    run_after: datetime | None = None,
) -> JobView:
    """Queue a job by its registered name. It starts once this transaction has committed.

    It runs with the rights that the actor has now, and has still when it runs. ``kwargs`` must be
    plain JSON. Raises KeyError for a name that nothing is registered under.
    """
    kind = JOBS[name]
    at = now()
    rights = hooks.rights_of(actor)
    with transaction.atomic():
        row = Job.objects.create(
            name=name,
            kwargs=dict(kwargs or {}),
            actor_id=actor.member_id,
            actor_kind=actor.kind,
            actor_name=actor.name[:120],
            actor_role=actor.role,
            at_most=None if rights is None else sorted(rights),
            lang=actor.lang,
            max_attempts=kind.max_attempts,
            created_at=at,
            run_after=run_after or at,
        )
        enqueue_task(row.pk, row.run_after)
    return queries.get(row.pk)


def cancel(*, actor: Actor, job_id: int) -> JobView:
    """Ask a job to stop: at once while it waits, at its next step while it runs.

    One's own; anybody's with the right to set up ``periods``. A finished one stays as it is.
    """
    with transaction.atomic():
        _allowed(actor, job_id)
        Job.objects.filter(id=job_id, state="queued").update(
            state="cancelled", cancel_requested=True, finished_at=now()
        )
        Job.objects.filter(id=job_id, state="running").update(cancel_requested=True)
    return queries.get(job_id)


def retry(*, actor: Actor, job_id: int) -> JobView:
    """Queue a failed or cancelled job again, with all its attempts before it."""
    at = now()
    with transaction.atomic():
        _allowed(actor, job_id)
        again = Job.objects.filter(id=job_id, state__in=("failed", "cancelled")).update(
            state="queued",
            attempts=0,
            done=0,
            note=None,
            error=None,
            problems=None,
            cancel_requested=False,
            finished_at=None,
            seen_at=None,
            run_after=at,
        )
        if not again:
            raise Refused(
                Problem(
                    "job_not_ended",
                    Text(
                        "只有失败或已取消的任务可以重试。",
                        "Only a failed or cancelled job can be tried again.",
                    ),
                )
            )
        enqueue_task(job_id, at)
    return queries.get(job_id)


def dismiss(*, actor: Actor, job_id: int) -> None:
    """Take note of a failure, so that it is no longer listed."""
    with transaction.atomic():
        _allowed(actor, job_id)
        Job.objects.filter(id=job_id, state="failed").update(seen_at=now())


def set_schedule(
    *,
    actor: Actor,
    key: str,
    daily_at: time | None = None,
    every_minutes: int | None = None,
    active: bool = True,
) -> ScheduleView:
    """Let something that runs by itself run at another time, or not at all.

    Neither a time nor minutes leaves it as the program declares. Raises Missing, Refused,
    Forbidden.
    """
    hooks.require_setup(actor, "periods")
    if key not in SCHEDULES:
        raise Missing(
            Problem("no_such_schedule", Text("没有这个定时任务。", "There is no such schedule."))
        )
    if daily_at is not None or every_minutes is not None:
        try:
            Timing(daily_at, every_minutes)
        except ValueError as error:
            raise Refused(
                Problem(
                    "bad_schedule",
                    Text(
                        "请给出每天的时刻，或 1 到 1440 之间的分钟数。",
                        "Give a time of day, or a number of minutes from 1 to 1440.",
                    ),
                )
            ) from error
    with transaction.atomic():
        values = {"daily_at": daily_at, "every_minutes": every_minutes, "active": active}
        row, _ = Schedule.objects.update_or_create(key=key, defaults=values)
        said = {**values, "daily_at": f"{daily_at:%H:%M}" if daily_at else None}
        hooks.record(actor, "schedule", row.pk, "update", {}, {"key": key, **said})
    return next(s for s in queries.schedules() if s.key == key)


def _allowed(actor: Actor, job_id: int) -> None:
    row = Job.objects.filter(id=job_id).values("actor_id").first()
    if row is None or not (actor.is_system or actor.is_member(row["actor_id"])):
        hooks.require_setup(actor, "periods")
    if row is None:
        raise Missing(Problem("no_such_job", Text("没有这个任务。", "There is no such job.")))
