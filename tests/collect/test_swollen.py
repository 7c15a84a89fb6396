"""Workbooks that are small as files and huge when opened are refused before they are opened."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from wubu.collect.imports import reading
from wubu.collect.imports.reading import workbook
from wubu.kernel.types import Refused


def book(path: Path, *cells: tuple[int, int]) -> Path:
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet()
    for row, column in cells:
        sheet.write(row, column, f"{row} {column}")
    made.close()
    return path


def codes(path: Path) -> list[str]:
    with pytest.raises(Refused) as refused:
        reading.sources(path)
    return [p.code for p in refused.value.problems]


def test_it_works(tmp_path: Path) -> None:
    (source,) = reading.sources(book(tmp_path / "a.xlsx", (0, 0), (0, 1), (1, 0), (1, 1)))
    assert source.header == ("0 0", "0 1")


def test_a_cell_in_the_last_corner(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", (0, 0), (1_048_575, 16_383))
    assert codes(path) == ["workbook_too_large"]


def test_an_archive_that_unpacks_to_more_than_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "UNPACKED", 2**20)
    path = book(tmp_path / "c.xlsx", (0, 0), (1, 1))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(2**21))
    assert path.stat().st_size < 2**17
    assert codes(path) == ["workbook_too_large"]
