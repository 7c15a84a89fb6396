from __future__ import annotations

from typing import ClassVar

from django.db import models


class StageSpan(models.Model):
    """One stay of one record in one stage: half-open days, ``left_on`` null while it lasts.

    ``rank`` is the stage's place in its pipeline, from 0, as it was at the time.
    """

    object_key = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    stage = models.CharField(max_length=64)
    rank = models.IntegerField()
    entered_on = models.DateField()
    left_on = models.DateField(null=True)

    class Meta:
        db_table = "wubu_records_stage_span"
        indexes: ClassVar[list[models.Index]] = [
            # With the stage, so that "when did it get there" is answered by the index alone.
            models.Index(
                fields=["object_key", "record_id", "stage", "entered_on"],
                name="records_span_record",
            ),
            models.Index(fields=["object_key", "stage", "entered_on"], name="records_span_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.object_key} {self.record_id} {self.stage} {self.entered_on}"


class SerialCounter(models.Model):
    """The last number given for one serial field in one period (year, month, or for ever)."""

    object_key = models.CharField(max_length=40)
    field_key = models.CharField(max_length=40)
    period = models.CharField(max_length=7, default="")
    value = models.BigIntegerField(default=0)

    class Meta:
        db_table = "wubu_records_serial"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["object_key", "field_key", "period"], name="records_serial_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_key}.{self.field_key} {self.period} {self.value}"


class File(models.Model):
    """One stored file.

    It belongs to whoever uploaded it until a record's attachment field names it.
    """

    name = models.CharField(max_length=255)
    size = models.BigIntegerField()  # bytes
    content_type = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=255)  # below MEDIA_ROOT
    uploaded_by = models.BigIntegerField(null=True)
    uploaded_at = models.DateTimeField()
    object_key = models.CharField(max_length=40, default="")
    record_id = models.BigIntegerField(null=True)
    field_key = models.CharField(max_length=40, default="")

    class Meta:
        db_table = "wubu_records_file"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["object_key", "record_id"], name="records_file_record"),
        ]

    def __str__(self) -> str:
        return self.name


class SearchObject(models.Model):
    """A small number for each object: search rows are numbered object × 2⁴⁰ + record."""

    object_key = models.CharField(max_length=40, unique=True)

    class Meta:
        db_table = "wubu_records_search_object"

    def __str__(self) -> str:
        return self.object_key
