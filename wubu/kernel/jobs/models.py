"""Background work as people see it: what was asked, how far it is, how it ended."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Job(models.Model):
    """One piece of work. The queue entry that runs it is a task of django-tasks (``task_id``)."""

    name = models.CharField(max_length=100)
    kwargs = models.JSONField(default=dict)
    actor = models.ForeignKey("people.Member", models.PROTECT, null=True, related_name="+")
    actor_kind = models.CharField(max_length=8, default="")  # "" in rows of the first release
    actor_name = models.CharField(max_length=120, default="")
    actor_role = models.CharField(max_length=64, default="")
    at_most = models.JSONField(null=True)  # the roles that counted when it was started
    lang = models.CharField(max_length=2, default="zh")
    state = models.CharField(max_length=10, default="queued")
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    note = models.JSONField(null=True)  # {zh, en}
    result = models.JSONField(null=True)
    problems = models.JSONField(null=True)  # why it was refused: [{code, zh, en, hint}]
    error = models.TextField(null=True)  # the traceback, for those who run the server
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=3)
    created_at = models.DateTimeField()
    run_after = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, null=True)
    task_id = models.UUIDField(null=True)
    schedule_key = models.CharField(max_length=100, null=True)
    slot = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # when somebody took note of the failure

    class Meta:
        db_table = "wubu_jobs_job"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["schedule_key", "slot"], name="jobs_one_per_slot"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "run_after"], name="jobs_job_state"),
            models.Index(fields=["actor", "-created_at"], name="jobs_job_actor"),
            models.Index(fields=["task_id"], name="jobs_job_task"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk} {self.state}"


class Schedule(models.Model):
    """The company's own word on when something runs; the program declares what can run when."""

    key = models.CharField(max_length=100, unique=True)
    daily_at = models.TimeField(null=True)  # in the workspace's time zone
    every_minutes = models.PositiveIntegerField(null=True)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "wubu_jobs_schedule"

    def __str__(self) -> str:
        return self.key
