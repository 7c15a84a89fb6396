"""Targets, one row for every time one was set. Private to the room."""

from __future__ import annotations

from django.db import models


class Target(models.Model):
    """What a member is to reach in a month for one metric, as set on ``valid_from``.

    The newest row on or before a day is the target that held on that day; ``value`` None takes it
    away. ``current`` marks the newest of all. Values are whole numbers in the unit's scale (fen,
    basis points …).
    """

    metric = models.ForeignKey("metrics.Metric", on_delete=models.PROTECT, db_index=False)
    month = models.DateField()  # its first day
    member_id = models.BigIntegerField()
    value = models.BigIntegerField(null=True)
    valid_from = models.DateField()
    current = models.BooleanField(default=True)
    reason = models.CharField(max_length=500, null=True)
    set_at = models.DateTimeField()
    set_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "wubu_targets_target"
        indexes = (models.Index(fields=("metric", "month", "member_id"), name="targets_place"),)
        constraints = (
            models.UniqueConstraint(
                fields=("metric", "month", "member_id"),
                condition=models.Q(current=True),
                name="targets_current_once",
            ),
        )
