"""What TEXT(value, "format") makes: formats as in a spreadsheet, read once into pieces.

Numbers: ``0``, ``0.00``, ``#,##0.00``, ``0%``. Days: ``yyyy-mm-dd``, ``yyyy年m月d日``, ``yy/q``; of
an instant also ``hh:mm:ss``. Anything else stands for itself; a text in quotes always does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache

from wubu.kernel.formula.exact import half_away, zone

MAX_FORMAT = 60
_NUMBER = re.compile(r"^([^#0]*?)(#[#,]*0+|[#0,]*0)(\.(0+))?(%?)([^#0]*)$")
_QUOTED = re.compile(r'"([^"]*)"')
_DAY = re.compile(r'"[^"]*"|yyyy|yy|mm?|dd?|q|hh?|ss|.', re.IGNORECASE | re.DOTALL)
# A piece: how PostgreSQL's to_char writes it.
DAY_PIECES = {
    "yyyy": "YYYY", "yy": "YY", "mm": "MM", "m": "FMMM", "dd": "DD", "d": "FMDD", "q": "Q",
    "hh": "HH24", "h": "FMHH24", "mi": "MI", "ss": "SS",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """``least`` digits before the point, ``places`` after it."""

    before: str
    after: str
    least: int
    places: int
    grouped: bool
    percent: bool


@lru_cache(maxsize=512)
def of_number(text: str) -> NumberFormat | None:
    """The format, or None for what is not one."""
    bare = _QUOTED.sub(lambda m: "".join(chr(0xE000 + ord(c) % 0x1000) for c in m[1]), text)
    found = _NUMBER.match(bare) if len(text) <= MAX_FORMAT else None
    if found is None or bare != text:  # digits in quotes would be mistaken for the number's own
        return None
    before, digits, _, places, percent, after = found.groups()
    return NumberFormat(
        before, after, digits.count("0"), len(places or ""), "," in digits, bool(percent)
    )


@lru_cache(maxsize=512)
def of_day(text: str) -> tuple[tuple[str, str], ...] | None:
    """(piece, "") or ("", words) in order; None where no piece of a day is in it."""
    if len(text) > MAX_FORMAT:
        return None
    made: list[tuple[str, str]] = []
    hours = False
    for part in _DAY.findall(text):
        key = part.casefold()
        if part[0] == '"' and len(part) > 1:
            made.append(("", part[1:-1]))
        elif key in ("m", "mm") and hours:
            made.append(("mi", ""))
            hours = False
        elif key in DAY_PIECES and key != "mi":
            hours = key in ("h", "hh")
            made.append((key, ""))
        else:
            made.append(("", part))
    return tuple(made) if any(piece for piece, _ in made) else None


def needs_clock(pieces: tuple[tuple[str, str], ...]) -> bool:
    """Whether hours, minutes or seconds are asked for."""
    return any(piece in {"h", "hh", "mi", "ss"} for piece, _ in pieces)


def number(value: int | None, scale: int, text: str) -> str | None:
    """A scaled number in a format, rounded; halves go away from zero."""
    f = of_number(text)
    if value is None or f is None:
        return None
    lift = f.places + 2 * f.percent - scale
    units = value * 10**lift if lift >= 0 else half_away(value, 10**-lift)
    digits = str(abs(units)).rjust(f.places + max(f.least, 1), "0")
    whole, rest = (digits[: -f.places], digits[-f.places :]) if f.places else (digits, "")
    if f.grouped:
        whole = _grouped(whole)
    shown = f"{'-' if units < 0 else ''}{whole}{'.' + rest if rest else ''}"
    return f"{f.before}{shown}{'%' if f.percent else ''}{f.after}"


def _grouped(digits: str) -> str:
    first = len(digits) % 3 or 3
    parts = [digits[:first], *(digits[i : i + 3] for i in range(first, len(digits), 3))]
    return ",".join(parts)


def day(when: date | datetime | None, zone_name: str, text: str) -> str | None:
    """A day, or an instant in a time zone, in a format."""
    pieces = of_day(text)
    if when is None or pieces is None:
        return None
    if isinstance(when, datetime):
        try:
            when = when.astimezone(zone(zone_name))
        except OverflowError:
            return None
    clock = when if isinstance(when, datetime) else datetime.combine(when, time.min, UTC)
    said = {
        "yyyy": f"{clock.year:04}", "yy": f"{clock.year % 100:02}", "mm": f"{clock.month:02}",
        "m": str(clock.month), "dd": f"{clock.day:02}", "d": str(clock.day),
        "q": str((clock.month + 2) // 3), "hh": f"{clock.hour:02}", "h": str(clock.hour),
        "mi": f"{clock.minute:02}", "ss": f"{clock.second:02}",
    }  # fmt: skip
    return "".join(said[piece] if piece else words for piece, words in pieces)
