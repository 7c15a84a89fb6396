"""Installing packs and taking over newer ones: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from wubu.kernel.audit.actions import append
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs import queries
from wubu.kernel.packs.build import objects
from wubu.kernel.packs.compare import GONE, Difference, merged
from wubu.kernel.packs.document import WORKSPACE
from wubu.kernel.packs.loading import Loaded, load, load_text, shipped_keys
from wubu.kernel.packs.models import InstalledPack
from wubu.kernel.packs.queries import Choices, Compared
from wubu.kernel.packs.sections import Section, sections
from wubu.kernel.packs.sections import register as register
from wubu.kernel.packs.trees import specs_of
from wubu.kernel.packs.types import Upgrade
from wubu.kernel.permissions.queries import policy
from wubu.kernel.schema.actions import apply, plan
from wubu.kernel.types import Actor, Problem, Refused, Text
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
        _sections(row.content, None, actor)
        return False
    _take_whole(load(key, folder), {}, actor)
    return True


def install_text(
    text: str, name: str, *, actor: Actor, choices: Choices | None = None
) -> Upgrade | None:
    """Take over a configuration that somebody gave; ``choices`` as ``queries.compare_text`` named
    the differences. None when the workspace was empty. Raises Refused with every problem and its
    line, Forbidden.
    """
    return _take_whole(load_text(text, name), choices or {}, actor)


def take(key: str, *, actor: Actor, choices: Choices | None = None) -> Upgrade | None:
    """Take over a shipped pack beside what there is: a variant of the installed one, say."""
    return _take_whole(load(key), choices or {}, actor)


def upgrade(
    key: str, *, actor: Actor, folder: Path | None = None, choices: Choices | None = None
) -> Upgrade:
    """Take over what a newer shipped pack changes; what the company changed itself stays, unless
    ``choices`` say otherwise.

    Raises Missing when the pack is not installed, Refused, Forbidden.
    """
    queries.upgrade(key, folder)
    loaded = load(key, folder)
    row = InstalledPack.objects.get(key=key)
    return _take(queries.compared(loaded, row), choices or {}, actor)


def _take_whole(loaded: Loaded, choices: Choices, actor: Actor) -> Upgrade | None:
    if snapshot().objects:
        return _take(queries.compared(loaded, queries.base_of(loaded)), choices, actor)
    _may(actor, (s.name for s in sections() if loaded.content.get(s.name)))

    def then() -> None:
        row = _keep(loaded, None)
        _sections(loaded.content, loaded, actor)
        _log(actor, "install", row, ())

    apply(plan(objects(loaded.pack)), actor=actor, then=then)
    forget()
    return None


def _take(found: Compared, choices: Choices, actor: Actor) -> Upgrade:
    made = queries.proposal(found, choices)
    taken = found.taken(choices)
    touched = {d.path[0] for d in taken}
    _may(actor, touched - {"objects"})
    if made.problems:
        raise Refused(*made.problems)
    tree = merged(found.own, taken)

    def then() -> None:
        row = _keep(found.loaded, found.row)
        for section in sections():
            if section.export is None:
                _run(section, found.loaded.content.get(section.name) or {}, found.loaded, actor)
            elif section.name in touched:
                _put(section, tree.get(section.name) or {}, found, taken, actor)
        _log(actor, "upgrade" if found.row else "install", row, taken)

    specs = specs_of(tree, found.before, found.now, snapshot())
    apply(plan(specs), actor=actor, then=then)
    forget()
    return made


def _put(
    section: Section,
    tree: Mapping[str, Any],
    found: Compared,
    taken: Iterable[Difference],
    actor: Actor,
) -> None:
    """Let the things that differ be as they are to stand; what is new brings its history."""
    full = section.normal(found.loaded.content.get(section.name) or {}, snapshot())
    keys = dict.fromkeys(d.path[1] for d in taken if d.path[0] == section.name and d.path[1:])
    if any(d.path == (section.name,) for d in taken):
        keys = dict.fromkeys(tree)
    own = found.own.get(section.name) or {}
    new = {k: full.get(k, tree[k]) for k in keys if k in tree and k not in own}
    changed = {k: tree[k] for k in keys if k in tree and k in own}
    gone = [k for k in keys if k not in tree and k in own]
    there = section.export() if section.export else {}
    # What was retired here is there all the same, and comes back.
    back = {k: d for k, d in new.items() if k in there}
    new = {k: d for k, d in new.items() if k not in there}
    if new:
        _run(section, new, found.loaded, actor)
    put, write = {**changed, **back}, section.put or section.install
    if put:
        _told(section, put, found.loaded, lambda: write(put, actor=actor))
    if gone and section.retire:
        section.retire(gone, actor=actor)


def _sections(content: Mapping[str, Any], loaded: Loaded | None, actor: Actor) -> None:
    for section in sections():
        definitions = content.get(section.name)
        if definitions:
            _run(section, definitions, loaded, actor)


def _run(
    section: Section, definitions: Mapping[str, Any], loaded: Loaded | None, actor: Actor
) -> None:
    if definitions:
        _told(section, definitions, loaded, lambda: section.install(definitions, actor=actor))


def _told(section: Section, some: Mapping[str, Any], loaded: Loaded | None, do: Any) -> None:
    """Problems that a room finds get the file and line of their definition."""
    try:
        do()
    except Refused as refused:
        if loaded is None:
            raise
        keys = list(some)
        raise Refused(*(_placed(p, section, keys, loaded) for p in refused.problems)) from refused


def _placed(problem: Problem, section: Section, keys: list[str], loaded: Loaded) -> Problem:
    if problem.line is not None:
        return problem
    here = keys[problem.row] if problem.row is not None and problem.row < len(keys) else None
    path = (section.name, *((here,) if here else ()), *((problem.field,) if problem.field else ()))
    label = Text.of(some) if (some := _label(loaded, section.name, here)) else section.label
    said = Text("{l}：{m}", "{l}: {m}").format(l=label, m=problem.message)
    return replace(loaded.source.problem(path, problem.code, said, problem.hint), field=here)


def _label(loaded: Loaded, section: str, key: str | None) -> Any:
    found = (loaded.content.get(section) or {}).get(key or "", {})
    return found.get("label") if isinstance(found, Mapping) else None


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


def _log(actor: Actor, action: str, row: InstalledPack, taken: Iterable[Difference]) -> None:
    def shown(value: Any) -> Any:
        return None if value is GONE else value

    some = list(taken)
    before = {d.id: shown(d.own) for d in some[:LOGGED]}
    after = {d.id: shown(d.now) for d in some[:LOGGED]}
    said = {"pack": row.key, "version": row.version, "changes": len(some)}
    append(
        actor=actor,
        at=now(),
        object_key="_pack",
        action=action,
        rows=[(row.pk, before or None, {**said, **after}, None)],
    )
