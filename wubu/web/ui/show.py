"""Values as people read them, in the reader's language. None is a dash: missing is never zero."""

from __future__ import annotations

import datetime as dt
import zlib
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.numbers import format_currency
from django.conf import settings

from wubu.kernel.calendar.queries import now
from wubu.kernel.types import Text, language

NONE = "–"
UNSEEN = Text("（无权查看）", "(not visible to you)")
SHORT_ZH = ((Decimal(100_000_000), "亿"), (Decimal(10_000), "万"))
SHORT_EN = ((Decimal(1_000_000_000), "B"), (Decimal(1_000_000), "M"), (Decimal(1_000), "K"))


@lru_cache(maxsize=4)
def locale(lang: str) -> Locale:
    return Locale.parse("zh_Hans_CN" if lang == "zh" else "en_GB")


# What is shown in place; anything else, SVG with its scripts above all, is only downloaded.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def _decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _shortened(value: Decimal) -> tuple[Decimal, str]:
    for size, unit in SHORT_ZH if language() == "zh" else SHORT_EN:
        if abs(value) >= size:
            return value / size, unit
    return value, ""


def _digits(value: Decimal, least: int, most: int) -> str:
    """Grouped by thousands, with ``least`` to ``most`` places.

    What Babel says for both languages, in a tenth of its time.
    """
    text = f"{round(value, most) if most else value.to_integral_value():,f}"
    while most > least and text[-1] == "0":
        text, most = text[:-1], most - 1
    return text.removesuffix(".")


def money(value: int | Decimal | None, currency: str = "CNY", *, short: bool = False) -> str:
    """``value`` in minor units (fen)."""
    if value is None:
        return NONE
    amount = _decimal(value) / 100
    symbol = "¥" if currency == "CNY" else None
    if not short and symbol:
        return f"{'-' if amount.is_signed() else ''}{symbol}{_digits(abs(amount), 2, 2)}"
    if not short:
        return format_currency(amount, currency, locale=locale(language()))
    small, unit = _shortened(amount)
    sign = "−" if small < 0 else ""
    digits = _digits(abs(small), 0, 1 if unit else 0)
    return f"{sign}{symbol or currency + ' '}{digits}{unit}"


def number(value: int | Decimal | float | None, decimals: int = 0, *, short: bool = False) -> str:
    if value is None:
        return NONE
    amount, unit = _shortened(_decimal(value)) if short else (_decimal(value), "")
    return _digits(amount, 0 if unit else decimals, 1 if unit else decimals) + unit


def percent(value: Decimal | float | None, decimals: int = 1) -> str:
    """``value`` is a ratio: 0.6315 is 63.2%."""
    if value is None:
        return NONE
    return _digits(_decimal(value) * 100, decimals, decimals) + "%"


def date(value: dt.date | dt.datetime | None) -> str:
    if value is None:
        return NONE
    day = local(value).date() if isinstance(value, dt.datetime) else value
    pattern = "y年M月d日" if language() == "zh" else "d MMM y"
    return format_date(day, format=pattern, locale=locale(language()))


def day(value: dt.date | dt.datetime) -> str:
    """A day, with its year unless that is this one: 12月23日 / 23 Dec."""
    there = local(value).date() if isinstance(value, dt.datetime) else value
    if there.year != local(now()).year:
        return date(there)
    pattern = "M月d日" if language() == "zh" else "d MMM"
    return format_date(there, format=pattern, locale=locale(language()))


def short_day(value: dt.date) -> str:
    """A day without its year, where there is little room: 12/23 or 23 Dec."""
    pattern = "M/d" if language() == "zh" else "d MMM"
    return format_date(value, format=pattern, locale=locale(language()))


def tight_day(value: dt.date | dt.datetime) -> str:
    """As ``day``, with the year in digits where it is another one: 2027/1/23 / 23 Jan 2027."""
    there = local(value).date() if isinstance(value, dt.datetime) else value
    if there.year == local(now()).year or language() != "zh":
        return day(value)
    return format_date(there, format="y/M/d", locale=locale(language()))


def month(value: dt.date, *, year: bool = True) -> str:
    """A month: 2026年12月 or Dec 2026; without its year 12月 or Dec."""
    zh, en = ("y年M月", "MMM y") if year else ("M月", "MMM")
    pattern = zh if language() == "zh" else en
    return format_date(value, format=pattern, locale=locale(language()))


def moment(value: dt.datetime | None) -> str:
    if value is None:
        return NONE
    there = local(value)
    return f"{date(there)} {there:%H:%M}"


def local(value: dt.datetime) -> dt.datetime:
    """A moment on the clock of the workspace."""
    return value.astimezone(ZoneInfo(settings.TIME_ZONE)) if value.tzinfo else value


def ago(value: dt.datetime) -> str:
    """``3小时前`` / ``3 hours ago``."""
    gap = value - now()
    if abs(gap) < dt.timedelta(minutes=1):
        return "刚刚" if language() == "zh" else "just now"
    return format_timedelta(gap, add_direction=True, locale=locale(language()))


def initials(name: str) -> str:
    """陈晓雯 → 晓雯； Moses Frase → MF: how colleagues shorten a name."""
    words = name.split()
    if not words:
        return "?"
    if ord(words[0][0]) > 0x2E7F:
        return words[0][-2:]
    return "".join(w[0] for w in (words[0], words[-1])[: len(words)]).upper()


def hue(name: str) -> int:
    """A steady hue, 0–359, for a name."""
    return zlib.crc32(name.encode()) * 137 % 360


def size(count: int) -> str:
    """Bytes as people read them: 312 B, 48 KB, 2.4 MB."""
    if count < 1024:
        return f"{count} B"
    if count < 2**20:
        return f"{count / 1024:.0f} KB"
    return f"{count / 2**20:.1f} MB"
