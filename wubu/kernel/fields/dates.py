"""Reading dates and times as people and spreadsheets write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta

EXCEL_EPOCH = date(1899, 12, 30)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
YMD = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
DAY_FIRST_WORDS = re.compile(r"(\d{1,2})[\s-]*([a-z]{3,9})\.?[\s,-]*(\d{4}|\d{2})")
MONTH_FIRST_WORDS = re.compile(r"([a-z]{3,9})\.?\s*(\d{1,2})(?:st|nd|rd|th)?[\s,]+(\d{4})")
NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")
CLOCK = re.compile(
    r"[t\s,]*(上午|下午|am|pm)?\s*(\d{1,2})\s*[:点时]\s*(\d{1,2})?(?:\s*[:分]\s*(\d{1,2})(?:\.\d+)?)?\s*[分秒]?\s*"
    r"(am|pm)?\s*(z|utc|[+-]\d{2}:?\d{2})?"
)


class Impossible(ValueError):
    """It looks like a date and there is no such day or time."""


def excel_day(serial: float) -> datetime:
    """The moment an Excel serial number stands for; 1 is 1 January 1900."""
    if not 1 <= serial < 2_958_466:
        raise Impossible(str(serial))
    start = datetime.combine(EXCEL_EPOCH, time())
    # Excel believes in 29 February 1900; the epoch above is right from March 1900 on.
    if serial < 61:
        serial += 1
    return start + timedelta(seconds=round(serial * 86_400))


def split(text: str, day_first: bool) -> tuple[date, str] | None:
    """The date at the start of a text and what follows it, or None when it starts with none.

    ``day_first`` decides 3/4/2026, where both readings are possible.
    Raises Impossible for 30 February.
    """
    # One space at most: the patterns allow spaces in many places.
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    if match := YMD.match(plain) or COMPACT.match(plain):
        year, month, day = (int(g) for g in match.groups())
    elif match := DAY_FIRST_WORDS.match(plain):
        named = MONTHS.get(match[2])
        if named is None:
            return None
        day, month, year = int(match[1]), named, _year(match[3])
    elif match := MONTH_FIRST_WORDS.match(plain):
        named = MONTHS.get(match[1])
        if named is None:
            return None
        month, day, year = named, int(match[2]), int(match[3])
    elif match := NUMERIC.match(plain):
        first, second, year = int(match[1]), int(match[2]), _year(match[3])
        if first > 12 or (day_first and second <= 12):
            day, month = first, second
        else:
            month, day = first, second
    else:
        return None
    try:
        return date(year, month, day), plain[match.end() :]
    except ValueError as error:
        raise Impossible(text) from error


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else 2000 + year if year < 70 else 1900 + year


def clock(text: str) -> tuple[time, timedelta | None] | None:
    """The time of day that a tidy text says, and its offset from UTC; midnight for none."""
    if not text.strip(" t,"):
        return time(), None
    match = CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    before, hour_text, minute, second, after, zone = match.groups()
    hour, half = int(hour_text), before or after
    if half in {"pm", "下午"} and hour < 12:
        hour += 12
    elif half in {"am", "上午"} and hour == 12:
        hour = 0
    try:
        found = time(hour, int(minute or 0), int(second or 0))
    except ValueError as error:
        raise Impossible(text) from error
    return found, _offset(zone)


def _offset(zone: str | None) -> timedelta | None:
    if zone is None:
        return None
    if zone in {"z", "utc"}:
        return timedelta()
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
