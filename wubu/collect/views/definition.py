"""What a view may say: one list of fields for the page, callers, packs and comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.collect.views.types import COLORS, HEIGHTS, KINDS, SCALES, Look
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.definitions.formulas import FormulaField
from wubu.kernel.definitions.nested import MappingOf, Rows, Texts
from wubu.kernel.definitions.plain import Choice, Line, Whole, Words
from wubu.kernel.definitions.references import FieldRef, Ref
from wubu.kernel.types import Text

MOST_COLORS, MOST_FROZEN, MOST_GROUPS = 8, 5, 200


def _field(name: str, zh: str, en: str) -> FieldRef:
    return FieldRef(name=name, label=Text(zh, en))


def _options(options: Mapping[str, Text]) -> dict[str, Any]:
    return {"options": {k: v for k, v in options.items() if k}, "code": "not_an_option"}


FILTER = FormulaField(name="filter", label=Text("条件", "Condition"))
VIEW = Definition(
    name="view",
    label=Text("视图", "View"),
    fields=(
        FILTER,
        Texts(name="sort", label=Text("排序", "Order"), most=5, fields=True, code="too_many"),
        Line(name="search", label=Text("搜索", "Search"), most=200),
        _field("group", "分组", "Group"),
        Texts(name="groups", label=Text("分组次序", "Order of groups"), most=MOST_GROUPS),
        Texts(name="columns", label=Text("列", "Columns"), most=100, fields=True),
        MappingOf(
            name="widths",
            label=Text("列宽", "Column widths"),
            help=Text("像素，显示为 60 到 900", "in pixels, shown as 60 to 900"),
            of=Whole(name="", label=Text("列宽", "Width"), least=0, most=10_000),
            most=100,
        ),
        Whole(name="frozen", label=Text("冻结列", "Frozen columns"), least=0, most=MOST_FROZEN),
        Choice(name="height", label=Text("行高", "Row height"), **_options(HEIGHTS)),
        Rows(
            name="colors",
            label=Text("条件颜色", "Colours"),
            of=(
                FormulaField(name="when", label=Text("条件", "Condition"), required=True),
                Choice(
                    name="color", label=Text("颜色", "Colour"), required=True, **_options(COLORS)
                ),
                _field("field", "字段", "Field"),
            ),
            most=MOST_COLORS,
        ),
        Texts(name="card", label=Text("卡片字段", "Fields of a card"), most=100, fields=True),
        _field("start", "开始", "Start"),
        _field("end", "结束", "End"),
        _field("image", "图片", "Picture"),
        _field("location", "位置", "Place"),
        Choice(name="scale", label=Text("时间刻度", "Scale"), **_options(SCALES)),
    ),
)
VIEWS = Definition(
    name="views",
    label=Text("视图", "View"),
    fields=(
        Ref(
            name="object",
            label=Text("对象", "Object"),
            kind="object",
            required=True,
            example="customer",
        ),
        Words(name="label", label=Text("名称", "Name"), naming=True, required=True, most=200),
        Choice(name="kind", label=Text("种类", "Kind"), options=KINDS, default="list"),
        Whole(name="position", label=Text("顺序", "Order"), least=-1_000_000, most=1_000_000),
        *VIEW.fields,
    ),
)


def read(raw: Mapping[str, Any]) -> Look:
    """A stored view, whatever release stored it."""
    return Look.of_json(VIEW.current(raw))


def written(look: Look) -> dict[str, Any]:
    """A view as it is stored."""
    return VIEW.stamped(look.as_json())
