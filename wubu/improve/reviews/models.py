from __future__ import annotations

from django.db import models


class Review(models.Model):
    """The review of one closed month, of the company (``team_id`` 0) or of one team.

    ``pinned`` are the figures as they stood when the month was closed: they never change, also when
    the month is reopened; a new closing opens a new review (``round`` 2, 3 …) beside the old one.
    """

    month = models.DateField()
    team_id = models.BigIntegerField(default=0)
    round = models.IntegerField(default=1)
    pinned = models.JSONField()
    findings = models.TextField(default="")
    causes = models.TextField(default="")
    decisions = models.TextField(default="")
    state = models.CharField(max_length=10, default="open")  # open, signed
    created_at = models.DateTimeField()
    created_by_id = models.BigIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by_id = models.BigIntegerField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "wubu_reviews_review"
        constraints = (
            models.UniqueConstraint(
                fields=["month", "team_id", "round"], name="wubu_reviews_review_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.team_id}"
