"""The typed tree: every node knows its type; labels are gone, keys remain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wubu.kernel.fields.types import ValueType

Path = tuple[str, ...]

NUMBER = ValueType("number")
TEXT = ValueType("text")
BOOL = ValueType("bool")
DATE = ValueType("date")
DATETIME = ValueType("datetime")


@dataclass(frozen=True, slots=True)
class Node:
    """One node. ``op`` is ``lit``, ``path``, ``bad`` or the key of a function.

    ``data``: the stored value of a ``lit``, the keys of a ``path``, else what the function wants to
    remember. ``note`` says how a literal was written (``%``). ``constant`` is true when no field is
    read below.
    """

    op: str
    type: ValueType
    args: tuple[Node, ...] = ()
    data: Any = None
    note: str = ""
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)
    constant: bool = field(default=False, compare=False)

    @property
    def at(self) -> tuple[int, int]:
        return self.start, self.end

    @property
    def is_bad(self) -> bool:
        return self.op == "bad"

    @property
    def is_blank(self) -> bool:
        """The literal for a missing value, which fits every type."""
        return self.op == "lit" and self.data is None


@dataclass(frozen=True, slots=True)
class Linked:
    """A link to many: the table that holds the pairs, and its columns for either side."""

    path: Path
    table: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Over:
    """An aggregate over many records, which ``base`` leads to from the record it is asked of.

    ``via`` is their link that points back; where it is empty, ``linked`` holds their ids. ``value``
    and ``condition`` are typed from where ``base`` begins. ``gather`` computes it in Python.
    """

    agg: str
    type: ValueType
    anchor: Path
    base: Path
    model: Any
    via: str
    linked: Linked | None
    value: Node | None
    condition: Node | None
    gather: Any = field(compare=False, repr=False)

    @property
    def inner(self) -> tuple[Node, ...]:
        return tuple(n for n in (self.value, self.condition) if n is not None)

    @property
    def outside(self) -> frozenset[Path]:
        """What it reads of the record it is asked of, besides which one it is."""
        read = {p for n in self.inner for p in stored_paths(n)}
        return frozenset(p for p in read if p[: len(self.base)] != self.base)

    @property
    def owner(self) -> Path:
        """Where the id stands that the many records belong to."""
        return self.anchor or ("id",)


def make(
    op: str,
    type_: ValueType,
    args: tuple[Node, ...] = (),
    data: Any = None,
    *,
    at: tuple[int, int] = (0, 0),
    note: str = "",
) -> Node:
    """A node; a bad child makes it bad, so that one mistake gives one problem."""
    if any(a.op == "bad" for a in args):
        op, args, data = "bad", (), None
    constant = op not in {"path", "linked", "over", "bad"} and all(a.constant for a in args)
    return Node(op, type_, args, data, note, at[0], at[1], constant)


def bad(at: tuple[int, int]) -> Node:
    """Stands for what could not be typed; its problem is already reported."""
    return Node("bad", TEXT, start=at[0], end=at[1])


def literal(value: Any, type_: ValueType, at: tuple[int, int] = (0, 0), note: str = "") -> Node:
    """A value in stored form."""
    return make("lit", type_, data=value, at=at, note=note)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    todo = [node]
    while todo:
        found = todo.pop()
        yield found
        todo.extend(found.args)


def deep(node: Node) -> Iterator[Node]:
    """The node and everything below it, inside aggregates over other records too."""
    for found in walk(node):
        yield found
        if found.op == "over":
            for inner in found.data.inner:
                yield from deep(inner)


def stored_paths(node: Node) -> frozenset[Path]:
    """The stored columns that the value is computed from; of other records, none."""
    found = {n.data for n in walk(node) if n.op == "path"}
    found |= {n.data.path for n in links_read(node)}
    for over in overs(node):
        found |= {over.owner, *over.outside}
    return frozenset(found)


def overs(node: Node) -> list[Over]:
    """The aggregates over other records, those inside others not counted."""
    return [n.data for n in walk(node) if n.op == "over"]


def links_read(node: Node) -> list[Node]:
    """The links to many that the value is computed from."""
    return [n for n in walk(node) if n.op == "linked"]
