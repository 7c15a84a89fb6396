"""A typed tree as a Python function: bound once, then run for as many records as wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions import FUNCTIONS
from wubu.kernel.formula.typed import Node, Over, Path, deep

Get = Callable[[Path], Any]
Evaluator = Callable[[Get], Any]


def bind(node: Node, context: Context) -> Evaluator:
    """What computes the node's value from the stored values that ``get`` gives."""
    if node.op == "lit":
        value = node.data
        return lambda _get: value
    if node.op == "path":
        path: Path = node.data
        return lambda get: get(path)
    if node.op == "linked":
        linked: Path = node.data.path
        return lambda get: get(linked)
    if node.op == "over":
        over: Over = node.data
        return lambda get: over.gather(over, get, context)
    function = FUNCTIONS[node.op].bind(node, context)
    args = tuple(bind(a, context) for a in node.args)
    if len(args) == 1:
        (only,) = args
        return lambda get: function(only(get))
    if len(args) == 2:
        left, right = args
        return lambda get: function(left(get), right(get))
    return lambda get: function(*[a(get) for a in args])


def constant(node: Node, context: Context) -> Any:
    """The value of a node that reads no field."""
    return bind(node, context)(lambda path: None)


def needs_context(node: Node) -> bool:
    """Whether the value depends on the day, the time zone or the asker."""
    return any(
        n.op in FUNCTIONS and (FUNCTIONS[n.op].ambient or _needs_zone(n)) for n in deep(node)
    )


def is_spoken(node: Node) -> bool:
    """Whether the value depends on the reader's language."""
    return any(n.op in FUNCTIONS and FUNCTIONS[n.op].spoken for n in deep(node))


def _needs_zone(node: Node) -> bool:
    """Whether it tells the day or the hour of an instant."""
    kinds = {a.type.kind for a in node.args}
    return len(kinds & {"date", "datetime"}) == 2 or (node.op == "TEXT" and "datetime" in kinds)
