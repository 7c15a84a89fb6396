"""What crosses the room: layouts ready for use, what a form shows now, drafts, versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from wubu.kernel.formula.types import Formula
from wubu.kernel.query.linked import Linkage
from wubu.kernel.types import Text

Use = Literal["form", "quick"]
Kind = Literal["field", "text", "lines"]
DEFAULT = "default"  # the key of the layout that every object has without anybody designing it


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One thing in a section: a field, a note, or the lines of a part.

    ``id`` is its place (``s0.2``). ``span`` is how many columns it takes. ``needed`` asks for a
    value in this form only; ``needed_when`` and ``shown_when`` are conditions on the record.
    ``folded`` on a phone it waits behind “more”; ``concealed`` it never shows, a linkage fills it.
    Lines have ``columns``, in order (all without), and what the layout says of columns in
    ``cells``: there ``shown_when`` is asked of the record, ``needed_when`` of each line.
    """

    id: str
    kind: Kind
    key: str = ""
    span: int = 1
    read_only: bool = False
    needed: bool = False
    needed_when: Formula | None = None
    shown_when: Formula | None = None
    help: Text | None = None
    text: Text | None = None
    tone: str = ""
    columns: tuple[str, ...] = ()
    cells: tuple[Item, ...] = ()
    fills: Linkage | None = None
    candidates: Linkage | None = None
    folded: bool = False
    concealed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A section: its heading, one to three columns, and what stands in it."""

    id: str
    label: Text
    columns: int
    items: tuple[Item, ...]
    collapsible: bool = False
    collapsed: bool = False
    shown_when: Formula | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A layout that can be used. ``roles`` and ``stages`` empty: for everybody, in every stage.

    ``broken``: the condition under which it holds cannot be read any more, so it never does.
    """

    object_key: str
    key: str
    label: Text
    use: Use
    parts: tuple[Part, ...]
    roles: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    when: Formula | None = None
    version: int = 0
    active: bool = True
    fallback: bool = False  # nobody designed it: fields it forgets come last
    broken: bool = False

    @property
    def items(self) -> Iterator[Item]:
        for part in self.parts:
            yield from part.items


@dataclass(frozen=True, slots=True)
class LayoutInfo:
    """A layout as designers list it; ``broken`` says why it cannot be used at the moment."""

    object_key: str
    key: str
    label: Text
    use: Use
    roles: tuple[str, ...]
    stages: tuple[str, ...]
    version: int
    active: bool
    position: int
    updated_at: datetime | None
    updated_by: int | None
    definition: Mapping[str, Any] = field(default_factory=dict)
    broken: Text | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One saving of a layout."""

    version: int
    saved_at: datetime
    saved_by: int | None
    reason: str
    active: bool
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DraftInfo:
    """A form that somebody began; ``record_id`` is None for a new record."""

    id: int
    object_key: str
    record_id: int | None
    slot: str
    title: str
    saved_at: datetime
