from __future__ import annotations

from django.db import models


class Change(models.Model):
    """One write to one record: who, when, by which entrance, what it was and what it became.

    ``before`` and ``after`` hold only the fields that changed, in their JSON form; ``before`` is
    null for a record that was created. Rows are appended and never changed. ``batch_id`` is a
    ``Batch``.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    entrance = models.CharField(max_length=16)
    object_key = models.CharField(max_length=64)
    record_id = models.BigIntegerField()
    action = models.CharField(max_length=16)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    batch_id = models.BigIntegerField(null=True)
    file = models.CharField(max_length=255, default="")
    sheet = models.CharField(max_length=255, default="")
    line = models.IntegerField(null=True)

    class Meta:
        db_table = "wubu_audit_change"
        indexes = (
            models.Index(fields=["object_key", "record_id", "id"], name="audit_change_record"),
            models.Index(
                fields=["batch_id", "id"],
                name="audit_change_batch",
                condition=models.Q(batch_id__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.object_key} {self.record_id}"


class Batch(models.Model):
    """Writes that belong together and can be undone together: an import, a merge, a mass edit."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=32)
    note = models.CharField(max_length=255, default="")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wubu_audit_batch"

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
