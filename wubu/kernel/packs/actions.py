"""Installing a pack: its objects, then its other sections by whoever knows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wubu.kernel.calendar.queries import now
from wubu.kernel.packs import queries
from wubu.kernel.packs.build import objects
from wubu.kernel.packs.models import InstalledPack
from wubu.kernel.packs.types import Upgrade
from wubu.kernel.permissions import actions as permissions
from wubu.kernel.schema.actions import apply, plan
from wubu.kernel.types import Actor
from wubu.kernel.workspace import forget

# Takes the section's content by key; must change nothing when run again.
Installer = Callable[..., Any]

_installers: dict[str, Installer] = {}


def register(section: str, fn: Installer) -> None:
    """``fn(definitions, *, actor)`` installs a section of every pack; called in AppConfig.ready().

    Sections are installed in the order in which they were registered, lower rooms first.
    """
    _installers[section] = fn


def install(key: str, *, actor: Actor, folder: Path | None = None) -> bool:
    """Install a shipped pack (or one in a folder of one's own). True if something was new.

    A pack that is there already is left alone: a newer version is proposed by ``queries.upgrade``
    and taken by ``upgrade``. Sections that a room could not install before are installed now.
    Raises Refused with every problem of the pack, Forbidden.
    """
    row = InstalledPack.objects.filter(key=key).first()
    if row is not None:
        _sections(row.shipped, actor)
        return False
    pack, content = queries.read(key, folder)
    apply(plan(objects(pack)), actor=actor)
    at = now()
    InstalledPack.objects.create(
        key=key, version=pack.version, shipped=content, installed_at=at, updated_at=at
    )
    forget()
    _sections(content, actor)
    return True


def upgrade(key: str, *, actor: Actor, folder: Path | None = None) -> Upgrade:
    """Take over what a newer shipped pack changes; what the company changed itself stays.

    Raises Missing when the pack is not installed, Refused, Forbidden.
    """
    made = queries.upgrade(key, folder)
    apply(made.plan, actor=actor)
    pack, content = queries.read(key, folder)
    InstalledPack.objects.filter(key=key).update(
        version=pack.version, shipped=content, updated_at=now()
    )
    forget()
    _sections(content, actor)
    return made


def _sections(content: Mapping[str, Any], actor: Actor) -> None:
    permissions.install(actor=actor, roles=content.get("roles") or {})
    for name, fn in _installers.items():
        definitions = content.get(name)
        if definitions:
            fn(definitions, actor=actor)
