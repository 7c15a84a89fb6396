"""Comparisons, lists and ranges. An instant compares with a day by its day in the workspace."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from math import isqrt
from typing import Any

from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import exact
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions.base import Checking, Function, plain
from wubu.kernel.formula.functions.logic import is_blank
from wubu.kernel.formula.functions.people import MEMBERS
from wubu.kernel.formula.sql import Rendering, Sql, fill, joined, literal, numeric
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import BOOL, DATETIME, NUMBER, Linked, Node, make
from wubu.kernel.types import Lang, Text

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
RANKED_AT_ONCE = 64  # options that a value is held against one by one
SAID = {
    "=": Text("等于", "is"),
    "<>": Text("不等于", "is not"),
    "<": Text("小于", "is less than"),
    "<=": Text("不超过", "is at most"),
    ">": Text("大于", "is more than"),
    ">=": Text("不低于", "is at least"),
}
SAID_DAYS = {
    "=": Text("在", "is on"),
    "<>": Text("不在", "is not on"),
    "<": Text("早于", "is before"),
    "<=": Text("不晚于", "is on or before"),
    ">": Text("晚于", "is after"),
    ">=": Text("不早于", "is on or after"),
}
ORDERED = {"number", "text", "date", "datetime", "choice"}


def _compare(check: Checking, tree: Tree) -> Node:
    left, right = (check.typed(a) for a in tree.args)
    at = (tree.start, tree.end)
    for side, other in ((left, right), (right, left)):
        # Nothing equals a missing value, so asking for "" means asking whether it is blank.
        if other.op == "lit" and other.data in (None, "") and tree.op in {"=", "<>"}:
            blank = is_blank(side, at)
            return blank if tree.op == "=" else make("not", BOOL, (blank,), at=at)
    left, right = check.comparable([left, right])
    if left.is_bad or right.is_bad:
        return make(tree.op, BOOL, (left, right), at=at)
    return _ordered(check, tree.op, left, right, at)


def _ordered(check: Checking, op: str, left: Node, right: Node, at: tuple[int, int]) -> Node:
    kind = left.type.kind
    if kind in {"choices", "links", "files"}:
        return check.refuse(
            "wrong_type",
            Text("多值字段不能这样比较。", "A field with several values cannot be compared so."),
            left,
            Text(
                '用 CONTAINS({字段}, "选项") 或 {字段} IN (…)。',
                'Use CONTAINS({field}, "option") or {field} IN (…).',
            ),
        )
    if op not in {"=", "<>"}:
        if kind not in ORDERED:
            return check.refuse(
                "wrong_type",
                Text("这类值没有大小，只能用 = 或 <>。", "These have no order; use = or <>."),
                left,
            )
        if kind == "choice":
            ranks = check.ranks(left)
            left, right = (make("rank", NUMBER, (n,), ranks, at=n.at) for n in (left, right))
    return make(op, BOOL, (left, right), at=at)


def aligned(value: Any, own: ValueType, other: ValueType) -> Any:
    """A number brought to the larger scale of the two."""
    if own.kind == "number" and other.scale > own.scale:
        return None if value is None else value * 10 ** (other.scale - own.scale)
    return value


def pair(context: Context, left: ValueType, right: ValueType) -> Callable[[Any, Any], Any]:
    """Both values made comparable."""
    days = {left.kind, right.kind} == {"date", "datetime"}

    def both(a: Any, b: Any) -> tuple[Any, Any]:
        if days:
            a = exact.local_day(a, context.zone) if left.kind == "datetime" else a
            b = exact.local_day(b, context.zone) if right.kind == "datetime" else b
            return a, b
        return aligned(a, left, right), aligned(b, right, left)

    return both


def _compare_bind(node: Node, context: Context) -> Callable[..., Any]:
    both = pair(context, node.args[0].type, node.args[1].type)
    compare = OPERATORS[node.op]

    def run(a: Any, b: Any) -> bool | None:
        a, b = both(a, b)
        return None if a is None or b is None else compare(a, b)

    return run


FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


def _compare_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    left, right = node.args
    return comparison(r, node.op, (left, args[0]), (right, args[1]))


def comparison(r: Rendering, op: str, a: tuple[Node, Sql], b: tuple[Node, Sql]) -> Sql:
    """``a op b`` in a form that an index on a plain column serves."""
    (left, left_sql), (right, right_sql) = a, b
    kinds = (left.type.kind, right.type.kind)
    if kinds == ("date", "datetime"):
        return comparison(r, FLIPPED[op], b, a)
    if kinds == ("datetime", "date"):
        if right.constant and left.op == "path" and _ordinary(r.constant(right)):
            return _within_day(r, op, left_sql, r.constant(right))
        day = make("local_day", right.type, (left,))
        return fill(f"({{0}} {op} {{1}})", r.render(day), right_sql)
    if kinds[0] == "number":
        return _numbers(r, op, a, b)
    if kinds[0] == "text" and op not in {"=", "<>"} and r.pg:
        left_sql = fill('{0} COLLATE "C"', left_sql)
    return fill(f"({{0}} {op} {{1}})", left_sql, right_sql)


def _numbers(r: Rendering, op: str, a: tuple[Node, Sql], b: tuple[Node, Sql]) -> Sql:
    """A constant is brought to the column's scale, so that the column stays bare."""
    (left, left_sql), (right, right_sql) = a, b
    if left.constant and not right.constant:
        return _numbers(r, FLIPPED[op], b, a)
    by = left.type.scale - right.type.scale
    if right.constant and not left.constant:
        return _with_constant(r, op, left_sql, r.constant(right), by)
    # No limit here: comparing is exact even where the aligned number is too large to keep.
    if by > 0:
        right_sql = fill(f"({{0}} * {10**by})", numeric(r, right_sql))
    elif by < 0:
        left_sql = fill(f"({{0}} * {10**-by})", numeric(r, left_sql))
    return fill(f"({{0}} {op} {{1}})", left_sql, right_sql)


