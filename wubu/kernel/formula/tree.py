"""The untyped tree of a formula, as written: what the parser makes and the visual builder shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MAX_LENGTH = 10_000  # characters
MAX_DEPTH = 60  # levels of nesting, formula fields inside included
MAX_PARTS = 200  # terms of one chain, arguments of one function


@dataclass(frozen=True, slots=True)
class Tree:
    """One node. ``op`` says what it is and ``data`` holds what is not a child.

    ``number`` (scaled int, scale, sign as written), ``text`` and ``field`` the words, ``word`` and
    ``call`` the name, ``add`` and ``mul`` the operators between the children. ``start`` and ``end``
    are characters of the text.
    """

    op: str
    args: tuple[Tree, ...] = ()
    data: Any = None
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)


def node(op: str, args: tuple[Tree, ...] = (), data: Any = None, *, at: tuple[int, int]) -> Tree:
    """A node that knows how deep it is."""
    depth = 1 + max((a.depth for a in args), default=0)
    return Tree(op, args, data, at[0], at[1], depth)
