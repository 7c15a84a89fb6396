"""Rounding to decimals or to multiples, remainders, roots and powers; all exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu.kernel.formula import exact
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions.base import Checking, Function, strict, wrong_count
from wubu.kernel.formula.functions.numbers import rescaled, scaled, shrink
from wubu.kernel.formula.sql import Rendering, Sql, fill, let, numeric, within
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import NUMBER, Node, literal, make
from wubu.kernel.types import Lang, Text

PLACES = Text("{f}(数字, 小数位)", "{f}(number, decimals)")
STEPS = Text("{f}(数字, 倍数)", "{f}(number, multiple)")
MAX_POWER = 12
WAYS: dict[str, tuple[str, Callable[[int, int], int]]] = {
    "ROUND": ("ROUND({0}, 0)", exact.half_away),
    "ROUNDUP": ("(SIGN({0}) * CEIL(ABS({0})))", exact.away),
    "ROUNDDOWN": ("TRUNC({0}, 0)", exact.toward),
}


def _round(key: str) -> Callable[[Checking, Tree], Node]:
    def check(checking: Checking, tree: Tree) -> Node:
        at = (tree.start, tree.end)
        if len(tree.args) > 2:
            return wrong_count(checking, tree, PLACES.format(f=key))
        number = checking.coerce(checking.typed(tree.args[0]), "number")
        places = literal(0, NUMBER, at)
        if len(tree.args) == 2:
            places = checking.coerce(checking.typed(tree.args[1]), "count")
        if number.is_bad or places.is_bad:
            return make("bad", NUMBER, (number, places), at=at)
        if places.data is None or not -12 <= places.data <= exact.MAX_SCALE:
            return checking.refuse(
                "wrong_arguments",
                Text("小数位数在 −12 到 6 之间。", "The decimals are between −12 and 6."),
                places,
            )
        scale = min(max(places.data, 0), number.type.scale)
        return make(key, scaled(scale), (number, places), at=at)

    return check


def _round_steps(node: Node) -> tuple[int, int]:
    """How many decimals to drop and how many zeros to put back."""
    scale, places = node.args[0].type.scale, node.args[1].data
    return max(scale - places, 0), max(-places, 0)


def _round_bind(node: Node, _context: Context) -> Callable[..., Any]:
    drop, back = _round_steps(node)
    cut = WAYS[node.op][1]

    def run(value: int | None, _places: int) -> int | None:
        return None if value is None else exact.within(cut(value, 10**drop) * 10**back)

    return run


def _round_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    drop, back = _round_steps(node)
    if drop == 0:
        return args[0]
    if not r.pg:
        names = {"ROUND": "wubu_round", "ROUNDUP": "wubu_round_up", "ROUNDDOWN": "wubu_round_down"}
        return fill(f"{names[node.op]}({{0}}, {drop}, {back})", args[0])
    shrunk = fill(f"({{0}} * {shrink(drop)})", numeric(r, args[0]))
    way = WAYS[node.op][0]
    cut = let(way.replace("{0}", "a0"), shrunk) if node.op == "ROUNDUP" else fill(way, shrunk)
    return within(r, fill(f"({{0}} * {10**back})", cut))


def _say_round(zh: str, en: str) -> Callable[[Node, Sequence[str], Lang], str]:
    def say(node: Node, parts: Sequence[str], lang: Lang) -> str:
        places = node.args[1].data
        if places == 0:
            return f"{parts[0]}（{zh}取整）" if lang == "zh" else f"{parts[0]} ({en} to a whole)"
        if lang == "zh":
            return f"{parts[0]}（{zh}到 {parts[1]} 位小数）"
        return f"{parts[0]} ({en} to {parts[1]} decimals)"

    return say


def _multiple(key: str) -> Callable[[Checking, Tree], Node]:
    """FLOOR and CEILING: to the next whole, or to the next multiple of the second number."""

    def check(checking: Checking, tree: Tree) -> Node:
        at = (tree.start, tree.end)
        if len(tree.args) > 2:
            return wrong_count(checking, tree, STEPS.format(f=key))
        number = checking.coerce(checking.typed(tree.args[0]), "number")
        if len(tree.args) == 1:
            return make(key, NUMBER, (number,), at=at)
        step = checking.coerce(checking.typed(tree.args[1]), "number")
        scale = max(number.type.scale, step.type.scale)
        if number.is_bad or step.is_bad:
            return make("bad", NUMBER, (number, step), at=at)
        same = (rescaled(number, scale), rescaled(step, scale))
        return make(key, scaled(scale), same, at=at)

    return check


def _multiple_bind(node: Node, _context: Context) -> Callable[..., Any]:
    up = node.op == "CEILING"
    if len(node.args) == 1:
        whole = exact.ceiling if up else exact.floor
        drop = node.args[0].type.scale
        return lambda value: whole(value, drop)
    return strict(exact.ceiling_to if up else exact.floor_to)(node, _context)


def _multiple_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    up = node.op == "CEILING"
    if len(args) == 2:
        if not r.pg:
            return fill(f"wubu_{node.op.lower()}_to({{0}}, {{1}})", *args)
        rest = "MOD(MOD(a0, a1) + a1, a1)"
        to = f"CASE WHEN a1 > 0 THEN a0 {'+ MOD(a1 - ' + rest + ', a1)' if up else '- ' + rest} END"
        return within(r, let(to, numeric(r, args[0]), numeric(r, args[1])))
    drop = node.args[0].type.scale
    if drop == 0:
        return args[0]
    if r.pg:
        return fill(f"{node.op}({{0}} * {shrink(drop)})", numeric(r, args[0]))
    return fill(f"wubu_{node.op.lower()}({{0}}, {drop})", args[0])


def _say_multiple(zh: str, en: str) -> Callable[[Node, Sequence[str], Lang], str]:
    def say(_node: Node, parts: Sequence[str], lang: Lang) -> str:
        if len(parts) == 1:
            return f"{parts[0]}（{zh}取整）" if lang == "zh" else f"{parts[0]} (rounded {en})"
        if lang == "zh":
            return f"{parts[0]}（{zh}取 {parts[1]} 的倍数）"
        return f"{parts[0]} (rounded {en} to a multiple of {parts[1]})"

    return say


def _rounded(key: str, zh: str, en: str) -> dict[str, Any]:
    """What the three ways of rounding share."""
    return {
        "group": "number",
        "usage": PLACES.format(f=key),
        "check": _round(key),
        "bind": _round_bind,
        "sql": _round_sql,
        "say": _say_round(zh, en),
    }


def _to_multiple(key: str, zh: str, en: str) -> dict[str, Any]:
    """What FLOOR and CEILING share."""
    return {
        "group": "number",
        "usage": STEPS.format(f=key),
        "check": _multiple(key),
        "bind": _multiple_bind,
        "sql": _multiple_sql,
        "say": _say_multiple(zh, en),
    }


def _mod(check: Checking, tree: Tree) -> Node:
    if len(tree.args) != 2:
        return wrong_count(check, tree, MODS)
    a, b = (check.coerce(check.typed(t), "number") for t in tree.args)
    scale = max(a.type.scale, b.type.scale)
    return make(
        "MOD", scaled(scale), (rescaled(a, scale), rescaled(b, scale)), at=(tree.start, tree.end)
    )


MODS = Text("MOD(被除数, 除数)", "MOD(number, divisor)")


def _sqrt_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    scale = node.args[0].type.scale
    if not r.pg:
        return fill(f"wubu_sqrt({{0}}, {scale})", args[0])
    # Twenty zeros make PostgreSQL go on to as many places; a root of a whole is never a half.
    lifted = fill(f"({{0}} * {10 ** (12 - scale)}.{'0' * 20})", within(r, numeric(r, args[0]), -1))
    return fill("ROUND(SQRT({0}), 0)", lifted)


def _power(check: Checking, tree: Tree) -> Node:
    at = (tree.start, tree.end)
    if len(tree.args) != 2:
        return wrong_count(check, tree, POWERS)
    number = check.coerce(check.typed(tree.args[0]), "number")
    times = check.coerce(check.typed(tree.args[1]), "count")
    if number.is_bad or times.is_bad:
        return make("bad", NUMBER, (number, times), at=at)
    if times.data is None or not 0 <= times.data <= MAX_POWER:
        return check.refuse(
            "wrong_arguments",
            Text("次数是 0 到 12 的整数。", "The power is a whole number from 0 to 12."),
            times,
            Text("平方根用 SQRT。", "For a square root there is SQRT."),
        )
    scale = min(number.type.scale * times.data, exact.MAX_SCALE)
    return make("POWER", scaled(scale), (number, times), at=at)


POWERS = Text("POWER(数字, 次数)", "POWER(number, power)")


def _power_bind(node: Node, _context: Context) -> Callable[..., Any]:
    times: int = node.args[1].data
    drop = node.args[0].type.scale * times - node.type.scale

    def run(value: int | None, _times: int) -> int | None:
        return None if value is None else exact.within(exact.half_away(value**times, 10**drop))

    return run


def _power_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    times: int = node.args[1].data
    drop = node.args[0].type.scale * times - node.type.scale
    if not r.pg:
        return fill(f"wubu_power({{0}}, {times}, {drop})", args[0])
    product = " * ".join(["a0"] * times) if times else "1 + 0 * a0"
    small = f"ROUND(({product}) * {shrink(drop)}, 0)" if drop else product
    return within(r, let(small, numeric(r, args[0])))


FUNCTIONS = (
    Function(
        key="ROUND",
        names=("四舍五入",),
        help=Text("四舍五入，半数远离零。", "Rounded; halves go away from zero."),
        **_rounded("ROUND", "四舍五入", "rounded"),
    ),
    Function(
        key="ROUNDUP",
        names=("向上舍入", "进位"),
        help=Text("多余的小数一律进位，远离零。", "Away from zero, whatever is beyond."),
        **_rounded("ROUNDUP", "进位", "rounded up"),
    ),
    Function(
        key="ROUNDDOWN",
        names=("向下舍入", "截尾", "TRUNC"),
        help=Text("多余的小数一律舍去，靠近零。", "Toward zero, whatever is beyond."),
        **_rounded("ROUNDDOWN", "舍去", "cut"),
    ),
    Function(
        key="FLOOR",
        names=("向下取整", "INT", "取整"),
        help=Text(
            "不大于它的最大整数，或最大的倍数。",
            "The next whole number, or the next multiple, at or below.",
        ),
        **_to_multiple("FLOOR", "向下", "down"),
    ),
    Function(
        key="CEILING",
        names=("向上取整",),
        help=Text(
            "不小于它的最小整数，或最小的倍数。",
            "The next whole number, or the next multiple, at or above.",
        ),
        **_to_multiple("CEILING", "向上", "up"),
    ),
    Function(
        key="MOD",
        names=("余数", "取余"),
        group="number",
        usage=MODS,
        help=Text(
            "除后的余数，正负随除数；除数为 0 则为空。",
            "What is left after dividing, with the divisor's sign; missing for a divisor of 0.",
        ),
        check=_mod,
        bind=strict(exact.mod),
        sql=lambda r, _node, args: (
            let(
                "MOD(MOD(a0, NULLIF(a1, 0)) + a1, NULLIF(a1, 0))",
                numeric(r, args[0]),
                numeric(r, args[1]),
            )
            if r.pg
            else fill("wubu_mod({0}, {1})", *args)
        ),
        say=Text("{0}除以{1}的余数", "what is left of {0} divided by {1}"),
    ),
    Function(
        key="SQRT",
        names=("平方根", "开方"),
        group="number",
        usage=Text("SQRT(数字)", "SQRT(number)"),
        help=Text("平方根，六位小数；负数为空。", "To six decimals; missing below zero."),
        takes=("number",),
        gives=scaled(exact.MAX_SCALE),
        bind=lambda node, _context: lambda v: exact.root(v, node.args[0].type.scale),
        sql=_sqrt_sql,
        say=Text("{0}的平方根", "the square root of {0}"),
    ),
    Function(
        key="POWER",
        names=("乘方", "次方"),
        group="number",
        usage=POWERS,
        help=Text("次数是写明的整数，0 到 12。", "The power is written out, from 0 to 12."),
        check=_power,
        bind=_power_bind,
        sql=_power_sql,
        say=Text("{0}的 {1} 次方", "{0} to the power {1}"),
    ),
)
