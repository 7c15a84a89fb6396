"""A list as a file: the filtered rows, the columns as shown, words in the reader's language."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import quote

import xlsxwriter
from django.http import HttpResponse

from wubu.kernel.audit import access
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.lookup import shown_as
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor
from wubu.web.ui import show, values

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PER_PAGE = 200
LONGEST = 32_767  # characters that a cell of a workbook holds
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run these as formulas


def records(actor: Actor, object_key: str, query: Query) -> Iterator[Record]:
    """Every record of the list that the actor may take along, page after page."""
    requested = replace(query, limit=PER_PAGE, cursor="")
    while True:
        page = queries.page(actor, object_key, requested, "export")
        yield from page.records
        if not page.next_cursor:
            return
        requested = replace(requested, cursor=page.next_cursor)


def export(
    actor: Actor,
    object_key: str,
    kind: str,
    name: str,
    columns: Sequence[FieldSpec],
    query: Query,
    place: str = "",
) -> HttpResponse:
    """A list as a file, and a line in the access log: who took which columns of how many."""
    count = 0

    def counted() -> Iterator[Record]:
        nonlocal count
        for record in records(actor, object_key, query):
            count += 1
            yield record

    answer = response(kind, name, columns, counted())
    access.took(
        actor,
        kind="export",
        object_key=object_key,
        fields=[f.key for f in columns],
        number=count,
        place=place,
        filter=" · ".join(w for w in (query.filter, query.search) if w),
    )
    return answer


def response(
    kind: str, name: str, columns: Sequence[FieldSpec], rows: Iterable[Record]
) -> HttpResponse:
    """The file as a download."""
    content = _xlsx(columns, rows) if kind == "xlsx" else _csv(columns, rows)
    answer = HttpResponse(content, content_type=FORMATS[kind])
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}.{kind}')}"
    return answer


def _csv(columns: Sequence[FieldSpec], rows: Iterable[Record]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(str(f.label) for f in columns)
    for record in rows:
        writer.writerow(_safe(_cell(f, record)) for f in columns)
    # Excel takes a CSV for GB18030 unless the mark says otherwise.
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _safe(value: str | float | date) -> str:
    words = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{words}" if isinstance(value, str) and words.startswith(RISKY) else words


def _xlsx(columns: Sequence[FieldSpec], rows: Iterable[Record]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    moments = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.freeze_panes(1, 0)
    for number, f in enumerate(columns):
        sheet.write_string(0, number, str(f.label), bold)
        sheet.set_column(number, number, f.kind.column_width)
    for line, record in enumerate(rows, 1):
        for number, f in enumerate(columns):
            value = _cell(f, record)
            if isinstance(value, date):
                sheet.write_datetime(line, number, value, moments if f.kind.timed else days)
            elif isinstance(value, str):
                sheet.write_string(line, number, value[:LONGEST])
            else:
                sheet.write_number(line, number, value)
    book.close()
    return out.getvalue()


def _cell(f: FieldSpec, record: Record) -> str | float | date:
    """A value as a spreadsheet computes with it; words where it cannot."""
    value = record.values.get(f.key)
    if value is None or shown_as(f).kind.refers:
        return values.plain(f, record)
    kind = FIELD_TYPES[f.type].type_of(f)
    if kind.numeric:
        return float(value) / 10**kind.scale if kind.scale else int(value)
    if kind.timed:
        return show.local(value).replace(tzinfo=None)
    return value if kind.dated else values.plain(f, record)
