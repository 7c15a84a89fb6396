from __future__ import annotations

from django.db import models


class ImprovementAction(models.Model):
    """Something to be done, by whom and until when, that came out of a review.

    ``metric_key`` with ``baseline`` (exact, as text) is what it is meant to move; the next review
    measures the effect against it. ``team_id`` 0 is the whole company.
    """

    review_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(default=0)
    title = models.CharField(max_length=300)
    detail = models.TextField(default="")
    owner_id = models.BigIntegerField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, default="open")  # open, done, dropped
    outcome = models.TextField(default="")
    metric_key = models.CharField(max_length=63, default="")
    baseline = models.CharField(max_length=60, null=True)
    wanted = models.CharField(max_length=60, null=True)
    created_at = models.DateTimeField()
    created_by_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by_id = models.BigIntegerField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "wubu_improve_action"
        indexes = (
            models.Index(fields=["owner_id", "state", "due_on"], name="wubu_improve_action_owner"),
            models.Index(fields=["review_id"], name="wubu_improve_action_review"),
        )

    def __str__(self) -> str:
        return self.title