def _with_constant(r: Rendering, op: str, column: Sql, value: int | None, by: int) -> Sql:
    if value is None:
        return Sql("NULL")
    if by >= 0:
        bound, exactly = value * 10**by, True
    else:
        bound, rest = divmod(value, 10**-by)
        exactly = rest == 0
    if not exactly:  # between two values that the column can have
        if op in {"=", "<>"}:
            return fill("({0} <> {0})" if op == "=" else "({0} = {0})", column)
        op = {"<": "<=", ">=": ">"}.get(op, op)
    return fill(f"({{0}} {op} {{1}})", column, literal(r.pg, bound, NUMBER))


def _ordinary(day: date | None) -> bool:
    """Far enough from the ends of the calendar for its first and last instant to exist."""
    return day is not None and date.min < day < date.max - timedelta(days=1)


def _within_day(r: Rendering, op: str, column: Sql, day: date) -> Sql:
    """An instant against a day, by the instants at which the day begins and ends."""
    begins = literal(r.pg, exact.day_begins(day, r.context.zone), DATETIME)
    ends = literal(r.pg, exact.day_begins(day + timedelta(days=1), r.context.zone), DATETIME)
    forms = {
        "=": "({0} >= {1} AND {0} < {2})",
        "<>": "({0} < {1} OR {0} >= {2})",
        "<": "({0} < {1})",
        "<=": "({0} < {2})",
        ">": "({0} >= {2})",
        ">=": "({0} >= {1})",
    }
    return fill(forms[op], column, begins, ends)


def _in(check: Checking, tree: Tree) -> Node:
    at = (tree.start, tree.end)
    nodes = [check.typed(a) for a in tree.args]
    left, items = nodes[0], nodes[1:]
    for item in items:
        if item.is_blank:
            return check.refuse(
                "blank_in_list",
                Text("列表中不能有空值。", "A list cannot hold a missing value."),
                item,
                Text("另写 OR ISBLANK({字段})。", "Write OR ISBLANK({field}) as well."),
            )
    if left.op == "linked" and not (len(items) == 1 and items[0].type == MEMBERS):
        return make("linked_in", BOOL, tuple(check.comparable(nodes)), at=at)
    if left.type.kind == "choices":
        left, *items = check.comparable([left, *items])
        held = tuple(make("has", BOOL, (left, i), at=at) for i in items)
        return held[0] if len(held) == 1 else make("or", BOOL, held, at=at)
    if len(items) == 1 and items[0].type == MEMBERS:
        left = check.coerce(left, "member")
        return make("in", BOOL, (left, items[0]), at=at)
    same = check.comparable(nodes)
    if same[0].type.kind in {"links", "files"}:
        return _ordered(check, "=", same[0], same[1], at)
    return make("in", BOOL, tuple(same), at=at)


def _in_bind(node: Node, context: Context) -> Callable[..., Any]:
    left, *items = node.args
    if items[0].type == MEMBERS:
        return lambda value, members: None if value is None else value in members
    pairs = [pair(context, left.type, i.type) for i in items]

    def run(value: Any, *others: Any) -> bool | None:
        unknown = False
        for both, other in zip(pairs, others, strict=True):
            a, b = both(value, other)
            if a is None or b is None:
                unknown = True
            elif a == b:
                return True
        return None if unknown else False

    return run


def _in_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    left, *items = node.args
    if items[0].type == MEMBERS:
        ids = r.constant(items[0]) or (0,)  # nobody has the id 0
        return fill(f"({{0}} IN ({', '.join(str(int(i)) for i in ids)}))", args[0])
    if left.type.kind != "number" and len({n.type.kind for n in node.args}) == 1:
        return fill("({0} IN {1})", args[0], joined(", ", args[1:]))
    each = [
        comparison(r, "=", (left, args[0]), (item, sql))
        for item, sql in zip(items, args[1:], strict=True)
    ]
    return joined(" OR ", each)


