"""Serial numbers, given by the program when none is typed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.db import models

from wubu.kernel.fields import masks
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.text import TextType
from wubu.kernel.types import Text

DEFAULT_PATTERN = "{n:06d}"


class SerialType(TextType):
    """A number such as ``HT-2026-00042``. Options: ``pattern`` with ``{n} {year} {month}``.

    An own number may be given (history keeps its numbers); otherwise the records room counts up.
    """

    key: ClassVar[str] = "serial"
    label: ClassVar[Text] = Text("编号", "Serial number")
    one_line: ClassVar[bool] = False
    patterned: ClassVar[bool] = False
    groups: ClassVar[bool] = False
    sorted_by_column: ClassVar[bool] = False
    searched: ClassVar[bool] = True
    pasted: ClassVar[bool] = False
    column_width: ClassVar[int] = 14
    put_aside_as: ClassVar[str] = "text"
    example: ClassVar[str] = "HT-2026-00042"
    icon: ClassVar[str] = "hash"
    about: ClassVar[Text] = Text("自动编号：HT-2026-0001", "Numbered by itself: HT-2026-0001")
    looks: ClassVar[Mapping[str, int]] = {"number": 1, "text": 1}
    numbered: ClassVar[bool] = True

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=64, null=True)

    def parser(self, f: FieldSpec) -> Any:
        limited = FieldSpec(f.object, f.key, f.type, f.label, options={**f.options, "max": 64})
        return super().parser(limited)

    def pattern(self, f: FieldSpec) -> str:
        return str(f.options.get("pattern", DEFAULT_PATTERN))

    def write(self, f: FieldSpec, n: int, day: date) -> str:
        """The n-th number, as of that day."""
        return self.pattern(f).format(n=n, year=day.year, month=f"{day.month:02d}")

    def mask(self, f: FieldSpec, value: Any) -> str:
        return masks.NOTHING

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return f"S{rnd.randrange(10**12):012d}"
