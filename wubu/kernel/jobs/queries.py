"""How background work stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from wubu.kernel.calendar.queries import start_of, zone
from wubu.kernel.jobs.models import Job, Schedule
from wubu.kernel.jobs.registry import JOBS, SCHEDULES
from wubu.kernel.jobs.types import JobView, ScheduleView, Timing
from wubu.kernel.types import Actor, Missing, Problem, Text

FIELDS = (
    "id",
    "name",
    "kwargs",
    "actor_id",
    "state",
    "done",
    "total",
    "note",
    "result",
    "problems",
    "error",
    "cancel_requested",
    "attempts",
    "created_at",
    "run_after",
    "started_at",
    "finished_at",
    "schedule_key",
)


def views(rows: QuerySet[Job]) -> tuple[JobView, ...]:
    return tuple(_view(row) for row in rows.values(*FIELDS))


def _view(row: dict[str, Any]) -> JobView:
    note, problems = row.pop("note"), row.pop("problems")
    return JobView(
        **row,
        note=Text.of(note) if note else None,
        problems=tuple(Text(p["zh"], p["en"]) for p in problems or ()),
    )


def get(job_id: int, actor: Actor | None = None) -> JobView:
    """One job; with an actor, only if it is theirs. Raises Missing."""
    rows = Job.objects.filter(id=job_id)
    if actor is not None and not actor.is_system:
        rows = rows.filter(actor_id=actor.member_id or 0)
    found = views(rows)
    if not found:
        raise Missing(Problem("no_such_job", Text("没有这个任务。", "There is no such job.")))
    return found[0]


def mine(actor: Actor, limit: int = 20) -> tuple[JobView, ...]:
    """The actor's own jobs, newest first."""
    return views(Job.objects.filter(actor_id=actor.member_id).order_by("-id")[:limit])


def latest(name: str) -> JobView | None:
    """The newest job of a kind, whoever asked for it."""
    return next(iter(views(Job.objects.filter(name=name).order_by("-id")[:1])), None)


def failed(limit: int = 100) -> tuple[JobView, ...]:
    """Failures that nobody has taken note of, newest first. Nothing fails silently."""
    rows = Job.objects.filter(state="failed", seen_at__isnull=True)
    return views(rows.order_by("-finished_at", "-id")[:limit])


def waiting(names: Iterable[str] | None = None) -> tuple[JobView, ...]:
    """Jobs that are queued or running, oldest first."""
    rows = Job.objects.filter(state__in=("queued", "running"))
    if names is not None:
        rows = rows.filter(name__in=list(names))
    return views(rows.order_by("id"))


def label(name: str) -> Text:
    """What a kind of job is called."""
    kind = JOBS.get(name)
    return kind.label if kind else Text(name, name)


def schedules() -> tuple[ScheduleView, ...]:
    """Everything that runs by itself: as declared, unless the company said otherwise."""
    own = {s.key: s for s in Schedule.objects.filter(key__in=SCHEDULES)}
    found = []
    for key, declared in sorted(SCHEDULES.items()):
        said = own.get(key)
        timing = declared.timing
        if said and (said.daily_at is not None or said.every_minutes is not None):
            timing = Timing(said.daily_at, said.every_minutes)
        last = views(Job.objects.filter(schedule_key=key).order_by("-slot")[:1])
        found.append(
            ScheduleView(key, declared.job, timing, not said or said.active, (*last, None)[0])
        )
    return tuple(found)


def latest_slot(timing: Timing, at: datetime) -> datetime:
    """The last moment up to ``at`` when a schedule was due, the same for every worker."""
    local = at.astimezone(zone())
    if timing.daily_at is not None:
        day: date = local.date()
        if local.time() < timing.daily_at:
            day -= timedelta(days=1)
        return datetime.combine(day, timing.daily_at, tzinfo=zone()).astimezone(UTC)
    minutes = timing.every_minutes or 1
    midnight = start_of(local.date())
    gone = int((at - midnight).total_seconds() // 60)
    return midnight + timedelta(minutes=gone // minutes * minutes)
