"""Questions about packs: what is there, what a section says, what taking one over would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs.compare import GONE, Difference, differences, merged
from wubu.kernel.packs.document import WORKSPACE, document
from wubu.kernel.packs.loading import Loaded, load, load_text, shipped_keys
from wubu.kernel.packs.models import InstalledPack
from wubu.kernel.packs.schema import PackDef
from wubu.kernel.packs.sections import section_labels
from wubu.kernel.packs.trees import Tree, of_pack, of_workspace, specs_of
from wubu.kernel.packs.types import Offered, Pack, Upgrade
from wubu.kernel.packs.words import say
from wubu.kernel.packs.writing import dump
from wubu.kernel.permissions.queries import policy
from wubu.kernel.schema.actions import plan
from wubu.kernel.types import Actor, Missing, Problem, Text
from wubu.kernel.workspace import remember

Choices = Mapping[str, Literal["theirs", "ours"]]  # by the id of a difference


def read(key: str, folder: Path | None = None) -> tuple[PackDef, dict[str, Any]]:
    """A shipped pack (or one in a folder of one's own), checked, and its whole content as JSON.

    Raises Refused with every problem, each with file and line.
    """
    found = load(key, folder)
    return found.pack, found.content


def installed() -> tuple[Pack, ...]:
    """The packs of this workspace."""
    return tuple(
        Pack(
            row.key,
            Text.of(row.content["label"]),
            row.version,
            row.installed_at,
            row.updated_at,
            row.content.get("extends") or "",
        )
        for row in InstalledPack.objects.order_by("installed_at", "id")
    )


def offered() -> tuple[Offered, ...]:
    """The packs that come with the program."""
    found = []
    for key in shipped_keys():
        pack = load(key).pack
        about = pack.description
        found.append(
            Offered(
                key,
                Text(pack.label.zh, pack.label.en),
                Text(about.zh, about.en) if about else Text("", ""),
                pack.version,
                pack.extends,
                load(key).content,
            )
        )
    return tuple(found)


def base_label(key: str) -> Text:
    """What a shipped pack is called; its key when it is shipped no more."""
    if key not in shipped_keys():
        return Text(key, key)
    label = load(key).pack.label
    return Text(label.zh, label.en)


def labels() -> Mapping[str, Text]:
    """What the parts of a configuration are called."""
    return section_labels()


def section(name: str) -> Mapping[str, Any]:
    """One section (``metrics``, ``alerts`` …) of all installed packs as they were shipped."""

    def ask() -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for row in InstalledPack.objects.order_by("installed_at", "id"):
            found.update(row.content.get(name) or {})
        return found

    return remember(("packs.section", name), ask)


def export(actor: Actor) -> str:
    """The whole configuration of the workspace as YAML. Raises Forbidden."""
    policy(actor).require_setup("packs")
    rows = InstalledPack.objects.exclude(key=WORKSPACE).order_by("installed_at", "id")
    return dump(document({row.key: row.version for row in rows}))


def upgrade(key: str, folder: Path | None = None, choices: Choices | None = None) -> Upgrade:
    """What the shipped pack would change in this workspace. Nothing is written.

    Raises Missing when the pack is not installed, Refused with the problems of the pack.
    """
    row = InstalledPack.objects.filter(key=key).first()
    if row is None:
        raise Missing(
            Problem(
                "pack_not_installed",
                Text("配置包“{k}”还没有安装。", "The pack “{k}” is not installed.").format(k=key),
            )
        )
    return proposal(compared(load(key, folder), row), choices or {})


def compare_text(text: str, name: str, choices: Choices | None = None) -> Upgrade:
    """What a configuration that somebody gave would change. Raises Refused with its problems."""
    loaded = load_text(text, name)
    return proposal(compared(loaded, base_of(loaded)), choices or {})


def compare_shipped(key: str, choices: Choices | None = None) -> Upgrade:
    """What installing a shipped pack would change here: a variant of the installed one, say."""
    loaded = load(key)
    return proposal(compared(loaded, base_of(loaded)), choices or {})


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
    """What a pack is compared with: itself as it was installed, or the pack that it builds on,
    or that it has its base in common with.
    """
    rows = {row.key: row for row in InstalledPack.objects.all()}
    key, base = loaded.pack.pack, loaded.pack.extends
    family = [k for k, row in rows.items() if base and row.content.get("extends") == base]
    for candidate in (key, base, *family):
        if candidate in rows:
            return rows[candidate]
    return next((row for row in rows.values() if row.content.get("extends") == key), None)


def proposal(found: Compared, choices: Choices) -> Upgrade:
    """The comparison in words, and the plan for the choices."""
    taken = found.taken(choices)
    tree = merged(found.own, taken)
    made = plan(specs_of(tree, found.before, found.now, snapshot()))
    problems = [*made.problems, *_another_metric(found, taken)]
    pack = found.loaded.pack
    return Upgrade(
        pack.pack,
        Text(pack.label.zh, pack.label.en),
        found.row.version if found.row else None,
        pack.version,
        tuple(say(d, found.now, found.own) for d in found.differences),
        made,
        tuple(replace(p) for p in problems),
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


def _another_metric(found: Compared, taken: Iterable[Difference]) -> Iterable[Problem]:
    """A metric keeps its kind and object for ever: another one makes another metric."""
    for one in taken:
        if one.path[0] == "metrics" and one.path[2:] in (("kind",), ("object",)):
            if one.own is GONE:
                continue
            yield Problem(
                "another_metric",
                Text(
                    "指标“{k}”在包里换了种类或对象，这样就是另一个指标了。",
                    "The pack gives the metric “{k}” another kind or object: "
                    "that makes another metric.",
                ).format(k=Text.of(found.own["metrics"][one.path[1]]["label"])),
                Text("这一项选择“保留本公司的”。", "Choose to keep the company's own here."),
                field=one.id,
            )
