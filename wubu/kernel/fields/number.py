"""Numbers, money and percentages: integers scaled by a fixed power of ten, so sums are exact."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from babel.numbers import get_currency_symbol
from django.db import models

from wubu.kernel.fields.base import FieldError, FieldType, Parser, Setting, Shower, blank, shorten
from wubu.kernel.fields.numbers import (
    PLAIN,
    bounds,
    decimal_of,
    digits,
    from_digits,
    grouped,
    plainly,
    refuse_number,
    scaled,
    tidy,
)
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text, language

BARE = re.compile(r"-?[\d.,]+")
NUMBER_HINT = Text("例如 1234.5、12.5万。", "For example 1234.5 or 12.5k.")


class NumberType(FieldType):
    """A number.

    Options: ``decimals`` (0–6, default 0), ``min``, ``max``, ``unit``, ``plain`` (no thousands
    marks: years, counters).
    """

    key: ClassVar[str] = "number"
    label: ClassVar[Text] = Text("数字", "Number")
    adds_up: ClassVar[bool] = True
    sorted_by_column: ClassVar[bool] = True
    read_by_cell: ClassVar[bool] = True
    pasted: ClassVar[bool] = True
    wire: ClassVar[str] = "number"
    example: ClassVar[str] = "1,234.5"
    icon: ClassVar[str] = "number"
    about: ClassVar[Text] = Text("数量、尺寸，可设小数位", "A quantity, with decimals if needed")
    group: ClassVar[str] = "numbers"
    looks: ClassVar[Mapping[str, int]] = {"number": 2, "percent": 1, "money": 1}
    numeric: ClassVar[bool] = True
    hint: ClassVar[Text] = NUMBER_HINT
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("decimals", Text("小数位", "Decimals"), "number"),
        Setting("unit", Text("单位", "Unit")),
        Setting("min", Text("最小", "At least"), "number"),
        Setting("max", Text("最大", "At most"), "number"),
    )

    def scale(self, f: FieldSpec) -> int:
        """Decimals kept."""
        return max(0, min(6, int(f.options.get("decimals", 0))))

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.BigIntegerField(null=True)

    def clean(self, text: str, f: FieldSpec) -> str:
        """Drop what the type allows around the digits (currency signs, units)."""
        unit = str(f.options.get("unit", "")).lower()
        return text.removesuffix(unit) if unit else text

    def decimal(self, text: str) -> Decimal | None:
        return decimal_of(text)

    def limit(self, f: FieldSpec) -> Callable[[int], str]:
        """How a least or most value is called."""
        scale = self.scale(f)
        return lambda value: grouped(value, scale)

    def parser(self, f: FieldSpec) -> Parser:
        scale = self.scale(f)
        check = bounds(f.options.get("min"), f.options.get("max"), scale, self.limit(f))

        def parse(raw: object) -> int | None:
            if isinstance(raw, str):
                if PLAIN.fullmatch(raw):
                    return check(plainly(raw, scale))
                text = self.clean(tidy(raw), f)
                if not text:
                    if blank(raw):
                        return None
                    refuse_number(raw, self.hint)
                number = self.decimal(text)
                if number is None:
                    refuse_number(raw, self.hint)
                return check(scaled(number, scale))
            if raw is None:
                return None
            if isinstance(raw, int) and not isinstance(raw, bool):
                return check(scaled(Decimal(raw), scale))
            # repr is the shortest decimal that reads back as the same float: what the person saw.
            if isinstance(raw, float) and raw == raw and abs(raw) != float("inf"):
                return check(scaled(Decimal(repr(raw)), scale))
            if not isinstance(raw, Decimal) or not raw.is_finite():
                refuse_number(raw, self.hint)
            return check(scaled(raw, scale))

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        scale = self.scale(f)
        unit = str(f.options.get("unit", ""))
        tail = f" {unit}" if unit else ""
        write = digits if f.options.get("plain") else grouped

        def show(value: int | None) -> str:
            if value is None:
                return ""
            text = write(value, scale)
            if scale:
                text = text.rstrip("0").rstrip(".")
            return text + tail

        return show

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        if value is None:
            return None
        scale = self.scale(f)
        return digits(value, scale) if scale else value

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else from_digits(value, self.scale(f))

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("number", self.scale(f))

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        scale = self.scale(f)
        low = int(f.options.get("min", 0))
        high = int(f.options.get("max", low + 100_000))
        return digits(rnd.randint(low * 10**scale, high * 10**scale), scale)


CURRENCY_WORDS = ("人民币", "元整", "元", "圆", "块", "rmb", "cny", "usd", "eur", "美元", "欧元")
CURRENCY_SIGNS = "¥$€£₩"


def currency_of(f: FieldSpec) -> str:
    """ISO code of the money field's currency."""
    return str(f.options.get("currency", "CNY"))


