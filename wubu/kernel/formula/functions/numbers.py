"""Arithmetic on fixed-point numbers and rounding; least and greatest of values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import exact
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions.base import Checking, Function, plain
from wubu.kernel.formula.sql import Rendering, Sql, fill, joined, numeric, up, within
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import NUMBER, Node, literal, make
from wubu.kernel.types import Lang, Text

CHUNK = 8  # terms added before the result is checked: eight times 10**18 still fits 64 bits


def scaled(scale: int) -> ValueType:
    return ValueType("number", scale)


def rescaled(node: Node, scale: int) -> Node:
    """The number with so many decimals; a literal is changed in place."""
    by = scale - node.type.scale
    if by == 0 or node.is_bad:
        return node
    if node.is_blank:
        return replace(node, type=scaled(scale))
    return make("rescale", scaled(scale), (node,), by, at=node.at)


def _sum(check: Checking, tree: Tree) -> Node:
    """Numbers add up; days move a date; two dates give the days between them."""
    signs: tuple[str, ...] = tree.data
    total = check.typed(tree.args[0])
    terms = [total]
    kept: list[str] = []
    for sign, term in zip(signs, tree.args[1:], strict=True):
        right = check.typed(term)
        if len(terms) == 1 and terms[0].type.kind in {"date", "datetime"} and not terms[0].is_bad:
            terms = [_moved(check, terms[0], sign, right)]
        else:
            terms.append(right)
            kept.append(sign)
    if len(terms) == 1:
        return terms[0]
    numbers = [check.coerce(t, "number") for t in terms]
    scale = max(n.type.scale for n in numbers)
    same = tuple(rescaled(n, scale) for n in numbers)
    return make("add", scaled(scale), same, tuple(kept), at=(tree.start, tree.end))


def _moved(check: Checking, when: Node, sign: str, right: Node) -> Node:
    at = (when.start, right.end)
    if right.is_bad:
        return right
    if right.type.kind in {"date", "datetime"} and sign == "-":
        days = (check.coerce(when, "date"), check.coerce(right, "date"))
        return make("DAYS", NUMBER, days, at=at)
    days_node = check.coerce(right, "whole")
    if sign == "-":
        days_node = negated(days_node)
    return make("ADDDAYS", when.type, (when, days_node), at=at)


def negated(node: Node) -> Node:
    """The number with the other sign; a literal stays a literal."""
    if node.op == "lit" and node.data is not None:
        return literal(-node.data, node.type, node.at, node.note)
    return make("neg", node.type, (node,), at=node.at)


def _product(check: Checking, tree: Tree) -> Node:
    terms = tuple(check.coerce(check.typed(a), "number") for a in tree.args)
    scale = terms[0].type.scale
    for sign, term in zip(tree.data, terms[1:], strict=True):
        scale = product_scale(sign, scale, term.type.scale)
    return make("mul", scaled(scale), terms, tree.data, at=(tree.start, tree.end))


def product_scale(sign: str, left: int, right: int) -> int:
    """Decimals of a product (at most 6) or of a quotient (always 6)."""
    return min(left + right, exact.MAX_SCALE) if sign == "*" else exact.MAX_SCALE


def _add_bind(node: Node, _context: Context) -> Callable[..., Any]:
    signs = tuple(1 if s == "+" else -1 for s in node.data)

    def run(*values: int | None) -> int | None:
        if None in values:
            return None
        total = values[0]
        for start in range(0, len(signs), CHUNK - 1):
            for sign, value in zip(
                signs[start : start + CHUNK - 1],
                values[start + 1 : start + CHUNK],
                strict=False,
            ):
                total += sign * value  # type: ignore[operator]
            total = exact.within(total)
            if total is None:
                return None
        return total

    return run


def _add_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    total = numeric(r, args[0])
    signs: tuple[str, ...] = node.data
    for start in range(0, len(signs), CHUNK - 1):
        parts = [total, *(numeric(r, a) for a in args[start + 1 : start + CHUNK])]
        chunk = signs[start : start + CHUNK - 1]
        text = "{0}" + "".join(f" {s} {{{i}}}" for i, s in enumerate(chunk, 1))
        total = within(r, fill(text, *parts))
    return total


def _steps(node: Node) -> list[tuple[str, int]]:
    """For each operator of a product: the sign and the decimals to drop (*) or to lift (/)."""
    scale = node.args[0].type.scale
    steps = []
    for sign, term in zip(node.data, node.args[1:], strict=True):
        result = product_scale(sign, scale, term.type.scale)
        if sign == "*":
            steps.append((sign, scale + term.type.scale - result))
        else:
            steps.append((sign, result - scale + term.type.scale))
        scale = result
    return steps


def _mul_bind(node: Node, _context: Context) -> Callable[..., Any]:
    steps = _steps(node)

    def run(*values: int | None) -> int | None:
        total = values[0]
        for (sign, by), value in zip(steps, values[1:], strict=True):
            operation = exact.times if sign == "*" else exact.over
            total = operation(total, value, by)
        return total

    return run


def _mul_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    total = args[0]
    for (sign, by), arg in zip(_steps(node), args[1:], strict=True):
        total = _times(r, total, arg, by) if sign == "*" else _over(r, total, arg, by)
    return total


def _times(r: Rendering, a: Sql, b: Sql, drop: int) -> Sql:
    if r.pg:
        product = fill("{0} * {1}", numeric(r, a), numeric(r, b))
        return within(r, fill(f"ROUND({{0}} * {shrink(drop)}, 0)", product) if drop else product)
    if drop:
        return fill(f"wubu_times({{0}}, {{1}}, {drop})", a, b)
    # Beyond 64 bits SQLite goes on with a float, which is past the limit and so missing.
    return within(r, fill("{0} * {1}", a, b))


def _over(r: Rendering, a: Sql, b: Sql, lift: int) -> Sql:
    if r.pg:
        # The zeros make PostgreSQL divide to 24 places, so that rounding once more is harmless.
        ten = f"{10**lift}.{'0' * 24}"
        return within(
            r,
            fill(f"ROUND({{0}} * {ten} / NULLIF({{1}}, 0), 0)", numeric(r, a), numeric(r, b)),
        )
    return fill(f"wubu_over({{0}}, {{1}}, {lift})", a, b)


def shrink(places: int) -> str:
    """0.001 for 3: multiplying by it is exact where dividing would round."""
    return f"0.{'1'.rjust(places, '0')}"


def _rescale_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    by: int = node.data
    if by >= 0:
        return up(r, args[0], by)
    if r.pg:
        return fill(f"ROUND({{0}} * {shrink(-by)}, 0)", numeric(r, args[0]))
    return fill(f"wubu_round({{0}}, {-by}, 0)", args[0])


def _extreme(key: str, pick: Callable[[Any], Any]) -> dict[str, Any]:
    """MIN and MAX look over missing values, like a sum does."""

    def check(checking: Checking, tree: Tree) -> Node:
        found = checking.over(key, tree)
        if found is not None:
            return found
        nodes = checking.alike([checking.typed(a) for a in tree.args])
        kind = nodes[0].type.kind
        if not nodes[0].is_bad and kind not in {"number", "date", "datetime", "text"}:
            return checking.refuse(
                "wrong_type",
                Text(
                    "{f} 只比较数字、日期或文本。", "{f} compares numbers, dates or texts."
                ).format(f=key),
                nodes[0],
            )
        return make(key, nodes[0].type, nodes, at=(tree.start, tree.end))

    def run(*values: Any) -> Any:
        there = [v for v in values if v is not None]
        return pick(there) if there else None

    def sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
        if len(args) == 1:
            return args[0]
        if r.pg:
            name = "LEAST" if key == "MIN" else "GREATEST"
            kept = [fill('{0} COLLATE "C"', a) for a in args] if _is_text(node) else args
            return fill(name + "{0}", joined(", ", kept))
        return fill(f"wubu_{key.lower()}" + "{0}", joined(", ", args))

    return {
        "key": key,
        "bind": plain(run),
        "sql": sql,
        "check": check,
        "takes": ("any",),
        "many": True,
        "group": "number",
    }


def _is_text(node: Node) -> bool:
    return node.type.kind == "text"


def _say_signs(node: Node, parts: Sequence[str], _lang: Lang) -> str:
    shown = {"*": "×", "/": "÷", "-": "−"}
    tail = (f" {shown.get(s, s)} {p}" for s, p in zip(node.data, parts[1:], strict=True))
    return parts[0] + "".join(tail)


def _say_list(zh: str, en: str) -> Callable[[Node, Sequence[str], Lang], str]:
    return lambda _node, parts, lang: (
        f"{'、'.join(parts)}中{zh}" if lang == "zh" else f"the {en} of {', '.join(parts)}"
    )


FUNCTIONS = (
    Function(key="add", group="operator", check=_sum, bind=_add_bind, sql=_add_sql, say=_say_signs),
    Function(
        key="mul", group="operator", check=_product, bind=_mul_bind, sql=_mul_sql, say=_say_signs
    ),
    Function(
        key="neg",
        group="operator",
        takes=("number",),
        check=lambda check, tree: negated(check.coerce(check.typed(tree.args[0]), "number")),
        bind=plain(lambda v: None if v is None else -v),
        sql=lambda r, _node, args: fill("(- {0})", numeric(r, args[0])),
        say=Text("−{0}", "−{0}"),
    ),
    # The same number with more or fewer decimals; never written, only put in by the checker.
    Function(
        key="rescale",
        group="operator",
        bind=lambda node, _context: lambda value: exact.rescale(value, node.data),
        sql=_rescale_sql,
        say=Text("{0}", "{0}"),
    ),
    Function(
        key="ABS",
        names=("绝对值",),
        group="number",
        usage=Text("ABS(数字)", "ABS(number)"),
        help=Text("去掉正负号。", "Without its sign."),
        takes=("number",),
        gives=lambda args: args[0].type,
        bind=plain(lambda v: None if v is None else abs(v)),
        sql=lambda r, _node, args: fill("ABS({0})", numeric(r, args[0])),
        say=Text("{0}的绝对值", "the absolute value of {0}"),
    ),
    Function(
        names=("最小", "最小值"),
        usage=Text("MIN(值, 值, …)", "MIN(value, value, …)"),
        help=Text("最小的；忽略空值。", "The least; missing values are ignored."),
        say=_say_list("最小的", "least"),
        **_extreme("MIN", min),
    ),
    Function(
        names=("最大", "最大值"),
        usage=Text("MAX(值, 值, …)", "MAX(value, value, …)"),
        help=Text("最大的；忽略空值。", "The greatest; missing values are ignored."),
        say=_say_list("最大的", "greatest"),
        **_extreme("MAX", max),
    ),
)
