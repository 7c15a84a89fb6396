from __future__ import annotations

from django.db import models


class Change(models.Model):
    """One write to one record: who, when, by which entrance, what it was and what it became.

    ``before`` and ``after`` hold only the fields that changed, in their JSON form; ``before`` is
    null for a record that was created. Rows are appended and never changed. ``batch_id`` is a
    ``Batch``. ``cause_id`` is the change that a rule answered with this one, ``caused_by`` names
    the rule or consumer, and ``depth`` counts such steps: 0 is a person's own doing.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    entrance = models.CharField(max_length=16)
    actor_kind = models.CharField(max_length=8, db_default="")  # "" in rows of the first release
    actor_name = models.CharField(max_length=120, db_default="")  # of a service
    object_key = models.CharField(max_length=64)
    record_id = models.BigIntegerField()
    action = models.CharField(max_length=16)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    batch_id = models.BigIntegerField(null=True)
    file = models.CharField(max_length=255, default="")
    sheet = models.CharField(max_length=255, default="")
    line = models.IntegerField(null=True)
    cause_id = models.BigIntegerField(null=True)
    caused_by = models.CharField(max_length=100, db_default="")
    depth = models.SmallIntegerField(db_default=0)

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


class Block(models.Model):
    """One seal over the changes up to ``last_id`` since the block before it.

    ``entries`` is compressed text with a line for each change: id, digest, when, object, record.
    ``hash`` is taken over the block before, the number and these lines, so no line of any block
    can change without every later hash changing too.
    """

    number = models.BigIntegerField(unique=True)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.IntegerField()
    entries = models.BinaryField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "wubu_audit_block"

    def __str__(self) -> str:
        return f"{self.number} {self.hash[:12]}"


class Mark(models.Model):
    """On PostgreSQL.

    At some moment ``last_id`` was the newest change, and ``writers`` (virtual transaction ids)
    were writing to the log. Once these have ended, the log up to ``last_id`` can only be what it
    is.
    """

    at = models.DateTimeField()
    last_id = models.BigIntegerField()
    writers = models.JSONField()

    class Meta:
        db_table = "wubu_audit_mark"

    def __str__(self) -> str:
        return f"{self.last_id} behind {len(self.writers)}"


class Access(models.Model):
    """Somebody took records out, printed them, or saw fields that are marked as sensitive.

    One row for a page or a call, however many cells it showed. ``ids`` is ``,1,2,3,``: the records
    seen, none for an export, of which ``number`` says how many rows it had.
    """

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    entrance = models.CharField(max_length=16)
    kind = models.CharField(max_length=16)
    object_key = models.CharField(max_length=64)
    fields = models.JSONField(default=list)
    ids = models.TextField(default="")
    number = models.IntegerField(default=0)
    place = models.CharField(max_length=500, default="")
    filter = models.CharField(max_length=2000, default="")

    class Meta:
        db_table = "wubu_audit_access"
        indexes = (
            models.Index(fields=["object_key", "id"], name="audit_access_object"),
            models.Index(fields=["actor_id", "id"], name="audit_access_actor"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.object_key} {self.at}"
