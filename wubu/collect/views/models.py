from __future__ import annotations

from django.db import models


class View(models.Model):
    """A way of looking at the records of one object, kept under a name.

    ``audience`` says who finds it among the tabs: its member, a team and those below, or everybody
    who may view the object. ``slug`` stands in addresses and cannot be guessed: who was given it
    may open the view, and sees through it what they may see anyhow. ``key`` names a pack's view.
    """

    object_key = models.CharField(max_length=63)
    key = models.CharField(max_length=63, default="")
    slug = models.CharField(max_length=16, unique=True)
    name = models.JSONField()
    kind = models.CharField(max_length=12)
    audience = models.CharField(max_length=8)
    member_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    definition = models.JSONField(default=dict)
    position = models.IntegerField(default=0)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    created_by_id = models.BigIntegerField(null=True)
    updated_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wubu_collect_view"
        indexes = (
            models.Index(fields=["object_key", "audience"], name="collect_view_object"),
            models.Index(fields=["member_id", "object_key"], name="collect_view_member"),
        )

    def __str__(self) -> str:
        return self.slug
