"""Text. Upper and lower case, and the search that ignores it, concern the letters A to Z only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu.kernel.formula import exact, wording
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions.base import (
    Checking,
    Function,
    plain,
    strict,
    template,
    wrong_count,
)
from wubu.kernel.formula.sql import Rendering, Sql, fill, whole
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import BOOL, NUMBER, TEXT, Node, literal, make
from wubu.kernel.formula.wording import MAX_CUT
from wubu.kernel.types import Lang, Text, language

UPPER = {ord(c): c.upper() for c in "abcdefghijklmnopqrstuvwxyz"}
LOWER = {v: chr(k) for k, v in ((k, ord(v)) for k, v in UPPER.items())}
SPACES = " \t\r\n\u00a0\u3000"
CUTS = {
    "LEFT": Text("LEFT(文本, 字符数)", "LEFT(text, characters)"),
    "RIGHT": Text("RIGHT(文本, 字符数)", "RIGHT(text, characters)"),
}

LOWERED = ('LOWER({0} COLLATE "C")', "LOWER({0})")


def lower(text: str) -> str:
    """A to Z made small, nothing else, as both databases do it."""
    return text.translate(LOWER)


def _concat(check: Checking, tree: Tree) -> Node:
    parts = tuple(check.coerce(check.typed(a), "text") for a in tree.args)
    return make("&", TEXT, parts, at=(tree.start, tree.end))


def _concat_sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
    kept = [fill("COALESCE({0}, '')", a) for a in args]
    if r.pg:
        return fill("(" + " || ".join(f"{{{i}}}" for i in range(len(kept))) + ")", *kept)
    return fill("(" + " || ".join(f"{{{i}}}" for i in range(len(kept))) + ")", *kept)


def _cut(check: Checking, tree: Tree, key: str) -> Node:
    """One character where no number is given, as in a spreadsheet."""
    at = (tree.start, tree.end)
    if len(tree.args) > 2:
        return wrong_count(check, tree, CUTS[key])
    text = check.coerce(check.typed(tree.args[0]), "text")
    count = literal(1, NUMBER, (tree.end, tree.end))
    if len(tree.args) == 2:
        count = check.coerce(check.typed(tree.args[1]), "whole")
    if count.op == "lit" and count.data is not None and not 0 <= count.data <= MAX_CUT:
        return check.refuse(
            "wrong_arguments",
            Text("字符数在 0 到 10000 之间。", "The characters are between 0 and 10000."),
            count,
        )
    return make(key, TEXT, (text, count), at=at)


def _cut_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    count = node.args[1]
    if r.pg:
        number = args[1] if count.op == "lit" else whole(r, args[1], (-1, MAX_CUT + 1))
        return fill(node.op + "({0}, {1})", args[0], number)
    if count.op != "lit" or count.data is None or (node.op == "RIGHT" and not count.data):
        return fill(f"wubu_{node.op.lower()}({{0}}, {{1}})", *args)
    return fill("SUBSTR({0}, 1, {1})" if node.op == "LEFT" else "SUBSTR({0}, -{1})", *args)


def _search(pg: str, sqlite: str) -> Callable[[Rendering, Node, Sequence[Sql]], Sql]:
    def sql(r: Rendering, _node: Node, args: Sequence[Sql]) -> Sql:
        lowered = [fill(LOWERED[0 if r.pg else 1], a) for a in args]
        return fill(pg if r.pg else sqlite, *lowered)

    return sql


def _contains(check: Checking, tree: Tree) -> Node:
    """CONTAINS also asks a multi-choice field for one of its options."""
    at = (tree.start, tree.end)
    if len(tree.args) != 2:
        return check.refuse(
            "wrong_arguments",
            Text("CONTAINS 要有两项。", "CONTAINS needs two things."),
            tree,
            Text('例如 CONTAINS({名称}, "科技")。', 'For example CONTAINS({Name}, "tech").'),
        )
    left, right = (check.typed(a) for a in tree.args)
    if left.op == "linked":
        return make("linked_in", BOOL, check.comparable([left, right]), at=at)
    if left.type.kind == "choices":
        left, right = check.comparable([left, right])
        return make("has", BOOL, (left, right), at=at)
    args = (check.coerce(left, "text"), check.coerce(right, "text"))
    return make("CONTAINS", BOOL, args, at=at)


def _has(values: tuple[str, ...] | None, key: str | None) -> bool | None:
    return None if values is None or key is None else key in values


def _label_bind(node: Node, _context: Context) -> Callable[..., Any]:
    return lambda key: None if key is None else dict(_labels(node)).get(key, key)


def _labels(node: Node) -> list[tuple[str, str]]:
    return [(key, label.say(language())) for key, label in node.data]


def _label_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    if not node.data:
        return args[0]
    cast = "%s::text" if r.pg else "%s"
    whens = " ".join(f"WHEN {cast} THEN {cast}" for _ in node.data)
    params = tuple(p for pair in _labels(node) for p in pair)
    return fill("CASE {0} {1} ELSE {0} END", args[0], Sql(whens, params))


def _text_bind(node: Node, _context: Context) -> Callable[..., Any]:
    source = node.args[0].type
    if source.kind == "number":
        return lambda value: exact.decimal_text(value, source.scale)
    return lambda value: None if value is None else value.isoformat()


def _text_sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    source = node.args[0].type
    if source.kind == "date":
        return fill("to_char({0}, 'YYYY-MM-DD')", args[0]) if r.pg else args[0]
    if source.scale == 0:
        return fill("({0})::text" if r.pg else "CAST({0} AS TEXT)", args[0])
    if r.pg:
        places = source.scale
        shrunk = f"0.{'1'.rjust(places, '0')}"
        return fill(f"ROUND(({{0}})::numeric * {shrunk}, {places})::text", args[0])
    return fill(f"wubu_decimal({{0}}, {source.scale})", args[0])


def _say_concat(_node: Node, parts: Sequence[str], lang: Lang) -> str:
    return ("连接" if lang == "zh" else " followed by ").join(parts)


CONCAT: dict[str, Any] = {
    "check": _concat,
    "bind": plain(lambda *parts: "".join(p or "" for p in parts)),
    "sql": _concat_sql,
    "say": _say_concat,
}
NOTE = Text("空值算作空文本。", "A missing value counts as empty text.")

FUNCTIONS = (
    Function(key="&", group="operator", **CONCAT),
    Function(
        key="CONCAT",
        names=("连接", "CONCATENATE", "合并文本"),
        group="text",
        usage=Text("CONCAT(文本, 文本, …)", "CONCAT(text, text, …)"),
        help=NOTE,
        **CONCAT,
    ),
    Function(
        key="LEN",
        names=("长度", "字数"),
        group="text",
        usage=Text("LEN(文本)", "LEN(text)"),
        help=Text("有多少个字符。", "How many characters."),
        takes=("text",),
        gives=NUMBER,
        bind=strict(len),
        sql=template("LENGTH({0})"),
        say=Text("{0}的字数", "the length of {0}"),
    ),
    Function(
        key="LEFT",
        names=("左", "左取"),
        group="text",
        usage=CUTS["LEFT"],
        help=Text("开头的若干字符。", "The first characters."),
        check=lambda check, tree: _cut(check, tree, "LEFT"),
        bind=strict(wording.left),
        sql=_cut_sql,
        say=Text("{0}的前 {1} 个字符", "the first {1} characters of {0}"),
    ),
    Function(
        key="RIGHT",
        names=("右", "右取"),
        group="text",
        usage=CUTS["RIGHT"],
        help=Text("末尾的若干字符。", "The last characters."),
        check=lambda check, tree: _cut(check, tree, "RIGHT"),
        bind=strict(wording.right),
        sql=_cut_sql,
        say=Text("{0}的后 {1} 个字符", "the last {1} characters of {0}"),
    ),
    Function(
        key="UPPER",
        names=("大写",),
        group="text",
        usage=Text("UPPER(文本)", "UPPER(text)"),
        help=Text("英文字母变大写。", "The letters a to z in upper case."),
        takes=("text",),
        gives=TEXT,
        bind=strict(lambda text: text.translate(UPPER)),
        sql=template('UPPER({0} COLLATE "C")', "UPPER({0})"),
        say=Text("{0}（大写）", "{0} in upper case"),
    ),
    Function(
        key="LOWER",
        names=("小写",),
        group="text",
        usage=Text("LOWER(文本)", "LOWER(text)"),
        help=Text("英文字母变小写。", "The letters A to Z in lower case."),
        takes=("text",),
        gives=TEXT,
        bind=strict(lower),
        sql=template(*LOWERED),
        say=Text("{0}（小写）", "{0} in lower case"),
    ),
    Function(
        key="TRIM",
        names=("去空格",),
        group="text",
        usage=Text("TRIM(文本)", "TRIM(text)"),
        help=Text("去掉首尾空格。", "Without spaces at either end."),
        takes=("text",),
        gives=TEXT,
        bind=strict(lambda text: text.strip(SPACES)),
        sql=lambda r, _node, args: fill(
            "BTRIM({0}, {1})" if r.pg else "TRIM({0}, {1})", args[0], Sql("%s", (SPACES,))
        ),
        say=Text("{0}（去空格）", "{0} trimmed"),
    ),
    Function(
        key="CONTAINS",
        names=("包含",),
        group="text",
        usage=Text("CONTAINS(文本, 片段)", "CONTAINS(text, part)"),
        help=Text(
            "文本含有片段，不分大小写；或多选含有某选项。",
            "The text has the part, in whatever case; or the multi-choice has the option.",
        ),
        check=_contains,
        bind=strict(lambda text, part: lower(part) in lower(text)),
        sql=_search("(STRPOS({0}, {1}) > 0)", "(INSTR({0}, {1}) > 0)"),
        say=Text("{0}包含{1}", "{0} contains {1}"),
    ),
    Function(
        key="STARTSWITH",
        names=("开头是", "BEGINS"),
        group="text",
        usage=Text("STARTSWITH(文本, 开头)", "STARTSWITH(text, start)"),
        help=Text("文本以此开头，不分大小写。", "The text starts so, in whatever case."),
        takes=("text", "text"),
        gives=BOOL,
        bind=strict(lambda text, part: lower(text).startswith(lower(part))),
        sql=_search("(STRPOS({0}, {1}) = 1)", "(INSTR({0}, {1}) = 1)"),
        say=Text("{0}以{1}开头", "{0} starts with {1}"),
    ),
    # Put in by the checker: a multi-choice has an option; an option as its label; a number as text.
    Function(
        key="has",
        group="operator",
        bind=plain(_has),
        sql=template("(STRPOS({0}, '|' || {1} || '|') > 0)", "(INSTR({0}, '|' || {1} || '|') > 0)"),
        say=Text("{0}包含{1}", "{0} includes {1}"),
    ),
    Function(
        key="label",
        group="operator",
        bind=_label_bind,
        sql=_label_sql,
        say=Text("{0}", "{0}"),
        spoken=True,
    ),
    Function(key="text", group="operator", bind=_text_bind, sql=_text_sql, say=Text("{0}", "{0}")),
)
