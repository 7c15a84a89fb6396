"""The little Markdown that the generated pages need."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence

from wubu.kernel.types import Text


def cell(value: object) -> str:
    """A value inside a table: one line, no bar of its own."""
    return " ".join(str(value).split()).replace("|", "\\|")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'|'.join('---' for _ in heads)}|"]
    lines += [f"| {' | '.join(map(cell, row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def both(text: Text) -> str:
    """Chinese and English beside each other, once where they are the same."""
    return text.zh if text.zh == text.en else f"{text.zh} · {text.en}"


def code(value: object) -> str:
    return f"`{value}`"


def doc(thing: object) -> str:
    """A docstring as running text, with Markdown's code marks."""
    return " ".join((inspect.getdoc(thing) or "").split()).replace("``", "`")
