from __future__ import annotations

from django.db import models


class StageTotal(models.Model):
    """How many unarchived records of one owner stand in one stage, and what they add up to.

    Kept in the transaction that writes the records, so that a board's head costs a few rows however
    many records there are. ``owner_id`` 0 is "nobody". ``amount`` is in the minor unit of the
    amount field; ``priced`` counts the records that have an amount, so that none is not shown as
    zero.
    """

    object_key = models.CharField(max_length=40)
    stage = models.CharField(max_length=60)
    owner_id = models.BigIntegerField(default=0)
    count = models.BigIntegerField(default=0)
    priced = models.BigIntegerField(default=0)
    amount = models.BigIntegerField(default=0)

    class Meta:
        db_table = "wubu_boards_stagetotal"
        constraints = (
            models.UniqueConstraint(
                fields=["object_key", "stage", "owner_id"], name="wubu_boards_stagetotal_key"
            ),
        )

    def __str__(self) -> str:
        return f"{self.object_key} {self.stage} {self.owner_id}: {self.count}"
