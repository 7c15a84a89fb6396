"""What stands in a record that is not saved yet, across its links too: one question per link."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.formula.typed import Path
from wubu.kernel.query.sorting import within
from wubu.kernel.query.types import Across

Rows = Callable[[str], "QuerySet[Any]"]


class Beside:
    """``get(path)`` for a formula over values of which only the record's own are at hand.

    ``rows`` gives the records of an object that may be looked at, ``wanted`` every path that will
    be asked for, ``across`` from which of them a path leads on within sight.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        object_key: str,
        own: Mapping[str, Any],
        rows: Rows,
        wanted: Iterable[Path] = (),
        across: Callable[[str], Across] | None = None,
        found: dict[tuple[str, Any], dict[Path, Any]] | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.object_key = object_key
        self.own = own
        self.rows = rows
        self.across = across
        self.wanted: dict[str, set[Path]] = {}
        for path in wanted:
            if len(path) > 1:
                self.wanted.setdefault(path[0], set()).add(path[1:])
        # Shared between the lines of one form: the same product is asked for once.
        self._found = {} if found is None else found

    def get(self, path: Path) -> Any:
        """The stored value; missing where the way leads over nothing or out of sight."""
        value = self.own.get(path[0])
        if len(path) == 1 or value is None:
            return value
        key = (path[0], value)
        found = self._found.setdefault(key, {})
        if path[1:] not in found:
            found.update(self._read(path, value))
        return found.get(path[1:])

    def _read(self, path: Path, id_: Any) -> dict[Path, Any]:
        f = self.snapshot.object(self.object_key).fields.get(path[0])
        if f is None or not f.kind.refers_to_one or not isinstance(id_, int):
            return {}
        target = f.target if f.kind.links_one else f.type
        paths = sorted(self.wanted.get(path[0], set()) | {path[1:]})
        found: dict[Path, Any] = {}
        together = paths if self.across is None else [p for p in paths if len(p) == 1]
        for some in ([together] if together else []) + [[p] for p in paths if p not in together]:
            rows = self.rows(target).filter(pk=id_)
            beyond = within(some, self.across(target) if self.across else None)
            row = (rows.filter(beyond) if beyond else rows).values_list(*map("__".join, some))
            found.update(zip(some, row.first() or (None,) * len(some), strict=True))
        return found
