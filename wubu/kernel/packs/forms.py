"""What a definition must look like before anybody reads it: it may come from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from wubu.kernel.types import Problem, Refused, Text

DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _is_words(value: Any) -> bool:
    """A label: one string, or strings by language."""
    if isinstance(value, Mapping):
        return all(isinstance(v, str) for v in value.values())
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


KINDS: dict[str, tuple[Callable[[Any], bool], Text]] = {
    "text": (lambda v: isinstance(v, str), Text("一段文字", "a text")),
    "words": (_is_words, Text("文字或 {zh, en}", "a text or {zh, en}")),
    "number": (_is_number, Text("一个整数", "a whole number")),
    "values": (lambda v: isinstance(v, Mapping), Text("字段和值", "fields and values")),
    "numbers": (
        lambda v: isinstance(v, Mapping) and all(map(_is_number, v.values())),
        Text("名称和整数", "names and whole numbers"),
    ),
    "any": (lambda v: True, Text("任意内容", "anything")),
    "flag": (lambda v: isinstance(v, bool), Text(" true 或 false", "true or false")),
    "day": (
        lambda v: isinstance(v, date) or bool(isinstance(v, str) and DAY.fullmatch(v)),
        Text("日期，如 2026-01-31", "a day, as 2026-01-31"),
    ),
    "rows": (
        lambda v: isinstance(v, list | tuple) and all(isinstance(x, Mapping) for x in v),
        Text("一列“键: 值”", "a list of keys and values"),
    ),
    "texts": (
        lambda v: isinstance(v, list | tuple) and all(isinstance(x, str) for x in v),
        Text("一列文字", "a list of texts"),
    ),
}


def require(
    definition: Mapping[str, Any], shape: Mapping[str, str], needed: tuple[str, ...] = ()
) -> None:
    """Raises Refused with every key that is missing or not of its kind; None counts as left out."""
    wrong = [
        Problem(
            "bad_shape",
            Text("“{k}”应为{what}。", "“{k}” must be {what}.").format(k=key, what=KINDS[kind][1]),
            field=key,
            value=str(definition[key])[:60],
        )
        for key, kind in shape.items()
        if definition.get(key) is not None and not KINDS[kind][0](definition[key])
    ]
    wrong += [
        Problem("required", Text("请填写“{k}”。", "“{k}” is needed.").format(k=key), field=key)
        for key in needed
        if definition.get(key) in (None, "")
    ]
    if wrong:
        raise Refused(*wrong)
