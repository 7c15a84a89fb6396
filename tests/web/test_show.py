"""Numbers are written as Babel writes them, in both languages."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_currency, format_decimal, format_percent

from wubu.kernel.types import Lang, speaking
from wubu.web.ui import show

RND = random.Random(20)
SOME = [
    Decimal(0),
    Decimal("-0.004"),
    Decimal("0.5"),
    Decimal("1.5"),
    Decimal("2.125"),
    Decimal("999.995"),
    *(Decimal(RND.randrange(-(10**14), 10**14)).scaleb(-RND.randrange(8)) for _ in range(300)),
]
LOCALES: dict[Lang, str] = {"zh": "zh_Hans_CN", "en": "en_GB"}


def test_it_works() -> None:
    with speaking("zh"):
        assert show.money(1234567) == "¥12,345.67"
        assert show.money(123456789, short=True) == "¥123.5万"
        assert show.number(1234) == "1,234"
        assert show.percent(Decimal("0.6315")) == "63.2%"
        assert show.money(None) == show.NONE


@pytest.mark.parametrize("lang", LOCALES)
def test_as_babel_writes_them(lang: Lang) -> None:
    there = Locale.parse(LOCALES[lang])
    with speaking(lang):
        for value in SOME:
            for places in range(4):
                pattern = "#,##0" + ("." + "0" * places if places else "")
                plain = format_decimal(value, format=pattern, locale=there)
                assert show.number(value, places) == plain
                share = format_percent(value, format=pattern + "%", locale=there)
                assert show.percent(value, places) == share
            minor = int(value)
            said = format_currency(Decimal(minor) / 100, "CNY", locale=there)
            assert show.money(minor) == said.replace("CN¥", "¥")
            assert show.money(minor, "USD") == format_currency(
                Decimal(minor) / 100, "USD", locale=there
            )
            size, unit = show._shortened(value)
            pattern = "#,##0.#" if unit else "#,##0"
            small = format_decimal(size, format=pattern, locale=there)
            assert show.number(value, short=True) == small + unit
