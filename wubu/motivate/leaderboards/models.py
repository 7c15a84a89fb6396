"""Boards of closed periods, as they stood at closing. Private to the room."""

from __future__ import annotations

from django.db import models


class KeptBoard(models.Model):
    """One board of one closed period with the rule that made it and every figure that is ranked.
    Append-only: reopening sets ``replaced_at``, closing anew adds another row.
    """

    key = models.CharField(max_length=60)
    start = models.DateField()
    end = models.DateField()  # the first day after it
    rule = models.JSONField()
    better = models.CharField(max_length=4)
    lines = models.JSONField()  # [{id, name, team, team_name, value, target, attainment, …}]
    unassigned = models.CharField(max_length=40, null=True)
    kept_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wubu_leaderboards_kept"
        constraints = (
            models.UniqueConstraint(
                fields=("key", "start", "end"),
                condition=models.Q(replaced_at__isnull=True),
                name="leaderboards_kept_once",
            ),
        )
