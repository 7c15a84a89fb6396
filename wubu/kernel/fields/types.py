"""What kind of value a field or a formula has; the one language checks and computes by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "number",
    "text",
    "bool",
    "date",
    "datetime",
    "choice",
    "multi",
    "link",
    "links",
    "member",
    "team",
    "file",
]


@dataclass(frozen=True, slots=True)
class ValueType:
    """The static type of a value.

    ``scale`` counts the decimals of a number, whose stored form is an int times ten to the scale.
    ``target`` is the object a link points at; for a choice or multi it is ``object.field``, whose options apply.
    """

    kind: Kind
    scale: int = 0
    target: str = ""
