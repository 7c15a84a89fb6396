from __future__ import annotations

from django.db import models


class RuleVersion(models.Model):
    """One version of one rule. It holds from ``valid_from`` until a later version of it does.

    Versions are added, never rewritten, so that any day can be asked for the rules that held then.
    A version that has not come into force yet may be replaced. ``active`` false: the rule rests
    from that day.
    """

    section = models.CharField(max_length=40)
    key = models.CharField(max_length=60)
    valid_from = models.DateField()
    definition = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    position = models.IntegerField(default=0)
    reason = models.CharField(max_length=500, default="")
    created_at = models.DateTimeField()
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "wubu_rules_version"
        constraints = (
            models.UniqueConstraint(
                fields=["section", "key", "valid_from"], name="wubu_rules_version_key"
            ),
        )

    def __str__(self) -> str:
        return f"{self.section}/{self.key} from {self.valid_from}"
