"""How to reach someone: telephone numbers, mail and web addresses."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import phonenumbers
from django.db import models

from wubu.kernel.fields import masks
from wubu.kernel.fields.base import FieldError, FieldType, Parser, Shower, blank, shorten
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.text import as_text, too_long
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text, language

CHINESE_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
CHINESE_SERVICE = re.compile(r"([48]00)(\d{3})(\d{4})")
LIKE_PHONE = re.compile(r"\+\d[\d -]{6,}|1[3-9]\d{9}|0\d{2,3}-?\d{7,8}")  # in a pasted column
NOISE = re.compile(r"[\s\-()（）·.]+")
EXTENSION = re.compile(r"(?:转|ext\.?|x|#)\s*(\d{1,6})$", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]{2,}")
NAMED_EMAIL = re.compile(r".*<([^<>]+)>")
URL = re.compile(
    r"(https?://)?([\w\-]+(\.[\w\-]+)+|localhost|\[[0-9a-f:]+\])(:\d{1,5})?([/?#]\S*)?", re.I
)


class PhoneType(FieldType):
    """A telephone number as ``+8613800138000``, an extension after ``;ext=``.

    Options: ``country`` (default CN).
    """

    key: ClassVar[str] = "phone"
    label: ClassVar[Text] = Text("电话", "Phone")
    opens: ClassVar[bool] = True
    worded: ClassVar[bool] = True
    patterned: ClassVar[bool] = True
    names_record: ClassVar[bool] = True
    searched_by_tail: ClassVar[bool] = True
    pasted: ClassVar[bool] = True
    drawn: ClassVar[str] = "phone"
    example: ClassVar[str] = "138 0013 8000"
    icon: ClassVar[str] = "phone"
    about: ClassVar[Text] = Text("手机或固话，可拨打、可查重", "Mobile or land line")
    group: ClassVar[str] = "text"
    looks: ClassVar[Mapping[str, int]] = {"phone": 2, "number": 1}

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=40, null=True)

    def parser(self, f: FieldSpec) -> Parser:
        country = str(f.options.get("country", "CN"))

        def parse(raw: object) -> str | None:
            if blank(raw):
                return None
            text = unicodedata.normalize("NFKC", as_text(raw)).strip()
            if country == "CN" and (match := CHINESE_MOBILE.fullmatch(NOISE.sub("", text))):
                return f"+86{match[1]}"
            if country == "CN" and (match := CHINESE_SERVICE.fullmatch(NOISE.sub("", text))):
                return f"+86{match[0]}"
            return _checked(text, country)

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        home = str(f.options.get("country", "CN"))
        turn = "转" if (lang or language()) == "zh" else "ext."

        def show(value: str | None) -> str:
            if value is None:
                return ""
            if home == "CN" and (match := CHINESE_MOBILE.fullmatch(value)):
                number = match[1]
                return f"{number[:3]} {number[3:7]} {number[7:]}"
            return _spaced(value, home, turn)

        return show

    def mask(self, f: FieldSpec, value: Any) -> str:
        return masks.phone(str(value))

    def suits(self, values: Sequence[str]) -> bool:
        return all(map(LIKE_PHONE.fullmatch, values))

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("text")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return f"13{rnd.randrange(10**9):09d}"


def _checked(text: str, country: str) -> str:
    extension = EXTENSION.search(text)
    main = text[: extension.start()] if extension else text
    try:
        number = phonenumbers.parse(main, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise FieldError(
            "not_a_phone",
            Text("“{v}”不是电话号码。", "“{v}” is not a telephone number.").format(v=shorten(text)),
            Text(
                "例如 138 0013 8000、010-8888 6666、+1 212 555 0100。",
                "For example 138 0013 8000 or +1 212 555 0100; foreign numbers begin with +.",
            ),
        )
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={extension[1]}" if extension else str(plain)


def _spaced(value: str, home: str, turn: str) -> str:
    main, _, extension = value.partition(";ext=")
    number = phonenumbers.parse(main, home)
    at_home = number.country_code == phonenumbers.country_code_for_region(home)
    form = phonenumbers.PhoneNumberFormat
    style = form.NATIONAL if at_home else form.INTERNATIONAL
    text = str(phonenumbers.format_number(number, style))
    return f"{text} {turn} {extension}" if extension else text


class EmailType(FieldType):
    """A mail address; the domain is kept in lower case."""

    key: ClassVar[str] = "email"
    label: ClassVar[Text] = Text("邮箱", "E-mail")
    opens: ClassVar[bool] = True
    worded: ClassVar[bool] = True
    patterned: ClassVar[bool] = True
    names_record: ClassVar[bool] = True
    searched: ClassVar[bool] = True
    pasted: ClassVar[bool] = True
    drawn: ClassVar[str] = "email"
    example: ClassVar[str] = "Li.Qiang@Example.COM"
    icon: ClassVar[str] = "mail"
    about: ClassVar[Text] = Text("邮箱地址", "An e-mail address")
    group: ClassVar[str] = "text"
    looks: ClassVar[Mapping[str, int]] = {"email": 2}

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=254, null=True)

    def parser(self, f: FieldSpec) -> Parser:
        def parse(raw: object) -> str | None:
            if blank(raw):
                return None
            text = unicodedata.normalize("NFKC", as_text(raw)).strip().removeprefix("mailto:")
            if named := NAMED_EMAIL.fullmatch(text):
                text = named[1].strip()
            if len(text) > 254:
                raise too_long(len(text), 254)
            if not EMAIL.fullmatch(text):
                raise FieldError(
                    "not_an_email",
                    Text("“{v}”不是邮箱地址。", "“{v}” is not a mail address.").format(
                        v=shorten(text)
                    ),
                    Text("例如 name@example.com。", "For example name@example.com."),
                )
            name, _, domain = text.rpartition("@")
            return f"{name}@{domain.lower()}"

        return parse

    def mask(self, f: FieldSpec, value: Any) -> str:
        return masks.email(str(value))

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("text")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return f"sample{rnd.randrange(10**9)}@example.com"


class UrlType(FieldType):
    """A web address, http or https only; without a scheme it is taken as https."""

    key: ClassVar[str] = "url"
    label: ClassVar[Text] = Text("网址", "URL")
    opens: ClassVar[bool] = True
    worded: ClassVar[bool] = True
    patterned: ClassVar[bool] = True
    names_record: ClassVar[bool] = True
    pasted: ClassVar[bool] = True
    drawn: ClassVar[str] = "url"
    example: ClassVar[str] = "example.com/prices"
    icon: ClassVar[str] = "world"
    about: ClassVar[Text] = Text("网址，点击打开", "A web address")
    group: ClassVar[str] = "text"
    looks: ClassVar[Mapping[str, int]] = {"url": 2}

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=1000, null=True)

    def parser(self, f: FieldSpec) -> Parser:
        def parse(raw: object) -> str | None:
            if blank(raw):
                return None
            text = as_text(raw).strip()
            if len(text) > 990:
                raise too_long(len(text), 990)
            match = URL.fullmatch(text)
            if match is None:
                raise FieldError(
                    "not_a_url",
                    Text("“{v}”不是网址。", "“{v}” is not a web address.").format(v=shorten(text)),
                    Text("例如 https://example.com。", "For example https://example.com."),
                )
            return text if match[1] else f"https://{text}"

        return parse

    def suits(self, values: Sequence[str]) -> bool:
        return all(re.match(r"https?://|www\.", v) for v in values)

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("text")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return f"https://example.com/{rnd.randrange(10**6)}"
