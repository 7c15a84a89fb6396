"""An object from a piece of a spreadsheet: headings and some rows, with the types guessed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from wubu.kernel.catalog.types import Choice, FieldSpec
from wubu.kernel.fields.base import FIELD_TYPES, FieldError
from wubu.kernel.schema.naming import key_of, tidy
from wubu.kernel.types import Problem, Refused, Text

MOST_ROWS = 5_000
MOST_COLUMNS = 100
COLORS = ("blue", "azure", "indigo", "purple", "pink", "red", "orange", "yellow", "green", "teal")
# In this order: the first that reads every value of a column is it.
TRIED = ("bool", "date", "datetime", "percent", "email", "url", "phone", "number", "money")
MONEY = re.compile(r"[¥￥$€]|元|万")
MONEY_WORDS = ("金额", "价", "费", "额", "amount", "price", "cost", "fee", "revenue")
PHONE = re.compile(r"\+\d[\d -]{6,}|1[3-9]\d{9}|0\d{2,3}-?\d{7,8}")
PLAIN_CODE = re.compile(r"0\d+|\d{12,}")
BOOLS = {"是", "否", "yes", "no", "true", "false", "y", "n", "√", "×"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A pasted table: ``heads`` and rows of as many cells."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read(text: str) -> Sheet:
    """What was pasted from a spreadsheet (tabs) or a CSV file. Raises Refused."""
    mark = "\t" if "\t" in text else ";" if text.count(";") > text.count(",") else ","
    lines = [
        [tidy(cell) for cell in row]
        for row in csv.reader(io.StringIO(text.strip()), delimiter=mark)
    ]
    lines = [row for row in lines if any(row)]
    if not lines:
        raise Refused(
            Problem(
                "nothing_pasted",
                Text("还没有内容。", "There is nothing yet."),
                Text(
                    "在表格软件里选中含标题行的区域，复制后粘贴到这里。",
                    "Select cells with their headings in a spreadsheet, copy, and paste them here.",
                ),
                field="sheet",
            )
        )
    heads = lines[0]
    while heads and not heads[-1]:
        heads.pop()
    problems = []
    if len(heads) > MOST_COLUMNS or len(lines) > MOST_ROWS + 1:
        problems.append(
            Problem(
                "too_much",
                Text("最多 {r} 行、{c} 列。", "At most {r} rows and {c} columns.").format(
                    r=MOST_ROWS, c=MOST_COLUMNS
                ),
                Text("更大的表请用“导入”。", "Bring a larger one in with “Import”."),
                field="sheet",
            )
        )
    if problems:
        raise Refused(*problems)
    named = tuple(h or f"列 {n}" for n, h in enumerate(heads, 1))
    width = len(named)
    rows = tuple(tuple((row + [""] * width)[:width]) for row in lines[1:])
    return Sheet(named, rows)


def fields(object_key: str, sheet: Sheet) -> tuple[FieldSpec, ...]:
    """A field for each column: labelled by its heading, of the type that reads all its values."""
    taken: set[str] = set()
    labels: set[str] = set()
    made = []
    for n, head in enumerate(sheet.heads):
        label, again = head, 1
        while label.casefold() in labels:
            again += 1
            label = f"{head} {again}"
        labels.add(label.casefold())
        key = key_of(label, taken, stem="field")
        taken.add(key)
        column = [row[n] for row in sheet.rows if row[n]]
        kind, options, found = guess(head, column)
        made.append(
            FieldSpec(
                object_key,
                key,
                kind,
                Text(label, label),
                position=n + 1,
                options=options,
                choices=found,
            )
        )
    return tuple(made)


def guess(head: str, values: Sequence[str]) -> tuple[str, dict[str, object], tuple[Choice, ...]]:
    """The type that reads every value, with its options and choices."""
    if not values:
        return "text", {}, ()
    different = list(dict.fromkeys(values))
    if {v.casefold() for v in different} <= BOOLS:
        return "bool", {}, ()
    if not any(
        PLAIN_CODE.fullmatch(v) and not PHONE.fullmatch(v) for v in different
    ):  # a code keeps its zeros
        for kind in TRIED[1:]:
            if not FIELD_TYPES[kind].suits(different):
                continue
            found = FieldSpec("", "", kind, Text("", ""), options=_options(kind, different))
            if _reads_all(found, different):
                money = found.kind.adds_up and _is_money(head, different)
                return ("money", {}, ()) if money else (kind, dict(found.options), ())
    longest = max(map(len, different))
    few = len(different) <= 12 and len(different) * 2 <= len(values) and longest <= 20
    if few and len(values) >= 4:
        return "choice", {}, choices(different)
    return ("longtext" if longest > 200 else "text"), {}, ()


def choices(labels: Sequence[str]) -> tuple[Choice, ...]:
    """Options of these names, each with a key of its own."""
    made: list[Choice] = []
    taken: set[str] = set()
    for n, label in enumerate(dict.fromkeys(map(tidy, labels))):
        if not label:
            continue
        key = key_of(label, taken, stem="option")
        taken.add(key)
        made.append(Choice(key, Text(label, label), COLORS[n % len(COLORS)]))
    return tuple(made)


def _options(kind: str, values: Sequence[str]) -> dict[str, object]:
    if not FIELD_TYPES[kind].adds_up:
        return {}
    decimals = max((len(v.rpartition(".")[2]) for v in values if "." in v), default=0)
    return {"decimals": min(6, decimals)} if decimals else {}


def _is_money(head: str, values: Sequence[str]) -> bool:
    return any(w in head.casefold() for w in MONEY_WORDS) or all(map(MONEY.search, values))


def _reads_all(f: FieldSpec, values: Sequence[str]) -> bool:
    parse = FIELD_TYPES[f.type].parser(f)
    try:
        return all(parse(v) is not None for v in values)
    except FieldError:
        return False
