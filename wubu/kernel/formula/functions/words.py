"""More of text: parts of it, finding, replacing, joining, and text that is a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import wording
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions.base import Checking, Function, plain, strict, wrong_count
from wubu.kernel.formula.functions.text import LOWERED
from wubu.kernel.formula.sql import Rendering, Sql, fill, joined, let, whole, within
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import BOOL, NUMBER, TEXT, Node, literal, make
from wubu.kernel.types import Lang, Text

COUNT = (-1, wording.MAX_CUT + 1)  # exclusive bounds of a number of characters
PLACE = (0, wording.MAX_CUT + 1)
LONG = wording.MAX_TEXT
VALUE = ValueType("number", 6)


def _mid_sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
    if not r.pg:
        return fill("wubu_mid({0}, {1}, {2})", *args)
    return fill(
        "SUBSTR({0}, {1}, {2})", args[0], whole(r, args[1], PLACE), whole(r, args[2], COUNT)
    )


def _find(key: str, *, fold: bool) -> dict[str, Any]:
    """FIND minds capitals, SEARCH does not; both take the place to begin at."""

    def check(checking: Checking, tree: Tree) -> Node:
        if not 2 <= len(tree.args) <= 3:
            return wrong_count(checking, tree, FINDS[key])
        nodes = [checking.typed(a) for a in tree.args]
        texts = [checking.coerce(n, "text") for n in nodes[:2]]
        start = nodes[2] if len(nodes) > 2 else literal(1, NUMBER, (tree.end, tree.end))
        args = (*texts, checking.coerce(start, "whole"))
        return make(key, NUMBER, args, at=(tree.start, tree.end))

    def sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
        part, text, start = args
        if fold:
            part, text = (fill(LOWERED[0 if r.pg else 1], a) for a in (part, text))
        if not r.pg:
            return fill("wubu_find({0}, {1}, {2})", part, text, start)
        found = "NULLIF(STRPOS(SUBSTR(a1, a2), a0), 0) + a2 - 1"
        return let(found, part, text, whole(r, start, PLACE))

    return {
        "key": key,
        "group": "text",
        "check": check,
        "bind": strict(wording.search if fold else wording.find),
        "sql": sql,
    }


FINDS = {
    "FIND": Text("FIND(片段, 文本, 从第几个字符起)", "FIND(part, text, start)"),
    "SEARCH": Text("SEARCH(片段, 文本, 从第几个字符起)", "SEARCH(part, text, start)"),
}


def _join(check: Checking, tree: Tree) -> Node:
    """TEXTJOIN(sign, text, …); Excel's TRUE or FALSE in second place is understood."""
    nodes = [check.typed(a) for a in tree.args]
    flag: tuple[Node, ...] = ()
    if len(nodes) > 2 and nodes[1].op == "lit" and nodes[1].type.kind == "bool":
        flag = (nodes.pop(1),)
    if len(nodes) < 2:
        return wrong_count(check, tree, JOINS)
    sign, *texts = (check.coerce(n, "text") for n in nodes)
    return make("TEXTJOIN", TEXT, (sign, *flag, *texts), at=(tree.start, tree.end))


JOINS = Text("TEXTJOIN(分隔符, 文本, …)", "TEXTJOIN(separator, text, …)")


def _flag(node: Node) -> tuple[bool, int]:
    """Whether empty texts are left out, and where the texts begin."""
    told = node.args[1].type.kind == "bool"
    return not told or bool(node.args[1].data), 1 + told


def _join_bind(node: Node, _context: Context) -> Callable[..., Any]:
    skip, first = _flag(node)
    return lambda *given: wording.joined(skip, given[0], *given[first:])


def _join_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    skip, first = _flag(node)
    texts = args[first:]
    if not r.pg:
        return fill("wubu_textjoin{0}", joined(", ", [Sql(str(int(skip))), args[0], *texts]))
    kept = [fill("NULLIF({0}, '')" if skip else "COALESCE({0}, '')", a) for a in texts]
    return fill("CONCAT_WS{0}", joined(", ", [fill("COALESCE({0}, '')", args[0]), *kept]))


def _value_sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
    if not r.pg:
        return fill("wubu_value_of({0})", args[0])
    bare = fill("REPLACE(BTRIM({0}, ' '), ',', '')", args[0])
    number = let(
        f"CASE WHEN a0 ~ '{wording.NUMBER}' THEN CASE WHEN a0 LIKE '%%\\%%' "
        "THEN LEFT(a0, -1)::numeric / 100.0000000000000000000000000 ELSE a0::numeric END END",
        bare,
    )
    return within(r, fill("ROUND({0} * 1000000, 0)", number))


def _say_join(node: Node, parts: Sequence[str], lang: Lang) -> str:
    listed = ("、" if lang == "zh" else ", ").join(parts[_flag(node)[1] :])
    if lang == "zh":
        return f"{listed}以{parts[0]}连接"
    return f"{listed} joined by {parts[0]}"


