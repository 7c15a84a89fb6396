"""Finding the header among the first lines, and saying what is odd about it."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence

from wubu.collect.imports.types import Cell, Row
from wubu.kernel.types import Problem, Text

LOOK_AT = 25  # lines looked at for the header
SAMPLE = 200  # data rows kept to look at their values
_DATE = re.compile(r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?(?:[ T].*)?")
_NUMBER = re.compile(r"[¥$€£]?\s*[-+]?(?:\d[\d,]*)?\.?\d+\s*%?")
_YEAR = re.compile(r"(?:19|20)\d\d")  # a heading may well be a year


def filled(cells: Sequence[Cell]) -> int:
    return sum(1 for c in cells if c is not None and c != "")


def find(first: Sequence[Row]) -> tuple[int, tuple[str, ...], list[Problem]]:
    """(line of the header or 0, column names, notices).

    Title lines above the header are passed over.
    """
    widths = Counter(filled(cells) for _, cells in first if filled(cells) > 1)
    usual = max(widths, key=lambda w: (widths[w], w)) if widths else 1
    enough = min(usual, max(2, usual * 0.6))
    line, cells = next((r for r in first[:LOOK_AT] if filled(r[1]) >= enough), first[0])
    if looks_like_data(cells):
        names = tuple(column_letter(i) for i in range(max(len(c) for _, c in first)))
        return 0, names, [_no_header(line)]
    names, notices = _names(cells, line)
    return line, names, notices


def _names(cells: Sequence[Cell], line: int) -> tuple[tuple[str, ...], list[Problem]]:
    names: list[str] = []
    notices: list[Problem] = []
    seen: Counter[str] = Counter()
    last = max((i for i, c in enumerate(cells) if c not in {None, ""}), default=-1)
    for index, cell in enumerate(cells[: last + 1]):
        name = " ".join(str(cell if cell is not None else "").split())
        if not name:
            name = column_letter(index)
            notices.append(
                Problem(
                    "header_empty",
                    Text(
                        "第 {l} 行：第 {c} 列没有标题，暂称“{n}”。",
                        "Line {l}: column {c} has no heading; it is called “{n}” here.",
                    ).format(l=line, c=column_letter(index), n=name),
                    line=line,
                )
            )
        seen[name] += 1
        if seen[name] > 1:
            notices.append(
                Problem(
                    "header_repeated",
                    Text(
                        "第 {l} 行：标题“{n}”出现了不止一次，第 {c} 列称为“{m}”。",
                        "Line {l}: the heading “{n}” appears more than once; "
                        "column {c} is called “{m}” here.",
                    ).format(l=line, n=name, c=column_letter(index), m=f"{name} ({seen[name]})"),
                    Text(
                        "请核对这两列各自对应的字段。",
                        "Check which field each of the columns goes to.",
                    ),
                    line=line,
                )
            )
            name = f"{name} ({seen[name]})"
        names.append(name)
    return tuple(names), notices


def looks_like_data(cells: Sequence[Cell]) -> bool:
    """Whether a first line is data: a third of its cells are numbers or dates."""
    values = [c for c in cells if c is not None and c != ""]
    return bool(values) and sum(map(_is_data, values)) * 3 >= len(values)


def _is_data(cell: Cell) -> bool:
    if isinstance(cell, dt.date | float):
        return True
    text = str(cell).strip()
    if _YEAR.fullmatch(text):
        return False
    return bool(_DATE.fullmatch(text) or _NUMBER.fullmatch(text))


def _no_header(line: int) -> Problem:
    return Problem(
        "no_header",
        Text(
            "第 {l} 行看起来已是数据，列以 A、B、C 称呼。",
            "Line {l} already looks like data, so the columns are called A, B, C.",
        ).format(l=line),
        Text(
            "如果文件有标题行，请确认它在最前面。",
            "If the file has headings, make sure that they come first.",
        ),
        line=line,
    )


def column_letter(index: int) -> str:
    """0 → A, 26 → AA: columns as spreadsheet programs name them."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def only_header(name: str, line: int) -> Problem:
    return Problem(
        "no_rows",
        Text("“{f}”只有标题，没有数据行。", "“{f}” has headings and no rows.").format(f=name),
        Text(
            "请检查导出时是否筛掉了全部数据。",
            "Check that the export did not filter everything out.",
        ),
        line=line or None,
    )
