"""The number of a Chinese identity card (居民身份证号, GB 11643)."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from django.db import models
from stdnum.cn import ric

from wubu.kernel.calendar.queries import today
from wubu.kernel.fields import masks
from wubu.kernel.fields.base import FieldError, FieldType, Parser, blank, shorten
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.text import as_text
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Text

NUMBER = re.compile(r"[1-9]\d{16}[\dX]")
FORMER = re.compile(r"[1-9]\d{14}")
OLDEST = 150  # years
SPACES = re.compile(r"[\s\-]+")


class IdCardType(FieldType):
    """The 18 characters of an identity card; day of birth and check digit are verified.

    A small `x` is read as `X`. Readers who may know it only in outline see `110****002X`.
    """

    key: ClassVar[str] = "id_card"
    label: ClassVar[Text] = Text("身份证号", "ID card number")
    names_record: ClassVar[bool] = True
    sorted_by_column: ClassVar[bool] = True
    pasted: ClassVar[bool] = True
    column_width: ClassVar[int] = 20
    widget: ClassVar[str] = "text"
    example: ClassVar[str] = "11010519491231002x"
    icon: ClassVar[str] = "id"
    about: ClassVar[Text] = Text("18 位，自动校验", "18 characters, with a check digit")
    group: ClassVar[str] = "text"
    looks: ClassVar[Mapping[str, int]] = {"text": 1, "number": 1}

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=18, null=True)

    def parser(self, f: FieldSpec) -> Parser:
        def parse(raw: object) -> str | None:
            if blank(raw):
                return None
            # A spreadsheet keeps 15 digits of a number; the rest is lost before it comes here.
            if isinstance(raw, float):
                raise _wrong(raw, ROUNDED)
            text = SPACES.sub("", unicodedata.normalize("NFKC", as_text(raw))).upper()
            if FORMER.fullmatch(text):
                raise _wrong(raw, OUTDATED)
            if not (text.isascii() and NUMBER.fullmatch(text)):
                raise _wrong(raw, SHAPE)
            if not _is_birthday(text[6:14]):
                raise _wrong(raw, BIRTHDAY)
            if ric.calc_check_digit(text) != text[-1]:
                raise _wrong(raw, CHECK)
            return text

        return parse

    def mask(self, f: FieldSpec, value: Any) -> str:
        return masks.ends(str(value), 3, 4)

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("text")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        born = date(1950, 1, 1) + timedelta(days=rnd.randrange(18_000))
        number = (
            f"{rnd.choice(('110105', '310104', '440305'))}{born:%Y%m%d}{rnd.randrange(1000):03d}"
        )
        return number + ric.calc_check_digit(number + "0")


SHAPE = Text(
    "应为 18 位：17 位数字，最后一位是数字或 X。",
    "It has 18 characters: 17 digits, then a digit or X.",
)
OUTDATED = Text(
    "15 位的旧号码已停用，请填 18 位的新号码。",
    "Numbers of 15 digits are no longer valid; give the one of 18.",
)
BIRTHDAY = Text(
    "第 7 到 14 位不是一个出生日期，请对照证件。",
    "Characters 7 to 14 are no day of birth; compare the card.",
)
CHECK = Text(
    "校验码不对，可能有一位写错了，请对照证件。",
    "The check digit does not fit: one of them is mistyped; compare the card.",
)
ROUNDED = Text(
    "表格把它当成数字，末几位已丢失；请把这一列设为文本格式后重填。",
    "The spreadsheet took it for a number and lost its last digits; format the column as text and "
    "enter it again.",
)


def _is_birthday(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    now = today()
    return now.year - OLDEST <= born.year and born <= now


def _wrong(raw: object, hint: Text) -> FieldError:
    message = Text("“{v}”不是有效的身份证号。", "“{v}” is not a valid ID card number.")
    return FieldError("not_an_id_card", message.format(v=shorten(raw)), hint)
