"""What kind of value a field or a formula yields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "number",
    "text",
    "date",
    "datetime",
    "bool",
    "choice",
    "choices",
    "link",
    "links",
    "member",
    "team",
    "files",
]


@dataclass(frozen=True, slots=True)
class ValueType:
    """The static type of a value.

    ``scale`` counts the decimals of a number (money 2, percent 4): what is stored is the number
    × 10**scale.
    ``target`` is the object a link points at.
    """

    kind: Kind
    scale: int = 0
    target: str = ""
