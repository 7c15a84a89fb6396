"""The catalog's rows. Only this room reads and writes them; everybody else sees the Snapshot."""

from __future__ import annotations

from django.db import models


class Version(models.Model):
    """One row. Each unit of work compares its token; when it moved, the Snapshot is replaced."""

    token = models.CharField(max_length=40)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wubu_catalog_version"

    def __str__(self) -> str:
        return self.token


class ObjectRow(models.Model):
    """An object of the company: customer, opportunity, anything they invent."""

    key = models.CharField(max_length=40, unique=True)
    definition = models.JSONField(default=dict)
    position = models.IntegerField(default=0)
    retired = models.BooleanField(default=False)

    class Meta:
        db_table = "wubu_catalog_object"

    def __str__(self) -> str:
        return self.key


class FieldRow(models.Model):
    """A field of an object. The key is permanent: it is the column."""

    object = models.ForeignKey(ObjectRow, models.CASCADE, related_name="field_rows")
    key = models.CharField(max_length=40)
    definition = models.JSONField(default=dict)
    position = models.IntegerField(default=0)
    retired = models.BooleanField(default=False)

    class Meta:
        db_table = "wubu_catalog_field"
        constraints = (
            models.UniqueConstraint(fields=["object", "key"], name="wubu_catalog_field_key"),
        )

    def __str__(self) -> str:
        return f"{self.object_id}.{self.key}"


class Revision(models.Model):
    """One change of the catalog that was applied: what its parts were and what they became.

    ``before`` and ``after`` hold, by object, only what differs (see ``codec.parts``); null for a
    part that is not there. ``moved`` tells of columns whose values were carried over. Rows are
    appended; of a row only ``undone_by`` is written later.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    entrance = models.CharField(max_length=16)
    token = models.CharField(max_length=40, db_index=True)  # the catalog's version after it
    steps = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    moved = models.JSONField(default=list)
    undoes = models.BigIntegerField(null=True)
    undone_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "wubu_catalog_revision"

    def __str__(self) -> str:
        return f"{self.id} at {self.at}"
