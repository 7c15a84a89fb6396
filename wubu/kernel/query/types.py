"""What can be asked of a list: a question as data, and a group with its measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Q

MAX_LIMIT = 1000
# From which rows a path of links leads over records that the reader may see.
Across = Callable[[tuple[str, ...]], Q]


@dataclass(frozen=True, slots=True)
class Query:
    """One question about the records of an object.

    ``filter`` is a condition in the one language. ``quick`` adds plain ones, field reference to
    wanted value: a value, a list of them, None for "is empty", or ``{"from": …, "to": …}`` (both
    included). ``sort`` names fields, ``-`` for descending, across links (``customer.name``).
    ``search`` is words, answered by the records room. ``cursor`` is opaque.
    """

    filter: str = ""
    sort: tuple[str, ...] = ()
    search: str = ""
    columns: tuple[str, ...] = ()
    limit: int = 50
    cursor: str = ""
    quick: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Records in their order, and the cursors to the neighbouring pages."""

    records: tuple[Any, ...]
    next_cursor: str | None = None
    previous_cursor: str | None = None


Agg = Literal["count", "sum", "min", "max"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What is computed of each group.

    ``value`` is a field reference or a formula, or empty to count records.

    There is no average on purpose: an average is a sum over a count, and averages of averages lie.
    """

    agg: Agg
    value: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One group: the stored values that its records share, and its measures in the order asked for.

    Sums of numbers are ints in the scale of the value; None where no record has one.
    """

    by: tuple[Any, ...]
    values: tuple[Any, ...]
