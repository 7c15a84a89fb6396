"""What an upgrade would do, and what it did. All immutable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wubu.kernel.schema.base_columns import MissingColumn
from wubu.kernel.types import Text
from wubu.measure.ledger.recompiled import Rebuilt, Recompiled


@dataclass(frozen=True, slots=True)
class Room:
    """Space on the disk, in bytes.

    What the database takes, what the upgrade needs beside it, and what is free. ``free`` None: the
    database is on another machine.
    """

    size: int
    needed: int
    free: int | None

    @property
    def is_enough(self) -> bool:
        return self.free is None or self.free >= self.needed


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What this program would do to the database.

    ``fresh``: it is still empty. ``metrics`` is None where it can be told only when ``migrations``
    are done. ``broken`` are
    metrics whose rule does not fit the catalog any more; they stop nothing. ``unknown`` are
    migrations that a newer program made and this one lacks.
    """

    fresh: bool
    migrations: tuple[str, ...]
    room: Room
    unknown: tuple[str, ...] = ()
    columns: tuple[MissingColumn, ...] = ()
    definitions: tuple[tuple[Text, int], ...] = ()
    metrics: tuple[Recompiled, ...] | None = ()
    broken: tuple[tuple[Text, Text], ...] = ()
    seconds: float = 0.0

    @property
    def is_needed(self) -> bool:
        return bool(self.migrations or self.columns or self.definitions or self.metrics)

    @property
    def serves(self) -> bool:
        """Whether pages can be answered as it is: every table and column is there."""
        return not (self.fresh or self.migrations or self.columns or self.unknown)


@dataclass(frozen=True, slots=True)
class Done:
    """What an upgrade did. ``copy`` is the file as it was before."""

    migrations: int
    columns: int
    definitions: int
    rebuilt: tuple[Rebuilt, ...]
    copy: Path | None
