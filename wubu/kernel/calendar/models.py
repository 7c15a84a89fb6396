"""The company's own calendar: its time zone, its year, its holidays and make-up days."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class CalendarSetting(models.Model):
    """One row: the workspace's time zone and the month in which the fiscal year begins."""

    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    fiscal_start_month = models.PositiveSmallIntegerField(default=1)

    class Meta:
        db_table = "wubu_calendar_setting"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(fiscal_start_month__gte=1, fiscal_start_month__lte=12),
                name="calendar_fiscal_month",
            ),
        ]

    def __str__(self) -> str:
        return self.time_zone


class DayOverride(models.Model):
    """One day on which this company differs from the public calendar."""

    day = models.DateField(unique=True)
    working = models.BooleanField()
    name = models.CharField(max_length=120)

    class Meta:
        db_table = "wubu_calendar_day_override"

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
