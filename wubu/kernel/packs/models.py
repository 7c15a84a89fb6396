"""Which packs are installed, and exactly what was shipped.

Kept for a later three-way compare, with how the configuration was before each pack was applied.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import models


def written(content: Any) -> dict[str, str]:
    """Content as a JSON column holds it: jsonb of PostgreSQL would forget its order."""
    return {"json": json.dumps(content, ensure_ascii=False, default=str)}


def read(kept: Mapping[str, Any]) -> Any:
    """The other way round."""
    return json.loads(kept["json"]) if "json" in kept else kept


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
        found: dict[str, Any] = read(self.shipped)
        return found

    @staticmethod
    def keep(content: Mapping[str, Any]) -> dict[str, str]:
        """The content as ``shipped`` holds it."""
        return written(content)


class PackChange(models.Model):
    """One installation, upgrade or undoing of one, as a whole.

    ``before`` and ``after`` hold by section and key what the change moved (None: it was not there);
    ``packs`` the rows of installed packs before and after, by key. ``revision_id`` is the change of
    the catalog that went with it.
    """

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    entrance = models.CharField(max_length=16)
    action = models.CharField(max_length=16)
    pack = models.CharField(max_length=64)
    label = models.JSONField()
    version = models.PositiveIntegerField()
    before = models.JSONField()
    after = models.JSONField()
    packs = models.JSONField()
    revision_id = models.BigIntegerField(null=True)
    undoes = models.BigIntegerField(null=True)
    undone_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "wubu_packs_change"

    def __str__(self) -> str:
        return f"{self.action} {self.pack} {self.version}"


class PackChoice(models.Model):
    """Whose version of a part is to stand, as somebody chose while comparing a pack.

    ``digest`` is that of what the pack says: when it says something else, the choice is asked anew.
    """

    pack = models.CharField(max_length=64)
    part = models.CharField(max_length=400)
    digest = models.CharField(max_length=32)
    side = models.CharField(max_length=8)
    chosen_at = models.DateTimeField()
    chosen_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "wubu_packs_choice"
        constraints = (
            models.UniqueConstraint(fields=["pack", "part"], name="wubu_packs_choice_key"),
        )

    def __str__(self) -> str:
        return f"{self.pack} {self.part}: {self.side}"
