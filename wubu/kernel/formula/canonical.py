"""A typed tree as text: with keys (what is stored) or with labels (what people edit)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from wubu.kernel.formula.exact import decimal_text
from wubu.kernel.formula.typed import Node, Over, Path

# How tightly each kind of node holds together; an argument that holds less gets brackets.
OR, AND, NOT, COMPARE, CONCAT, ADD, MUL, UNARY, ATOM = range(1, 10)
LEVEL = {
    "or": OR,
    "and": AND,
    "not": NOT,
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">=", "in", "linked_in", "between"), COMPARE),
    "&": CONCAT,
    "add": ADD,
    "mul": MUL,
    "neg": UNARY,
}
WRITTEN = {"has": "CONTAINS", "linked_none": "ISBLANK"}
UNSEEN = {"rescale", "label", "text", "local_day", "rank"}  # put in by the checker


class Writer:
    """Writes nodes; ``name`` gives the words of a path between the curly brackets."""

    def __init__(
        self,
        name: Callable[[Path], str] = ".".join,
        choice: Callable[[Node], str] = lambda node: str(node.data),
    ) -> None:
        self.name = name
        self.choice = choice

    def write(self, node: Node) -> str:
        op = node.op
        if op == "lit":
            return self._literal(node)
        if op in {"path", "field", "linked"}:
            return f"{{{self.name(path_of(node))}}}"
        if op == "part":
            _, key = node.data
            if not key:
                return self.write(node.args[0])
            return f"{{{self.name((*path_of(node.args[0]), key))}}}"
        if op in UNSEEN:
            return self.write(node.args[0])
        if op == "over":
            return self._over(node.data)
        if op in {"and", "or"}:
            if len(node.args) == 1:
                return self.write(node.args[0])
            return self._joined(node, f" {op.upper()} ", LEVEL[op] + 1)
        if op == "&":
            return (
                self._joined(node, " & ", ADD) if len(node.args) > 1 else self._call(node, "CONCAT")
            )
        if op in {"add", "mul"}:
            return self._chain(node)
        if op == "not":
            return f"NOT {self._inner(node.args[0], NOT)}"
        if op == "neg":
            return f"-{self._inner(node.args[0], UNARY)}"
        return self._condition(node)

    def _over(self, over: Over) -> str:
        value = f"{{{self.name(over.base)}}}" if over.value is None else self.write(over.value)
        condition = "" if over.condition is None else f", {self.write(over.condition)}"
        return f"{over.agg}({value}{condition})"

    def _condition(self, node: Node) -> str:
        op = node.op
        if op in {"in", "linked_in"}:
            left = self._inner(node.args[0], CONCAT)
            if node.args[1].type.kind == "links":
                return f"{left} IN {self.write(node.args[1])}"
            return f"{left} IN ({', '.join(self.write(a) for a in node.args[1:])})"
        if op == "between":
            value, low, high = (self._inner(a, CONCAT) for a in node.args)
            return f"{value} BETWEEN {low} AND {high}"
        if LEVEL.get(op) == COMPARE:
            left, right = (self._inner(a, CONCAT) for a in node.args)
            return f"{left} {op} {right}"
        return self._call(node, WRITTEN.get(op, op))

    def _call(self, node: Node, name: str) -> str:
        return f"{name}({', '.join(self.write(a) for a in node.args)})"

    def _inner(self, node: Node, least: int) -> str:
        text = self.write(node)
        return f"({text})" if level(node) < least else text

    def _joined(self, node: Node, sign: str, least: int) -> str:
        return sign.join(self._inner(a, least) for a in node.args)

    def _chain(self, node: Node) -> str:
        least = LEVEL[node.op] + 1
        parts = [self._inner(node.args[0], least)]
        for sign, arg in zip(node.data, node.args[1:], strict=True):
            parts += [sign, self._inner(arg, least)]
        return " ".join(parts)

    def _literal(self, node: Node) -> str:
        value: Any = node.data
        if value is None:
            return "BLANK()"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if node.type.kind == "number":
            if node.note == "%":
                return f"{decimal_text(value, max(node.type.scale - 2, 0))}%"
            return str(decimal_text(value, node.type.scale))
        if isinstance(value, int):
            return str(value)
        if isinstance(value, datetime | date):
            return f'"{value.isoformat()}"'
        text = self.choice(node) if node.type.kind == "choice" else str(value)
        return '"' + text.replace('"', '""') + '"'


def path_of(node: Node) -> Path:
    """The keys of a node that stands for a field."""
    path: Path = node.data.path if node.op == "linked" else node.data
    return path


def level(node: Node) -> int:
    while node.op in UNSEEN:
        node = node.args[0]
    if node.op in {"and", "or"} and len(node.args) == 1:
        return level(node.args[0])
    if node.op == "lit" and isinstance(node.data, int) and node.data < 0:
        return UNARY
    return LEVEL.get(node.op, ATOM)
