"""Which packs are installed, and exactly what was shipped, for a later three-way compare."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

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

    @property
    def content(self) -> dict[str, Any]:
        """What was shipped, in the order in which it was written."""
        kept: dict[str, Any] = self.shipped
        return json.loads(kept["json"]) if "json" in kept else kept

    @staticmethod
    def keep(content: Mapping[str, Any]) -> dict[str, str]:
        """The content as ``shipped`` holds it: jsonb of PostgreSQL would forget its order."""
        return {"json": json.dumps(content, ensure_ascii=False)}
