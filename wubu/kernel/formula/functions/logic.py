"""Conditions and choices between values. Missing means unknown: three-valued logic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu.kernel.formula.functions.base import Checking, Function, plain, template
from wubu.kernel.formula.sql import Rendering, Sql, fill, joined
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import BOOL, Node, literal, make
from wubu.kernel.types import Lang, Text


def all_of(*values: bool | None) -> bool | None:
    """AND: false wins, then unknown."""
    return False if False in values else None if None in values else True


def any_of(*values: bool | None) -> bool | None:
    """OR: true wins, then unknown."""
    return True if True in values else None if None in values else False


def first(*values: Any) -> Any:
    """The first that is not missing."""
    return next((v for v in values if v is not None), None)


def choose(*values: Any) -> Any:
    """condition, value, condition, value …, otherwise: an unknown condition does not hold."""
    pairs = len(values) // 2
    for i in range(pairs):
        if values[2 * i]:
            return values[2 * i + 1]
    return values[-1]


def _if(check: Checking, tree: Tree) -> Node:
    """IF and IFS are one node: conditions and values in turn, the last one for otherwise."""
    args = [check.typed(a) for a in tree.args]
    if len(args) < 2:
        return check.refuse(
            "too_few_arguments",
            Text("IF 至少要有条件和值。", "IF needs at least a condition and a value."),
            tree,
            Text("例如 IF({金额} > 100, 1, 0)。", "For example IF({Amount} > 100, 1, 0)."),
        )
    if len(args) % 2 == 0:
        args.append(literal(None, args[1].type, (tree.start, tree.end)))
    conditions = [check.coerce(a, "bool") for a in args[:-1:2]]
    values = check.alike([*args[1::2], args[-1]])
    mixed = [n for pair in zip(conditions, values, strict=False) for n in pair]
    return make("IF", values[0].type, (*mixed, values[-1]), at=(tree.start, tree.end))


def _switch(check: Checking, tree: Tree) -> Node:
    """SWITCH(x, a, 1, b, 2, otherwise) is IF(x = a, 1, x = b, 2, otherwise)."""
    if len(tree.args) < 3:
        return check.refuse(
            "too_few_arguments",
            Text(
                "SWITCH 要有被比较的值、选项和结果。", "SWITCH needs a value, a case and a result."
            ),
            tree,
        )
    subject, *rest = tree.args
    at = tree.start, tree.end
    turned: list[Tree] = []
    for i in range(0, len(rest) - 1, 2):
        case = rest[i]
        turned += [Tree("=", (subject, case), None, case.start, case.end, tree.depth), rest[i + 1]]
    if len(rest) % 2:
        turned.append(rest[-1])
    return _if(check, Tree("call", tuple(turned), "IF", at[0], at[1], tree.depth))


def _case(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
    pairs = (len(args) - 1) // 2
    whens = " ".join(f"WHEN {{{2 * i}}} THEN {{{2 * i + 1}}}" for i in range(pairs))
    return fill(f"CASE {whens} ELSE {{{len(args) - 1}}} END", *args)


def _coalesce(check: Checking, tree: Tree) -> Node:
    values = check.alike([check.typed(a) for a in tree.args])
    return make("COALESCE", values[0].type, values, at=(tree.start, tree.end))


def is_blank(node: Node, at: tuple[int, int]) -> Node:
    """The condition that a value is missing."""
    op = "linked_none" if node.op == "linked" else "ISBLANK"
    return make(op, BOOL, (node,), at=at)


def _isblank(check: Checking, tree: Tree) -> Node:
    if len(tree.args) != 1:
        return check.refuse(
            "wrong_arguments", Text("ISBLANK 要有一项。", "ISBLANK needs one thing."), tree
        )
    return is_blank(check.typed(tree.args[0]), (tree.start, tree.end))


def _blank_sql(_r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    if node.args[0].type.kind == "text" and node.args[0].op != "path":
        return fill("(COALESCE({0}, '') = '')", *args)
    return fill("({0} IS NULL)", *args)


def _is_blank(value: Any) -> bool:
    return value is None or value == "" or value == ()


def _say_if(_node: Node, parts: Sequence[str], lang: Lang) -> str:
    pairs = list(zip(parts[:-1:2], parts[1::2], strict=False))
    if lang == "zh":
        body = "；".join(f"{c}时为{v}" for c, v in pairs)
        return f"{body}；否则为{parts[-1]}"
    body = "; ".join(f"{v} if {c}" for c, v in pairs)
    return f"{body}; otherwise {parts[-1]}"


def _say_chain(zh: str, en: str) -> Callable[[Node, Sequence[str], Lang], str]:
    return lambda _node, parts, lang: (zh if lang == "zh" else en).join(parts)


def _say_coalesce(node: Node, parts: Sequence[str], lang: Lang) -> str:
    """The field itself where an unchecked box counts as no: nobody says it otherwise."""
    last = node.args[-1]
    if node.type.kind == "bool" and len(parts) == 2 and last.data is False:
        return parts[0]
    while last.op in ("rescale", "neg"):
        last = last.args[0]
    if len(parts) == 2 and last.op == "lit":
        first, value = parts
        return f"{first}（没有则按{value}算）" if lang == "zh" else f"{first} ({value} if empty)"
    if lang == "zh":
        return f"{parts[0]}（没有则取{'，再没有取'.join(parts[1:])}）"
    return f"{parts[0]} (if empty, {', else '.join(parts[1:])})"


def _say_not(node: Node, parts: Sequence[str], lang: Lang) -> str:
    inner = node.args[0]
    if inner.op == "ISBLANK":
        return (
            f"{parts[0].removesuffix('为空')}已填写"
            if lang == "zh"
            else (f"{parts[0].removesuffix(' is empty')} is filled in")
        )
    return f"并非（{parts[0]}）" if lang == "zh" else f"not ({parts[0]})"


def _constant(value: Any) -> Callable[[Checking, Tree], Node]:
    return lambda _check, tree: literal(value, BOOL, (tree.start, tree.end))


def _as_is(_r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
    return args[0]


FUNCTIONS = (
    Function(
        key="IF",
        names=("如果", "IFS", "多条件"),
        group="logic",
        usage=Text("IF(条件, 值, …, 否则)", "IF(condition, value, …, otherwise)"),
        help=Text(
            "第一个成立的条件所对应的值。", "The value after the first condition that holds."
        ),
        check=_if,
        bind=plain(choose),
        sql=_case,
        say=_say_if,
    ),
    Function(
        key="SWITCH",
        names=("按值",),
        group="logic",
        usage=Text("SWITCH(值, 选项, 结果, …, 否则)", "SWITCH(value, case, result, …, otherwise)"),
        help=Text("与哪个选项相等，就取它的结果。", "The result after the case that it equals."),
        check=_switch,
        bind=plain(choose),
        sql=_case,
        say=_say_if,
    ),
    Function(
        key="and",
        group="operator",
        takes=("bool",),
        many=True,
        gives=BOOL,
        bind=plain(all_of),
        sql=lambda _r, _node, args: joined(" AND ", args),
        say=_say_chain(" 且 ", " and "),
    ),
    Function(
        key="or",
        group="operator",
        takes=("bool",),
        many=True,
        gives=BOOL,
        bind=plain(any_of),
        sql=lambda _r, _node, args: joined(" OR ", args),
        say=_say_chain(" 或 ", " or "),
    ),
    Function(
        key="not",
        group="operator",
        takes=("bool",),
        gives=BOOL,
        bind=plain(lambda v: None if v is None else not v),
        sql=template("(NOT {0})"),
        say=_say_not,
    ),
    Function(
        key="ISBLANK",
        names=("为空", "是空值"),
        group="logic",
        usage=Text("ISBLANK(字段)", "ISBLANK(field)"),
        help=Text("没有填写。", "Nothing is filled in."),
        check=_isblank,
        bind=plain(_is_blank),
        sql=_blank_sql,
        say=Text("{0}为空", "{0} is empty"),
    ),
    Function(
        key="COALESCE",
        names=("首个非空", "IFBLANK", "空值取", "IFERROR"),
        group="logic",
        usage=Text("COALESCE(值, 备用值, …)", "COALESCE(value, fallback, …)"),
        help=Text("第一个有值的。", "The first that is not missing."),
        takes=("any",),
        many=True,
        check=_coalesce,
        bind=plain(first),
        sql=lambda _r, _node, args: (
            fill("COALESCE{0}", joined(", ", args)) if len(args) > 1 else args[0]
        ),
        say=_say_coalesce,
    ),
    # A formula field inside a formula: its own tree, named by the path in ``data``.
    Function(
        key="field",
        group="operator",
        takes=("any",),
        bind=plain(lambda v: v),
        sql=_as_is,
        say=Text("{0}", "{0}"),
    ),
)
