"""Scorecards with dated weights, and the scores that closing a month froze. Private to the room."""

from __future__ import annotations

from django.db import models


class Scorecard(models.Model):
    key = models.CharField(max_length=63, unique=True)
    label = models.JSONField()  # {zh, en}
    position = models.IntegerField(default=0)
    retired = models.BooleanField(default=False)
    pack = models.CharField(max_length=63, null=True)

    class Meta:
        db_table = "wubu_scorecards_card"
        ordering = ("position", "id")


class Weights(models.Model):
    """The lines of a scorecard from a day on: metric, weight in basis points, cap or none."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, related_name="weights")
    valid_from = models.DateField()
    lines = models.JSONField()  # [{metric, weight, cap}], weights total 10000
    missing = models.CharField(max_length=9, default="set_aside")
    reason = models.CharField(max_length=500, null=True)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "wubu_scorecards_weights"
        ordering = ("valid_from",)
        constraints = (
            models.UniqueConstraint(
                fields=("scorecard", "valid_from"), name="scorecards_weights_once"
            ),
        )


class FrozenScore(models.Model):
    """A member's score of a month with its working, as it stood when that was closed."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, related_name="frozen")
    month = models.DateField()
    member_id = models.BigIntegerField()
    score = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    working = models.JSONField()
    frozen_at = models.DateTimeField()

    class Meta:
        db_table = "wubu_scorecards_frozen"
        constraints = (
            models.UniqueConstraint(
                fields=("scorecard", "month", "member_id"), name="scorecards_frozen_once"
            ),
        )
