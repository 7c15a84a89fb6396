from __future__ import annotations

from django.db import models


class Alert(models.Model):
    """A record that a rule warns of.

    It is open from the moment it is seen until the record no longer meets the rule.

    ``since`` is the day from which the trouble counts (last follow-up, due day). ``owner_id`` 0 is
    nobody. A resolved alert stays as history. ``quiet_until`` hides it from the first page, never
    from the list.
    """

    rule_key = models.CharField(max_length=60)
    object_key = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    owner_id = models.BigIntegerField(default=0)
    since = models.DateField(null=True)
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    quiet_until = models.DateField(null=True)
    quiet_reason = models.CharField(max_length=500, default="")
    quiet_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "wubu_alerts_alert"
        constraints = (
            models.UniqueConstraint(
                fields=["rule_key", "record_id"],
                condition=models.Q(resolved_at__isnull=True),
                name="wubu_alerts_alert_open",
            ),
        )
        indexes = (
            models.Index(
                fields=["owner_id", "rule_key", "since"],
                condition=models.Q(resolved_at__isnull=True),
                name="wubu_alerts_alert_owner",
            ),
            models.Index(fields=["object_key", "record_id"], name="wubu_alerts_alert_record"),
        )

    def __str__(self) -> str:
        return f"{self.rule_key} {self.object_key} {self.record_id}"


class Sweep(models.Model):
    """When a rule was last held against all records, and whether it must be again."""

    rule_key = models.CharField(max_length=60, unique=True)
    swept_at = models.DateTimeField(null=True)
    stale = models.BooleanField(default=True)

    class Meta:
        db_table = "wubu_alerts_sweep"

    def __str__(self) -> str:
        return self.rule_key
