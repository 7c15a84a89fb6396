"""Members, teams, and who was where when: ``from_day`` is in, ``to_day`` is not."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q


class MemberManager(BaseUserManager["Member"]):
    """Finds members by login; they are created by ``people.actions.create_member`` only."""

    def get_by_natural_key(self, login: str | None) -> Member:
        return self.get(login=(login or "").strip().lower())


class Member(AbstractBaseUser):
    """A person who works here and may sign in. Never deleted: history speaks of them."""

    login = models.CharField(max_length=150, unique=True)
    name = models.CharField(max_length=150)
    email = models.CharField(max_length=254, null=True, blank=True)
    phone = models.CharField(max_length=32, null=True, blank=True)
    employee_no = models.CharField(max_length=64, null=True, blank=True, unique=True)
    language = models.CharField(max_length=2, default="zh")
    is_active = models.BooleanField(default=True)
    is_owner = models.BooleanField(default=False)
    position = models.ForeignKey(
        "people.Position", models.PROTECT, null=True, blank=True, related_name="+"
    )
    joined_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)  # the last day of work
    pinyin = models.CharField(max_length=300, default="")  # "zhangwei"
    initials = models.CharField(max_length=60, default="")  # "zw"
    plus = models.JSONField(
        null=True, blank=True
    )  # keys of the plus menu's objects; NULL: as usual
    session_epoch = models.PositiveIntegerField(default=0)  # counting up ends every open session
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = MemberManager()

    class Meta:
        db_table = "wubu_people_member"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["is_active", "name"], name="people_member_active"),
        ]

    def __str__(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        made: Any = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        return f"{made}{self.session_epoch}"


class Position(models.Model):
    """A post (岗位), such as 大客户销售: what several people are hired as."""

    name = models.CharField(max_length=120, unique=True)
    rank = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "wubu_people_position"

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A node of the tree of teams. ``position`` orders it among its sisters.

    ``name`` is its newest, by which records that link to it are sorted; all that holds from a day
    stands in its versions.
    """

    name = models.CharField(max_length=150)
    position = models.PositiveIntegerField(default=0)
    created_on = models.DateField(null=True)

    class Meta:
        db_table = "wubu_people_team"

    def __str__(self) -> str:
        return self.name


class TeamVersion(models.Model):
    """What a team was from a day (in) to a day (out).

    Versions follow one another without a gap, the first begins with the first day there is, the
    last is open.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="versions")
    from_day = models.DateField()
    to_day = models.DateField(null=True, blank=True)
    name = models.CharField(max_length=150)
    parent = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    leader = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "wubu_people_team_version"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["team", "from_day"], name="people_team_version_once"),
            models.CheckConstraint(
                condition=Q(to_day__isnull=True) | Q(to_day__gt=F("from_day")),
                name="people_team_version_forward",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["parent", "from_day"], name="people_team_version_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.from_day}–{self.to_day or '…'}"


class Membership(models.Model):
    """A member is in a team from a day (in) to a day (out); one primary team at any time."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships")
    from_day = models.DateField()
    to_day = models.DateField(null=True, blank=True)
    primary = models.BooleanField(default=True, db_column="is_primary")

    class Meta:
        db_table = "wubu_people_membership"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(to_day__isnull=True) | Q(to_day__gt=F("from_day")),
                name="people_membership_forward",
            ),
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(to_day__isnull=True, primary=True),
                name="people_membership_one_open",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["member", "from_day"], name="people_membership_member"),
            models.Index(fields=["team", "from_day"], name="people_membership_team"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.team_id} {self.from_day}–{self.to_day or '…'}"


class ReportingLine(models.Model):
    """A member reports to a manager from a day to a day; one manager at any time."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="managers")
    manager = models.ForeignKey(Member, models.PROTECT, related_name="reports")
    from_day = models.DateField()
    to_day = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "wubu_people_reporting_line"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(to_day__isnull=True) | Q(to_day__gt=F("from_day")),
                name="people_reporting_forward",
            ),
            models.CheckConstraint(
                condition=~Q(member=F("manager")), name="people_reporting_not_self"
            ),
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(to_day__isnull=True),
                name="people_reporting_one_open",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["manager", "from_day"], name="people_reporting_manager"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} → {self.manager_id}"


class Token(models.Model):
    """A personal key to the API. Only its hash is kept; the key is shown once."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256, hex
    hint = models.CharField(max_length=8)  # the last characters, to tell keys apart
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "wubu_people_token"

    def __str__(self) -> str:
        return f"{self.name} …{self.hint}"


class SignInAttempt(models.Model):
    """Failed sign-ins by login as typed, known or not: the answer never tells who exists."""

    login = models.CharField(max_length=150, unique=True)
    failures = models.PositiveIntegerField(default=0)
    last_failed_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "wubu_people_sign_in_attempt"

    def __str__(self) -> str:
        return self.login


class Preference(models.Model):
    """How a member likes to see a page; nobody else reads it, and it is no part of any history."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    value = models.JSONField()

    class Meta:
        db_table = "wubu_people_preference"
        constraints = (
            models.UniqueConstraint(fields=["member", "key"], name="people_preference_once"),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.key}"
