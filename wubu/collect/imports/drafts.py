"""From cells to drafts.

Aliases, dates, options and derived fields, each distinct value worked once.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from string import Formatter
from typing import Any

from wubu.collect.imports.targets import Target
from wubu.collect.imports.types import Cell, ColumnMap, Row, RowMap
from wubu.collect.imports.words import plain, synonyms
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields import FIELD_TYPES, FieldError
from wubu.kernel.fields.numbers import decimal_of, tidy
from wubu.kernel.records.types import Draft
from wubu.kernel.types import Problem, Text

Convert = Callable[[Cell], Any]
MEMO = 20_000  # distinct values remembered per column
NOTHING = {"-", "--", "—", "/", "n/a", "#n/a", "na", "null", "none", "nan", "无"}
_EDGES = re.compile(r"^[\s·|/,，、-]+|[\s·|/,，、-]+$")
_SLASHED = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(.*)", re.DOTALL)


class Drafter:
    """Compiles one mapping once and turns rows into drafts; rows with surplus cells into problems.

    ``offset_days`` moves every date and time by so many days, the company's history with it.
    """

    def __init__(self, mapping: RowMap, target: Target, offset_days: int = 0) -> None:
        self.target = target
        self.mapping = mapping
        self.width = len(mapping.columns)
        self.constants = dict(mapping.constants)
        self.clear_empty = mapping.clear_empty
        self._columns: list[tuple[str, int, dict[Any, Any], Convert]] = []
        for column in mapping.columns:
            field = target.fields.get(column.field)
            if field is not None:
                convert = _converter(field, column, mapping.aliases.get(field.key, {}), offset_days)
                self._columns.append((field.key, column.index, {}, convert))
        self._derive: list[tuple[str, str, tuple[str, ...], dict[Any, str | None]]] = [
            (key, template, tuple(n for _, n, _, _ in Formatter().parse(template) if n), {})
            for key, template in mapping.derive.items()
            if key in target.fields
        ]

    def values(self, cells: list[Cell]) -> dict[str, Any]:
        """The raw values of one row by field key, aliases and dates done, without empty cells."""
        out: dict[str, Any] = dict(self.constants)
        width = len(cells)
        for key, index, memo, convert in self._columns:
            raw = cells[index] if index < width else ""
            if raw.__class__ is not str:
                value = convert(raw)
            elif raw in memo:
                value = memo[raw]
            else:
                value = convert(raw)
                if len(memo) < MEMO:
                    memo[raw] = value
            if value is not None or self.clear_empty:
                out[key] = value
        for key, template, names, made in self._derive:
            if not out.get(key):
                raw_values = tuple(out.get(n) for n in names)
                if raw_values not in made:
                    if len(made) > MEMO:
                        made.clear()
                    made[raw_values] = _filled_in(template, names, raw_values)
                out[key] = made[raw_values]
        return out

    def drafts(self, rows: Iterable[Row]) -> Iterator[Draft | Problem]:
        """One draft per row, in order.

        A problem instead where a row has more cells than headings.
        """
        for line, cells in rows:
            if len(cells) > self.width and any(
                c is not None and c != "" for c in cells[self.width :]
            ):
                yield _too_many(line, len(cells), self.width)
            else:
                yield Draft(self.values(cells), line=line)


def _filled_in(template: str, names: tuple[str, ...], raw: tuple[Any, ...]) -> str | None:
    """A template with its values; what separates them goes where one is missing."""
    pairs = zip(names, raw, strict=True)
    words = template.format(**{n: "" if v is None else v for n, v in pairs})
    return _EDGES.sub("", words) or None


def _too_many(line: int, cells: int, width: int) -> Problem:
    return Problem(
        "too_many_cells",
        Text(
            "第 {l} 行有 {n} 格，标题只有 {w} 格。",
            "Line {l} has {n} cells where the headings have {w}.",
        ).format(l=line, n=cells, w=width),
        Text(
            "多半是某格里的分隔符没有加引号，请改正这一行。",
            "Most likely a cell with the delimiter in it is not quoted; correct that line.",
        ),
        line=line,
    )


def _converter(
    field: FieldSpec, column: ColumnMap, aliases: Mapping[str, Any], offset: int
) -> Convert:
    steps = _reading(field)(field, column, offset)
    by_plain = {plain(k): v for k, v in aliases.items()}

    def convert(raw: Cell) -> Any:
        if raw is None:
            return None
        if raw.__class__ is str:
            raw = raw.strip()
            if not raw:
                return None
        if by_plain:
            known = plain(raw)
            if known in by_plain:
                raw = by_plain[known]
                if raw is None:
                    return None
        return steps(raw)

    return convert


def _text(field: FieldSpec, column: ColumnMap, offset: int) -> Convert:
    if not field.kind.read_by_cell:
        return lambda raw: raw

    def convert(raw: Cell) -> Any:
        if raw.__class__ is str and raw.lower() in NOTHING:
            return None
        if column.factor != 1 and not isinstance(raw, bool):
            number = decimal_of(tidy(raw)) if raw.__class__ is str else Decimal(str(raw))
            return raw if number is None else number * column.factor
        return raw

    return convert


def _choice(field: FieldSpec, column: ColumnMap, offset: int) -> Convert:
    """Options by key or label first, then by the words that other programs use for them."""
    words = synonyms().values.get((field.object, field.key), {})
    live = {c.key for c in field.choices if not c.retired}
    names = {plain(n) for c in field.choices for n in (c.key, c.label.zh, c.label.en)}

    def convert(raw: Cell) -> Any:
        known = plain(raw)
        if known in names:
            return raw
        return next((key for key in words.get(known, ()) if key in live), raw)

    return convert


def _date(field: FieldSpec, column: ColumnMap, offset: int) -> Convert:
    """Dates as days and times where they can be read; the check tells of the others."""
    delta = dt.timedelta(days=offset)
    parse = FIELD_TYPES[field.type].parser(field)
    iso = dt.date.fromisoformat if field.kind.whole_day else dt.datetime.fromisoformat

    def convert(raw: Cell) -> Any:
        if raw.__class__ is str:
            if raw.lower() in NOTHING:
                return None
            if column.date_order == "dmy" and (match := _SLASHED.fullmatch(raw)):
                raw = f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}{match[4]}"
            if offset and len(raw) == 10 and raw[4] == "-":
                try:
                    return iso(raw) + delta
                except ValueError:
                    return raw
        if not offset:
            return raw
        try:
            value = parse(raw)
        except FieldError:
            return raw
        return None if value is None else value + delta

    return convert


def _reading(field: FieldSpec) -> Callable[[FieldSpec, ColumnMap, int], Convert]:
    if field.kind.chooses_one:
        return _choice
    return _date if field.kind.dated else _text
