"""Fields to try things on."""

from __future__ import annotations

from typing import Any

from wubu.kernel.fields import Choice, FieldSpec
from wubu.kernel.types import Text

GRADES = (
    Choice("a", Text("重点客户", "Key account"), "red"),
    Choice("b", Text("普通客户", "Regular"), "blue"),
    Choice("gtx_pro", Text("GTX Pro", "GTX Pro")),
    Choice("old", Text("旧选项", "Old"), retired=True),
)


def field(kind: str, **options: Any) -> FieldSpec:
    """A field of the given type; ``options`` are the type's."""
    choices = GRADES if kind in {"choice", "multichoice", "stage"} else ()
    target = "customer" if kind in {"link", "links"} else ""
    return FieldSpec(
        "thing", "f", kind, Text("字段", "Field"), choices=choices, target=target, options=options
    )
