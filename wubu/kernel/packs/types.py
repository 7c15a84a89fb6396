"""What the packs room answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from wubu.kernel.packs.content.compare import Difference
from wubu.kernel.schema.types import Plan
from wubu.kernel.types import Problem, Text

Side = Literal["theirs", "ours"]


@dataclass(frozen=True, slots=True)
class Pack:
    """An installed pack."""

    key: str
    label: Text
    version: int
    installed_at: datetime
    updated_at: datetime | None = None
    extends: str = ""
    base_version: int = 0


@dataclass(frozen=True, slots=True)
class Offered:
    """A pack that comes with the program."""

    key: str
    label: Text
    description: Text
    version: int
    extends: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A difference in plain words.

    Where it is, and what was shipped before, what the pack says and what the company has.
    """

    difference: Difference
    section: Text
    place: Text
    what: Text
    before: Text
    now: Text
    own: Text

    @property
    def id(self) -> str:
        return self.difference.id


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What taking a pack over would change, and where the company's own version would stay.

    ``differences`` are all of them; ``plan`` is what happens to the tables with the choices that
    were asked for or remembered (``chosen``, by the id of a difference); with ``problems`` it
    cannot be applied. ``base`` is the installed pack that was the third in the comparison.
    """

    key: str
    label: Text
    installed_version: int | None
    shipped_version: int
    differences: tuple[Said, ...]
    plan: Plan
    problems: tuple[Problem, ...] = ()
    chosen: Mapping[str, Side] = field(default_factory=dict)
    base: str = ""

    @property
    def taken(self) -> tuple[Said, ...]:
        """What the pack changed and the company did not: taken unless chosen otherwise."""
        return tuple(s for s in self.differences if s.difference.side == "theirs")

    @property
    def conflicts(self) -> tuple[Said, ...]:
        """What both changed: the company's stays unless chosen otherwise."""
        return tuple(s for s in self.differences if s.difference.side == "both")

    @property
    def own(self) -> tuple[Said, ...]:
        """What only the company changed: it always stays."""
        return tuple(s for s in self.differences if s.difference.side == "ours")

    @property
    def is_empty(self) -> bool:
        """Nothing to take and nothing to choose."""
        return not self.taken and not self.conflicts


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history of packs.

    ``parts`` counts what changed beside the tables; ``who`` is empty for the system; ``undoes`` is
    the change that this one took back.
    """

    id: int
    at: datetime
    who: str
    action: Literal["install", "upgrade", "undo"]
    pack: str
    label: Text
    version: int
    parts: int
    undoes: int | None = None
    undone_by: int | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """What taking a change back would do: to the tables, and to everything else in words.

    With ``problems`` it cannot be done.
    """

    change_id: int
    label: Text
    version: int
    differences: tuple[Said, ...]
    plan: Plan
    problems: tuple[Problem, ...] = ()
