"""The steps of a plan in words, with the number of records each touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.schema.types import Conversion, Going, Step
from wubu.kernel.types import Text

ADD_OBJECT = Text("新增对象“{o}”，{n} 个字段", "Add the object “{o}” with {n} fields")
ADD_FIELD = Text("在“{o}”中新增字段“{f}”（{t}）", "Add the field “{f}” ({t}) to “{o}”")
CHANGE_OBJECT = Text("修改对象“{o}”的设置：{what}", "Change “{o}”: {what}")
CHANGE_FIELD = Text("修改“{o}”的字段“{f}”：{what}", "Change the field “{f}” of “{o}”: {what}")
RENAME = Text("把“{was}”改名为“{f}”", "Rename “{was}” to “{f}”")
RETIRE = Text("停用“{f}”，数据保留", "Disable “{f}”; its data stays")
RESTORE = Text("恢复“{f}”", "Restore “{f}”")
REORDER = Text("调整“{o}”的字段顺序", "Put the fields of “{o}” in another order")
MOVE = Text("调整“{o}”的位置", "Move “{o}” to another place")
DROP_OBJECT = Text("删除对象“{o}”（没有记录）", "Remove the object “{o}”, which has no records")
DROP_FIELD = Text("删除字段“{f}”（没有值）", "Remove the field “{f}”, which holds no values")
VALUES_BACK = Text(
    "把保留在“{f}”中的值移回原字段", "Put the values that are kept in “{f}” back where they were"
)
CONVERT = Text(
    "“{o}”的字段“{f}”：{a} 改为 {b}，{n} 个值随之转换",
    "“{f}” of “{o}”: from {a} to {b}, with its {n} values",
)
RETYPE = Text(
    "“{o}”的字段“{f}”：{a} 改为 {b}，还没有值",
    "“{f}” of “{o}”: from {a} to {b}; it holds no values yet",
)
RESHAPE = Text(
    "“{o}”的字段“{f}”改变格式，{n} 个值随之转换",
    "“{f}” of “{o}” changes its form, with its {n} values",
)
OF_FIELD = Text("“{o}”的字段“{f}”：{what}", "“{f}” of “{o}”: {what}")
GOES_INTO = Text(
    "选项“{x}”并入“{y}”，{n} 条记录随之改为“{y}”",
    "the option “{x}” goes into “{y}”, and its {n} records with it",
)
GOES = Text("删除选项“{x}”，{n} 条记录留空", "the option “{x}” goes, and leaves {n} records empty")
KEPT_AS = Text(
    "原值保留在已停用的字段“{k}”中。", "The old values stay in the disabled field “{k}”."
)
LOST = Text("{n} 个值无法转换，将{w}。", "{n} values cannot be carried over and will be {w}.")
LEFT_EMPTY = Text("留空", "left empty")
TAKEN_CLOSE = Text("取最接近的值，没有则留空", "the nearest there is, or empty")
NEWLY_REQUIRED = Text(
    "以后保存时必填；已有 {n} 条记录没有填，改到它时需要补齐。",
    "Required from now on; {n} records have none and need it when it is edited.",
)
NAMES: Mapping[str, Text] = {
    "label": Text("名称", "label"),
    "plural": Text("复数名称", "plural"),
    "help": Text("说明", "help text"),
    "required": Text("必填", "required"),
    "unique": Text("不可重复", "unique"),
    "default": Text("默认值", "default"),
    "position": Text("顺序", "order"),
    "target": Text("关联对象", "linked object"),
    "icon": Text("图标", "icon"),
    "group": Text("所在步骤", "step"),
    "roles": Text("关键字段", "key fields"),
    "part_of": Text("从属", "part of"),
    "formula": Text("公式", "formula"),
    "filter": Text("条件", "condition"),
    "required_when": Text("何时必填", "required when"),
    "pattern": Text("格式", "pattern"),
    "pattern_message": Text("格式提示", "what the pattern says"),
    "format": Text("格式", "format"),
    "min": Text("下限", "least"),
    "max": Text("上限", "most"),
    "decimals": Text("小数位", "decimals"),
    "unit": Text("单位", "unit"),
    "currency": Text("币种", "currency"),
    "checks": Text("校验规则", "rules"),
    "indexes": Text("排序索引", "indexes"),
    "list": Text("列表列", "list columns"),
    "form": Text("表单", "form"),
    "panels": Text("详情页面板", "panels"),
    "searchable": Text("可搜索", "searchable"),
    "agg": Text("算法", "sum"),
    "depends_on": Text("级联", "cascade"),
    "sensitive": Text("敏感信息", "sensitive"),
    "approve": Text("需要审批的阶段", "stages to be approved"),
}
YES, NO, NONE = Text("是", "yes"), Text("否", "no"), Text("无", "none")
SETTINGS = Text("其他设置", "other settings")


def steps(
    now: Snapshot,
    wanted: Iterable[ObjectSpec],
    *,
    conversions: Sequence[Conversion] = (),
    gaps: Mapping[tuple[str, str], int] | None = None,
) -> Iterator[Step]:
    """What is done, object by object. ``gaps``: records without a newly required field."""
    moved = {(c.object, c.after.key): c for c in conversions}
    for spec in wanted:
        old = now.objects.get(spec.key)
        if old is None:
            words = ADD_OBJECT.format(o=spec.label, n=len(spec.fields))
            yield Step("add_object", spec.key, None, words)
            continue
        if old == replace(spec, model=None):
            continue
        rows = _rows(now, spec.key)
        yield from _object_steps(old, spec, rows)
        yield from _field_steps(old, spec, rows, moved, gaps or {})


def _object_steps(old: ObjectSpec, new: ObjectSpec, rows: int) -> Iterator[Step]:
    if old.retired != new.retired:
        words = (RETIRE if new.retired else RESTORE).format(f=new.label)
        yield Step("retire" if new.retired else "restore", new.key, None, words, rows)
    if old.label != new.label:
        words = RENAME.format(was=old.label, f=new.label)
        yield Step("relabel", new.key, None, words, rows)
    if (old.position, old.group) != (new.position, new.group):
        yield Step("reorder", new.key, None, MOVE.format(o=new.label), rows)
    told = {"fields", "retired", "label", "plural", "position", "group", "key", "model"}
    plain = [n for n in ObjectSpec.__dataclass_fields__ if n not in told]
    what = _said(*({n: getattr(o, n) for n in plain} for o in (old, new)))
    if what:
        yield Step(
            "change_object", new.key, None, CHANGE_OBJECT.format(o=new.label, what=what), rows
        )


def _field_steps(
    old: ObjectSpec,
    spec: ObjectSpec,
    rows: int,
    moved: Mapping[tuple[str, str], Conversion],
    gaps: Mapping[tuple[str, str], int],
) -> Iterator[Step]:
    copies = {c.kept_as for c in moved.values() if c.object == spec.key}
    ordered = False
    for field in spec.fields.values():
        before = old.fields.get(field.key)
        place = (spec.key, field.key)
        if before is None:
            if field.key not in copies:
                kind = FIELD_TYPES[field.type].label if field.type in FIELD_TYPES else field.type
                words = ADD_FIELD.format(o=spec.label, f=field.label, t=kind)
                yield Step("add_field", *place, words, rows)
        elif before != field:
            ordered = ordered or before.position != field.position
            same = replace(before, position=field.position) == field
            if place in moved:
                yield _converted(spec, moved[place])
            elif not same:
                yield _field_step(spec, before, field, rows, gaps.get(place, 0))
    if ordered:
        yield Step("reorder", spec.key, None, REORDER.format(o=spec.label), rows)


def _converted(spec: ObjectSpec, c: Conversion) -> Step:
    kinds = [FIELD_TYPES[f.type].label for f in (c.before, c.after)]
    words = RESHAPE if c.before.type == c.after.type else CONVERT if c.held else RETYPE
    said = words.format(o=spec.label, f=c.after.label, a=kinds[0], b=kinds[1], n=c.held)
    merged = _list([_going(g) for g in c.going if g.settled])
    if merged is not None:
        said = OF_FIELD.format(o=spec.label, f=c.after.label, what=merged)
    risk = []
    if c.lost:
        to = TAKEN_CLOSE if c.answer == "closest" else LEFT_EMPTY
        risk.append(LOST.format(n=c.lost, w=to))
    if c.kept_as:
        risk.append(KEPT_AS.format(k=c.kept_as))
    joined = Text("".join(t.zh for t in risk), " ".join(t.en for t in risk)) if risk else None
    return Step("convert", spec.key, c.after.key, said, c.held, joined)


def _going(g: Going) -> Text:
    if g.into is None:
        return GOES.format(x=g.choice.label, n=g.count)
    return GOES_INTO.format(x=g.choice.label, y=g.into.label, n=g.count)


def _field_step(spec: ObjectSpec, old: FieldSpec, new: FieldSpec, rows: int, gaps: int) -> Step:
    risk = NEWLY_REQUIRED.format(n=gaps) if new.required and not old.required and gaps else None
    if old.retired != new.retired:
        words = (RETIRE if new.retired else RESTORE).format(f=new.label)
        return Step("retire" if new.retired else "restore", spec.key, new.key, words, rows)
    if replace(old, label=new.label, position=new.position) == new:
        words = RENAME.format(was=old.label, f=new.label)
        return Step("relabel", spec.key, new.key, words, rows)
    told = {"object", "key", "position", "retired", "choices"}
    plain = [n for n in FieldSpec.__dataclass_fields__ if n not in told and not n.startswith("_")]
    what = [_said(*({n: getattr(f, n) for n in plain} for f in (old, new))), _choices(old, new)]
    joined = _list([w for w in what if w])
    words = CHANGE_FIELD.format(o=spec.label, f=new.label, what=joined)
    return Step("change_field", spec.key, new.key, words, rows, risk)


def _choices(old: FieldSpec, new: FieldSpec) -> Text | None:
    was, now = ({c.key: c for c in f.choices} for f in (old, new))
    both = was.keys() & now.keys()
    numbers = (
        (len(now.keys() - was.keys()), Text("新增 {n} 个选项", "{n} options more")),
        (len(was.keys() - now.keys()), Text("删除 {n} 个选项", "{n} options less")),
        (sum(was[k] != now[k] for k in both), Text("修改 {n} 个选项", "{n} options changed")),
    )
    said = [words.format(n=n) for n, words in numbers if n]
    order = [[k for k in side if k in both] for side in (was, now)]
    if not said and order[0] != order[1]:
        said.append(Text("选项换了顺序", "options in another order"))
    return _list(said)


def _said(old: Mapping[str, Any], new: Mapping[str, Any]) -> Text | None:
    """What differs: “required: no → yes”; long things by name only."""
    flat = [{**{k: v for k, v in s.items() if k != "options"}, **s["options"]} for s in (old, new)]
    keys = [k for k in {**flat[0], **flat[1]} if flat[0].get(k) != flat[1].get(k)]
    said: list[Text] = []
    for key in keys:
        name = NAMES.get(key, SETTINGS)
        sides = [_short(s.get(key)) for s in flat]
        if None in sides:
            said.append(name)
        else:
            said.append(
                Text("{n} {a} → {b}", "{n} {a} → {b}").format(n=name, a=sides[0], b=sides[1])
            )
    return _list(list(dict.fromkeys(said)))


def _short(value: Any) -> Text | None:
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, Text):
        return value
    if isinstance(value, int | float):
        return Text(str(value), str(value))
    if isinstance(value, str) and len(value) <= 60:
        return Text(f"“{value}”", f"“{value}”")
    return None


def _list(parts: Sequence[Text]) -> Text | None:
    if not parts:
        return None
    return Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))


def _rows(now: Snapshot, key: str) -> int:
    return now.model(key)._default_manager.count()
