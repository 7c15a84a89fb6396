"""What follows from grants and the catalog alone: worked out once, for all who hold the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.permissions.rules import GrantRule, Level

CACHE_SIZE = 64  # sets of rights remembered per process
MOST = 20_000  # answers of one kind for one set of rights; what callers ask for has no end
Path = tuple[str, ...]
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedDict(dict[K, V]):
    """A memory that begins anew when it is full."""

    __slots__ = ("most",)

    def __init__(self, most: int = MOST) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, key: K, value: V) -> None:
        if len(self) >= self.most:
            self.clear()
        super().__setitem__(key, value)


class RightsCache:
    """Answers for one set of rights under one Snapshot; they hold as long as both are the same.

    Nothing here may depend on the actor, whom they answer for, or the day.
    """

    __slots__ = ("granted", "kept", "levels", "may", "paths", "snapshot")

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.granted: dict[tuple[str, str], list[GrantRule]] = BoundedDict()
        self.may: dict[tuple[str, str], bool] = BoundedDict()
        self.levels: dict[tuple[str, str], Level] = BoundedDict()
        self.paths: dict[tuple[str, Path, bool], bool] = BoundedDict()
        self.kept: dict[Hashable, Any] = BoundedDict(1_000)

    def keep(self, key: Hashable, make: Callable[[], V]) -> V:
        """What a room above works out of the same, once.

        ``key`` must say all else it depends on, be it a name or a filter with the ids in it.
        """
        found: V | None = self.kept.get(key)
        if found is None:
            found = self.kept[key] = make()
        return found


_known: OrderedDict[Hashable, RightsCache] = OrderedDict()
_lock = Lock()


def of(snapshot: Snapshot, rights: tuple[Any, ...]) -> RightsCache:
    """What is known of these rights, shared by all who have the same."""
    key = (id(snapshot), *map(_frozen, rights))
    with _lock:
        found = _known.get(key)
        if found is not None and found.snapshot is snapshot:
            _known.move_to_end(key)
            return found
        made = _known[key] = RightsCache(snapshot)
        while len(_known) > CACHE_SIZE:
            _known.popitem(last=False)
    return made


def _frozen(part: Any) -> Hashable:
    return tuple(part) if isinstance(part, list) else part
