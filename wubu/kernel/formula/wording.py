"""Text functions in Python: the same serve Python values and SQLite."""

from __future__ import annotations

import re

from wubu.kernel.formula.exact import half_away, within

MAX_CUT = 10_000  # characters taken, skipped or repeated at once
MAX_TEXT = 1_000_000  # characters that a text may grow to; what would be longer is missing
NUMBER = r"^[+-]?[0-9]{1,18}([.][0-9]{1,18})?[%%]?$"  # in SQL, where % is written twice
_NUMBER = re.compile(NUMBER.replace("%%", "%"))
_UPPER = {ord(c): c.upper() for c in "abcdefghijklmnopqrstuvwxyz"}
_LOWER = {ord(v): chr(k) for k, v in _UPPER.items()}


def left(text: str | None, count: int | None) -> str | None:
    """The first characters."""
    if text is None or count is None or not 0 <= count <= MAX_CUT:
        return None
    return text[:count]


def right(text: str | None, count: int | None) -> str | None:
    """The last characters."""
    if text is None or count is None or not 0 <= count <= MAX_CUT:
        return None
    return text[-count:] if count else ""


def mid(text: str | None, start: int | None, count: int | None) -> str | None:
    """Characters from a place on, the first being 1."""
    if text is None or start is None or count is None:
        return None
    if not 1 <= start <= MAX_CUT or not 0 <= count <= MAX_CUT:
        return None
    return text[start - 1 : start - 1 + count]


def find(part: str | None, text: str | None, start: int | None) -> int | None:
    """Where a part begins, at or after a place; missing where it is not."""
    if part is None or text is None or start is None or not 1 <= start <= MAX_CUT:
        return None
    at = text[start - 1 :].find(part)
    return None if at < 0 else at + start


def search(part: str, text: str, start: int) -> int | None:
    """The same for A to Z in whatever case."""
    return find(part.translate(_LOWER), text.translate(_LOWER), start)


def substitute(text: str | None, old: str | None, new: str | None) -> str | None:
    """Every ``old`` replaced; an empty one is nowhere."""
    if text is None or old is None or new is None or len(text) * max(len(new), 1) > MAX_TEXT:
        return None
    return text.replace(old, new) if old else text


def repeat(text: str | None, times: int | None) -> str | None:
    """The text so many times."""
    if text is None or times is None or not 0 <= times <= MAX_CUT or len(text) * times > MAX_TEXT:
        return None
    return text * times


def proper(text: str | None) -> str | None:
    """A to Z: a capital at the beginning of each word, small letters within."""
    if text is None:
        return None
    made: list[str] = []
    within_word = False
    for c in text:
        made.append(c.translate(_LOWER if within_word else _UPPER))
        within_word = c.isascii() and c.isalnum()
    return "".join(made)


def ends(text: str | None, part: str | None) -> bool | None:
    """Whether a text ends so, A to Z in whatever case."""
    if text is None or part is None:
        return None
    return text.translate(_LOWER).endswith(part.translate(_LOWER))


def joined(skip: int, sign: str | None, *texts: str | None) -> str:
    """Texts with a sign between them; with ``skip``, without the empty ones."""
    return (sign or "").join(t or "" for t in texts if t or not skip)


def value_of(text: str | None) -> int | None:
    """The number that a text holds, times 10**6, rounded; missing where it holds none."""
    if text is None:
        return None
    bare = text.strip(" ").replace(",", "")
    if "\n" in bare or not _NUMBER.match(bare):
        return None
    percent = bare.endswith("%")
    whole, _, rest = bare.removesuffix("%").partition(".")
    digits = int(whole.lstrip("+-") + rest)
    shift = 6 - len(rest) - 2 * percent
    size = digits * 10**shift if shift >= 0 else half_away(digits, 10**-shift)
    return within(-size if bare.startswith("-") else size)
