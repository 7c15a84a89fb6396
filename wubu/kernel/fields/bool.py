"""Yes or no, or not said."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models

from wubu.kernel.fields.base import FieldError, FieldType, Parser, Shower, shorten
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text, language

YES = frozenset(
    ("是", "对", "有", "真", "已", "√", "✓", "✔", "☑", "yes", "y", "true", "t", "1", "on")
)
NO = frozenset(
    (
        "否",
        "不",
        "错",
        "无",
        "没有",
        "假",
        "未",
        "×",
        "✗",
        "✘",
        "☐",
        "no",
        "n",
        "false",
        "f",
        "0",
        "off",
    )
)
WORDS = {"zh": ("否", "是"), "en": ("No", "Yes")}


class BoolType(FieldType):
    """Yes or no."""

    key: ClassVar[str] = "bool"
    label: ClassVar[Text] = Text("是/否", "Yes/no")
    read_by_cell: ClassVar[bool] = True
    said_as_text: ClassVar[bool] = True
    pasted: ClassVar[bool] = True
    drawn: ClassVar[str] = "yes_no"
    wire: ClassVar[str] = "bool"
    example: ClassVar[str] = "是"
    icon: ClassVar[str] = "toggle-left"
    about: ClassVar[Text] = Text("是或否", "Yes or no")
    group: ClassVar[str] = "choices"
    looks: ClassVar[Mapping[str, int]] = {"bool": 2}
    yes_no: ClassVar[bool] = True

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.BooleanField(null=True)

    def parser(self, f: FieldSpec) -> Parser:
        def parse(raw: object) -> bool | None:
            if raw is None or isinstance(raw, bool):
                return raw
            word = str(raw).strip().lower().removesuffix(".0")
            if not word:
                return None
            if word in YES:
                return True
            if word in NO:
                return False
            raise FieldError(
                "not_yes_or_no",
                Text("“{v}”不是“是”或“否”。", "“{v}” is neither yes nor no.").format(
                    v=shorten(raw)
                ),
                Text("请填 是 或 否。", "Write yes or no."),
            )

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        words = WORDS[lang or language()]
        return lambda value: "" if value is None else words[value]

    def to_input(self, f: FieldSpec, value: Any) -> Any:
        return "true" if value else "false"

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("bool")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return rnd.choice((True, False))
