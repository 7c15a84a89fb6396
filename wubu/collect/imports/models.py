"""Imports and their batches: what came in, how it was mapped, how far it got. Private to the room.

The file itself is kept as it arrived; a batch remembers the last line whose rows are in, written in
the same transaction as those rows. So a killed import goes on exactly where it stopped.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

DRAFT, CHECKED, RUNNING, STOPPED = "draft", "checked", "running", "stopped"
DONE, CANCELLED, UNDONE, SKIPPED = "done", "cancelled", "undone", "skipped"


class Import(models.Model):
    """One or several files that go in together, in the order of their batches.

    ``offset_days`` moves every date; ``since`` is the day from which imported people are in their
    teams. ``moved_at`` is the last sign of life while it runs.
    """

    actor_id = models.BigIntegerField(null=True)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default=DRAFT)
    offset_days = models.IntegerField(default=0)
    since = models.DateField(null=True)
    only_valid = models.BooleanField(default=False)
    cancel = models.BooleanField(default=False)
    job_id = models.CharField(max_length=64, null=True)
    problems = models.JSONField(default=list)  # why it stopped, as groups
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wubu_imports_import"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-created_at"], name="imports_import_recent"),
        ]

    def __str__(self) -> str:
        return self.title


class Batch(models.Model):
    """One sheet of one file, going to one object.

    Its id is the ``batch`` of every Change it makes.
    """

    plan = models.ForeignKey(Import, models.CASCADE, related_name="batches")
    position = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=200)
    sheet = models.CharField(max_length=100, default="")
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)
    encoding = models.CharField(max_length=40, default="")
    delimiter = models.CharField(max_length=1, default="")
    header = models.JSONField(default=list)
    header_line = models.PositiveIntegerField(default=1)
    notices = models.JSONField(default=list)
    object_key = models.CharField(max_length=63, default="")
    mapping = models.JSONField(null=True)
    state = models.CharField(max_length=10, default=DRAFT)
    reason = models.JSONField(null=True)  # why it is skipped, {zh, en}
    rows = models.PositiveIntegerField(default=0)
    check_result = models.JSONField(null=True)
    done_line = models.PositiveIntegerField(default=0)
    done_rows = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wubu_imports_batch"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sha256", "state"], name="imports_batch_file"),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.sheet}".strip()


class SavedMapping(models.Model):
    """The last mapping that was used for files with these headings."""

    signature = models.CharField(max_length=40)
    object_key = models.CharField(max_length=63)
    mapping = models.JSONField()
    used_at = models.DateTimeField()

    class Meta:
        db_table = "wubu_imports_saved_mapping"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["signature"], name="imports_saved_mapping_once"),
        ]

    def __str__(self) -> str:
        return f"{self.object_key} {self.signature[:8]}"
