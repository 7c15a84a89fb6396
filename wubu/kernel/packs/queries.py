"""Questions about packs: what is there, what a section says, what taking one over would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs.content.schema import PackDef
from wubu.kernel.packs.content.sections import section_labels
from wubu.kernel.packs.differences.comparing import Choices, base_of, compared
from wubu.kernel.packs.differences.remembered import with_remembered
from wubu.kernel.packs.files.document import WORKSPACE, document
from wubu.kernel.packs.files.loading import Files, Loaded, load, load_files, load_text, shipped_keys
from wubu.kernel.packs.files.writing import dump, dump_files
from wubu.kernel.packs.install.applying import Writer
from wubu.kernel.packs.install.changes import Undoing
from wubu.kernel.packs.install.upgrading import proposal, refused
from wubu.kernel.packs.models import InstalledPack, PackChange
from wubu.kernel.packs.models import read as read_json
from wubu.kernel.packs.types import Change, Offered, Pack, Undo, Upgrade
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import policy
from wubu.kernel.schema import together
from wubu.kernel.schema.types import Plan
from wubu.kernel.types import SYSTEM, Actor, Missing, Problem, Text
from wubu.kernel.workspace import remember


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


def export_files(actor: Actor) -> dict[str, str]:
    """The same as several files, one for each part, by name. Raises Forbidden."""
    policy(actor).require_setup("packs")
    rows = InstalledPack.objects.exclude(key=WORKSPACE).order_by("installed_at", "id")
    return dump_files(document({row.key: row.version for row in rows}))


def upgrade(
    key: str,
    folder: Path | None = None,
    choices: Choices | None = None,
    *,
    rehearse: bool = True,
) -> Upgrade:
    """What the shipped pack would change in this workspace. Nothing is kept.

    ``choices`` are by the id of a difference and go before what was chosen and remembered earlier.
    Without ``rehearse`` only the differences are sought, not what taking them over would refuse.
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
    found = compared(load(key, folder), row)
    return proposal(found, with_remembered(found, choices or {}), rehearse=rehearse)


def compare_text(text: str, name: str, choices: Choices | None = None) -> Upgrade:
    """What a configuration that somebody gave would change. Raises Refused with its problems."""
    return _compare(load_text(text, name), choices)


def compare_files(files: Files, choices: Choices | None = None) -> Upgrade:
    """The same of several files, by name. Raises Refused with the problems of all."""
    return _compare(load_files(files), choices)


def compare_shipped(key: str, choices: Choices | None = None) -> Upgrade:
    """What installing a shipped pack would change here: a variant of the installed one, say."""
    return _compare(load(key), choices)


def _compare(loaded: Loaded, choices: Choices | None) -> Upgrade:
    if not snapshot().objects:
        found = compared(loaded, None)
        made = proposal(found, choices or {}, rehearse=False)
        return replace(made, problems=refused(loaded))
    found = compared(loaded, base_of(loaded))
    return proposal(found, with_remembered(found, choices or {}))


def changes(limit: int = 50) -> tuple[Change, ...]:
    """What was installed, upgraded and undone, newest first."""
    rows = list(PackChange.objects.order_by("-pk")[:limit])
    names = people.names({r.actor_id for r in rows if r.actor_id is not None})
    return tuple(
        Change(
            id=row.pk,
            at=row.at,
            who=names.get(row.actor_id or 0, ""),
            action=cast(Any, row.action),
            pack=row.pack,
            label=Text.of(row.label),
            version=row.version,
            parts=sum(len(p) for p in read_json(row.before).values()),
            undoes=row.undoes,
            undone_by=row.undone_by,
        )
        for row in rows
    )


def undoing(change_id: int) -> Undo:
    """What taking a change back would do, and what stands in its way. Nothing is kept.

    Raises Missing.
    """
    what = Undoing.of(change_id)
    problems = list(what.problems())
    made = Plan(snapshot().token, (), ())
    if not problems:
        writer = Writer(SYSTEM)
        made = together.rehearse(
            what.plan, first=lambda: what.first(SYSTEM), then=lambda _: what.then(writer)
        )
        problems = [*made.problems, *writer.problems]
    row = what.row
    return Undo(row.pk, Text.of(row.label), row.version, what.said(), made, tuple(problems))
