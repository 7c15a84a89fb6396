"""How long something takes."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models

from wubu.kernel.fields.base import FieldError, FieldType, Parser, Setting, Shower, blank, shorten
from wubu.kernel.fields.numbers import bounds, decimal_of, scaled, tidy
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.text import as_text
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text, language

SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
WORDS = {
    "d": ("天", "日", "days", "day", "d"),
    "h": ("个小时", "个钟头", "小时", "时", "hours", "hour", "hrs", "hr", "h"),
    "m": ("分钟", "分", "minutes", "minute", "mins", "min", "m"),
    "s": ("秒钟", "秒", "seconds", "second", "secs", "sec", "s"),
}
UNIT_OF = {word: unit for unit, words in WORDS.items() for word in words}
PIECE = re.compile(r"(\d+(?:\.\d+)?)(" + "|".join(sorted(UNIT_OF, key=len, reverse=True)) + r")?")
CLOCK = re.compile(r"(\d{1,5}):([0-5]\d)(?::([0-5]\d))?")
SHOWN = {
    "d": Text(" 天", " d"),
    "h": Text(" 小时", " h"),
    "m": Text(" 分", " min"),
    "s": Text(" 秒", " s"),
}


class DurationType(FieldType):
    """How long something takes, a whole number of minutes.

    Options: ``unit`` (``minutes``, the default, or ``seconds``), ``min``, ``max`` in that unit.

    Read from ``1h30``, ``1小时30分``, ``1:30`` or the bare number of the unit. Formulas see the
    number.
    """

    key: ClassVar[str] = "duration"
    label: ClassVar[Text] = Text("时长", "Duration")
    adds_up: ClassVar[bool] = True
    said_as_text: ClassVar[bool] = True
    wire: ClassVar[str] = "measure"
    example: ClassVar[str] = "1h30"
    icon: ClassVar[str] = "hourglass"
    about: ClassVar[Text] = Text("时长：工时、通话", "How long: work, calls")
    group: ClassVar[str] = "numbers"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "unit",
            Text("精确到", "Kept to"),
            "select",
            (
                ("minutes", Text("分钟", "the minute")),
                ("seconds", Text("秒", "the second")),
            ),
        ),
    )

    def unit(self, f: FieldSpec) -> int:
        """Seconds in one of what is stored."""
        return 1 if f.options.get("unit") == "seconds" else 60

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.BigIntegerField(null=True)

    def parser(self, f: FieldSpec) -> Parser:
        unit, show = self.unit(f), self.shower(f)
        check = bounds(f.options.get("min"), f.options.get("max"), 0, show)

        def parse(raw: object) -> int | None:
            if blank(raw):
                return None
            if isinstance(raw, timedelta):
                return check(scaled(Decimal(str(raw.total_seconds())) / unit, 0))
            text = tidy(as_text(raw))
            bare = decimal_of(text) if text.replace(".", "", 1).isdecimal() else None
            if bare is not None:
                return check(scaled(bare, 0))
            seconds = _seconds(text, unit)
            if seconds is None:
                raise FieldError(
                    "not_a_duration",
                    Text("“{v}”不是时长。", "“{v}” is not a duration.").format(v=shorten(raw)),
                    Text(
                        "例如 1小时30分、1h30、1:30 或 90。",
                        "For example 1h30, 1:30, 1 hour 30 minutes or 90.",
                    ),
                )
            return check(scaled(seconds / unit, 0))

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        spoken, unit = lang or language(), self.unit(f)
        units = ("h", "m", "s") if unit == 1 else ("h", "m")

        def show(value: int | None) -> str:
            if value is None:
                return ""
            left, said = abs(value) * unit, []
            for key in units:
                count, left = divmod(left, SECONDS[key])
                if count:
                    said.append(f"{count:,}{SHOWN[key].say(spoken)}")
            words = " ".join(said) or f"0{SHOWN[units[-1]].say(spoken)}"
            return f"-{words}" if value < 0 else words

        return show

    def to_input(self, f: FieldSpec, value: Any) -> Any:
        return self.show(f, value)

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("number")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        low = int(f.options.get("min") or 1)
        return rnd.randint(low, int(f.options.get("max") or low + 600))


def _seconds(text: str, unit: int) -> Decimal | None:
    """How long the text says; a number without a unit is of the next smaller one: 1h30."""
    if match := CLOCK.fullmatch(text):
        first, second, third = int(match[1]), int(match[2]), int(match[3] or 0)
        if match[3] is None and unit == 1:
            return Decimal(first * 60 + second)
        return Decimal(first * 3600 + second * 60 + third)
    total, at, order = Decimal(0), 0, "dhms"
    last = -1
    for match in PIECE.finditer(text.replace(",", "")):
        if match.start() != at:
            return None
        at = match.end()
        place = order.index(UNIT_OF[match[2]]) if match[2] else last + 1
        if place <= last or place >= len(order) or (match[2] is None and last < 0):
            return None
        last = place
        total += Decimal(match[1]) * SECONDS[order[place]]
    return total if last >= 0 and at == len(text.replace(",", "")) else None
