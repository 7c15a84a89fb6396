"""The one task of django-tasks that stands for every job in the queue."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django_tasks import task

from wubu.kernel.jobs.models import Job
from wubu.kernel.jobs.running import execute


@task()
def work(job_id: int) -> None:
    """Run a job that was claimed."""
    execute(job_id)


PATH = work.module_path


def enqueue_task(job_id: int, run_after: datetime) -> None:
    """Queue a job. Part of the caller's transaction: no worker sees it before the commit."""
    entry = work.using(run_after=run_after).enqueue(job_id)
    Job.objects.filter(id=job_id).update(task_id=UUID(str(entry.id)))
