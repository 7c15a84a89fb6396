"""Reading spreadsheets and text tables as they arrive, one kind, one file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from wubu.collect.imports.reading import text, workbook
from wubu.collect.imports.reading.kinds import detect
from wubu.collect.imports.types import Row, Source


class Reader(Protocol):
    """A kind of file: which sheets it has, and the rows of one."""

    def sources(self, path: Path, name: str) -> list[Source]: ...
    def rows(self, source: Source, first_line: int = 0) -> Iterator[Row]: ...


READERS: dict[str, Reader] = {
    "text": text.TextReader(),
    "xlsx": workbook.WorkbookReader(),
    "xls": workbook.WorkbookReader(),
    "ods": workbook.WorkbookReader(),
}


def sources(path: Path, name: str = "") -> list[Source]:
    """The sheets of a file that hold anything, header and sample read.

    Raises Refused with place and remedy.
    """
    name = name or path.name
    return READERS[detect(path, name)].sources(path, name)


def rows(source: Source, first_line: int = 0) -> Iterator[Row]:
    """The data rows below the header that are not empty, from line ``first_line`` on.

    Raises Refused.
    """
    return READERS[source.kind].rows(source, first_line)


def count(source: Source) -> int:
    """How many data rows a source has; reads it once."""
    return sum(1 for _ in rows(source))


def line(source: Source, number: int) -> list[object] | None:
    """The cells that begin on one line of the file, as they arrived: where a walk back ends."""
    for at, cells in rows(source, number):
        return list(cells) if at == number else None
    return None
