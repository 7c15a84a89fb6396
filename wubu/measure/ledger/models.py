"""The performance ledger's tables. Private to the room.

``metric`` has no database constraint and members and teams are plain numbers: hundreds of thousands
of rows are written here at a time, and number 0 stands for nobody (unassigned).
"""

from __future__ import annotations

from django.db import models

NORMAL = "normal"
ADJUSTING = "adjusting"


class Entry(models.Model):
    """What one record counts for one metric on one day for one member.

    ``part`` is the id of the split it comes from, 0 for the owner's. An adjusting entry corrects
    ``of_day``, which was closed, and is dated in the period that was open.
    """

    metric = models.ForeignKey(
        "metrics.Metric", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    object_key = models.CharField(max_length=63)
    record_id = models.BigIntegerField()
    part = models.BigIntegerField(default=0)
    day = models.DateField()
    member_id = models.BigIntegerField(default=0)
    team_id = models.BigIntegerField(default=0)
    value = models.BigIntegerField()
    kind = models.CharField(max_length=9, default=NORMAL)
    of_day = models.DateField(null=True)
    note = models.CharField(max_length=200, null=True)
    posted_at = models.DateTimeField()

    class Meta:
        db_table = "wubu_ledger_entry"
        indexes = (
            models.Index(fields=("metric", "record_id"), name="ledger_entry_record"),
            models.Index(fields=("metric", "day", "member_id"), name="ledger_entry_day"),
        )


class Balance(models.Model):
    """Sum and number of entries of one metric, member and team."""

    metric = models.ForeignKey(
        "metrics.Metric", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    member_id = models.BigIntegerField()
    team_id = models.BigIntegerField()
    value = models.BigIntegerField()
    count = models.BigIntegerField()

    class Meta:
        abstract = True


class DayBalance(Balance):
    day = models.DateField()

    class Meta:
        db_table = "wubu_ledger_day"
        constraints = (
            models.UniqueConstraint(
                fields=("metric", "day", "member_id", "team_id"), name="ledger_day_once"
            ),
        )


class MonthBalance(Balance):
    month = models.DateField()  # its first day

    class Meta:
        db_table = "wubu_ledger_month"
        constraints = (
            models.UniqueConstraint(
                fields=("metric", "month", "member_id", "team_id"), name="ledger_month_once"
            ),
        )


class StockPhoto(Balance):
    """A stock figure (open pipeline) as it stood at the end of ``day``."""

    day = models.DateField()

    class Meta:
        db_table = "wubu_ledger_photo"
        constraints = (
            models.UniqueConstraint(
                fields=("metric", "day", "member_id", "team_id"), name="ledger_photo_once"
            ),
        )


class PeriodClose(models.Model):
    """A month that was closed, and perhaps reopened. Its latest row says how it stands."""

    month = models.DateField()
    closed_at = models.DateTimeField()
    closed_by = models.BigIntegerField(null=True)
    note = models.CharField(max_length=500, null=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500, null=True)

    class Meta:
        db_table = "wubu_ledger_close"
        constraints = (
            models.UniqueConstraint(
                fields=("month",),
                condition=models.Q(reopened_at__isnull=True),
                name="ledger_closed_once",
            ),
        )


class PeriodSnapshot(Balance):
    """The balances of the months that a closing closed, as they stood; kept if it is reopened."""

    close = models.ForeignKey(PeriodClose, on_delete=models.CASCADE, related_name="snapshots")
    month = models.DateField()  # its first day

    class Meta:
        db_table = "wubu_ledger_snapshot"


class CompiledMetric(models.Model):
    """What the rules of a metric compiled to when its entries were last made from the records."""

    metric_id = models.BigIntegerField(primary_key=True)
    fingerprint = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        db_table = "wubu_ledger_compiled"
