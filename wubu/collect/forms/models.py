from __future__ import annotations

from django.db import models


class Layout(models.Model):
    """One layout of one object's form, as it stands now; ``version`` counts its savings."""

    object_key = models.CharField(max_length=63)
    key = models.CharField(max_length=40)
    version = models.IntegerField(default=1)
    definition = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    position = models.IntegerField(default=0)
    updated_at = models.DateTimeField()
    updated_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "wubu_forms_layout"
        constraints = (
            models.UniqueConstraint(fields=["object_key", "key"], name="wubu_forms_layout_key"),
        )

    def __str__(self) -> str:
        return f"{self.object_key}/{self.key}"


class LayoutVersion(models.Model):
    """Every saving of a layout, so that an earlier one can be brought back."""

    layout = models.ForeignKey(Layout, models.CASCADE, related_name="versions")
    version = models.IntegerField()
    definition = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    reason = models.CharField(max_length=200, default="")
    saved_at = models.DateTimeField()
    saved_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "wubu_forms_version"
        constraints = (
            models.UniqueConstraint(fields=["layout", "version"], name="wubu_forms_version_number"),
        )

    def __str__(self) -> str:
        return f"{self.layout_id} v{self.version}"


class Draft(models.Model):
    """What somebody typed into a form and has not saved yet. Only its owner ever reads it."""

    member_id = models.BigIntegerField()
    object_key = models.CharField(max_length=63)  # empty once it has become a record
    record_id = models.BigIntegerField(null=True)
    slot = models.CharField(max_length=40)  # one opened form; two tabs are two drafts
    title = models.CharField(max_length=200, default="")
    values = models.JSONField(default=list)  # [name, [values…]] as the form sent them
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "wubu_forms_draft"
        constraints = (
            models.UniqueConstraint(fields=["member_id", "slot"], name="wubu_forms_draft_slot"),
        )
        indexes = (models.Index(fields=["member_id", "saved_at"], name="wubu_forms_draft_mine"),)

    def __str__(self) -> str:
        return f"{self.member_id}: {self.object_key} {self.slot}"
