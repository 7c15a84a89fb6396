"""Brackets, curly brackets and quotes that are not paired: all of them at once."""

from __future__ import annotations

from wubu.kernel.types import Problem, Text

QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’"}
OPENING, CLOSING = "(（", ")）"


def problem(
    code: str,
    message: Text,
    at: tuple[int, int],
    hint: Text | None = None,
    suggestion: str | None = None,
) -> Problem:
    """A problem about some characters of the text; ``suggestion`` could stand in their place."""
    return Problem(code, message, hint, start=at[0], end=at[1], suggestion=suggestion)


def unpaired(text: str) -> list[Problem]:
    """Each bracket or quote that has no partner, where it stands."""
    found: list[Problem] = []
    opened: list[int] = []
    at = 0
    while at < len(text):
        c = text[at]
        if c in QUOTES:
            end = text.find(QUOTES[c], at + 1)
            if end < 0:
                found.append(_quote(text, at))
                break
            at = end
        elif c == "{":
            end = text.find("}", at + 1)
            inner = text.find("{", at + 1)
            if end < 0 or -1 < inner < end:
                found.append(_brace(at))
            else:
                at = end
        elif c == "}":
            found.append(_brace(at))
        elif c in OPENING:
            opened.append(at)
        elif c in CLOSING:
            if opened:
                opened.pop()
            else:
                found.append(_too_many(at))
        at += 1
    end = len(text.rstrip())
    if opened:
        found.append(_unclosed(len(opened), end))
    return found


def _quote(text: str, at: int) -> Problem:
    return problem(
        "quote_not_closed",
        Text("引号没有成对。", "The quotation mark is not closed."),
        (at, len(text)),
        Text("在文字末尾加上引号。", "Add the closing mark at the end of the text."),
    )


def _brace(at: int) -> Problem:
    return problem(
        "brace_not_closed",
        Text("花括号没有成对。", "The curly bracket is not paired."),
        (at, at + 1),
        Text("字段写作 {字段名}。", "A field is written as {field name}."),
    )


def _too_many(at: int) -> Problem:
    return problem(
        "not_expected",
        Text("这里不应出现“)”。", "“)” is not expected here."),
        (at, at + 1),
        Text("右括号多了一个。", "There is one “)” too many."),
    )


def _unclosed(count: int, end: int) -> Problem:
    hint = Text("少了右括号“)”。", "A closing “)” is missing.")
    if count > 1:
        hint = Text("少了 {n} 个右括号“)”。", "{n} closing “)” are missing.").format(n=count)
    return problem(
        "unfinished",
        Text("公式没有写完。", "The formula is not finished."),
        (end, end),
        hint,
        ")" * count,
    )


def unknown_character(text: str, at: int) -> Problem:
    """A character that begins nothing of the language."""
    return problem(
        "unknown_character",
        Text("不认识的字符“{c}”。", "“{c}” is not a character of the language.").format(c=text[at]),
        (at, at + 1),
    )
