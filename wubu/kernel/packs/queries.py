"""Questions about packs: what is installed, what a section says, what an upgrade would change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs.build import objects
from wubu.kernel.packs.check import check
from wubu.kernel.packs.compare import compare
from wubu.kernel.packs.models import InstalledPack
from wubu.kernel.packs.schema import PackDef
from wubu.kernel.packs.source import SHIPPED, Source, plain, read_source
from wubu.kernel.packs.types import Pack, Upgrade
from wubu.kernel.schema.actions import plan
from wubu.kernel.types import Missing, Problem, Text
from wubu.kernel.workspace import remember


def read(key: str, folder: Path | None = None) -> tuple[PackDef, dict[str, Any]]:
    """A shipped pack (or one in a folder of one's own), checked, and its whole content as JSON.

    Raises Refused with every problem, each with file and line.
    """
    source: Source = read_source(folder or SHIPPED / key)
    return check(source), plain(source.data)


def installed() -> tuple[Pack, ...]:
    """The packs of this workspace."""
    return tuple(
        Pack(row.key, Text.of(row.shipped["label"]), row.version, row.installed_at)
        for row in InstalledPack.objects.order_by("installed_at")
    )


def section(name: str) -> Mapping[str, Any]:
    """One section (``metrics``, ``alerts`` …) of all installed packs as they were shipped."""

    def ask() -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for row in InstalledPack.objects.order_by("installed_at"):
            found.update(row.shipped.get(name) or {})
        return found

    return remember(("packs.section", name), ask)


def upgrade(key: str, folder: Path | None = None) -> Upgrade:
    """What the shipped pack would change in the objects of this workspace. Nothing is written.

    Raises Missing when the pack is not installed.
    """
    row = InstalledPack.objects.filter(key=key).first()
    if row is None:
        raise Missing(
            Problem(
                "pack_not_installed",
                Text("应用包“{k}”还没有安装。", "The pack “{k}” is not installed.").format(k=key),
            )
        )
    now, _ = read(key, folder)
    before = PackDef.model_validate(row.shipped)
    wanted, kept = compare(objects(before), objects(now), snapshot())
    return Upgrade(key, row.version, now.version, plan(wanted), tuple(kept))
