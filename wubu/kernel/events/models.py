from __future__ import annotations

from django.db import models


class Cursor(models.Model):
    """How far a consumer has come in the log of changes, and which worker delivers to it now.

    ``position`` is the id of the last change that was handled or set aside. ``holder`` has the
    lease until ``held_until``; whoever moves the cursor must find it where it was.
    """

    name = models.CharField(max_length=60, unique=True)
    position = models.BigIntegerField()
    holder = models.CharField(max_length=120, default="")
    held_until = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    error = models.TextField(default="")  # the latest, with its moment
    failed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wubu_events_cursor"

    def __str__(self) -> str:
        return f"{self.name} {self.position}"


class SetAside(models.Model):
    """A change that a consumer could not handle, or that waits behind such a one of its record.

    ``error`` is empty for those that only wait. ``next_at`` is when it is tried again; without it
    a person decides. A dismissed one stays for a while, to be looked at.
    """

    consumer = models.CharField(max_length=60)
    change_id = models.BigIntegerField()
    object_key = models.CharField(max_length=64)
    record_id = models.BigIntegerField()
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(default="")
    at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "wubu_events_set_aside"
        constraints = (
            models.UniqueConstraint(fields=["consumer", "change_id"], name="events_aside_once"),
        )
        indexes = (
            models.Index(
                fields=["consumer", "record_id"],
                condition=models.Q(dismissed_at__isnull=True),
                name="events_aside_record",
            ),
            models.Index(
                fields=["next_at"],
                condition=models.Q(dismissed_at__isnull=True),
                name="events_aside_due",
            ),
        )

    def __str__(self) -> str:
        return f"{self.consumer} {self.change_id}"
