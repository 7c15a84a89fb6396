"""The contract of a function or operator of the language, and small helpers to declare one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.sql import Rendering, Sql, fill
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import Node
from wubu.kernel.types import Lang, Text

# ``when`` is a date or a date-time; ``whole`` a number without decimals, ``count`` one written out.
Want = Literal[
    "number", "whole", "count", "text", "date", "datetime", "when", "bool", "member", "any"
]
Group = Literal["logic", "number", "text", "date", "people", "linked", "operator"]


UNNAMED = Text("", "")  # operators are not listed among the functions


class Checking(Protocol):
    """What a function may ask of the checker while it types its arguments."""

    def typed(self, tree: Tree) -> Node:
        """The typed node of an argument."""

    def coerce(self, node: Node, want: Want) -> Node:
        """The node as the wanted kind; reports a problem and gives a bad node when it cannot."""

    def alike(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        """The nodes brought to one type."""

    def comparable(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        """The nodes made fit to compare; numbers keep their scales, instants and days may mix."""

    def ranks(self, node: Node) -> tuple[str, ...]:
        """The keys of a choice's options in their order."""

    def over(self, key: str, tree: Tree) -> Node | None:
        """The call as an aggregate over linked records; None where its first part is of none."""

    def refuse(self, code: str, message: Text, at: Any, hint: Text | None = None) -> Node:
        """Report a problem about ``at`` (a node or a tree); gives a bad node."""


Bind = Callable[[Node, Context], Callable[..., Any]]
Render = Callable[[Rendering, Node, Sequence[Sql]], Sql]
Check = Callable[[Checking, Tree], Node]
Say = Callable[[Node, Sequence[str], Lang], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """``key`` is its name in canonical text, ``names`` are the others, Chinese first.

    ``takes`` are the wanted kinds of the arguments; ``many`` repeats the last. ``bind`` gives the
    Python function of the evaluated arguments, ``sql`` the fragment; the two must agree on every
    input. ``check`` replaces the usual typing. ``ambient``: needs the day, the zone or the asker;
    ``spoken``: the reader's language.
    """

    key: str
    group: Group
    bind: Bind
    sql: Render
    say: Text | Say
    names: tuple[str, ...] = ()
    usage: Text = UNNAMED
    help: Text = UNNAMED
    takes: tuple[Want, ...] = ()
    many: bool = False
    gives: ValueType | Callable[[tuple[Node, ...]], ValueType] | None = None
    check: Check | None = None
    ambient: bool = False
    spoken: bool = False


def wrong_count(check: Checking, tree: Tree, usage: Text) -> Node:
    """Refuses a call with too many or too few arguments; theirs are looked at all the same."""
    for arg in tree.args:
        check.typed(arg)
    return check.refuse(
        "wrong_arguments",
        Text("参数个数不对。", "The number of arguments is not right."),
        tree,
        Text("写法：{u}", "It is written {u}").format(u=usage),
    )


def plain(function: Callable[..., Any]) -> Bind:
    """A Python function of the values alone; it handles missing ones itself."""
    return lambda _node, _context: function


def strict(function: Callable[..., Any]) -> Bind:
    """A Python function of the values; missing as soon as one argument is."""

    def run(*values: Any) -> Any:
        return None if None in values else function(*values)

    return lambda _node, _context: run


def template(postgresql: str, sqlite: str | None = None) -> Render:
    """SQL with the arguments as ``{0}``, ``{1}`` …"""
    return lambda r, _node, args: fill(postgresql if r.pg or sqlite is None else sqlite, *args)
