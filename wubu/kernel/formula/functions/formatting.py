"""TEXT(value, "format"): numbers and days written as a spreadsheet would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu.kernel.formula import formats
from wubu.kernel.formula.context import Context
from wubu.kernel.formula.functions.base import Checking, Function, wrong_count
from wubu.kernel.formula.functions.numbers import shrink
from wubu.kernel.formula.sql import Rendering, Sql, fill, numeric, within
from wubu.kernel.formula.tree import Tree
from wubu.kernel.formula.typed import TEXT, Node, make
from wubu.kernel.types import Text

USAGE = Text('TEXT(值, "格式")', 'TEXT(value, "format")')
FIRST = "'0001-12-31 23:59:59.999999 BC'::timestamp"  # both exclusive
LAST = "'10000-01-01'::timestamp"


def _text(check: Checking, tree: Tree) -> Node:
    at = (tree.start, tree.end)
    if len(tree.args) > 2:
        return wrong_count(check, tree, USAGE)
    value = check.typed(tree.args[0])
    if len(tree.args) == 1:
        return check.coerce(value, "text")
    wanted = check.typed(tree.args[1])
    if value.is_bad or wanted.is_bad:
        return make("bad", TEXT, (value, wanted), at=at)
    if wanted.op != "lit" or wanted.type.kind != "text" or wanted.data is None:
        return check.refuse(
            "wrong_arguments",
            Text("格式要写明在引号里。", "The format is written out, in quotes."),
            wanted,
            Text('例如 "0.00" 或 "yyyy-mm-dd"。', 'For example "0.00" or "yyyy-mm-dd".'),
        )
    kind = value.type.kind
    if kind not in {"number", "date", "datetime"}:
        return check.coerce(value, "number")  # says that a number belongs here
    return _formatted(check, value, wanted, at)


def _formatted(check: Checking, value: Node, wanted: Node, at: tuple[int, int]) -> Node:
    text = str(wanted.data)
    if value.type.kind == "number":
        good: object = formats.of_number(text)
        hint = Text('例如 "0"、"#,##0.00"、"0.0%"。', 'For example "0", "#,##0.00" or "0.0%".')
    else:
        pieces = formats.of_day(text)
        good = pieces
        if pieces and formats.needs_clock(pieces) and value.type.kind == "date":
            good = None
        hint = Text(
            '例如 "yyyy-mm-dd"、"yyyy年m月d日"；有时间的字段还可用 "hh:mm"。',
            'For example "yyyy-mm-dd" or "mm/dd/yyyy"; "hh:mm" where there is a time of day.',
        )
    if not good:
        message = Text("格式“{f}”不能用在这里。", "The format “{f}” does not fit here.")
        return check.refuse("bad_format", message.format(f=text), wanted, hint)
    return make("TEXT", TEXT, (value, wanted), text, at=at)


def _bind(node: Node, context: Context) -> Callable[..., Any]:
    source, text = node.args[0].type, str(node.data)
    if source.kind == "number":
        return lambda value, _format: formats.number(value, source.scale, text)
    return lambda value, _format: formats.day(value, context.zone, text)


def _sql(r: Rendering, node: Node, args: Sequence[Sql]) -> Sql:
    source, text = node.args[0].type, str(node.data)
    if not r.pg:
        wanted = Sql("%s", (text,))
        if source.kind == "number":
            return fill(f"wubu_text_number({{0}}, {source.scale}, {{1}})", args[0], wanted)
        where = Sql("%s", (r.context.zone,))
        return fill(f"wubu_text_{source.kind}({{0}}, {{1}}, {{2}})", args[0], where, wanted)
    if source.kind == "number":
        return _number_sql(r, args[0], source.scale, text)
    when = fill("({0})::timestamp", args[0])
    if source.kind == "datetime":
        local = fill("({0} AT TIME ZONE {1})", args[0], Sql("%s", (r.context.zone,)))
        when = within(r, local, FIRST, LAST)
    return fill("to_char({0}, {1})", when, Sql("%s", (_day_template(text),)))


def _day_template(text: str) -> str:
    made = []
    for piece, words in formats.of_day(text) or ():
        quoted = words.replace("\\", "\\\\").replace('"', '\\"')
        made.append(formats.DAY_PIECES[piece] if piece else f'"{quoted}"')
    return "".join(made)


def _number_sql(r: Rendering, value: Sql, scale: int, text: str) -> Sql:
    f = formats.of_number(text)
    if f is None:  # the checker refuses such a format
        return Sql("NULL::text")
    whole = "0".rjust(24, "9") if f.least <= 1 else "0" * f.least
    if f.least > 1:
        whole = whole.rjust(24, "9")
    if f.grouped:
        whole = ",".join(whole[i : i + 3] for i in range(0, 24, 3))
    template = f"FM{whole}{'.' + '0' * f.places if f.places else ''}"
    drop = scale - 2 * f.percent
    moved = numeric(r, value)
    if drop > 0:
        moved = fill(f"({{0}} * {shrink(drop)})", moved)
    elif drop < 0:
        moved = fill(f"({{0}} * {10**-drop})", moved)
    shown = fill("to_char(ROUND({0}, {1}), {2})", moved, Sql(str(f.places)), Sql("%s", (template,)))
    around = (Sql("%s::text", (f.before,)), Sql("%s::text", (f"{'%' * f.percent}{f.after}",)))
    return fill("({0} || {1} || {2})", around[0], shown, around[1])


FUNCTIONS = (
    Function(
        key="TEXT",
        names=("文本", "格式化"),
        group="text",
        usage=USAGE,
        help=Text(
            '按格式写成文本，如 TEXT({金额}, "#,##0.00")、TEXT({日期}, "yyyy年m月")。',
            'Written in a format: TEXT({Amount}, "#,##0.00"), TEXT({Date}, "yyyy-mm").',
        ),
        check=_text,
        bind=_bind,
        sql=_sql,
        say=Text("{0}按格式{1}", "{0} in the format {1}"),
    ),
)
