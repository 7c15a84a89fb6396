"""A pack beside what was shipped before and what the company has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs.content.compare import GONE, Difference, differences
from wubu.kernel.packs.content.schema import PackDef
from wubu.kernel.packs.differences.trees import Tree, of_pack, of_workspace
from wubu.kernel.packs.files.loading import Loaded
from wubu.kernel.packs.models import InstalledPack
from wubu.kernel.types import Problem, Text

Choices = Mapping[str, Literal["theirs", "ours"]]  # by the id of a difference


@dataclass(frozen=True, slots=True)
class Compared:
    """A pack beside what was shipped and what the company has."""

    loaded: Loaded
    row: InstalledPack | None
    before: Tree
    now: Tree
    own: Tree
    differences: tuple[Difference, ...]

    def taken(self, choices: Choices) -> tuple[Difference, ...]:
        """The differences in which the pack's version is to stand."""
        return tuple(d for d in self.differences if choices.get(d.id, d.takes) == "theirs")


def compared(loaded: Loaded, row: InstalledPack | None) -> Compared:
    """Three ways: shipped before (nothing, without ``row``), the pack now, the company's own."""
    catalog = snapshot()
    before: Tree = {}
    if row is not None:
        before = of_pack(PackDef.model_validate(row.content), row.content, catalog)
    now = of_pack(loaded.pack, loaded.content, catalog)
    own = of_workspace(catalog)
    others = _of_others(loaded.pack.pack, row)
    found = tuple(
        d for d in differences(before, now, own) if not (d.side == "ours" and d.path[:2] in others)
    )
    return Compared(loaded, row, before, now, own, found)


def base_of(loaded: Loaded) -> InstalledPack | None:
    """What a pack is compared with.

    Itself as it was installed, or the pack that it builds on, that it was exported from, or that it
    has its base in common with.
    """
    rows = {row.key: row for row in InstalledPack.objects.all()}
    key, base = loaded.pack.pack, loaded.pack.extends
    family = [k for k, row in rows.items() if base and row.content.get("extends") == base]
    for candidate in (key, base, *reversed(loaded.pack.based_on), *family):
        if candidate in rows:
            return rows[candidate]
    return next((row for row in rows.values() if row.content.get("extends") == key), None)


def another_metric(found: Compared, taken: Iterable[Difference]) -> Iterable[Problem]:
    """A metric keeps its kind and object for ever: another one makes another metric."""
    for one in taken:
        if one.path[0] == "metrics" and one.path[2:] in (("kind",), ("object",), ("unit",)):
            if one.own is GONE and one.path[2] != "unit":
                continue
            yield Problem(
                "another_metric",
                Text(
                    "指标“{k}”在包里换了种类、对象或单位，这样就是另一个指标了。",
                    "The pack gives the metric “{k}” another kind, object or unit: "
                    "that makes another metric.",
                ).format(k=Text.of(found.own["metrics"][one.path[1]]["label"])),
                Text(
                    "这个指标的各项都选择“保留我们的”。",
                    "Choose to keep ours in all that is said of this metric.",
                ),
                field=one.id,
            )


def _of_others(key: str, row: InstalledPack | None) -> set[tuple[str, ...]]:
    """The things that other installed packs brought: no business of this one."""
    mine = {key, row.key if row else key}
    found: set[tuple[str, ...]] = set()
    for other in InstalledPack.objects.exclude(key__in=mine):
        for name, items in other.content.items():
            if isinstance(items, Mapping):
                found |= {(name, item) for item in items}
    return found
