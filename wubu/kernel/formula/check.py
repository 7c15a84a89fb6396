"""Untyped tree to typed tree, against a Snapshot. Every problem is collected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz, process

from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.lookup import path_of
from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import paths
from wubu.kernel.formula.coerce import listed
from wubu.kernel.formula.functions import FUNCTIONS, NAMES
from wubu.kernel.formula.linking import Linking
from wubu.kernel.formula.parser import parse_tree, too_deep
from wubu.kernel.formula.tree import MAX_DEPTH, Tree
from wubu.kernel.formula.typed import BOOL, TEXT, Node, Path, literal, make
from wubu.kernel.types import Refused, Text

WORDS: dict[str, Any] = {
    "true": True, "false": False, "真": True, "假": False, "是": True, "否": False,
    "blank": None, "null": None, "空": None, "空值": None,
}  # fmt: skip
Key = tuple[str, str]


def formula_of(spec: FieldSpec) -> tuple[str, ValueType | None]:
    """The text of a field that is computed when asked, and the type that it must have.

    A look-up has that of what it looks up.
    """
    if spec.type == "lookup":
        return f"{{{'.'.join(path_of(spec))}}}", None
    return str(spec.options.get("formula", "")), paths.type_of(spec)


@dataclass(slots=True)
class Checker(Linking):
    """Types one formula. ``prefix`` and ``circle`` are set for a formula field inside another."""

    circle: tuple[Key, ...] = ()
    base_depth: int = 0

    def typed(self, tree: Tree) -> Node:
        at = (tree.start, tree.end)
        if tree.op == "number":
            value, scale, note = tree.data
            return literal(value, ValueType("number", scale), at, note)
        if tree.op == "text":
            return literal(tree.data, TEXT, at)
        if tree.op == "word":
            return self._word(tree)
        if tree.op == "field":
            return self._field(tree)
        if tree.op == "call":
            return self._call(tree)
        return self._apply(tree.op, tree)

    def _word(self, tree: Tree) -> Node:
        name = str(tree.data)
        at = (tree.start, tree.end)
        if name.casefold() in WORDS:
            return literal(WORDS[name.casefold()], BOOL, at)
        found = paths.resolve(self.snapshot, self.object_key, name, self.readable)
        suggestion = None
        if isinstance(found, paths.Found):
            suggestion = f"{{{name}}}"
            hint = Text("字段写作 {{{n}}}。", "Write the field as {{{n}}}.").format(n=name)
        elif name.casefold() in NAMES:
            suggestion = f"{name}()"
            hint = Text("函数后面要有括号：{n}()。", "A function has brackets: {n}().").format(
                n=name
            )
        else:
            suggestion = f'"{name}"'
            hint = Text(
                "文字要放在引号里：“{n}”；字段放在花括号里：{{{n}}}。",
                'A text goes in quotes: "{n}"; a field in curly brackets: {{{n}}}.',
            ).format(n=name)
        return self.refuse(
            "unknown_word",
            Text("不认识“{n}”。", "“{n}” is not known.").format(n=name),
            tree,
            hint,
            suggestion,
        )

    def _call(self, tree: Tree) -> Node:
        name = str(tree.data)
        if name.casefold() in {"blank", "空", "空值"} and not tree.args:
            return literal(None, TEXT, (tree.start, tree.end))
        found = NAMES.get(name.casefold())
        if found is None:
            for arg in tree.args:
                self.typed(arg)
            near = process.extractOne(
                name.casefold(), list(NAMES), scorer=fuzz.ratio, score_cutoff=60
            )
            hint = None
            if near:
                hint = Text("您是不是想写 {n}？", "Did you mean {n}?").format(n=near[0].upper())
            return self.refuse(
                "unknown_function",
                Text("没有函数“{n}”。", "There is no function “{n}”.").format(n=name),
                replace(tree, end=tree.start + len(name)),
                hint,
                near[0].upper() if near else None,
            )
        return self._apply(found.key, tree)

    def _apply(self, key: str, tree: Tree) -> Node:
        function = FUNCTIONS[key]
        at = (tree.start, tree.end)
        if function.check is not None:
            if not tree.args:
                return self._wrong_count(function.usage, tree)
            return function.check(self, tree)
        wanted = function.takes
        if len(tree.args) < len(wanted) or (len(tree.args) > len(wanted) and not function.many):
            for arg in tree.args:
                self.typed(arg)
            return self._wrong_count(function.usage, tree)
        wants = [*wanted, *wanted[-1:] * (len(tree.args) - len(wanted))]
        args = tuple(self.coerce(self.typed(a), w) for a, w in zip(tree.args, wants, strict=False))
        gives = function.gives
        type_ = gives if isinstance(gives, ValueType) else gives(args) if gives else TEXT
        return make(key, type_, args, at=at)

    def _wrong_count(self, usage: Text, tree: Tree) -> Node:
        return self.refuse(
            "wrong_arguments",
            Text("参数个数不对。", "The number of arguments is not right."),
            tree,
            Text("写法：{u}", "It is written {u}").format(u=usage) if usage.en else None,
        )

    # Fields.

    def _field(self, tree: Tree) -> Node:
        at = (tree.start, tree.end)
        found = paths.resolve(self.snapshot, self.object_key, str(tree.data), self.readable)
        if isinstance(found, paths.NotFound):
            many = self.many(tree)
            if isinstance(many, Node):
                return many
            if many is None:
                return self.unknown_field(found, tree)
            found = many
        path = (*self.prefix, *found.path)
        if not self.prefix and not self.circle:
            self.written.add(path)
        self.labels[path] = found.labels
        if found.field is not None and found.field.type in {"formula", "lookup"}:
            return self._formula_field(found, found.field, path, tree)
        part = found.steps[-1].part
        if part is not None and (spec := found.steps[-2].field) is not None:
            whole = make("path", TEXT, data=path[:-1], at=at)
            self.labels[path[:-1]] = found.labels[:-1]
            return make("part", part.type, (whole,), (spec.type, part.key), at=at)
        kind = FIELD_TYPES[found.field.type] if found.field is not None else None
        if kind is not None and kind.part("") is not None:
            whole = make("path", TEXT, data=path, at=at)
            return make("part", found.type, (whole,), (kind.key, ""), at=at)
        if found.type.kind == "links" and found.field is not None:
            return make("linked", found.type, data=self.linked(path, found.field), at=at)
        return make("path", found.type, data=path, at=at)

    def unknown_field(self, found: paths.NotFound, tree: Tree) -> Node:
        """Nothing there is called so; with what is called almost so."""
        hint = None
        if found.near:
            hint = Text("您是不是想写 {n}？", "Did you mean {n}?").format(
                n=listed(found.near, " / ", "{{{}}}")
            )
        if found.reason == "ambiguous":
            message = Text("“{o}”有多个字段叫“{p}”。", "Several fields of “{o}” are called “{p}”.")
        elif found.reason == "many":
            message = Text(
                "“{p}”关联多条记录，不能取其中的字段；请用汇总字段。",
                "“{p}” links to several records; use a roll-up field instead.",
            )
        elif found.reason == "not_a_link":
            message = Text(
                "“{p}”不是关联字段，后面不能再取字段。",
                "“{p}” is not a link, so nothing can follow it.",
            )
        elif found.reason == "too_far":
            message = Text("关联层数太多。", "Too many links in a row.")
        else:
            message = Text("“{o}”没有字段“{p}”。", "“{o}” has no field “{p}”.")
        return self.refuse(
            "unknown_field",
            message.format(o=found.where, p=found.part),
            tree,
            hint,
            f"{{{found.near[0]}}}" if found.near and found.reason == "unknown" else None,
        )

    def _formula_field(self, found: paths.Found, spec: FieldSpec, path: Path, tree: Tree) -> Node:
        key = (spec.object, spec.key)
        if key in self.circle:
            names = [*self.circle[self.circle.index(key) :], key]
            objects = self.snapshot.objects
            steps = [(objects[o].label, objects[o].fields[f].label) for o, f in names]
            shown = listed(
                [Text(f"{o.zh}.{f.zh}", f"{o.en}.{f.en}") for o, f in steps], " → ", "{}"
            )
            return self.refuse(
                "circle",
                Text("公式互相引用：{c}。", "The formulas refer to each other: {c}.").format(
                    c=shown
                ),
                tree,
            )
        inner = Checker(
            self.snapshot,
            spec.object,
            (*self.prefix, *found.path[:-1]),
            (*self.circle, key),
            self.base_depth + tree.depth,
        )
        node = inner.result(*formula_of(spec))
        if node is None:
            circles = [p for p in inner.problems if p.code in {"circle", "too_deep"}]
            if circles:
                return self.refuse(circles[0].code, circles[0].message, tree)
            return self.refuse(
                "broken_field",
                Text(
                    "公式字段“{f}”本身有错误：{m}", "The formula field “{f}” is itself wrong: {m}"
                ).format(f=paths.spoken(found.labels), m=inner.problems[0].message),
                tree,
            )
        return make("field", node.type, (node,), path, at=(tree.start, tree.end))

    def result(self, text: str, expect: ValueType | None) -> Node | None:
        """The typed tree of a whole text, or None with ``problems`` filled."""
        try:
            tree = parse_tree(text)
        except Refused as refused:
            self.problems.extend(refused.problems)
            return None
        if self.base_depth + tree.depth > MAX_DEPTH:
            self.problems.append(too_deep((tree.start, tree.end)))
            return None
        node = self.typed(tree)
        if expect is not None:
            node = self.fit(node, expect)
        return None if self.problems or node.is_bad else node
