"""Installing packs, taking over newer ones and taking that back.

Each in one transaction, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs import queries
from wubu.kernel.packs.content.compare import GONE, Difference
from wubu.kernel.packs.content.sections import declare as declare
from wubu.kernel.packs.content.sections import register as register
from wubu.kernel.packs.content.sections import sections
from wubu.kernel.packs.differences import remembered
from wubu.kernel.packs.differences.comparing import Choices, Compared, base_of, compared
from wubu.kernel.packs.differences.remembered import with_remembered
from wubu.kernel.packs.files.document import WORKSPACE
from wubu.kernel.packs.files.loading import Files, Loaded, load, load_files, load_text, shipped_keys
from wubu.kernel.packs.install.applying import Writer
from wubu.kernel.packs.install.changes import Recorder, Undoing, refuse
from wubu.kernel.packs.install.upgrading import Upgrading, Whole, carry_out, proposal, require
from wubu.kernel.packs.models import InstalledPack
from wubu.kernel.packs.types import Upgrade
from wubu.kernel.permissions.queries import policy
from wubu.kernel.schema import together
from wubu.kernel.types import Actor, Text
from wubu.kernel.workspace import forget

LOGGED = 200  # differences that one line of the log names


def install(key: str, *, actor: Actor, folder: Path | None = None) -> bool:
    """Install a shipped pack (or one in a folder of one's own). True if something was new.

    A pack that is there already is left alone: a newer version is proposed by ``queries.upgrade``
    and taken by ``upgrade``. Sections that a room could not install before are installed now.
    Raises Refused with every problem of the pack, Forbidden.
    """
    row = InstalledPack.objects.filter(key=key).first()
    if row is not None:
        writer = Writer(actor)
        for section in sections():
            writer.install(section, row.content.get(section.name) or {})
        writer.finish()
        return False
    _apply_whole(load(key, folder), {}, actor)
    return True


def install_text(
    text: str, name: str, *, actor: Actor, choices: Choices | None = None
) -> Upgrade | None:
    """Take over a configuration that somebody gave.

    ``choices`` as ``queries.compare_text`` named the differences. None when the workspace was
    empty. Raises Refused with every problem and its line, Forbidden.
    """
    return _apply_whole(load_text(text, name), choices or {}, actor)


def install_files(files: Files, *, actor: Actor, choices: Choices | None = None) -> Upgrade | None:
    """The same of several files, by name."""
    return _apply_whole(load_files(files), choices or {}, actor)


def apply(key: str, *, actor: Actor, choices: Choices | None = None) -> Upgrade | None:
    """Take over a shipped pack beside what there is: a variant of the installed one, say."""
    return _apply_whole(load(key), choices or {}, actor)


def upgrade(
    key: str, *, actor: Actor, folder: Path | None = None, choices: Choices | None = None
) -> Upgrade:
    """Take over what a newer shipped pack changes.

    What the company changed itself stays, unless ``choices`` say otherwise.

    Raises Missing when the pack is not installed, Refused, Forbidden.
    """
    queries.upgrade(key, folder, rehearse=False)
    loaded = load(key, folder)
    row = InstalledPack.objects.get(key=key)
    return _apply(compared(loaded, row), choices or {}, actor)


def choose(choices: Choices, *, actor: Actor, key: str = "", files: Files | None = None) -> None:
    """Remember whose version of which part is to be used.

    For a shipped pack or for uploaded files, until it is applied. Raises Refused, Forbidden.
    """
    policy(actor).require_setup("packs")
    loaded = load_files(files) if files is not None else load(key)
    row = InstalledPack.objects.filter(key=key).first() if key else None
    remembered.keep(compared(loaded, row or base_of(loaded)), choices, actor=actor)


def undo(change_id: int, *, actor: Actor) -> None:
    """Take an installation, an upgrade or an undoing back.

    Tables, roles, forms, views, metrics and rules. Rules are as before from today on; what held
    meanwhile stays in their history.

    Raises Missing, Forbidden, or Refused with everything newer that depends on it.
    """
    what = Undoing.of(change_id)
    _may(actor, what.touched - {"objects"})
    refuse(what.problems())
    recorder, row = Recorder(), what.row

    def then() -> None:
        writer = Writer(actor)
        what.then(writer)
        writer.finish()
        forget()
        label = Text.of(row.label)
        recorder.write(
            actor,
            "undo",
            pack=row.pack,
            label=label,
            version=row.version,
            at=now(),
            undoes=row.pk,
        )
        said = {"pack": row.pack, "version": row.version, "undoes": row.pk}
        rows = [(row.pk, None, said, None)]
        append(actor=actor, at=now(), object_key="_pack", action="undo", rows=rows)

    together.apply(
        what.plan,
        actor=actor,
        first=lambda: what.first(actor),
        then=then,
        tables="objects" in what.touched,
    )
    forget()


def _apply_whole(loaded: Loaded, choices: Choices, actor: Actor) -> Upgrade | None:
    if snapshot().objects:
        return _apply(compared(loaded, base_of(loaded)), choices, actor)
    whole, recorder = Whole(loaded), Recorder()
    _may(actor, whole.touched)

    def then() -> None:
        row = _keep(loaded, None)
        _log(actor, "install", row, (), recorder, loaded)

    carry_out(whole, loaded, actor=actor, then=then)
    return None


def _apply(found: Compared, choices: Choices, actor: Actor) -> Upgrade:
    choices = with_remembered(found, choices)
    require(found, choices)
    taking, recorder = Upgrading(found, found.taken(choices)), Recorder()
    _may(actor, taking.touched - {"objects"})
    made = proposal(found, choices, rehearse=False)

    def then() -> None:
        row = _keep(found.loaded, found.row)
        remembered.forget_all(found.loaded.pack.pack)
        action = "upgrade" if found.row and found.row.key == row.key else "install"
        _log(actor, action, row, taking.taken, recorder, found.loaded)

    carry_out(taking, found.loaded, actor=actor, then=then)
    return replace(made, problems=())


def _keep(loaded: Loaded, row: InstalledPack | None) -> InstalledPack:
    """Remember what was shipped, for the next compare. A variant takes the place of its base."""
    at = now()
    for key, version in loaded.pack.based_on.items():
        _keep_base(key, version)
    values = {
        "key": loaded.pack.pack,
        "version": loaded.pack.version,
        "shipped": InstalledPack.keep(loaded.content),
        "updated_at": at,
    }
    if row is None or loaded.pack.pack == WORKSPACE != row.key:
        return InstalledPack.objects.create(**values, installed_at=at)
    InstalledPack.objects.filter(pk=row.pk).update(**values)
    return InstalledPack.objects.get(pk=row.pk)


def _keep_base(key: str, version: int) -> None:
    """A configuration that was made of a shipped pack follows the upgrades of that pack."""
    if key not in shipped_keys() or InstalledPack.objects.filter(key=key).exists():
        return
    base = load(key)
    if base.pack.version == version:
        at = now()
        InstalledPack.objects.create(
            key=key,
            version=version,
            shipped=InstalledPack.keep(base.content),
            installed_at=at,
            updated_at=at,
        )


def _may(actor: Actor, names: Iterable[str]) -> None:
    """A pack widens nobody's rights: every part that it changes takes the right to change it."""
    rights = policy(actor)
    rights.require_setup("packs")
    rights.require_setup("objects")
    wanted = set(names)
    for section in sections():
        if section.name in wanted and section.area:
            rights.require_setup(section.area)


def _log(
    actor: Actor,
    action: str,
    row: InstalledPack,
    taken: Iterable[Difference],
    recorder: Recorder,
    loaded: Loaded,
) -> None:
    def shown(value: Any) -> Any:
        return None if value is GONE else value

    forget()
    some, at, label = list(taken), now(), loaded.pack.label
    recorder.write(
        actor, action, pack=row.key, label=Text(label.zh, label.en), version=row.version, at=at
    )
    before = {d.id: shown(d.own) for d in some[:LOGGED]}
    after = {d.id: shown(d.now) for d in some[:LOGGED]}
    said = {"pack": row.key, "version": row.version, "changes": len(some)}
    append(
        actor=actor,
        at=at,
        object_key="_pack",
        action=action,
        rows=[(row.pk, before or None, {**said, **after}, None)],
    )
