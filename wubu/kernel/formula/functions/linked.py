"""Sums, counts, averages, least and greatest: of values side by side, or over linked records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu.kernel.formula import exact
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions.base import Checking, Function, plain, wrong_count
from wubu.kernel.formula.functions.numbers import rescaled, scaled
from wubu.kernel.formula.sql import Rendering, Sql, fill, joined, let, numeric, within
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import NUMBER, Node, make
from wubu.kernel.types import Lang, Text

USAGES = {
    "SUM": Text("SUM({合同.金额}, 条件)", "SUM({Contract.Amount}, condition)"),
    "AVERAGE": Text("AVERAGE({合同.金额}, 条件)", "AVERAGE({Contract.Amount}, condition)"),
    "COUNT": Text("COUNT({合同}, 条件)", "COUNT({Contract}, condition)"),
    "COUNTDISTINCT": Text(
        "COUNTDISTINCT({合同.产品}, 条件)", "COUNTDISTINCT({Contract.Product}, condition)"
    ),
    "EXISTS": Text("EXISTS({合同}, 条件)", "EXISTS({Contract}, condition)"),
}
ONLY_LINKED = {"COUNTDISTINCT", "EXISTS"}


def _check(key: str) -> Callable[[Checking, Tree], Node]:
    def check(checking: Checking, tree: Tree) -> Node:
        found = checking.over(key, tree)
        if found is not None:
            return found
        if key in ONLY_LINKED:
            return wrong_count(checking, tree, USAGES[key])
        at = (tree.start, tree.end)
        if key == "COUNT":
            nodes = tuple(checking.typed(a) for a in tree.args)
            many = next((n for n in nodes if n.op == "linked"), None)
            return make(key, NUMBER, nodes, at=at) if many is None else _too_many(checking, many)
        numbers = [checking.coerce(checking.typed(a), "number") for a in tree.args]
        scale = max(n.type.scale for n in numbers)
        same = tuple(rescaled(n, scale) for n in numbers)
        return make(key, scaled(scale if key == "SUM" else exact.MAX_SCALE), same, at=at)

    return check


def _too_many(check: Checking, node: Node) -> Node:
    return check.refuse(
        "wrong_type",
        Text("汇总里不能再数多条关联。", "Within an aggregate, a link to many cannot be counted."),
        node,
        Text("请先做成一个公式字段。", "Make it a formula field first."),
    )


def _sum_sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
    if not r.pg:
        return fill("wubu_total{0}", joined(", ", args))
    return within(r, joined(" + ", [fill("COALESCE({0}, 0)", numeric(r, a)) for a in args]))


def _lift(node: Node) -> int:
    return exact.MAX_SCALE - node.args[0].type.scale


def _mean_bind(node: Node, _context: Context) -> Callable[..., Any]:
    lift = _lift(node)
    return lambda *values: exact.mean(lift, *values)


def _mean_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    lift = _lift(node)
    if not r.pg:
        return fill("wubu_mean{0}", joined(", ", [Sql(str(lift)), *args]))
    names = [f"a{i}" for i in range(len(args))]
    added = " + ".join(f"COALESCE({n}, 0)" for n in names)
    there = " + ".join(f"({n} IS NOT NULL)::int" for n in names)
    mean = f"ROUND(({added}) * {10**lift}.{'0' * 24} / NULLIF({there}, 0), 0)"
    return within(r, let(mean, *(numeric(r, a) for a in args)))


def _count_sql(_r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
    return joined(" + ", [fill("CASE WHEN {0} IS NULL THEN 0 ELSE 1 END", a) for a in args])


def _say(zh: str, en: str) -> Callable[[Node, Sequence[str], Lang], str]:
    return lambda _node, parts, lang: (
        f"{'、'.join(parts)}{zh}" if lang == "zh" else f"the {en} of {', '.join(parts)}"
    )


def _never(_node: Node, _context: Context) -> Callable[..., Any]:
    return lambda *_values: None  # never made: over linked records the node is another


FUNCTIONS = (
    Function(
        key="SUM",
        names=("求和", "合计"),
        group="linked",
        usage=USAGES["SUM"],
        help=Text(
            "指向本记录的那些记录的合计，可加条件；也可以加几个值：SUM(1, {金额})。空值不算。",
            "The total over the records that point here, under a condition; or of several values: "
            "SUM(1, {Amount}). Missing ones are left out.",
        ),
        check=_check("SUM"),
        bind=plain(exact.total),
        sql=_sum_sql,
        say=_say("之和", "sum"),
    ),
    Function(
        key="AVERAGE",
        names=("平均", "平均值", "AVG"),
        group="linked",
        usage=USAGES["AVERAGE"],
        help=Text(
            "平均值，六位小数；空值不算，一个都没有则为空。",
            "The average, to six decimals, of those that are there; missing where none is.",
        ),
        check=_check("AVERAGE"),
        bind=_mean_bind,
        sql=_mean_sql,
        say=_say("的平均值", "average"),
    ),
    Function(
        key="COUNT",
        names=("计数", "条数"),
        group="linked",
        usage=USAGES["COUNT"],
        help=Text(
            "有几条记录，或几条填了这个字段；也可以数几个值里有几个不为空。",
            "How many records there are, or how many have the field; or how many of several values "
            "are there.",
        ),
        check=_check("COUNT"),
        bind=plain(lambda *values: sum(v is not None for v in values)),
        sql=_count_sql,
        say=_say("中非空的个数", "number"),
    ),
    Function(
        key="COUNTDISTINCT",
        names=("去重计数",),
        group="linked",
        usage=USAGES["COUNTDISTINCT"],
        help=Text("有几个不同的值。", "How many different values there are."),
        check=_check("COUNTDISTINCT"),
        bind=_never,
        sql=_count_sql,
        say=_say("的不同值个数", "number of different values"),
    ),
    Function(
        key="EXISTS",
        names=("存在", "有"),
        group="linked",
        usage=USAGES["EXISTS"],
        help=Text("是否有这样的记录。", "Whether there is such a record."),
        check=_check("EXISTS"),
        bind=_never,
        sql=_count_sql,
        say=_say("存在", "existence"),
    ),
)
