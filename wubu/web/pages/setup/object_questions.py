"""What the designer asks about a field: its type, and what goes with each type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.text import FORMATS
from wubu.kernel.types import Text
from wubu.web.ui import Ask
from wubu.web.ui.field_types import GROUPS, about

RESULTS = ("number", "money", "percent", "text", "date", "datetime", "bool")
AGGREGATES = (
    ("sum", Text("求和", "Sum")),
    ("count", Text("计数", "Count")),
    ("min", Text("最小", "Least")),
    ("max", Text("最大", "Most")),
    ("average", Text("平均", "Average")),
    ("first", Text("最早一条", "First")),
    ("last", Text("最近一条", "Last")),
    ("distinct", Text("去重计数", "Different")),
)
# Patterns that many companies need, with what they say when a value does not have them.
PATTERNS = (
    ("[0-9]{6}", Text("邮政编码：6 位数字", "Postcode: 6 digits")),
    ("[1-9][0-9]{16}[0-9Xx]", Text("身份证号：18 位", "Identity number: 18 characters")),
    ("[A-Z]{2}[0-9]{6}", Text("编号：2 个大写字母加 6 位数字", "Code: 2 capitals, 6 digits")),
    (r"[一-龥][A-Z][A-Z0-9]{5,6}", Text("车牌号", "Licence plate")),
)
COLOR_LABELS = (
    ("blue", Text("蓝", "Blue")),
    ("azure", Text("天蓝", "Azure")),
    ("indigo", Text("靛蓝", "Indigo")),
    ("purple", Text("紫", "Purple")),
    ("pink", Text("粉", "Pink")),
    ("red", Text("红", "Red")),
    ("orange", Text("橙", "Orange")),
    ("yellow", Text("黄", "Yellow")),
    ("green", Text("绿", "Green")),
    ("teal", Text("青", "Teal")),
    ("gray", Text("灰", "Grey")),
)
FORMAT_LABELS = {"credit_code": Text("统一社会信用代码", "Unified social credit code")}


@dataclass
class Kind:
    """A type as the picker offers it."""

    key: str
    label: Text
    icon: str
    says: Text
    settings: list[Ask]
    on: bool = False


def kinds(spec: ObjectSpec, f: FieldSpec) -> list[tuple[Text, list[Kind]]]:
    known = {k for _, keys in GROUPS for k in keys}
    rest = tuple(k for k in FIELD_TYPES if k not in known)
    found: list[tuple[Text, list[Kind]]] = []
    for label, keys in (*GROUPS, (Text("其他", "Others"), rest)):
        some = [_kind(spec, f, k) for k in keys if k in FIELD_TYPES]
        if some:
            found.append((label, some))
    return found


def _kind(spec: ObjectSpec, f: FieldSpec, key: str) -> Kind:
    icon, says = about(key)
    kind = FIELD_TYPES[key]
    settings = [_setting(spec, f, key, s) for s in kind.settings]
    return Kind(key, kind.label, icon, says, settings, on=f.type == key)


def _setting(spec: ObjectSpec, f: FieldSpec, kind: str, s: Any) -> Ask:
    name = f"opt:{kind}:{s.key}"
    value = f.options.get(s.key, "") if f.type == kind else ""
    # kind: of a setting of a type
    if s.kind in ("number", "text", "check"):
        return Ask(name, s.label, s.kind, value, help=s.help or "")
    options: list[tuple[str, Text | str]] = [("", "–")]
    if s.kind == "select":
        options += list(s.choices)
    elif s.kind == "field":
        wanted = FIELD_TYPES[kind].virtual  # a look-up goes through a link
        options += [
            (g.key, g.label)
            for g in spec.live_fields
            if g.key != f.key and (g.kind.links_one if wanted else FIELD_TYPES[g.type].has_choices)
        ]
    else:
        options += _linked_fields(spec)
    return Ask(name, s.label, "select", str(value), options, help=s.help or "")


def _linked_fields(spec: ObjectSpec) -> list[tuple[str, Text | str]]:
    """The fields of whatever this object links to, told apart by the object."""
    found: list[tuple[str, Text | str]] = []
    for target in dict.fromkeys(g.target for g in spec.live_fields if g.kind.links_one):
        there = snapshot().objects.get(target)
        if there is not None:
            found += [(g.key, _of(there.label, g.label)) for g in there.live_fields]
    return found


def asks(spec: ObjectSpec, f: FieldSpec) -> dict[str, Ask]:
    every = [(o.key, o.label) for o in snapshot().live]
    sources = sorted({g.object for g in snapshot().links_to(spec.key) if not g.retired})
    o = f.options
    message = o.get("pattern_message") or {}
    said = {"zh": message, "en": message} if isinstance(message, str) else message
    named = [(k, snapshot().object(k).label) for k in sources]
    vias = [
        (
            g.key,
            Text("{o} · {f}", "{o} · {f}").format(o=snapshot().object(g.object).label, f=g.label),
        )
        for g in snapshot().links_to(spec.key)
        if not g.retired
    ]
    summed = [
        (g.key, _of(snapshot().object(k).label, g.label))
        for k in sources
        for g in snapshot().object(k).live_fields
        if g.kind.numeric or g.kind.dated or g.kind.calculated or g.kind.aggregates
    ]
    results = [(k, FIELD_TYPES[k].label) for k in RESULTS]
    every_ask = (
        Ask("target", Text("关联到", "Links to"), "select", f.target, [("", "–"), *every]),
        Ask(
            "formula",
            Text("公式", "Formula"),
            "formula",
            o.get("formula", ""),
            placeholder="{amount} * 5%",
            wide=True,
            object=spec.key,
        ),
        Ask(
            "result",
            Text("结果显示为", "Shown as"),
            "select",
            o.get("result", "auto"),
            [("auto", Text("自动", "Automatic")), *results],
        ),
        Ask(
            "rollup_object",
            Text("汇总哪个对象", "Of which object"),
            "select",
            o.get("object", ""),
            named,
        ),
        Ask(
            "rollup_via",
            Text("通过哪个关联", "Through which link"),
            "select",
            o.get("via", ""),
            vias,
        ),
        Ask("rollup_agg", Text("怎么汇总", "How"), "select", o.get("agg", "sum"), AGGREGATES),
        Ask(
            "rollup_field",
            Text("哪个字段", "Which field"),
            "select",
            o.get("field", ""),
            [("", Text("（计数时不用选）", "(not for a count)")), *summed],
        ),
        Ask(
            "rollup_filter",
            Text("只算满足条件的", "Only where"),
            "formula",
            o.get("filter", ""),
            wide=True,
            object_from="rollup_object",
            expect="bool",
        ),
        Ask(
            "required_when",
            Text("满足条件时必填", "Required when"),
            "formula",
            o.get("required_when", ""),
            wide=True,
            object=spec.key,
            expect="bool",
            help=Text('例如 {阶段} = "赢单"', 'Such as {stage} = "won"'),
        ),
        Ask(
            "pattern",
            Text("格式（正则表达式）", "Pattern (regular expression)"),
            value=o.get("pattern", ""),
            placeholder="[A-Z]{2}\\d{6}",
            wide=True,
        ),
        Ask("pattern_zh", Text("不符合时提示", "Message"), value=said.get("zh", "")),
        Ask("pattern_en", Text("英文提示", "In English"), value=said.get("en", "")),
        Ask(
            "format",
            Text("已知格式", "Known format"),
            "select",
            o.get("format", ""),
            [("", "–"), *((k, FORMAT_LABELS.get(k, Text(k, k))) for k in FORMATS)],
        ),
        Ask(
            "day_min",
            Text("不早于", "Not before"),
            value=o.get("min", ""),
            placeholder="2026-01-01",
        ),
        Ask("day_max", Text("不晚于", "Not after"), value=o.get("max", ""), placeholder="today"),
    )
    return {a.name: a for a in every_ask}


def _of(owner: Text, label: Text) -> Text:
    return Text("{o} · {f}", "{o} · {f}").format(o=owner, f=label)
