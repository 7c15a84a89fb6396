"""The questions of a metric of one's own, by what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.types import Text
from wubu.measure.ledger.queries import open_from
from wubu.measure.metrics.queries import metrics
from wubu.measure.metrics.types import MetricInfo
from wubu.web.rules import naming, of_change
from wubu.web.ui.asking import Ask, Form

DERIVED = ("ratio", "average", "weighted")
DIVIDED = ("sum", "count", "reached")  # the kinds that may be divided
UNITS = {
    "money": Text("金额", "Money"),
    "count": Text("个数", "A count"),
    "number": Text("数值", "A number"),
    "days": Text("天", "Days"),
    "points": Text("分", "Points"),
    "ratio": Text("百分比", "Per cent"),
}
FITTING = {
    "count": ("count", "number", "points"),
    "reached": ("count", "number", "points"),
    "sum": ("money", "number", "count", "days", "points"),
    "stock": ("count", "money", "number", "days", "points"),
    "ratio": ("ratio", "number"),
}
QUOTIENT = ("number", "money", "days", "points", "count", "ratio")
BETTER = (
    ("up", Text("越高越好", "More is better")),
    ("down", Text("越低越好", "Less is better")),
)
TEXTS = {
    "purpose": Text("用途", "Purpose"),
    "tools": Text("工具推荐", "Tools"),
    "principle": Text("设定原则", "Principle"),
    "scene": Text("适用场景", "Scene"),
    "worth": Text("管理价值", "Value"),
    "owner": Text("责任人", "Kept by"),
    "source": Text("数据来源", "Source"),
}
NUMBERS = ("money", "number", "integer", "percent", "rating", "duration")
DATES = ("date", "datetime")
FIRST = "-"  # comes before every other metric


def form(kind: str, spec: ObjectSpec | None, info: MetricInfo | None) -> Form:
    """Everything that is asked of a metric of a kind; of one that is there, also from when."""
    d: Mapping[str, Any] = info.rule.definition.as_json() if info else {}
    label = info.label if info else Text("", "")
    rule = _divided(d, info) if spec is None else _counted(kind, spec, d)
    dated: list[Ask] = []
    if info is not None:
        ever = Text(
            "现行规则写错时勾选：它生效以来的日子一起改。否则从生效日期起改。",
            "Tick it where the rule was wrong: the days since it holds change too. Otherwise it "
            "changes from the day chosen.",
        )
        correct = Text("改正现行规则", "Correct the rule that holds")
        dated = [*of_change(), Ask("correct", correct, "check", wide=True, help=ever)]
    return Form(
        "",
        [
            *naming(label),
            *rule,
            *(_of_new(kind, spec) if info is None else []),
            Ask(
                "better",
                Text("方向", "Direction"),
                "select",
                info.better if info else "up",
                BETTER,
            ),
            place(info),
            *(
                Ask(
                    f"text_{name}",
                    words,
                    value=str(getattr(info, name)) if info else "",
                    wide=name == "purpose",
                )
                for name, words in TEXTS.items()
            ),
            *dated,
        ],
    )


def _of_new(kind: str, spec: ObjectSpec | None) -> list[Ask]:
    """What is asked of a new metric alone: from which day it counts, where it has one; its unit."""
    if spec is None or kind == "stock":
        return [_unit(kind, spec)]
    since = Text("从哪天起算", "Counts from")
    ever = Text("留空即全部日期", "Empty: all days")
    return [Ask("since", since, "date", open_from(), help=ever), _unit(kind, spec)]


def _unit(kind: str, spec: ObjectSpec | None) -> Ask:
    units = [(u, UNITS[u]) for u in FITTING.get(kind, QUOTIENT)]
    first = _first_number(spec) if kind == "sum" and spec else None
    chosen = units[0][0] if first is None or first[1] == "money" else "number"
    return Ask("unit", Text("单位", "Unit"), "select", chosen, units)


def place(info: MetricInfo | None) -> Ask:
    """Behind which metric it comes."""
    others = [m for m in metrics() if info is None or m.id != info.id]
    before = [m for m in others if info is None or (m.position, m.id) < (info.position, info.id)]
    return Ask(
        "place",
        Text("在字典里排在哪个之后", "Comes after, in the dictionary"),
        "select",
        before[-1].key if before else FIRST,
        [(FIRST, Text("（排在最前）", "(comes first)")), *((m.key, m.label) for m in others)],
        help=Text("前 8 个显示在驾驶舱。", "The first 8 lead the cockpit."),
    )


def _divided(d: Mapping[str, Any], info: MetricInfo | None) -> list[Ask]:
    own = info.key if info else ""
    parts = [(m.key, m.label) for m in metrics(hidden=True) if m.kind in DIVIDED and m.key != own]
    return [
        Ask(name, label, "select", d.get(name, ""), _with(parts, d.get(name, "")))
        for name, label in (
            ("numerator", Text("分子", "What is divided")),
            ("denominator", Text("分母", "Divided by")),
        )
    ]


def _counted(kind: str, spec: ObjectSpec, d: Mapping[str, Any]) -> list[Ask]:
    made: list[Ask] = []
    if kind in ("sum", "stock"):
        first = _first_number(spec) if kind == "sum" and not d else None
        made.append(
            Ask(
                "value",
                Text("加总什么", "What is added up"),
                "formula",
                d.get("value") or (f"{{{first[0]}}}" if first else ""),
                required=kind == "sum",
                wide=True,
                object=spec.key,
                expect="number",
                help=Text(
                    "一个金额或数字字段，也可以是算式", "A money or number field, or a formula"
                )
                if kind == "sum"
                else Text("留空即数条数", "Empty: records are counted"),
            )
        )
    stage = spec.role("stage")
    if kind == "reached":
        stages = [(c.key, c.label) for c in stage.choices if not c.retired] if stage else []
        made.append(
            Ask("stage", Text("阶段", "Stage"), "select", *_chosen(stages, d.get("stage", "")))
        )
    if kind in ("sum", "count"):
        when = Text("记在哪一天", "On which day")
        made.append(Ask("when", when, "select", *_chosen(_days(spec), d.get("when", ""))))
    owner = (d.get("credit") or {}).get("owner", "")
    whose = _whose(spec)
    if not d:
        role = spec.role("owner")
        owner = role.key if role else "owner" if "owner" in spec.fields else ""
    nobody = ("", Text("（不归个人）", "(nobody)"))
    made.append(
        Ask("credit", Text("归谁", "Whose it is"), "select", *_chosen([nobody, *whose], owner))
    )
    made.append(
        Ask(
            "filter",
            Text("只算满足条件的", "Only where"),
            "formula",
            d.get("filter", ""),
            wide=True,
            object=spec.key,
            expect="bool",
            help=Text("留空即全部记录", "Empty: every record"),
        )
    )
    return made


def _chosen(options: list[tuple[str, Text]], value: str) -> tuple[str, list[tuple[str, Text]]]:
    return value, _with(options, value)


def _with(options: list[tuple[str, Text]], value: str) -> list[tuple[str, Text]]:
    """The options, and what a pack or a caller wrote that is not among them."""
    there = not value or value in {key for key, _ in options}
    return options if there else [*options, (value, Text(value, value))]


def _first_number(spec: ObjectSpec) -> tuple[str, str] | None:
    fields = sorted(
        (f for f in spec.live_fields if f.type in NUMBERS), key=lambda f: f.type != "money"
    )
    return (fields[0].key, fields[0].type) if fields else None


def _days(spec: ObjectSpec) -> list[tuple[str, Text]]:
    own = [(f.key, f.label) for f in spec.live_fields if f.type in DATES]
    return [*own, ("created_at", Text("创建时间", "Created at")), *_along(spec, DATES)]


def _whose(spec: ObjectSpec) -> list[tuple[str, Text]]:
    own = [(f.key, f.label) for f in spec.live_fields if f.type == "member"]
    return [*own, ("created_by", Text("创建人", "Created by")), *_along(spec, ("member",))]


def _along(spec: ObjectSpec, types: Sequence[str]) -> list[tuple[str, Text]]:
    """Fields of the types on records that this one links to."""
    found = []
    for link in spec.live_fields:
        target = snapshot().objects.get(link.target) if link.type == "link" else None
        for f in target.live_fields if target else ():
            if f.type in types:
                words = Text("{l}的{f}", "{l} → {f}").format(l=link.label, f=f.label)
                found.append((f"{link.key}.{f.key}", words))
    return found
