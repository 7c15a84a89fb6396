"""Roles as rows: what each may do, on which rows, with which fields; who has which role.

And what was shared with whom.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Role(models.Model):
    """A named bundle of rights. ``label`` and ``description`` are ``{zh, en}``."""

    key = models.CharField(max_length=60, unique=True)
    label = models.JSONField()
    description = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "wubu_permissions_role"

    def __str__(self) -> str:
        return self.key


class Grant(models.Model):
    """A role may do ``action`` on the rows of ``object_key`` that ``scope`` says; * is any object.

    With the action ``setup`` the object is an area of the settings; the object ``_performance``
    stands for people's figures.
    """

    role = models.ForeignKey(Role, models.CASCADE, related_name="grants")
    object_key = models.CharField(max_length=63)
    action = models.CharField(max_length=16)
    scope = models.CharField(max_length=16)
    condition = models.TextField(default="")

    class Meta:
        db_table = "wubu_permissions_grant"

    def __str__(self) -> str:
        return f"{self.action} {self.object_key}: {self.scope}"


class FieldGrant(models.Model):
    """For a role a field is hidden, masked, read or write; * is any object, any field."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="field_grants")
    object_key = models.CharField(max_length=63)
    field_key = models.CharField(max_length=63)
    level = models.CharField(max_length=8)

    class Meta:
        db_table = "wubu_permissions_field_grant"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["role", "object_key", "field_key"], name="permissions_one_level"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_key}.{self.field_key}: {self.level}"


class MemberRole(models.Model):
    """A member has a role."""

    member = models.ForeignKey("people.Member", models.PROTECT, related_name="role_links")
    role = models.ForeignKey(Role, models.CASCADE, related_name="holders")

    class Meta:
        db_table = "wubu_permissions_member_role"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "role"], name="permissions_role_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.role_id}"


class Share(models.Model):
    """One record, or one saved view, shared with a member or a team (and those below it).

    ``kind`` is record or view, ``target_id`` its id; ``level`` is view or edit; ``until`` is the
    last day on which it holds. Ended shares stay as history.
    """

    kind = models.CharField(max_length=8, default="record")
    object_key = models.CharField(max_length=63)
    target_id = models.BigIntegerField()
    member = models.ForeignKey("people.Member", models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey("people.Team", models.PROTECT, null=True, related_name="+")
    level = models.CharField(max_length=8, default="view")
    until = models.DateField(null=True)
    note = models.CharField(max_length=255, default="")
    by = models.ForeignKey("people.Member", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "wubu_permissions_share"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(member__isnull=True, team__isnull=False)
                | models.Q(member__isnull=False, team__isnull=True),
                name="permissions_share_with_one",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["member", "object_key", "level", "target_id"],
                condition=models.Q(ended_at__isnull=True),
                name="permissions_share_member",
            ),
            models.Index(
                fields=["team", "object_key", "level", "target_id"],
                condition=models.Q(ended_at__isnull=True),
                name="permissions_share_team",
            ),
            models.Index(
                fields=["kind", "object_key", "target_id"], name="permissions_share_target"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_key} {self.target_id}: {self.level}"
