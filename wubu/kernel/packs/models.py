"""Which packs are installed, and exactly what was shipped, for a later three-way compare."""

from __future__ import annotations

from django.db import models


class InstalledPack(models.Model):
    """One pack in this workspace. ``shipped`` is its whole content when it was last installed."""

    key = models.CharField(max_length=64, unique=True)
    version = models.PositiveIntegerField()
    shipped = models.JSONField()
    installed_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "wubu_packs_installed"

    def __str__(self) -> str:
        return f"{self.key} {self.version}"
