"""Text to untyped tree. Problems carry the characters they are about."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from wubu.kernel.formula.exact import LIMIT, MAX_SCALE
from wubu.kernel.formula.pairs import problem, unknown_character, unpaired
from wubu.kernel.formula.tree import MAX_DEPTH, MAX_LENGTH, MAX_PARTS, Tree, node
from wubu.kernel.types import Problem, Refused, Text

COMPARE = {
    "＝": "=", "==": "=", "＜": "<", "＞": ">", "≤": "<=", "≥": ">=", "≠": "<>", "!=": "<>",
}  # fmt: skip
SIGNS = {"－": "-", "−": "-", "＋": "+", "×": "*", "＊": "*", "÷": "/", "／": "/"}
UNITS = {"%": (-2, "%"), "％": (-2, "%"), "万": (4, ""), "亿": (8, "")}


class _Failed(Exception):
    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found


def _span(token: Token) -> tuple[int, int]:
    start = token.start_pos or 0
    return start, start + len(token)


def _around(parts: list[Tree]) -> tuple[int, int]:
    return parts[0].start, parts[-1].end


class _Build(Transformer[Token, Tree]):
    """Called by the parser as it goes, innermost first, so no recursion here."""

    def start(self, items: list[Tree]) -> Tree:
        return items[0]

    def number(self, items: list[Token]) -> Tree:
        token = items[0]
        at = _span(token)
        text = str(token).strip()
        shift, shown = UNITS.get(text[-1], (0, ""))
        digits = text[:-1].strip() if text[-1] in UNITS else text
        sign, figures, exponent = Decimal(digits).scaleb(shift).as_tuple()
        del sign
        scale = -int(exponent) if isinstance(exponent, int) else 0
        value = int("".join(map(str, figures)))
        if scale < 0:
            value, scale = value * 10**-scale, 0
        while scale > MAX_SCALE and value % 10 == 0:
            value, scale = value // 10, scale - 1
        if scale > MAX_SCALE:
            raise _Failed(
                problem(
                    "too_many_decimals",
                    Text("数字最多 6 位小数。", "A number has at most 6 decimals."),
                    at,
                )
            )
        if value >= LIMIT:
            raise _Failed(
                problem("number_too_large", Text("数字太大。", "The number is too large."), at)
            )
        return node("number", data=(value, scale, shown), at=at)

    def text(self, items: list[Token]) -> Tree:
        token = str(items[0])
        quote, inner = token[0], token[1:-1]
        value = inner.replace(quote * 2, quote) if quote in "\"'" else inner
        return node("text", data=value, at=_span(items[0]))

    def field(self, items: list[Token]) -> Tree:
        return node("field", data=str(items[0])[1:-1].strip(), at=_span(items[0]))

    def word(self, items: list[Token]) -> Tree:
        return node("word", data=str(items[0]), at=_span(items[0]))

    def call(self, items: list[Any]) -> Tree:
        name, *args = items
        args = [a for a in args if a is not None]
        at = _span(name)
        end = args[-1].end + 1 if args else at[1] + 2
        return self._many("call", args, (at[0], end), str(name))

    def call_and(self, items: list[Tree]) -> Tree:
        return self._many("and", items, _around(items))

    def call_or(self, items: list[Tree]) -> Tree:
        return self._many("or", items, _around(items))

    def or_chain(self, items: list[Tree]) -> Tree:
        return self._many("or", items, _around(items))

    def and_chain(self, items: list[Tree]) -> Tree:
        return self._many("and", items, _around(items))

    def concat_chain(self, items: list[Tree]) -> Tree:
        return self._many("&", items, _around(items))

    def negation(self, items: list[Tree]) -> Tree:
        return self._many("not", items, _around(items))

    def comparison(self, items: list[Any]) -> Tree:
        left, sign, right = items
        sign = COMPARE.get(str(sign), str(sign))
        return self._many(sign, [left, right], (left.start, right.end))

    def items(self, items: list[Tree]) -> Tree:
        return self._many("items", items, _around(items))

    def is_in(self, items: list[Tree]) -> Tree:
        left, right = items
        return self._many("in", [left, *right.args], _around(items))

    def is_not_in(self, items: list[Tree]) -> Tree:
        return self._many("not", [self.is_in(items)], _around(items))

    def between(self, items: list[Tree]) -> Tree:
        return self._many("between", items, _around(items))

    def not_between(self, items: list[Tree]) -> Tree:
        return self._many("not", [self.between(items)], _around(items))

    def sum_chain(self, items: list[Any]) -> Tree:
        return self._chain("add", items)

    def product_chain(self, items: list[Any]) -> Tree:
        return self._chain("mul", items)

    def signed(self, items: list[Any]) -> Tree:
        sign, inner = items
        at = (_span(sign)[0], inner.end)
        if SIGNS.get(str(sign), str(sign)) == "+":
            return inner  # type: ignore[no-any-return]
        return self._many("neg", [inner], at)

    def _chain(self, op: str, items: list[Any]) -> Tree:
        signs = tuple(SIGNS.get(str(s), str(s)) for s in items[1::2])
        terms = items[::2]
        return self._many(op, terms, _around(terms), signs)

    def _many(self, op: str, items: list[Tree], at: tuple[int, int], data: Any = None) -> Tree:
        if len(items) > MAX_PARTS:
            raise _Failed(
                problem(
                    "too_many_parts",
                    Text(
                        "一处最多 {n} 项，请分成几个公式字段。",
                        "At most {n} parts in one place; split it into several formula fields.",
                    ).format(n=MAX_PARTS),
                    at,
                )
            )
        made = node(op, tuple(items), data, at=at)
        if made.depth > MAX_DEPTH:
            raise _Failed(too_deep(at))
        return made


def too_deep(at: tuple[int, int]) -> Problem:
    """Nested further than we follow."""
    return problem(
        "too_deep",
        Text(
            "嵌套超过 {n} 层，请拆成几个公式字段。",
            "Nested more than {n} levels deep; split it into several formula fields.",
        ).format(n=MAX_DEPTH),
        at,
    )


@cache
def _lark() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=_Build(), maybe_placeholders=False)


def parse_tree(text: str) -> Tree:
    """The tree of a text. Raises Refused with the place of what cannot be read."""
    if len(text) > MAX_LENGTH:
        raise Refused(
            problem(
                "too_long",
                Text(
                    "公式有 {n} 个字符，最多 {m} 个。",
                    "The formula has {n} characters; {m} are allowed.",
                ).format(n=len(text), m=MAX_LENGTH),
                (MAX_LENGTH, len(text)),
            )
        )
    if not text.strip():
        raise Refused(
            problem("empty", Text("公式是空的。", "The formula is empty."), (0, len(text)))
        )
    try:
        return _lark().parse(text)  # type: ignore[return-value]
    except UnexpectedInput as error:
        raise Refused(*_syntax_problems(text, error)) from error
    except _Failed as error:
        raise Refused(error.problem) from error
    except VisitError as error:
        if isinstance(error.orig_exc, _Failed):
            raise Refused(error.orig_exc.problem) from error
        raise


def _syntax_problems(text: str, error: UnexpectedInput) -> list[Problem]:
    """Where reading stopped, and every bracket or quote that is not paired, in their order."""
    found = unpaired(text)
    if not found:
        return [_syntax_problem(text, error)]
    stopped = _syntax_problem(text, error)
    taken = {(p.start or 0) for p in found}
    first = min(taken)
    if stopped.code == "not_expected" and (stopped.start or 0) < first:
        found.append(stopped)
    return sorted(found, key=lambda p: (p.start or 0, p.end or 0))


def _syntax_problem(text: str, error: UnexpectedInput) -> Problem:
    if isinstance(error, UnexpectedCharacters):
        return unknown_character(text, error.pos_in_stream or 0)
    end = len(text.rstrip())
    if not isinstance(error, UnexpectedToken) or error.token.type == "$END":
        return problem(
            "unfinished",
            Text("公式没有写完。", "The formula is not finished."),
            (end, end),
            Text("末尾还缺一个值或字段。", "A value or a field is missing at the end."),
        )
    at = _span(error.token)
    return problem(
        "not_expected",
        Text("这里不应出现“{t}”。", "“{t}” is not expected here.").format(t=str(error.token)),
        at,
        _expected_hint(error),
    )


def _expected_hint(error: UnexpectedToken) -> Text | None:
    found = error.token.type
    if "FIELD" in error.accepts:
        return Text("这里应是值、{字段} 或函数。", "A value, a {field} or a function belongs here.")
    if found == "_RPAR":
        return Text("右括号多了一个。", "There is one “)” too many.")
    if found in {"FIELD", "NUMBER", "STRING", "NAME"}:
        return Text(
            "两项之间缺少运算符，例如 +、=、AND。",
            "An operator such as +, = or AND is missing between the two.",
        )
    if found == "COMPARE":
        return Text(
            "一次只比较两项；用 AND 连接多个比较，或用 BETWEEN。",
            "Compare two things at a time; join comparisons with AND, or use BETWEEN.",
        )
    return None