FUNCTIONS = (
    Function(
        key="MID",
        names=("中间取", "截取"),
        group="text",
        usage=Text("MID(文本, 从第几个, 字符数)", "MID(text, start, characters)"),
        help=Text(
            "从第几个字符起的若干字符；首字符为 1。", "Characters from a place on; 1 is first."
        ),
        takes=("text", "whole", "whole"),
        gives=TEXT,
        bind=strict(wording.mid),
        sql=_mid_sql,
        say=Text("{0}从第 {1} 个起的 {2} 个字符", "{2} characters of {0} from place {1}"),
    ),
    Function(
        names=("查找",),
        usage=FINDS["FIND"],
        help=Text(
            "片段在文本中的位置，区分大小写；没有则为空。",
            "Where the part begins, minding capitals; missing where it is not.",
        ),
        say=Text("{0}在{1}中的位置", "the place of {0} in {1}"),
        **_find("FIND", fold=False),
    ),
    Function(
        names=("搜索",),
        usage=FINDS["SEARCH"],
        help=Text(
            "片段在文本中的位置，不分大小写；没有则为空。",
            "Where the part begins, in whatever case; missing where it is not.",
        ),
        say=Text("{0}在{1}中的位置（不分大小写）", "the place of {0} in {1}, in whatever case"),
        **_find("SEARCH", fold=True),
    ),
    Function(
        key="SUBSTITUTE",
        names=("替换",),
        group="text",
        usage=Text("SUBSTITUTE(文本, 原片段, 新片段)", "SUBSTITUTE(text, old, new)"),
        help=Text("把每一处原片段换成新片段。", "Every old part becomes the new one."),
        takes=("text", "text", "text"),
        gives=TEXT,
        bind=strict(wording.substitute),
        sql=lambda r, _node, args: (
            let(
                f"CASE WHEN LENGTH(a0)::bigint * GREATEST(LENGTH(a2), 1) <= {LONG} "
                "THEN REPLACE(a0, a1, a2) END",
                *args,
            )
            if r.pg
            else fill("wubu_substitute({0}, {1}, {2})", *args)
        ),
        say=Text("{0}中的{1}换成{2}", "{0} with {1} replaced by {2}"),
    ),
    Function(
        key="REPT",
        names=("重复",),
        group="text",
        usage=Text("REPT(文本, 次数)", "REPT(text, times)"),
        help=Text("文本重复若干次。", "The text so many times."),
        takes=("text", "whole"),
        gives=TEXT,
        bind=strict(wording.repeat),
        sql=lambda r, _node, args: (
            let(
                f"CASE WHEN LENGTH(a0)::bigint * a1 <= {LONG} THEN REPEAT(a0, a1) END",
                args[0],
                whole(r, args[1], COUNT),
            )
            if r.pg
            else fill("wubu_rept({0}, {1})", *args)
        ),
        say=Text("{0}重复 {1} 次", "{0} repeated {1} times"),
    ),
    Function(
        key="PROPER",
        names=("首字母大写",),
        group="text",
        usage=Text("PROPER(文本)", "PROPER(text)"),
        help=Text("每个英文单词首字母大写，其余小写。", "Each word of a to z with a capital."),
        takes=("text",),
        gives=TEXT,
        bind=strict(wording.proper),
        sql=lambda r, _node, args: fill(
            'INITCAP({0} COLLATE "C")' if r.pg else "wubu_proper({0})", args[0]
        ),
        say=Text("{0}（单词首字母大写）", "{0} with capitals"),
    ),
    Function(
        key="TEXTJOIN",
        names=("分隔连接",),
        group="text",
        usage=JOINS,
        help=Text("用分隔符连接，空的不算。", "Joined by a separator; empty ones are left out."),
        check=_join,
        bind=_join_bind,
        sql=_join_sql,
        say=_say_join,
    ),
    Function(
        key="VALUE",
        names=("转数字", "数值"),
        group="text",
        usage=Text("VALUE(文本)", "VALUE(text)"),
        help=Text(
            "文本里的数字，如 “1,234.5” 或 “12%”；不是数字则为空。",
            "The number that a text holds, such as 1,234.5 or 12%; missing where it holds none.",
        ),
        takes=("text",),
        gives=VALUE,
        bind=plain(wording.value_of),
        sql=_value_sql,
        say=Text("{0}的数值", "the number in {0}"),
    ),
    Function(
        key="ENDSWITH",
        names=("结尾是",),
        group="text",
        usage=Text("ENDSWITH(文本, 结尾)", "ENDSWITH(text, end)"),
        help=Text("文本以此结尾，不分大小写。", "The text ends so, in whatever case."),
        takes=("text", "text"),
        gives=BOOL,
        bind=strict(wording.ends),
        sql=lambda r, _node, args: fill(
            '(STRPOS(REVERSE(LOWER({0} COLLATE "C")), REVERSE(LOWER({1} COLLATE "C"))) = 1)'
            if r.pg
            else "wubu_endswith({0}, {1})",
            *args,
        ),
        say=Text("{0}以{1}结尾", "{0} ends with {1}"),
    ),
)
