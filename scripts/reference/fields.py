"""docs/reference/fields.md"""

from __future__ import annotations

import json
from typing import Any

from scripts.reference.markdown import both, cell, code, doc, table
from wubu.kernel.fields import FIELD_TYPES, FieldSpec
from wubu.kernel.fields.base import FieldType
from wubu.kernel.fields.spec import Choice
from wubu.kernel.types import Text

INTRO = """\
# Field types

An object has fields, a field has a type. The type says how a value is read from a form, a
spreadsheet or the API, how it is stored, how it is shown, and what formulas see of it. An empty
value is always “missing”, never an empty text or a zero. Fields are added on the page *Setup →
Objects and fields* or through the API.

"""
TAIL = """
## Options of every field

| option | meaning |
|---|---|
| `required` | must be filled in; a form marks it |
| `unique` | no two records may have the same value |
| `default` | what a new record has; `today`, `now` and `me` are understood |
| `help` | a line below the input |
| `options.index` | filtered or sorted often: gets an index |
| `options.default_now` | dates: a new record has the present day or moment |
| `options.depends_on` | choices: the field whose option narrows these; an option with a \
`parent` may be chosen only under it |
| `options.same` | links: offer only records that share a link, such as \
contacts of the same customer |

Money, numbers and percents are exact: they are stored as whole numbers of the smallest unit, and
nothing passes through floating point. See [the decision](../decisions/fixed-point.md).
"""
CHOICES = (
    Choice("first", Text("第一", "First")),
    Choice("second", Text("第二", "Second")),
)
# What one field of each type looks like; only where the bare type cannot show itself.
OPTIONS: dict[str, dict[str, Any]] = {
    "number": {"decimals": 2},
    "serial": {"pattern": "HT-{year}-{n:05d}"},
}
SETTINGS = """
## Options of a type

| type | option | meaning |
|---|---|---|
"""
PIECES = """
## Pieces

Some values have pieces that formulas, filters, sorts, groups and columns name after a dot.

| type | written | what it is |
|---|---|---|
"""


def page() -> str:
    rows = []
    for kind in FIELD_TYPES.values():
        typed, stored, shown = _example(kind)
        rows.append(
            (code(kind.key), both(kind.label), doc(type(kind)), typed, stored, shown, _may(kind))
        )
    heads = ("key", "name", "what it is", "typed", "in JSON", "shown", "")
    return INTRO + table(heads, rows) + _settings() + _pieces() + TAIL


def _settings() -> str:
    """The options that a designer asks for, by type; a type that inherits them is not listed."""
    lines = []
    for kind in FIELD_TYPES.values():
        for one in type(kind).__dict__.get("settings", ()):
            values = ", ".join(code(value) for value, _ in one.choices)
            said = both(one.label) + (f": {values}" if values else "")
            lines.append(f"| {code(kind.key)} | {code(one.key)} | {said} |\n")
    return SETTINGS + "".join(lines)


def _pieces() -> str:
    lines = []
    for kind in FIELD_TYPES.values():
        for part in kind.parts:
            if part.key:
                written = f"`{{{kind.label.zh}.{part.label.zh}}}` `{{{kind.key}.{part.key}}}`"
                lines.append(f"| {code(kind.key)} | {written} | {part.type.kind} |\n")
    return PIECES + "".join(lines)


def _example(kind: FieldType) -> tuple[str, str, str]:
    if not kind.example:
        return "", "", ""
    choices = CHOICES if kind.has_choices else ()
    f = FieldSpec(
        "example",
        "x",
        kind.key,
        Text("例", "Example"),
        choices=choices,
        options=OPTIONS.get(kind.key, {}),
    )
    raw = kind.example
    value = kind.parse(f, raw)
    shown = f"{kind.show(f, value, 'zh')} · {kind.show(f, value, 'en')}"
    left, right = shown.split(" · ", 1)
    return (
        code(cell(raw)),
        code(json.dumps(kind.to_json(f, value), ensure_ascii=False)),
        left if left == right else shown,
    )


def _may(kind: FieldType) -> str:
    words = []
    if kind.virtual:
        words.append("has no column: computed when asked")
    elif kind.computed:
        words.append("kept by the program, never typed")
    if not kind.filterable:
        words.append("no filter")
    if not kind.sortable:
        words.append("no sort")
    return "; ".join(words)
