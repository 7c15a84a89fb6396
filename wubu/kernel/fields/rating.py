"""Stars."""

from __future__ import annotations

import random
import re
import unicodedata
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models

from wubu.kernel.fields.base import FieldError, FieldType, Parser, Setting, Shower, blank, shorten
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.text import as_text
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text

STARS = re.compile(r"(★+)☆*|(⭐+)|(\d{1,2}(?:\.0+)?)(?:[星分级]|stars?)?(?:/(\d{1,2}))?")


class RatingType(FieldType):
    """One to five stars. Options: ``max`` (2–10, default 5). Read from 4, 4星, 4/5 or ★★★★."""

    key: ClassVar[str] = "rating"
    label: ClassVar[Text] = Text("评分", "Rating")
    groups: ClassVar[bool] = True
    sorted_by_column: ClassVar[bool] = True
    as_figure: ClassVar[bool] = False
    drawn: ClassVar[str] = "stars"
    wire: ClassVar[str] = "number"
    example: ClassVar[str] = "4星"
    icon: ClassVar[str] = "star"
    about: ClassVar[Text] = Text("几颗星", "A number of stars")
    group: ClassVar[str] = "numbers"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "max",
            Text("几星", "How many stars"),
            "select",
            tuple((n, Text(f"{n} 星", f"{n} stars")) for n in ("3", "5", "10")),
        ),
    )

    def most(self, f: FieldSpec) -> int:
        """How many stars there are."""
        return max(2, min(10, int(f.options.get("max") or 5)))

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.BigIntegerField(null=True)

    def parser(self, f: FieldSpec) -> Parser:
        most = self.most(f)

        def parse(raw: object) -> int | None:
            if blank(raw):
                return None
            text = unicodedata.normalize("NFKC", as_text(raw)).replace(" ", "").lower()
            match = STARS.fullmatch(text)
            if match is None or (match[4] and int(match[4]) != most):
                raise _not_stars(raw, most)
            stars = match[1] or match[2]
            value = len(stars) if stars else int(Decimal(match[3]))
            if not 1 <= value <= most:
                raise _not_stars(raw, most)
            return value

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        most = self.most(f)
        return lambda value: "" if value is None else f"{value}/{most}"

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("number")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return rnd.randint(1, self.most(f))


def _not_stars(raw: object, most: int) -> FieldError:
    return FieldError(
        "not_a_rating",
        Text("“{v}”不是 1 到 {n} 星。", "“{v}” is not 1 to {n} stars.").format(
            v=shorten(raw), n=most
        ),
        Text("例如 4、4星、★★★★。", "For example 4, 4/{n} or ★★★★.").format(n=most),
    )
