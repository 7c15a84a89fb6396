"""What the values of a column look like: numbers, dates, phones, choices.

Nothing is converted here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from wubu.collect.imports.types import Cell
from wubu.kernel.fields.registry import FIELD_TYPES

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}")),
    ("url", re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)),
    (
        "phone",
        re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}|0\d{2,3}-\d{7,8}|\+\d[\d -]{7,}|\d{3}-\d{3}-\d{4}"),
    ),
    ("credit_code", re.compile(r"[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}")),
    ("datetime", re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]+\d{1,2}:\d{2}.*")),
    ("datetime", re.compile(r"\d{1,2} [A-Z][a-z]{2,8},? \d{4},? \d{1,2}:\d{2}.*")),
    ("date", re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")),
    ("date", re.compile(r"\d{1,2} [A-Z][a-z]{2,8},? \d{4}|[A-Z][a-z]{2,8} \d{1,2},? \d{4}")),
    ("percent", re.compile(r"[-+]?\d+(?:\.\d+)?\s*[%％]")),
    (
        "money",
        re.compile(
            r"[¥￥$€£]\s*[-+]?\d[\d,]*(?:\.\d+)?\s*[KkMm万]?|[-+]?\d[\d,]*(?:\.\d+)?\s*[元万]"
        ),
    ),
    ("number", re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?|[-+]?\.\d+")),
    ("bool", re.compile(r"是|否|yes|no|true|false|y|n", re.IGNORECASE)),
)
_SHORT = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}(?:\D.*)?")


def looks(values: Iterable[Cell]) -> str:
    """What nine in ten of the values that are there look like; ``text`` when they are mixed."""
    found: Counter[str] = Counter()
    for value in values:
        if value is not None and value != "":
            found[_look(value)] += 1
    total = sum(found.values())
    if not total:
        return "empty"
    kind, times = found.most_common(1)[0]
    if times >= total * 0.9:
        return kind
    numbers = found["number"] + found["money"] + found["percent"]
    if numbers >= total * 0.9:
        return "money" if found["money"] else "percent"
    if found["date"] + found["datetime"] >= total * 0.9:
        return "datetime"
    return "text"


def _look(value: Cell) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, dt.datetime):
        return "datetime"
    if isinstance(value, dt.date):
        return "date"
    if isinstance(value, int | float):
        return "number"
    text = str(value).strip()
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(text)), "text")


def date_order(values: Iterable[Cell]) -> tuple[str, bool]:
    """(order of day and month in dates like 03/04/2024, whether the values prove it).

    A first part above 12 proves ``dmy``, a second ``mdy``; without proof ``mdy`` is taken, and
    told.
    """
    seen = False
    for value in values:
        match = _SHORT.fullmatch(value.strip()) if isinstance(value, str) else None
        if match and len(match[1]) < 3:
            seen = True
            if int(match[1]) > 12:
                return "dmy", True
            if int(match[2]) > 12:
                return "mdy", True
    return ("mdy", False) if seen else ("ymd", True)


_UNITS = (
    (re.compile(r"[(（\[]\s*(?:单位[:：])?\s*百万[元美]?"), 1_000_000),
    (re.compile(r"[(（\[]\s*(?:单位[:：])?\s*亿元?"), 100_000_000),
    (re.compile(r"[(（\[]\s*(?:单位[:：])?\s*万[元美]?"), 10_000),
    (re.compile(r"[(（\[]\s*(?:单位[:：])?\s*千元"), 1_000),
    (re.compile(r"\(\s*(?:in )?(?:millions?|mln)\b", re.IGNORECASE), 1_000_000),
    (re.compile(r"\(\s*(?:in )?(?:thousands?|k)\b", re.IGNORECASE), 1_000),
)


def factor(heading: str) -> int:
    """What a heading says its numbers count: 10,000 for 金额（万元）, else 1."""
    return next((n for pattern, n in _UNITS if pattern.search(heading)), 1)


def fits(look: str, field_type: str) -> int:
    """How well values fit a field type: 2 exactly, 1 perhaps, 0 hardly, -1 not at all."""
    if look == "empty":
        return 0
    kind = FIELD_TYPES[field_type]
    if look in kind.looks:
        return kind.looks[look]
    if kind.one_line or kind.multiline or kind.has_choices or kind.has_target:
        return 0
    return -1


def examples(values: Sequence[Cell], limit: int = 3) -> tuple[str, ...]:
    """The first few different values, as text."""
    found: dict[str, None] = {}
    for value in values:
        if value is not None and value != "":
            found[str(value)[:60]] = None
            if len(found) == limit:
                break
    return tuple(found)
