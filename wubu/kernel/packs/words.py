"""Differences in plain words, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.kernel.packs.compare import GONE, Difference
from wubu.kernel.packs.sections import section_labels
from wubu.kernel.packs.trees import Tree
from wubu.kernel.packs.types import Said
from wubu.kernel.permissions.rules import ACTIONS, SCOPES
from wubu.kernel.types import Text

LONGEST = 160
CONTAINERS = frozenset({"fields", "choices", "options"})  # not worth a word of their own
NAMES: Mapping[str, Text] = {
    "label": Text("名称", "name"),
    "plural": Text("复数名称", "plural"),
    "description": Text("说明", "description"),
    "help": Text("填写说明", "help text"),
    "icon": Text("图标", "icon"),
    "group": Text("所在步骤", "step"),
    "position": Text("顺序", "order"),
    "type": Text("类型", "type"),
    "required": Text("必填", "required"),
    "unique": Text("唯一", "unique"),
    "default": Text("默认值", "default"),
    "target": Text("关联对象", "linked object"),
    "color": Text("颜色", "colour"),
    "probability": Text("赢单概率", "probability"),
    "outcome": Text("结果", "outcome"),
    "list": Text("列表的列", "columns of the list"),
    "form": Text("表单", "form"),
    "panels": Text("详情页的关联列表", "related lists"),
    "roles": Text("字段角色", "roles of fields"),
    "part_of": Text("从属于", "part of"),
    "options": Text("选项", "options"),
    "fields": Text("字段", "fields"),
    "choices": Text("选项", "choices"),
    "grants": Text("权限", "rights"),
    "setup": Text("可设置", "may set up"),
    "performance": Text("可见业绩", "figures seen"),
    "kind": Text("种类", "kind"),
    "object": Text("对象", "object"),
    "when": Text("日期", "day"),
    "value": Text("数值", "value"),
    "filter": Text("条件", "condition"),
    "credit": Text("业绩归属", "credit"),
    "owner": Text("归口", "kept by"),
    "source": Text("来源", "source"),
    "purpose": Text("用途", "purpose"),
    "principle": Text("原则", "principle"),
    "scene": Text("适用场景", "scene"),
    "worth": Text("管理价值", "worth"),
    "tools": Text("工具", "tools"),
    "unit": Text("单位", "unit"),
    "better": Text("方向", "better"),
    "hidden": Text("隐藏", "hidden"),
    "numerator": Text("分子", "numerator"),
    "denominator": Text("分母", "denominator"),
    "lines": Text("权重", "weights"),
    "missing": Text("缺数据时", "when missing"),
    "params": Text("参数", "parameters"),
    "severity": Text("级别", "severity"),
    "since": Text("起算", "since"),
    "subject": Text("关于", "subject"),
    "advice": Text("建议", "advice"),
    "done": Text("完成时", "when done"),
    "metric": Text("指标", "metric"),
    "per": Text("每", "per"),
    "points": Text("积分", "points"),
    "cap": Text("上限", "cap"),
    "by": Text("排名对象", "ranks"),
    "of": Text("按", "by"),
    "period": Text("周期", "period"),
    "audience": Text("可见范围", "audience"),
    "formula": Text("公式", "formula"),
    "checks": Text("校验规则", "checks"),
    "days": Text("天数", "days"),
}


def say(one: Difference, now: Tree, own: Tree) -> Said:
    """Where it is and what differs."""
    section = one.path[0]
    label = section_labels().get(section, Text(section, section))
    places = [
        _called(one.path[:size], now, own)
        for size in range(2, len(one.path) + 1)
        if one.path[size - 1] not in CONTAINERS or size == len(one.path)
    ]
    place = places[0] if places else label
    for more in places[1:]:
        place = Text("{a} › {b}", "{a} › {b}").format(a=place, b=more)
    return Said(one, label, place, _what(one))


def _called(path: tuple[str, ...], now: Tree, own: Tree) -> Text:
    key = path[-1]
    for tree in (own, now):
        here: Any = tree
        for part in path:
            here = here.get(part, {}) if isinstance(here, Mapping) else {}
        if isinstance(here, Mapping) and isinstance(here.get("label"), Mapping):
            return Text.of(here["label"])
    named = "fields" in path[:-1] or "choices" in path[:-1]
    if len(path) > 2 and path[-2] != "choices" and (path[-2] != "fields" or not named):
        if path[0] == "roles" and key in SCOPES:
            return SCOPES[key]  # type: ignore[index]
        return NAMES.get(key, Text(key, key))
    return Text(key, key)


def _what(one: Difference) -> Text:
    if one.side == "ours":
        return _step(one.before, one.own)
    change = _step(one.before if one.side == "both" else one.own, one.now)
    if one.side == "theirs":
        return change
    return Text("包：{theirs}；本公司：{ours}", "the pack: {theirs}; the company: {ours}").format(
        theirs=_said(one.now), ours=_said(one.own)
    )


def _step(was: Any, now: Any) -> Text:
    if was is GONE:
        words = Text("新增：{v}", "added: {v}")
        return words.format(v=_said(now)) if not _named(now) else Text("新增", "added")
    if now is GONE:
        words = Text("去掉：{v}", "left out: {v}")
        return words.format(v=_said(was)) if not _named(was) else Text("停用", "retired")
    return Text("{a} → {b}", "{a} → {b}").format(a=_said(was), b=_said(now))


def _named(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("label"), Mapping)


def _said(value: Any) -> Text:
    if value is GONE:
        return Text("（没有）", "(nothing)")
    if value is True or value is False:
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, Mapping) and set(value) <= {"zh", "en"}:
        both = Text.of(dict(value))
        return (
            both if both.zh == both.en else Text(f"{both.zh} / {both.en}", f"{both.en} / {both.zh}")
        )
    zh, en = _short(value, "zh"), _short(value, "en")
    return Text(_cut(zh), _cut(en))


def _short(value: Any, lang: str) -> str:
    if isinstance(value, Mapping):
        if set(value) <= {"zh", "en"}:
            return str(value.get(lang) or value.get("zh") or "")
        if isinstance(value.get("label"), Mapping):
            return _short(value["label"], lang)
        inner = (f"{_key(k, lang)} {_short(v, lang)}" for k, v in value.items())
        return "、".join(inner) if lang == "zh" else ", ".join(inner)
    if isinstance(value, list | tuple):
        inner = (_short(v, lang) for v in value)
        return "、".join(inner) if lang == "zh" else ", ".join(inner)
    if isinstance(value, str) and value in ACTIONS:
        return ACTIONS[value].zh if lang == "zh" else ACTIONS[value].en
    return "—" if value in (None, "") else str(value)


def _key(key: str, lang: str) -> str:
    name = NAMES.get(key)
    return key if name is None else name.zh if lang == "zh" else name.en


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
