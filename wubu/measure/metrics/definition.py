"""How a metric is defined: its kind, what the kind asks for, and the words of the dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wubu.kernel.definitions.base import Field, When
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.definitions.nested import KeysAndValues
from wubu.kernel.definitions.plain import Choice, Flag, Whole, Words
from wubu.kernel.definitions.references import Ref
from wubu.kernel.types import Text
from wubu.measure.metrics.kinds import KINDS

UNITS: Mapping[str, Text] = {
    "money": Text("金额", "Money"),
    "count": Text("个数", "A count"),
    "number": Text("数值", "A number"),
    "days": Text("天", "Days"),
    "points": Text("分", "Points"),
    "ratio": Text("百分比", "Per cent"),
}
UNIT = Choice(
    name="unit",
    label=Text("单位", "Unit"),
    options=UNITS,
    default="count",
    code="no_such_unit",
)
BETTER = Choice(
    name="better",
    label=Text("方向", "Direction"),
    options={
        "up": Text("越高越好", "More is better"),
        "down": Text("越低越好", "Less is better"),
    },
    default="up",
    code="up_or_down",
)
TEXTS = tuple(
    Words(name=name, label=label, wide=name == "purpose")
    for name, label in {
        "purpose": Text("用途", "Purpose"),
        "tools": Text("工具推荐", "Tools"),
        "principle": Text("设定原则", "Principle"),
        "scene": Text("适用场景", "Context"),
        "worth": Text("管理价值", "Management value"),
        "owner": Text("负责人", "Owner"),
        "source": Text("数据来源", "Source"),
    }.items()
)


def _asked() -> tuple[Field, ...]:
    """Every field that some kind asks for; what a kind cannot do without it checks itself."""
    found: dict[str, Field] = {}
    for kind in KINDS.values():
        for field in kind.fields:
            found.setdefault(field.name, replace(field, required=False))
    return tuple(found.values())


RULE = Definition(
    name="metric",
    label=Text("指标规则", "Rule of a metric"),
    fields=(
        Choice(
            name="kind",
            label=Text("算什么", "What it counts"),
            options={k.key: k.label for k in KINDS.values()},
            required=True,
            code="no_such_kind",
            example="sum",
        ),
        Ref(
            name="object",
            label=Text("哪一类记录", "Of which records"),
            help=Text("比率和平均不用选。", "Ratios and averages need none."),
            kind="object",
            when=When("kind", tuple(k.key for k in KINDS.values() if k.posted)),
            example="contract",
        ),
        *_asked(),
    ),
)
METRICS = Definition(
    name="metrics",
    label=Text("指标", "Metric"),
    fields=(
        Words(name="label", label=Text("名称", "Name"), naming=True, required=True, most=200),
        *RULE.fields,
        UNIT,
        BETTER,
        *TEXTS,
        Whole(name="position", label=Text("顺序", "Order"), least=-1_000_000, most=1_000_000),
        Flag(name="hidden", label=Text("隐藏", "Hidden")),
        KeysAndValues(
            name="each_stage",
            asked=False,
            label=Text("按阶段", "For each stage"),
            help=Text("为每个阶段各做一个指标", "one metric for each stage"),
        ),
    ),
)
