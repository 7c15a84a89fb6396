"""Aggregates over many linked records, asked by Python for one record at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import F

from wubu.kernel.formula.aggregate import EMPTY
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.expression import gathered
from wubu.kernel.formula.typed import Node, Over, Path, literal, make, stored_paths

Get = Callable[[Path], Any]


def gather(over: Over, get: Get, context: Context) -> Any:
    """The aggregate for the record whose stored values ``get`` gives, from the database.

    A record that is not saved yet has nothing that points at it.
    """
    owner = get(over.owner)
    if owner is None:
        return EMPTY.get(over.agg)
    known = {path: get(path) for path in over.outside}
    told = replace(
        over,
        value=over.value and _with_values(over.value, known),
        condition=over.condition and _with_values(over.condition, known),
    )
    size = len(over.base)
    rows, aggregate = gathered(told, owner, context, lambda path: F("__".join(path[size:])))
    return rows.annotate(gathered=aggregate).values_list("gathered", flat=True).get()


def _with_values(node: Node, known: dict[Path, Any]) -> Node:
    """The node with the values of the record around written in, where it reads them."""
    if not stored_paths(node) & known.keys():
        return node
    if node.op == "path" and node.data in known:
        return literal(known[node.data], node.type, node.at)
    if node.op == "over":
        inner = replace(
            node.data,
            value=node.data.value and _with_values(node.data.value, known),
            condition=node.data.condition and _with_values(node.data.condition, known),
        )
        return replace(node, data=inner)
    args = tuple(_with_values(a, known) for a in node.args)
    return make(node.op, node.type, args, node.data, at=node.at, note=node.note)
