"""Points of closed months, as they were worked out at closing. Private to the room."""

from __future__ import annotations

from django.db import models


class KeptPoints(models.Model):
    """Everybody's points of one month with the rules that gave them.

    Append-only: reopening the month sets ``replaced_at``, closing it anew adds another row.
    """

    month = models.DateField()  # its first day
    rules = models.JSONField()  # key → label, metric, per, points, cap, since
    rows = models.JSONField()  # [{member, name, lines: [{rule, value, parts, points, capped}]}]
    kept_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wubu_points_kept"
        constraints = (
            models.UniqueConstraint(
                fields=("month",),
                condition=models.Q(replaced_at__isnull=True),
                name="points_kept_once",
            ),
        )
