"""Excel and OpenDocument workbooks, through calamine: typed cells, real dates."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from wubu.collect.imports.reading import header
from wubu.collect.imports.reading.kinds import damaged, detect
from wubu.collect.imports.types import Cell, Row, Source
from wubu.kernel.types import Problem, Refused, Text


class WorkbookReader:
    """Rows of the sheets of a workbook. One sheet is held in memory, as its file format demands."""

    def sources(self, path: Path, name: str) -> list[Source]:
        kind = detect(path, name)
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
