"""What follows from grants and the catalog alone: worked out once, for all who hold the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.permissions.rules import GrantRule, Level

KEPT = 64  # sets of rights remembered per process
Path = tuple[str, ...]


class Known:
    """Answers for one set of rights under one Snapshot; they hold as long as both are the same.

    Nothing here may depend on the actor, whom they answer for, or the day. ``kept`` is for what
    rooms above work out of the same.
    """

    __slots__ = ("granted", "kept", "levels", "may", "paths", "snapshot")

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.granted: dict[tuple[str, str], list[GrantRule]] = {}
        self.may: dict[tuple[str, str], bool] = {}
        self.levels: dict[tuple[str, str], Level] = {}
        self.paths: dict[tuple[str, Path, bool], bool] = {}
        self.kept: dict[Hashable, Any] = {}


_known: OrderedDict[Hashable, Known] = OrderedDict()
_lock = Lock()


def of(snapshot: Snapshot, rights: tuple[Any, ...]) -> Known:
    """What is known of these rights, shared by all who have the same."""
    key = (id(snapshot), *map(_frozen, rights))
    with _lock:
        found = _known.get(key)
        if found is not None and found.snapshot is snapshot:
            _known.move_to_end(key)
            return found
        made = _known[key] = Known(snapshot)
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return made


def _frozen(part: Any) -> Hashable:
    return tuple(part) if isinstance(part, list) else part
