"""Reading numbers as people and spreadsheets write them, exactly, into scaled integers."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NoReturn

from wubu.kernel.fields.base import FieldError, shorten
from wubu.kernel.types import Text

LIMIT = 9 * 10**15  # of the stored integer; sums of a thousand such values still fit 64 bits

UNITS = {
    "千": 3,
    "k": 3,
    "万": 4,
    "萬": 4,
    "w": 4,
    "m": 6,
    "百万": 6,
    "千万": 7,
    "亿": 8,
    "億": 8,
    "b": 9,
}
PLAIN = re.compile(r"[+-]?\d{1,15}(?:\.\d+)?")
WRITTEN = re.compile(
    r"([+-]?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:e([+-]?\d{1,2}))?"
    r"(百万|千万|[千万萬亿億kwmb])?"
)
MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "，": ",", "。": ".", "％": "%"})


def tidy(text: str) -> str:
    """Full-width digits and signs made plain, spaces dropped, lower case."""
    plain = unicodedata.normalize("NFKC", text.translate(MINUS)).translate(MINUS)
    return "".join(plain.split()).lower()


def decimal_of(text: str) -> Decimal | None:
    """The number a tidy text says (``12.5万``, ``1,117.10k``, ``(1,200)``), or None."""
    negative = text.startswith("(") and text.endswith(")")
    match = WRITTEN.fullmatch(text[1:-1] if negative else text)
    if match is None:
        return None
    sign, digits, exponent, unit = match.groups()
    if negative and sign:
        return None
    number = Decimal(digits.replace(",", ""))
    shift = int(exponent or 0) + UNITS.get(unit or "", 0)
    if shift:
        number = number.scaleb(shift)
    return -number if negative or sign == "-" else number


def refuse_number(raw: object, hint: Text) -> NoReturn:
    raise FieldError(
        "not_a_number",
        Text("“{v}”不是数字。", "“{v}” is not a number.").format(v=shorten(raw)),
        hint,
    )


def scaled(number: Decimal, scale: int) -> int:
    """``number × 10**scale`` to the nearest integer, halves away from zero.

    Raises FieldError out of range.
    """
    value = LIMIT + 1
    # How many digits it has is known without writing them out.
    if number.is_finite() and number.adjusted() + scale < 17:
        with contextlib.suppress(InvalidOperation):
            value = int(number.scaleb(scale).to_integral_value(ROUND_HALF_UP))
    if abs(value) > LIMIT:
        raise FieldError(
            "out_of_range",
            Text("数值太大。", "The number is too large."),
            Text("最多到 {n}。", "At most {n}.").format(n=f"{LIMIT // 10**scale:,}"),
        )
    return value


def plainly(text: str, scale: int) -> int:
    """``scaled`` of a text that ``PLAIN`` matches."""
    whole, _, part = text.partition(".")
    if len(part) <= scale and len(whole) + scale < 16:
        return int(whole + part.ljust(scale, "0"))
    return scaled(Decimal(text), scale)


def bounds(
    low: object, high: object, scale: int, say: Callable[[int], str]
) -> Callable[[int], int]:
    """A check of options ``min`` and ``max`` (given unscaled); the identity when there are none."""
    least = None if low is None else scaled(Decimal(str(low)), scale)
    most = None if high is None else scaled(Decimal(str(high)), scale)
    if least is None and most is None:
        return lambda value: value

    def check(value: int) -> int:
        if least is not None and value < least:
            raise FieldError(
                "too_small",
                Text("不能小于 {n}。", "It cannot be below {n}.").format(n=say(least)),
            )
        if most is not None and value > most:
            raise FieldError(
                "too_large",
                Text("不能大于 {n}。", "It cannot be above {n}.").format(n=say(most)),
            )
        return value

    return check


def digits(value: int, scale: int) -> str:
    """The exact decimal notation of a scaled integer: ``digits(123456, 2) == "1234.56"``."""
    if not scale:
        return str(value)
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 10**scale)
    return f"{sign}{whole}.{rest:0{scale}d}"


def grouped(value: int, scale: int) -> str:
    """The same with thousands separated, as both zh and en write it."""
    if not scale:
        return f"{value:,}"
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 10**scale)
    return f"{sign}{whole:,}.{rest:0{scale}d}"


def from_digits(text: object, scale: int) -> int:
    """The scaled integer of a JSON number or decimal string."""
    if isinstance(text, int) and not isinstance(text, bool):
        return int(text * 10**scale)
    return scaled(Decimal(str(text)), scale)
