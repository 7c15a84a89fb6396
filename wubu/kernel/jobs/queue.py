"""The queue: entries are tasks of django-tasks' database backend, committed with what asked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django_tasks_db.models import DBTaskResult, get_date_max


def ready(task_path: str, at: datetime) -> UUID | None:
    """The next entry whose time has come, only looked at: reading holds up nobody."""
    rows = DBTaskResult.objects.filter(
        Q(run_after=get_date_max()) | Q(run_after__lte=at), status="READY", task_path=task_path
    )
    return rows.values_list("id", flat=True).first()


def claim(task_id: UUID, worker: str, at: datetime) -> int | None:
    """Take an entry, unless another worker was first; gives the job it stands for.

    One conditional update decides, so no lock is held while looking.
    """
    rows = DBTaskResult.objects.filter(id=task_id)
    if not rows.filter(status="READY").update(
        status="RUNNING", started_at=at, worker_ids=[worker[:64]]
    ):
        return None
    return int(rows.values_list("args_kwargs", flat=True).get()["args"][0])


def again(task_id: UUID | None, run_after: datetime) -> None:
    """Put an entry back, for later."""
    DBTaskResult.objects.filter(id__in=[task_id]).update(status="READY", run_after=run_after)


def close(task_id: UUID | None, at: datetime, traceback: str = "") -> None:
    """The entry is over; with a traceback, it failed."""
    DBTaskResult.objects.filter(id__in=[task_id]).update(
        status="FAILED" if traceback else "SUCCESSFUL", finished_at=at, traceback=traceback
    )


def prune(before: datetime) -> None:
    """Forget entries that ended long ago; the jobs themselves stay."""
    DBTaskResult.objects.filter(
        status__in=("SUCCESSFUL", "FAILED"), finished_at__lt=before
    ).delete()
