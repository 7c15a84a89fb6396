"""Excel and OpenDocument workbooks, through calamine: typed cells, real dates."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from wubu.collect.imports.reading import header
from wubu.collect.imports.reading.kinds import damaged, detect
from wubu.collect.imports.types import Cell, Row, Source
from wubu.kernel.types import Problem, Refused, Text

UNPACKED = 2 * 2**30  # bytes of all parts of a workbook together
CELLS = 40_000_000
PLACE = re.compile(rb'<(?:\w{1,8}:)?c r="([A-Z]{1,3})(\d{1,7})"')


class WorkbookReader:
    """Rows of the sheets of a workbook. One sheet is held in memory, as its file format demands."""

    def sources(self, path: Path, name: str) -> list[Source]:
        kind = detect(path, name)
        if kind in ("xlsx", "ods"):
            _refuse_swollen(path, name)
        book = _open(path, name)
        found, last = [], header.only_header(name, 0)
        for meta in book.sheets_metadata:
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            first = list(islice(_records(book, meta.name, name), header.LOOK_AT + header.SAMPLE))
            if not first:
                continue
            line, names, notices = header.find(first)
            sample = tuple(r for r in first if r[0] > line)[: header.SAMPLE]
            if not sample:
                last = header.only_header(f"{name} · {meta.name}", line)
                continue
            found.append(
                Source(
                    path,
                    name,
                    kind,
                    sheet=meta.name,
                    header=names,
                    header_line=line,
                    sample=sample,
                    notices=tuple(notices),
                )
            )
        if not found:
            raise Refused(last)
        return found

    def rows(self, source: Source, first_line: int = 0) -> Iterator[Row]:
        after = max(source.header_line, first_line - 1)
        book = _open(source.path, source.file)
        return (row for row in _records(book, source.sheet, source.file) if row[0] > after)


def _refuse_swollen(path: Path, name: str) -> None:
    """Refuse a file that unpacks to more than memory holds.

    A small archive can hold far more than memory does, and one cell in the last corner of a sheet
    makes all cells before it. Raises Refused.
    """
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > UNPACKED:
            raise _too_large(name)
        for part in parts:
            if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                with archive.open(part) as sheet:
                    if _cells(sheet) > CELLS:
                        raise _too_large(name)


def _cells(sheet: IO[bytes]) -> int:
    """How many cells the sheet's rectangle has: its last row times its last column."""
    row, column, rest = 1, 1, b""
    while block := sheet.read(1 << 20):
        text = rest + block
        for letters, digits in PLACE.findall(text):
            row = max(row, int(digits))
            column = max(column, _column(letters))
        rest = text[-40:]
    return row * column


@cache
def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(name: str) -> Refused:
    return Refused(
        Problem(
            "workbook_too_large",
            Text(
                "“{f}”展开后太大，读不下。", "“{f}” is too large to be read once it is unpacked."
            ).format(f=name),
            Text(
                "请删去空白的行列，另存为 CSV，或拆成几个文件。",
                "Delete empty rows and columns, save it as CSV, or split it into several files.",
            ),
        )
    )


def _open(path: Path, name: str) -> Any:
    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise Refused(
            Problem(
                "password",
                Text("“{f}”设了密码。", "“{f}” is protected by a password.").format(f=name),
                Text("请去掉密码后再上传。", "Remove the password and upload it again."),
            )
        ) from error
    except (CalamineError, OSError) as error:
        raise damaged(name) from error


def _records(book: Any, sheet: str, name: str) -> Iterator[Row]:
    try:
        rows = book.get_sheet_by_name(sheet).iter_rows()
        for line, cells in enumerate(rows, 1):
            if header.filled(cells):
                yield line, [_plain(c) for c in cells]
    except CalamineError as error:
        raise damaged(name) from error


def _plain(cell: Cell) -> Cell:
    """Whole numbers are stored as floats in workbooks: 12.0 is 12."""
    if type(cell) is float and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    return cell
