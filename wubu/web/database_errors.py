"""What the database or the driver refuses, told as a problem that somebody can act on."""

from __future__ import annotations

import logging

from django.db import DataError, IntegrityError, OperationalError

from wubu.kernel.types import Problem, Text

log = logging.getLogger("wubu.web")
# In the words of PostgreSQL and SQLite: others were at the same rows, and one had to give way.
BUSY = ("deadlock detected", "could not serialize", "lock timeout", "locked", "could not obtain")


def problem_of(error: BaseException) -> tuple[int, Problem] | None:
    """The HTTP status and the problem; None for what is a fault of the program."""
    if isinstance(error, OperationalError) and any(word in str(error) for word in BUSY):
        found = 503, _busy()
    elif isinstance(error, IntegrityError):
        found = 409, _collision()
    elif isinstance(error, DataError | OverflowError | UnicodeEncodeError):
        found = 422, _value()
    else:
        return None
    log.warning("%s told as %s", type(error).__name__, found[1].code, exc_info=error)
    return found


def _busy() -> Problem:
    return Problem(
        "busy",
        Text("其他人正在修改同样的数据。", "Others are changing the same data just now."),
        Text("什么都没有写入，请再试一次。", "Nothing was written: try again."),
    )


def _collision() -> Problem:
    return Problem(
        "collision",
        Text(
            "其他人刚刚写入了同样的内容，或它所指的内容已不在。",
            "Someone else has just written the same, or what it points at is gone.",
        ),
        Text("请刷新后再试。", "Reload and try again."),
    )


def _value() -> Problem:
    return Problem(
        "bad_value",
        Text(
            "有一个值无法保存：数字太大、文字太长，或含有不可用的字符。",
            "A value cannot be stored: a number too large, a text too long, or a character that "
            "cannot be kept.",
        ),
        Text("请检查填写的内容。", "Check what was given."),
    )