def _linked_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    linked: Linked = node.args[0].data
    pairs = f'SELECT 1 FROM "{linked.table}" AS pairs WHERE pairs."{linked.here}" = {{0}}'  # noqa: S608 - keys of the catalog
    if len(args) == 1:
        return fill(f"(NOT EXISTS ({pairs}))", args[0])
    listed = ", ".join(f"{{{i}}}" for i in range(1, len(args)))
    return fill(f'(EXISTS ({pairs} AND pairs."{linked.there}" IN ({listed})))', *args)


def _between(check: Checking, tree: Tree) -> Node:
    at = (tree.start, tree.end)
    value, low, high = check.comparable([check.typed(a) for a in tree.args])
    if value.is_bad or low.is_bad or high.is_bad:
        return make("between", BOOL, (value, low, high), at=at)
    least = _ordered(check, ">=", value, low, at)
    most = _ordered(check, "<=", value, high, at)
    return make("between", BOOL, (*least.args, most.args[1]) if least.args else (), at=at)


def _between_bind(node: Node, context: Context) -> Callable[..., Any]:
    value, low, high = (a.type for a in node.args)
    from_low, to_high = pair(context, value, low), pair(context, value, high)

    def run(v: Any, lo: Any, hi: Any) -> bool | None:
        a, b = from_low(v, lo)
        c, d = to_high(v, hi)
        above = None if a is None or b is None else a >= b
        below = None if c is None or d is None else c <= d
        return False if False in (above, below) else None if None in (above, below) else True

    return run


def _between_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    value, low, high = zip(node.args, args, strict=True)
    return joined(" AND ", [comparison(r, ">=", value, low), comparison(r, "<=", value, high)])


def _rank_bind(node: Node, _context: Context) -> Callable[..., Any]:
    ranks = {key: i for i, key in enumerate(node.data)}
    return ranks.get


def _rank_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    ranked = [(key, i) for i, key in enumerate(node.data)]
    if len(ranked) <= RANKED_AT_ONCE or node.args[0].op != "path":
        return _ranked(r, ranked, args[0])
    # By the alphabet into shelves first: a record is held against a few keys and not thousands.
    ranked.sort(key=lambda pair: pair[0].encode())
    size = isqrt(len(ranked))
    shelves = [ranked[n : n + size] for n in range(0, len(ranked), size)]
    text, bound = ('COLLATE "C" ', "%s::text") if r.pg else ("", "%s")
    parts = [
        fill(f"WHEN {{0}} {text}< {{1}} THEN {{2}}", args[0], Sql(bound, (after[0][0],)), one)
        for one, after in zip(
            [_ranked(r, shelf, args[0]) for shelf in shelves[:-1]], shelves[1:], strict=True
        )
    ]
    last = _ranked(r, shelves[-1], args[0])
    holes = " ".join(f"{{{n}}}" for n in range(len(parts)))
    return fill(f"CASE {holes} ELSE {{{len(parts)}}} END", *parts, last)


def _ranked(r: Rendering, ranked: Sequence[tuple[str, int]], value: Sql) -> Sql:
    cast = "%s::text" if r.pg else "%s"
    whens = " ".join(f"WHEN {cast} THEN {place}" for _, place in ranked)
    return fill("CASE {0} {1} END", value, Sql(whens, tuple(key for key, _ in ranked)))


def _say_compare(node: Node, parts: Sequence[str], lang: Lang) -> str:
    days = any(n.type.kind in {"date", "datetime"} for n in node.args)
    said = (SAID_DAYS if days else SAID)[node.op].say(lang)
    return f"{parts[0]}{said}{parts[1]}" if lang == "zh" else f"{parts[0]} {said} {parts[1]}"


def _say_in(node: Node, parts: Sequence[str], lang: Lang) -> str:
    team = node.args[1].type == MEMBERS
    listed = ("、" if lang == "zh" else ", ").join(parts[1:])
    if lang == "zh":
        return f"{parts[0]}属于{listed}" if team else f"{parts[0]}是{listed}之一"
    return f"{parts[0]} is in {listed}" if team else f"{parts[0]} is one of {listed}"


FUNCTIONS = (
    *(
        Function(
            key=sign,
            group="operator",
            check=_compare,
            bind=_compare_bind,
            sql=_compare_sql,
            say=_say_compare,
        )
        for sign in OPERATORS
    ),
    Function(key="in", group="operator", check=_in, bind=_in_bind, sql=_in_sql, say=_say_in),
    Function(
        key="between",
        group="operator",
        check=_between,
        bind=_between_bind,
        sql=_between_sql,
        say=Text("{0}在{1}与{2}之间", "{0} is between {1} and {2}"),
    ),
    # A link to many has one of some records, or none at all.
    Function(
        key="linked_in",
        group="operator",
        bind=plain(lambda held, *ids: any(i in (held or ()) for i in ids)),
        sql=_linked_sql,
        say=_say_in,
    ),
    Function(
        key="linked_none",
        group="operator",
        bind=plain(lambda held: not held),
        sql=_linked_sql,
        say=Text("{0}为空", "{0} is empty"),
    ),
    # The place of an option in its field's order, for < and > between options.
    Function(key="rank", group="operator", bind=_rank_bind, sql=_rank_sql, say=Text("{0}", "{0}")),
)
