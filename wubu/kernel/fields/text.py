"""Text in one line, with optional formats, and text of any length."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from wubu.kernel.fields import masks
from wubu.kernel.fields.base import FieldError, FieldType, Parser, blank, shorten
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Text

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SPACES = re.compile(r"\s+")


def as_text(raw: object) -> str:
    """What a cell says: numbers without ``.0``, dates as ISO, control characters dropped."""
    if isinstance(raw, str):
        return CONTROL.sub("", raw)
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, list | tuple | dict | set):
        raise FieldError(
            "not_text",
            Text("这里应填一段文字。", "This should be a piece of text."),
        )
    return str(raw)


def too_long(length: int, limit: int) -> FieldError:
    return FieldError(
        "too_long",
        Text("共 {n} 字，最多 {m} 字。", "{n} characters, at most {m} fit.").format(
            n=length, m=limit
        ),
        Text("请缩短，或改用“长文本”字段。", "Shorten it, or use a long text field."),
    )


def credit_code(text: str) -> str:
    """A unified social credit code (统一社会信用代码), 18 characters with a check digit."""
    code = unicodedata.normalize("NFKC", text).replace(" ", "").replace("-", "").upper()
    try:
        return str(uscc.validate(code))
    except ValidationError as error:
        raise FieldError(
            "not_a_credit_code",
            Text(
                "“{v}”不是有效的统一社会信用代码。",
                "“{v}” is not a valid unified social credit code.",
            ).format(v=shorten(text)),
            Text(
                "应为 18 位，且末位校验码正确；请对照营业执照。",
                "It has 18 characters and the last is a check digit; compare the business licence.",
            ),
        ) from error


FORMATS = {"credit_code": credit_code}


class TextType(FieldType):
    """One line. Options: ``max`` (default 200 characters), ``format`` (``credit_code``)."""

    key: ClassVar[str] = "text"
    label: ClassVar[Text] = Text("单行文本", "Text")
    one_line: ClassVar[bool] = True
    worded: ClassVar[bool] = True
    patterned: ClassVar[bool] = True
    names_record: ClassVar[bool] = True
    groups: ClassVar[bool] = True
    sorted_by_column: ClassVar[bool] = True
    pasted: ClassVar[bool] = True
    column_width: ClassVar[int] = 24
    example: ClassVar[str] = "明华传感"
    icon: ClassVar[str] = "letter-case"
    about: ClassVar[Text] = Text("一行文字：名称、编号", "One line: a name, a code")
    group: ClassVar[str] = "text"
    looks: ClassVar[Mapping[str, int]] = {
        "text": 2,
        "credit_code": 2,
        "email": 1,
        "url": 1,
        "phone": 1,
        "number": 1,
        "bool": 1,
    }

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=int(f.options.get("max", 200)), null=True)

    def parser(self, f: FieldSpec) -> Parser:
        limit = int(f.options.get("max", 200))
        check = FORMATS.get(str(f.options.get("format", "")))

        def parse(raw: object) -> str | None:
            if blank(raw):
                return None
            text = SPACES.sub(" ", as_text(raw)).strip()
            if not text:
                return None
            if len(text) > limit:
                raise too_long(len(text), limit)
            return check(text) if check else text

        return parse

    def mask(self, f: FieldSpec, value: Any) -> str:
        if f.options.get("format"):
            return masks.ends(str(value), 4, 4)
        return masks.name(str(value))

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("text")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        if f.options.get("format") == "credit_code":
            return rnd.choice(("91110000600037341L", "91310000132207927W"))
        return f"样例 {rnd.randrange(10**9)}"[: int(f.options.get("max", 200))]


class LongTextType(TextType):
    """Many lines. Options: ``max`` (default 20,000 characters)."""

    key: ClassVar[str] = "longtext"
    label: ClassVar[Text] = Text("多行文本", "Long text")
    one_line: ClassVar[bool] = False
    patterned: ClassVar[bool] = False
    names_record: ClassVar[bool] = False
    groups: ClassVar[bool] = False
    sorted_by_column: ClassVar[bool] = False
    selectivity: ClassVar[float] = 0.0
    example: ClassVar[str] = "第一行\n第二行"
    icon: ClassVar[str] = "align-left"
    about: ClassVar[Text] = Text("多行文字：说明、备注", "Several lines: notes")
    looks: ClassVar[Mapping[str, int]] = {"text": 1}
    multiline: ClassVar[bool] = True
    lengthy: ClassVar[bool] = True
    wide: ClassVar[bool] = True
    sortable: ClassVar[bool] = False

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.TextField(null=True)

    def parser(self, f: FieldSpec) -> Parser:
        limit = int(f.options.get("max", 20_000))

        def parse(raw: object) -> str | None:
            if blank(raw):
                return None
            text = as_text(raw).replace("\r\n", "\n").replace("\r", "\n").strip()
            if len(text) > limit:
                raise too_long(len(text), limit)
            return text or None

        return parse

    def mask(self, f: FieldSpec, value: Any) -> str:
        return masks.NOTHING

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return f"第一行\n第二行 {rnd.randrange(1000)}"
