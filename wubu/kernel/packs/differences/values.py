"""Values of a configuration in words: names instead of keys, conditions as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.definitions import references
from wubu.kernel.definitions.definition import Definition
from wubu.kernel.fields import FIELD_TYPES
from wubu.kernel.formula.queries import parse
from wubu.kernel.packs.content.compare import GONE, Path
from wubu.kernel.packs.content.sections import section_named
from wubu.kernel.packs.differences.trees import Tree
from wubu.kernel.permissions.rules import ACTIONS, AREAS, LEVELS, SCOPES
from wubu.kernel.types import Lang, Refused, Text

LONGEST = 160
NOTHING = Text("（没有）", "(nothing)")
UNLIMITED = Text("不限制", "no limit")
YES, NO = Text("是", "yes"), Text("否", "no")
FORMULAS = frozenset({"filter", "since", "value", "formula", "condition", "required_when", "must"})
LISTS = frozenset({"list", "card", "columns", "fields", "sort", "frozen", "colors"})
FIELD_KEYS = frozenset({"when", "subject", "via", "field", "start", "end", "group", "part_of"})
SWITCHES = frozenset({"required", "unique", "retired", "resting", "hidden", "index"})
WORDS: Mapping[str, Mapping[str, Text]] = {
    "outcome": {"won": Text("赢单", "won"), "lost": Text("输单", "lost")},
    "color": {
        "blue": Text("蓝", "blue"),
        "azure": Text("天蓝", "azure"),
        "indigo": Text("靛蓝", "indigo"),
        "purple": Text("紫", "purple"),
        "pink": Text("粉", "pink"),
        "red": Text("红", "red"),
        "orange": Text("橙", "orange"),
        "yellow": Text("黄", "yellow"),
        "lime": Text("黄绿", "lime"),
        "green": Text("绿", "green"),
        "teal": Text("青绿", "teal"),
        "cyan": Text("青", "cyan"),
        "secondary": Text("灰", "grey"),
    },
}


class Wording:
    """Says values for readers of both languages, with the company's names, then the pack's."""

    def __init__(self, now: Tree, own: Tree) -> None:
        self.now, self.own = now, own

    def said(self, path: Path, value: Any) -> Text:
        """One value at its path, cut where it is long."""
        if value is GONE:
            if path[0] == "roles" and path[2:3] == ("fields",):
                return UNLIMITED
            return NO if path[-1] in SWITCHES else NOTHING
        return Text(_cut(self._say(path, value, "zh")), _cut(self._say(path, value, "en")))

    def pair(self, path: Path, was: Any, now: Any) -> tuple[Text, Text]:
        """Two values beside each other.

        Labels that look alike to a reader are told in both languages.
        """
        first, second = self.said(path, was), self.said(path, now)
        if not (_is_words(was) and _is_words(now)):
            return first, second
        sides = []
        for mine, other in ((was, now), (now, was)):
            both = f"{mine.get('zh')} / {mine.get('en')}"
            zh, en = str(mine.get("zh") or ""), str(mine.get("en") or "")
            sides.append(
                Text(
                    _cut(both if zh == other.get("zh") else zh),
                    _cut(both if en == other.get("en") else en),
                )
            )
        return sides[0], sides[1]

    def called(self, path: Path) -> Text | None:
        """The label of what stands at a path, from the company or from the pack."""
        for tree in (self.own, self.now):
            here: Any = tree
            for part in path:
                here = here.get(part, {}) if isinstance(here, Mapping) else {}
            if isinstance(here, Mapping) and here.get("label"):
                return Text.of(here["label"])
        return None

    def object_of(self, path: Path) -> str:
        """The object that a part of a configuration is about."""
        if path[0] == "objects":
            return path[1]
        if path[0] == "roles":
            return path[3] if len(path) > 3 else ""
        for tree in (self.own, self.now):
            found = (tree.get(path[0]) or {}).get(path[1] if len(path) > 1 else "")
            if isinstance(found, Mapping) and isinstance(found.get("object"), str):
                return str(found["object"])
        return path[1] if path[0] == "forms" and len(path) > 1 else ""

    def field(self, object_key: str, key: str) -> Text | None:
        """What a field is called."""
        bare = key.lstrip("-")
        return self.called(("objects", object_key, "fields", bare))

    def declared(self, path: Path) -> tuple[Definition, Mapping[str, Any]] | None:
        """How the thing at a path is declared, and what is said of it, where its room declares."""
        section = section_named(path[0])
        if section is None or section.definition is None or len(path) < 3:
            return None
        for tree in (self.own, self.now):
            found = (tree.get(path[0]) or {}).get(path[1])
            if isinstance(found, Mapping):
                return section.definition, found
        return section.definition, {}

    def named(self, kind: str, key: str, object_key: str = "") -> Text | None:
        """What the company calls a thing, or the pack (see ``definitions.base.Names``)."""
        if kind == "field":
            return self.field(object_key, key) if object_key else self._anywhere(key)
        return self.called((f"{kind}s", key)) or references.called(kind, key)

    def _say(self, path: Path, value: Any, lang: Lang) -> str:
        found = self.declared(path) if len(path) == 3 else None
        if found is not None and (field := found[0].field(path[2])):
            whole = {**found[1], path[2]: value}
            return field.say(value, whole, self.named).say(lang)
        if value is True or value is False:
            return (YES if value else NO).say(lang)
        if isinstance(value, Mapping):
            return self._mapping(path, value, lang)
        if isinstance(value, list | tuple):
            inner = [self._say((*path, ""), v, lang) for v in value]
            return ("、" if lang == "zh" else ", ").join(inner) or NOTHING.say(lang)
        return self._word(path, value, lang)

    def _mapping(self, path: Path, value: Mapping[str, Any], lang: Lang) -> str:
        if _is_words(value):
            return str(value.get(lang) or value.get("zh") or "")
        if value.get("label"):
            return Text.of(value["label"]).say(lang)
        if isinstance(value.get("object"), str) and "columns" in value:  # a related list
            name = self.called(("objects", value["object"])) or Text.of(value["object"])
            columns = [self._field(value["object"], str(c), lang) for c in value["columns"]]
            open_, close = ("（", "）") if lang == "zh" else (" (", ")")
            return f"{name.say(lang)}{open_}{self._join(columns, lang)}{close}"
        inner = [
            f"{self._key(path, str(k), lang)} {self._say((*path, str(k)), v, lang)}"
            for k, v in value.items()
        ]
        if path[0] == "roles" and "grants" in path:
            inner = [
                f"{self._scope(str(k), lang)}{self._say((*path, str(k)), v, lang)}"
                for k, v in value.items()
            ]
            return ("；" if lang == "zh" else "; ").join(inner)
        return self._join(inner, lang)

    def _scope(self, rows: str, lang: Lang) -> str:
        named = SCOPES.get(rows)  # type: ignore[call-overload]
        said = named.say(lang) if named else rows
        return f"{said}：" if lang == "zh" else f"{said}: "

    def _word(self, path: Path, value: Any, lang: Lang) -> str:
        if value in (None, ""):
            return NOTHING.say(lang)
        key = next((p for p in reversed(path) if p), "")
        object_key = self.object_of(path)
        if not isinstance(value, str):
            return str(value)
        if key in FORMULAS:
            return self._sentence(self._summed(path) or object_key, value, lang)
        if key == "type" and value in FIELD_TYPES:
            return FIELD_TYPES[value].label.say(lang)
        if key in ("object", "target"):
            return (self.called(("objects", value)) or Text.of(value)).say(lang)
        if key in ("metric", "numerator", "denominator", "of"):
            return (self.called(("metrics", value)) or Text.of(value)).say(lang)
        if path[0] == "objects" and len(path) == 4 and path[2] == "roles":
            return self._field(object_key, value, lang)
        if key in LISTS or key in FIELD_KEYS:
            return self._field(object_key, value, lang)
        if path[0] == "roles":
            return self._right(path, value, lang)
        known = WORDS.get(key, {}).get(value)
        return known.say(lang) if known else value

    def _right(self, path: Path, value: str, lang: Lang) -> str:
        if value in ACTIONS:
            return ACTIONS[value].say(lang)
        if "fields" in path and value in LEVELS:
            return LEVELS[value].say(lang)  # type: ignore[index]
        if path[-1] == "performance" and value in SCOPES:
            return SCOPES[value].say(lang)  # type: ignore[index]
        if "setup" in path and value in AREAS:
            return AREAS[value].say(lang)
        return value

    def _field(self, object_key: str, key: str, lang: Lang) -> str:
        found = self.field(object_key, key) or self._anywhere(key)
        if found is None:
            return key
        return f"{found.say(lang)}{' ↓' if key.startswith('-') else ''}"

    def _summed(self, path: Path) -> str:
        """The object whose records a roll-up sums, where a formula is the condition of one."""
        if path[0] != "objects" or "options" not in path:
            return ""
        for tree in (self.own, self.now):
            here: Any = tree
            for part in path[:-1]:
                here = here.get(part, {}) if isinstance(here, Mapping) else {}
            if isinstance(here, Mapping) and isinstance(here.get("object"), str):
                return str(here["object"])
        return ""

    def _anywhere(self, key: str) -> Text | None:
        """The label of a field whose object the pack changes, too."""
        objects: Mapping[str, Any] = self.now.get("objects") or {}
        hits = [o for o, spec in objects.items() if key.lstrip("-") in (spec.get("fields") or {})]
        return self.field(hits[0], key) if hits else None

    def _sentence(self, object_key: str, text: str, lang: Lang) -> str:
        if object_key not in snapshot().objects:
            return text
        try:
            return parse(text, snapshot=snapshot(), object_key=object_key).sentence(lang)
        except Refused:
            return text  # with a parameter, or of a field that is not there yet

    def _key(self, path: Path, key: str, lang: Lang) -> str:
        named = self.field(self.object_of(path), key) or part_name(key)
        return named.say(lang) if named else key

    def _join(self, some: list[str], lang: Lang) -> str:
        return ("、" if lang == "zh" else ", ").join(some)


def part_name(key: str) -> Text | None:
    """What a key of a definition is called."""
    return NAMES.get(key)


def _is_words(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and set(value) <= {"zh", "en"}


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


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
    "owner": Text("负责人", "owner"),
    "hidden": Text("隐藏", "hidden"),
    "formula": Text("公式", "formula"),
    "checks": Text("校验规则", "checks"),
    "retired": Text("停用", "disabled"),
    "resting": Text("停用", "disabled"),
    "columns": Text("列", "columns"),
    "conditions": Text("条件", "conditions"),
    "card": Text("看板卡片", "card of the board"),
    "format": Text("格式", "format"),
    "index": Text("索引", "index"),
    "min": Text("最小", "least"),
    "max": Text("最大", "most"),
    "same": Text("取值一致", "kept alike"),
    "via": Text("关联", "link"),
    "agg": Text("汇总方式", "way to roll up"),
    "field": Text("汇总字段", "field"),
    "stage_dates": Text("阶段日期", "dates of stages"),
    "result": Text("结果类型", "kind of result"),
    "rows": Text("记录范围", "rows"),
    "actions": Text("操作", "actions"),
    "condition": Text("条件", "condition"),
    "sort": Text("排序", "order"),
    "start": Text("开始", "start"),
    "end": Text("结束", "end"),
    "location": Text("位置", "location"),
    "required_when": Text("何时必填", "required when"),
    "depends_on": Text("取决于", "depends on"),
    "parent": Text("上级选项", "belongs to"),
    "decimals": Text("小数位", "decimals"),
    "currency": Text("币种", "currency"),
    "pattern": Text("编号格式", "pattern"),
    "splits": Text("拆分", "splits"),
    "title": Text("标题字段", "title"),
    "amount": Text("金额字段", "amount"),
    "customer": Text("客户字段", "customer"),
    "candidates": Text("候选条件", "candidates"),
    "default_from": Text("默认值来源", "default from"),
    "key": Text("标识", "key"),
    "message": Text("提示语", "message"),
    "must": Text("必须满足", "must hold"),
    "sections": Text("分区", "sections"),
    "items": Text("内容", "items"),
    "use": Text("用途", "use"),
    "stages": Text("阶段", "stages"),
    "serial": Text("编号字段", "number"),
    "phone": Text("电话字段", "phone"),
    "email": Text("邮箱字段", "e-mail"),
    "share": Text("占比字段", "share"),
    "member": Text("成员字段", "member"),
    "width": Text("宽度", "width"),
}
