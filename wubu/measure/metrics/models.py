"""What is measured and by which rule, kept by date. Private to the room."""

from __future__ import annotations

from django.db import models


class Metric(models.Model):
    """A line of the metric dictionary. ``key`` is permanent; its rules are dated versions."""

    key = models.CharField(max_length=63, unique=True)
    kind = models.CharField(max_length=20)
    label = models.JSONField()  # {zh, en}, as are the texts below
    unit = models.CharField(max_length=10)
    better = models.CharField(max_length=4, default="up")
    scale = models.SmallIntegerField(default=0)  # digits after the point in a stored value
    owner = models.JSONField(default=dict)
    source = models.JSONField(default=dict)
    purpose = models.JSONField(default=dict)
    principle = models.JSONField(default=dict)
    scene = models.JSONField(default=dict)
    worth = models.JSONField(default=dict)
    tools = models.JSONField(default=dict)
    position = models.IntegerField(default=0)
    hidden = models.BooleanField(default=False)  # a part of other metrics, not shown by itself
    retired = models.BooleanField(default=False)
    pack = models.CharField(max_length=63, null=True)

    class Meta:
        db_table = "wubu_metrics_metric"
        ordering = ("position", "id")


class MetricVersion(models.Model):
    """The rule of a metric from ``valid_from`` on, frozen; the next version ends it."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="versions")
    valid_from = models.DateField()
    definition = models.JSONField()
    reason = models.CharField(max_length=500, null=True)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "wubu_metrics_version"
        ordering = ("valid_from",)
        constraints = (
            models.UniqueConstraint(fields=("metric", "valid_from"), name="metrics_version_once"),
        )
