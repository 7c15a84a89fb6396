"""Patterns (regular expressions) that a company writes, and how long they may take.

Python's engine backtracks: ``(a+)+b`` against thirty letters takes minutes. There is no time limit
here that could fail by chance; a pattern is refused when its worst case is over ``MOST`` steps.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import _parser as parser
from typing import Any

from wubu.kernel.fields.base import FieldError
from wubu.kernel.types import Text

LONGEST = 200  # characters of a value that is held against a pattern
MOST = 10**7
MANY = 10**12  # as good as for ever
HINT = Text(
    "例如 [A-Z]{2}\\d{6}：两个大写字母加六位数字。",
    "For example [A-Z]{2}\\d{6}: two capitals and six digits.",
)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, ready. Raises FieldError with what is wrong with it."""
    try:
        tree = parser.parse(pattern)
        made = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise FieldError(
            "bad_pattern",
            Text("“{p}”不是有效的格式（正则表达式）。", "“{p}” is not a valid pattern.").format(
                p=pattern
            ),
            HINT,
        ) from error
    if _cost(tree) > MOST:
        raise FieldError(
            "slow_pattern",
            Text(
                "格式“{p}”可能要算很久：重复套着重复，或重复太多。",
                "The pattern “{p}” could take for ever: a repeat within a repeat, or too many.",
            ).format(p=pattern),
            Text(
                "去掉多余的 + 和 *，或写明次数，例如 \\d{1,8}。",
                "Leave out a + or *, or say how often, such as \\d{1,8}.",
            ),
        )
    return made


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text has the pattern. What is longer than ``LONGEST`` has none."""
    return len(text) <= LONGEST and compiled(pattern).fullmatch(text) is not None


def _cost(tree: Any) -> int:
    """At most so many ways lead through the tree; each is one try of the engine."""
    ways = 1
    for op, value in tree:
        ways = min(MANY, ways * _ways(str(op), value))
    return ways


def _ways(op: str, value: Any) -> int:
    match op:
        case "MAX_REPEAT" | "MIN_REPEAT":
            low, high, body = value
            return _repeated(int(low), min(int(high), LONGEST), _cost(body))
        case "POSSESSIVE_REPEAT" | "ATOMIC_GROUP":
            return 1
        case "SUBPATTERN":
            return _cost(value[-1])
        case "BRANCH":
            branches = value[1]
            costs = [_cost(b) for b in branches]
            return max(costs) if _apart(branches) else sum(costs)
        case "ASSERT" | "ASSERT_NOT" | "GROUPREF" | "GROUPREF_EXISTS":
            return MANY  # they look again at what was read
        case _:
            return 1


def _repeated(low: int, high: int, body: int) -> int:
    if body == 1:
        return max(1, high - low + 1)
    if high > 40:
        return MANY
    return min(MANY, (high - low + 1) * int(body**high))


def _apart(branches: Any) -> bool:
    """Whether each branch begins with a character that no other begins with."""
    firsts = []
    for branch in branches:
        if not branch or str(branch[0][0]) != "LITERAL":
            return False
        firsts.append(branch[0][1])
    return len(firsts) == len(set(firsts))
