from __future__ import annotations

from typing import ClassVar

from django.db import models


class Comment(models.Model):
    """What a member said about a record. What it said before is in the log of changes."""

    object_key = models.CharField(max_length=63)
    record_id = models.BigIntegerField()
    author_id = models.BigIntegerField()
    text = models.TextField()
    mentions = models.JSONField(default=list)  # ids of members
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wubu_conversations_comment"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["object_key", "record_id", "at"], name="conversations_record"),
        ]

    def __str__(self) -> str:
        return f"{self.object_key} {self.record_id}: {self.text[:40]}"


class Subscription(models.Model):
    """A member wants to know what happens to a record.

    ``active`` false: no more, also not through taking part.
    """

    member_id = models.BigIntegerField()
    object_key = models.CharField(max_length=63)
    record_id = models.BigIntegerField()
    active = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "wubu_conversations_subscription"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["object_key", "record_id", "member_id"], name="conversations_one_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.object_key} {self.record_id}"


class Notice(models.Model):
    """Something that a member shall know of.

    A mention, a comment, changes of a record, that one was shared with them. Of the kind ``view``
    the record's id is a view's.

    Whether they may see it is asked when they read it. Of unread changes of one record there is
    one notice, with the union of the fields.
    """

    member_id = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    object_key = models.CharField(max_length=63)
    record_id = models.BigIntegerField()
    actor_id = models.BigIntegerField(null=True)
    comment_id = models.BigIntegerField(null=True)
    fields = models.JSONField(default=list)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wubu_conversations_notice"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["member_id", "at"],
                condition=models.Q(read_at__isnull=True),
                name="conversations_unread",
            ),
            models.Index(fields=["member_id", "at"], name="conversations_notice"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.kind} {self.object_key} {self.record_id}"
