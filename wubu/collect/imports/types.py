"""What the rooms and pages know of an import.

Sources as they arrived, mappings, previews, results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from wubu.kernel.types import Problem, Text

# One cell as it arrived: text from a text file; typed from a workbook. Empty is "" or None.
Cell = Any
# (line of the file counting from 1, cells)
Row = tuple[int, list[Cell]]
# progress(done rows, total rows, note)
Progress = Callable[[int, int, str], None]

MEMBERS = "member"  # the target of people files; not an object of the catalog


@dataclass(frozen=True, slots=True)
class Source:
    """One sheet of one file as it arrived. Nothing is read into it but the header and a sample.

    ``header_line`` is the line of the header, 0 when the file has none; ``rows`` counts the data
    rows, None until they were counted. ``notices`` do not stop an import.
    """

    path: Path
    file: str
    kind: str
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    header: tuple[str, ...] = ()
    header_line: int = 1
    sample: tuple[Row, ...] = ()
    rows: int | None = None
    notices: tuple[Problem, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.file} · {self.sheet}" if self.sheet else self.file


How = Literal["recipe", "saved", "key", "label", "synonym", "near", "values", "chosen", ""]


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where one column goes.

    ``field`` is empty while it goes nowhere: such a column is always listed.

    ``how`` says what led to the suggestion, ``score`` how sure it is (0 to 100), ``looks`` what the
    values are.
    """

    index: int
    header: str
    field: str = ""
    how: How = ""
    score: int = 0
    looks: str = "text"
    date_order: str = ""  # ymd, dmy or mdy where the values are dates in words or digits
    factor: int = 1  # what numbers are multiplied by: 10,000 for a column in 万元
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowMap:
    """How the rows of one source become drafts of one object.

    ``aliases`` replaces values of a field before they are checked (None: leave empty);
    ``create`` names link fields whose missing records are created; empty cells leave what is there
    as it is unless ``clear_empty``; ``derive`` fills a field from a
    template over other columns (``"{product} · {account}"``); ``constants`` fills a field with one
    value.
    """

    object: str
    columns: tuple[ColumnMap, ...]
    match_on: tuple[str, ...] = ()
    aliases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    create: frozenset[str] = frozenset()
    derive: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    clear_empty: bool = False
    recipe: str = ""

    @property
    def fields(self) -> dict[str, int]:
        """field key → column index, of the columns that go somewhere."""
        return {c.field: c.index for c in self.columns if c.field}

    @property
    def unmapped(self) -> tuple[ColumnMap, ...]:
        return tuple(c for c in self.columns if not c.field)


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """The same problem on many rows, told once. ``lines`` are the first few of ``rows``."""

    code: str
    field: str
    message: Text
    hint: Text | None
    value: Any
    suggestion: Any
    rows: int
    lines: tuple[int, ...]
    remedies: tuple[str, ...] = ()  # of: accept, create, option, empty
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """What an import would do, before it does it."""

    rows: int
    created: int
    updated: int
    unchanged: int
    bad_rows: int
    groups: tuple[ProblemGroup, ...]
    first: tuple[tuple[int, Mapping[str, Any]], ...]  # (line, values as they will be shown)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by link field: names

    @property
    def clean(self) -> bool:
        return not self.bad_rows


@dataclass(frozen=True, slots=True)
class Done:
    """What one batch did."""

    batch: int
    file: str
    object: str
    created: int
    updated: int
    unchanged: int
    skipped: int
    seconds: float


@dataclass(frozen=True, slots=True)
class FolderDone:
    """What an import of several files did, in the order they ran."""

    batches: tuple[Done, ...]
    offset_days: int = 0

    @property
    def created(self) -> int:
        return sum(b.created for b in self.batches)

    @property
    def updated(self) -> int:
        return sum(b.updated for b in self.batches)

    @property
    def skipped(self) -> int:
        return sum(b.skipped for b in self.batches)
