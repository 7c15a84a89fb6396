"""What crosses the room: drafts in; records, pages, hits and changes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wubu.kernel.types import Problem, Text


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as someone wants it: raw values by field key, as typed, imported or sent.

    With ``id`` it changes that record, and ``version`` is the version it was read at. ``line`` is
    the line of the source file. ``children`` holds, per child object, the whole list of parts that
    the record shall have; an item with ``id`` keeps that part, parts not named are archived.
    """

    values: Mapping[str, Any]
    id: int | None = None
    version: int | None = None
    line: int | None = None
    children: Mapping[str, Sequence[Mapping[str, Any]]] | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What a batch did.

    ``ids`` has one entry per draft, in order (None where it was refused or not yet written).
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()
    ids: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer of a check without writing: what would happen, and every problem."""

    problems: tuple[Problem, ...]
    creates: int = 0
    updates: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One record as its reader may see it.

    ``values`` are stored forms of the readable fields only (money in minor units, percent in basis
    points …); ``titles`` holds the shown names of links, members and teams: a string, or a tuple of
    strings for links to many. A masked field is None in ``values``; what may be shown of it is in
    ``masked`` (138****1234). Times are aware, in UTC.
    """

    object_key: str
    id: int
    version: int
    values: Mapping[str, Any]
    title: str
    titles: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    archived_at: datetime | None = None
    created_at: datetime | None = None
    created_by: int | None = None
    updated_at: datetime | None = None
    updated_by: int | None = None
    masked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; the cursors are opaque, None where there is nothing further."""

    records: tuple[Record, ...]
    next_cursor: str | None = None
    previous_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many records there are; counting stops at a cap, then ``more`` is true."""

    number: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer of the search box."""

    object_key: str
    id: int
    title: str
    subtitle: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field in one change, as shown to people.

    Both values are in words already, empty where there was none.
    """

    field: str
    label: Text
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One logged change, with only the fields that its reader may see."""

    id: int
    at: datetime
    actor_id: int | None
    actor_name: str
    entrance: str
    object_key: str
    record_id: int
    action: str
    fields: tuple[FieldChange, ...]
    batch_id: int | None = None
    file: str = ""
    sheet: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class StageInterval:
    """One stay in one stage.

    From ``entered_on`` to ``left_on`` (half-open; None while it lasts).
    """

    record_id: int
    stage: str
    rank: int
    entered_on: Any
    left_on: Any


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking back a batch did.

    ``kept`` are the records changed since, which were left as they are.
    """

    archived: int
    put_back: int
    kept: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One attached file. ``size`` in bytes; ``sha256`` is its hexadecimal digest."""

    id: int
    name: str
    size: int
    content_type: str
    sha256: str
    uploaded_by: int | None
    uploaded_at: datetime
