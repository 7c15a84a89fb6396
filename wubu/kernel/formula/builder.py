"""The tree of a formula as JSON, for the visual builder, and back to text.

``{"field": "customer.industry"}``, ``{"number": "0.05"}``, ``{"text": …}``, ``{"choice": "won"}``,
``{"date": …}``, ``{"datetime": …}``, ``{"bool": true}``, ``{"id": "12"}``, ``{"blank": true}``;
``{"op": "and", "args": […]}`` with the operators of the language (``add`` and ``mul`` carry
``signs``); ``{"call": "IF", "args": […]}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from wubu.kernel.formula.canonical import UNSEEN, WRITTEN, path_of
from wubu.kernel.formula.exact import decimal_text
from wubu.kernel.formula.functions import NAMES
from wubu.kernel.formula.tree import MAX_DEPTH
from wubu.kernel.formula.typed import Node, Over
from wubu.kernel.formula.types import Formula
from wubu.kernel.types import Problem, Refused, Text

COMPARE = ("=", "<>", "<", "<=", ">", ">=")
OPERATORS = {*COMPARE, "and", "or", "not", "in", "between", "add", "mul", "neg", "&"}


def to_json(formula: Formula) -> dict[str, Any]:
    """The tree with keys and stored values; ``text_of`` leads back to the same formula."""
    return _json(formula.node)


def _json(node: Node) -> dict[str, Any]:
    if node.op in UNSEEN:
        return _json(node.args[0])
    if node.op == "lit":
        return _literal(node)
    if node.op in {"path", "field", "linked"}:
        return {"field": ".".join(path_of(node))}
    if node.op == "over":
        over: Over = node.data
        value = {"field": ".".join(over.base)} if over.value is None else _json(over.value)
        condition = [] if over.condition is None else [_json(over.condition)]
        return {"call": over.agg, "args": [value, *condition]}
    args = [_json(a) for a in node.args]
    op = "in" if node.op == "linked_in" else node.op
    if op in {"add", "mul"}:
        return {"op": op, "signs": list(node.data), "args": args}
    if op in OPERATORS:
        return {"op": op, "args": args}
    return {"call": WRITTEN.get(op, op), "args": args}


def _literal(node: Node) -> dict[str, Any]:
    value = node.data
    if value is None:
        return {"blank": True}
    if isinstance(value, bool):
        return {"bool": value}
    if node.type.kind == "number":
        percent = node.note == "%"
        scale = max(node.type.scale - 2, 0) if percent else node.type.scale
        return {"number": f"{decimal_text(value, scale)}{'%' if percent else ''}"}
    if isinstance(value, int):
        return {"id": str(value)}
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return {"choice" if node.type.kind == "choice" else "text": value}


def text_of(tree: Any) -> str:
    """The text that a builder's tree stands for. Raises Refused for what is not such a tree."""
    return _text(tree, 0)


def _text(tree: Any, depth: int) -> str:
    if depth > MAX_DEPTH or not isinstance(tree, Mapping):
        raise _refused(tree)
    if "field" in tree:
        name = str(tree["field"])
        if "{" in name or "}" in name:
            raise _refused(tree)
        return f"{{{name}}}"
    for kind in ("text", "choice", "date", "datetime"):
        if kind in tree:
            return quoted(str(tree[kind]))
    if "bool" in tree:
        return "TRUE" if tree["bool"] else "FALSE"
    if tree.get("blank"):
        return "BLANK()"
    for kind in ("number", "id"):
        if kind in tree:
            return str(tree[kind])
    given = tree.get("args", [])
    if not isinstance(given, list):
        raise _refused(tree)
    args = [_text(a, depth + 1) for a in given]
    if "call" in tree:
        name = str(tree["call"])
        if name.casefold() not in NAMES:
            raise _refused(tree)
        return f"{name}({', '.join(args)})"
    return _operation(tree, args)


def _operation(tree: Mapping[str, Any], args: list[str]) -> str:
    op = tree.get("op")
    if op in {"and", "or"} and args:
        return f"({f' {op.upper()} '.join(args)})"
    if op == "&" and args:
        return f"({' & '.join(args)})"
    if op in COMPARE and len(args) == 2:
        return f"({args[0]} {op} {args[1]})"
    if op == "not" and len(args) == 1:
        return f"(NOT {args[0]})"
    if op == "neg" and len(args) == 1:
        return f"(-{args[0]})"
    if op == "in" and len(args) > 1:
        alone = len(args) == 2 and args[1].endswith(")") and "call" in tree["args"][1]
        return f"({args[0]} IN {args[1] if alone else '(' + ', '.join(args[1:]) + ')'})"
    if op == "between" and len(args) == 3:
        return f"({args[0]} BETWEEN {args[1]} AND {args[2]})"
    signs = tree.get("signs")
    allowed = {"add": "+-", "mul": "*/"}.get(str(op), "")
    if (
        allowed
        and isinstance(signs, list)
        and len(signs) == len(args) - 1
        and all(s in tuple(allowed) for s in signs)
    ):
        tail = "".join(f" {s} {a}" for s, a in zip(signs, args[1:], strict=True))
        return f"({args[0]}{tail})"
    raise _refused(tree)


def quoted(text: str) -> str:
    """A text as a literal of the language."""
    return '"' + text.replace('"', '""') + '"'


def _refused(tree: Any) -> Refused:
    return Refused(
        Problem(
            "bad_tree",
            Text("条件的结构不对。", "This is not the tree of a condition."),
            value=str(tree)[:200],
        )
    )