class MoneyType(NumberType):
    """An amount in minor units (fen). Options: ``currency`` (default CNY), ``min``, ``max``."""

    key: ClassVar[str] = "money"
    label: ClassVar[Text] = Text("金额", "Money")
    role: ClassVar[str] = "amount"
    example: ClassVar[str] = "12万"
    icon: ClassVar[str] = "currency-yuan"
    about: ClassVar[Text] = Text("精确到分的金额", "An amount, exact to the cent")
    looks: ClassVar[Mapping[str, int]] = {"money": 2, "number": 1}
    monetary: ClassVar[bool] = True
    hint: ClassVar[Text] = Text(
        "只填数字，例如 1234.50、¥1,234.50、12.5万；文字说明请填到备注。",
        "Give a number only, such as 1234.50, ¥1,234.50 or 12.5k; words belong into the notes.",
    )

    def scale(self, f: FieldSpec) -> int:
        return 2

    def clean(self, text: str, f: FieldSpec) -> str:
        bare = text.translate(_NO_SIGNS)
        for word in CURRENCY_WORDS:
            bare = bare.removeprefix(word).removesuffix(word)
        # "$1,117.10K" is thousands; "1万元" lost its 元 above and keeps 万.
        return bare

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        sign = currency_sign(currency_of(f), lang or language())

        def show(value: int | None) -> str:
            if value is None:
                return ""
            if value < 0:
                return f"-{sign}{grouped(-value, 2)}"
            return f"{sign}{grouped(value, 2)}"

        return show

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return f"{rnd.randrange(1, 10**8) / 100:.2f}"


_NO_SIGNS = str.maketrans({**dict.fromkeys(CURRENCY_SIGNS), "￥": None})


def currency_sign(code: str, lang: Lang) -> str:
    """The sign before an amount: ¥ for CNY in both languages, else as the locale writes it."""
    if code == "CNY":
        return "¥"
    return get_currency_symbol(code, locale="zh_CN" if lang == "zh" else "en")


class PercentType(NumberType):
    """A ratio in ten-thousandths: 60 % is stored as 6000. Options: ``min``, ``max`` as ratios."""

    key: ClassVar[str] = "percent"
    label: ClassVar[Text] = Text("百分比", "Percent")
    adds_up: ClassVar[bool] = False
    example: ClassVar[str] = "12.5%"
    icon: ClassVar[str] = "percentage"
    about: ClassVar[Text] = Text("比例：折扣、税率", "A ratio: discount, tax rate")
    looks: ClassVar[Mapping[str, int]] = {"percent": 2, "number": 1}
    ratio: ClassVar[bool] = True
    hint: ClassVar[Text] = Text("例如 12% 或 0.12。", "For example 12% or 0.12.")

    def scale(self, f: FieldSpec) -> int:
        return 4

    def limit(self, f: FieldSpec) -> Callable[[int], str]:
        return self.shower(f)

    def clean(self, text: str, f: FieldSpec) -> str:
        return text

    def decimal(self, text: str) -> Decimal | None:
        if text.endswith("%"):
            number = decimal_of(text[:-1])
            return None if number is None else number / 100
        number = decimal_of(text)
        if number is not None and abs(number) > 10:
            # 0.12 is a ratio and 12% a percentage; a bare 12 could be either.
            raise FieldError(
                "percent_or_ratio",
                Text("“{v}”是 {v}% 还是 {v} 倍？", "Is “{v}” {v} % or {v} times?").format(
                    v=shorten(text)
                ),
                Text("百分比请写上 %。", "Write the percent sign."),
                suggestion=f"{text}%",
            )
        return number

    def parser(self, f: FieldSpec) -> Parser:
        parse = super().parser(f)

        def percent(raw: object) -> Any:
            # The plain-number path of the parent would take "12" as 1200 %.
            if isinstance(raw, str) and PLAIN.fullmatch(raw):
                self.decimal(raw)
            return parse(raw)

        return percent

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        def show(value: int | None) -> str:
            if value is None:
                return ""
            return grouped(value, 2).rstrip("0").rstrip(".") + "%"

        return show

    def to_input(self, f: FieldSpec, value: Any) -> Any:
        return f"{value / 100:.2f}".rstrip("0").rstrip(".")

    def from_input(self, f: FieldSpec, words: str) -> str:
        """In a percent box a bare number is percent."""
        return f"{words.strip()}%" if BARE.fullmatch(words.strip()) else words

    def suits(self, values: Sequence[str]) -> bool:
        return all(v.endswith(("%", "％")) for v in values)

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return f"{rnd.randrange(0, 10_001) / 100:.2f}%"
