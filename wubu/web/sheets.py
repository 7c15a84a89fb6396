"""Workbooks to download."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter


def xlsx(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A sheet with a frozen header. Text stays text: nothing is run as a formula."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
            "remove_timezone": True,
            "in_memory": True,
        },
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, list(header), bold)
    sheet.freeze_panes(1, 0)
    for number, cells in enumerate(rows, 1):
        for column, cell in enumerate(cells):
            if cell is None or cell == "":
                continue
            if isinstance(cell, dt.datetime | dt.date):
                sheet.write_datetime(number, column, cell)
            elif isinstance(cell, int | float | bool):
                sheet.write(number, column, cell)
            else:
                sheet.write_string(number, column, str(cell)[:32_000])
    sheet.set_column(0, len(header) - 1, 18)
    book.close()
    return buffer.getvalue()
