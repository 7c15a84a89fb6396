"""Bringing values to a kind: literals become options, days or ids; the rest must already fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from rapidfuzz import fuzz, process

from wubu.kernel.calendar import queries as calendar
from wubu.kernel.catalog.types import Choice, Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.functions.base import Want
from wubu.kernel.formula.functions.numbers import rescaled
from wubu.kernel.formula.pairs import problem
from wubu.kernel.formula.typed import BOOL, DATE, DATETIME, NUMBER, TEXT, Node, bad, literal, make
from wubu.kernel.types import Problem, Text

TRUTHS = {
    "true": True, "false": False, "真": True, "假": False,
    "是": True, "否": False, "yes": True, "no": False,
}  # fmt: skip
WANTED: dict[str, Want] = {
    "text": "text", "date": "date", "datetime": "datetime", "bool": "bool", "member": "member"
}  # fmt: skip
KINDS = {
    "number": Text("数字", "a number"),
    "text": Text("文本", "a text"),
    "bool": Text("是/否", "yes or no"),
    "date": Text("日期", "a date"),
    "datetime": Text("日期时间", "a date and time"),
    "choice": Text("选项", "an option"),
    "choices": Text("多选", "several options"),
    "link": Text("关联记录", "a linked record"),
    "links": Text("多条关联记录", "linked records"),
    "member": Text("成员", "a member"),
    "team": Text("团队", "a team"),
    "files": Text("附件", "files"),
    "when": Text("日期", "a date"),
    "whole": Text("整数", "a whole number"),
    "count": Text("写明的整数", "a whole number written out"),
}


@dataclass(slots=True)
class Coercion:
    """Collects problems while it brings nodes to kinds."""

    snapshot: Snapshot
    problems: list[Problem] = field(default_factory=list, kw_only=True)

    def refuse(
        self,
        code: str,
        message: Text,
        at: Any,
        hint: Text | None = None,
        suggestion: str | None = None,
    ) -> Node:
        """Report a problem about ``at`` (a node or a tree); gives a bad node.

        ``suggestion`` is what could stand there instead, in the language of the reader.
        """
        self.problems.append(problem(code, message, (at.start, at.end), hint, suggestion))
        return bad((at.start, at.end))

    def fit(self, node: Node, expect: ValueType) -> Node:
        """The node as exactly the expected type, numbers rounded to its scale."""
        if node.is_bad:
            return node
        if expect.kind == "number":
            return rescaled(self.coerce(node, "number"), expect.scale)
        if expect.kind in WANTED:
            return self.coerce(node, WANTED[expect.kind])
        if node.is_blank:
            return replace(node, type=expect)
        if node.type.kind != expect.kind:
            if expect.kind == "choice" and node.type.kind == "text":
                return self.choice(node, expect) if node.op == "lit" else replace(node, type=expect)
            return self._wrong_kind(node, expect.kind)
        return node

    def coerce(self, node: Node, want: Want) -> Node:
        kind = node.type.kind
        if node.is_bad or want == "any":
            return node
        if node.is_blank and want not in {"count"}:
            wanted = {"when": DATE, "whole": NUMBER, "bool": BOOL, "text": TEXT, "date": DATE}
            return replace(
                node,
                type=wanted.get(want) or ValueType(want),  # type: ignore[arg-type]
            )
        if kind == want:
            return node
        if want in {"whole", "count"}:
            return self._whole(node, want)
        if want == "text":
            return self._as_text(node)
        if want in {"date", "when", "datetime"}:
            return self._as_when(node, want)
        if want == "member" and kind in {"number", "text"} and node.op == "lit":
            return self._as_id(node, ValueType("member", target="member"))
        return self._wrong_kind(node, want)

    def _wrong_kind(self, node: Node, want: str) -> Node:
        return self.refuse(
            "wrong_type",
            Text("这里应是{w}，却是{k}。", "{w} belongs here; this is {k}.").format(
                w=KINDS[want], k=KINDS[node.type.kind]
            ),
            node,
        )

    def _whole(self, node: Node, want: Want) -> Node:
        if node.type.kind != "number":
            return self._wrong_kind(node, want)
        if want == "count" and node.op != "lit":
            return self._wrong_kind(node, want)
        if node.type.scale == 0:
            return node
        return self.refuse(
            "not_whole",
            Text("这里应是整数。", "A whole number belongs here."),
            node,
            Text("用 ROUND(…, 0) 取整。", "Use ROUND(…, 0)."),
        )

    def _as_text(self, node: Node) -> Node:
        kind = node.type.kind
        if kind == "choice":
            labels = tuple((c.key, c.label) for c in self.choices(node.type))
            return make("label", TEXT, (node,), labels, at=node.at)
        if kind == "datetime":
            node, kind = make("local_day", DATE, (node,), at=node.at), "date"
        if kind in {"number", "date"}:
            return make("text", TEXT, (node,), at=node.at)
        return self._wrong_kind(node, "text")

    def _as_when(self, node: Node, want: Want) -> Node:
        kind = node.type.kind
        if kind == "datetime":
            return node if want == "when" else make("local_day", DATE, (node,), at=node.at)
        if kind == "date" and want == "when":
            return node
        if kind == "text" and node.op == "lit":
            return self._day_literal(node, want)
        return self._wrong_kind(node, want)

    def _day_literal(self, node: Node, want: Want) -> Node:
        text = str(node.data).strip()
        try:
            if want != "datetime" and len(text) <= 10:
                return literal(date.fromisoformat(text), DATE, node.at)
            instant = datetime.fromisoformat(text)
        except ValueError:
            return self.refuse(
                "not_a_date",
                Text("“{t}”不是日期。", "“{t}” is not a date.").format(t=text),
                node,
                Text('日期写作 "2026-03-01"。', 'A date is written "2026-03-01".'),
            )
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=calendar.zone())
        return literal(instant.astimezone(UTC), DATETIME, node.at)

    def _as_id(self, node: Node, type_: ValueType) -> Node:
        """A record, member or team named by its id, as a number or as JSON writes it."""
        text = str(node.data).removeprefix("id:")
        if node.type.kind == "number" and node.type.scale:
            text = ""
        if text.isascii() and text.isdigit():
            return literal(int(text), type_, node.at)
        return self.refuse(
            "not_an_id",
            Text("关联字段要与编号比较。", "A link is compared with an id."),
            node,
            Text(
                '例如 {客户} = 12，或比较它的字段：{客户.名称} = "…"。',
                'For example {Customer} = 12, or compare one of its fields: {Customer.Name} = "…".',
            ),
        )

    # Choices.

    def choices(self, type_: ValueType) -> tuple[Choice, ...]:
        """The options of a choice type, whose target is ``object.field``."""
        object_key, _, field_key = type_.target.partition(".")
        spec = self.snapshot.objects.get(object_key)
        found = spec.fields.get(field_key) if spec else None
        return found.choices if found else ()

    def ranks(self, node: Node) -> tuple[str, ...]:
        return tuple(c.key for c in self.choices(node.type))

    def choice(self, node: Node, type_: ValueType) -> Node:
        """The option that a text names, by key or by label in either language."""
        options = self.choices(type_)
        wanted = str(node.data).strip()
        of_one = ValueType("choice", target=type_.target)
        for option in options:
            if wanted == option.key:
                return literal(option.key, of_one, node.at)
        folded = wanted.casefold()
        for option in options:
            if folded in {option.label.zh.casefold(), option.label.en.casefold()}:
                return literal(option.key, of_one, node.at)
        if not options:
            return literal(wanted, of_one, node.at)
        near = _nearest(wanted, options)
        hint = Text("选项有：{all}。", "The options are {all}.").format(
            all=listed([o.label for o in options[:12]], ", ", "{}")
        )
        if near is not None:
            hint = Text("您是不是想写“{n}”？", "Did you mean “{n}”?").format(n=near.label)
        return self.refuse(
            "unknown_choice",
            Text("没有选项“{v}”。", "There is no option “{v}”.").format(v=wanted),
            node,
            hint,
            None if near is None else f'"{near.label}"',
        )

    # Several values together.

    def comparable(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        if any(n.is_bad for n in nodes):
            return tuple(nodes)
        leader = _leader(nodes)
        return tuple(self._like(n, leader) for n in nodes)

    def _like(self, node: Node, leader: Node) -> Node:
        """The node made comparable with the leader, or refused."""
        wanted, kind = leader.type, node.type.kind
        if node is leader:
            return node
        if node.is_blank:
            return replace(node, type=wanted)
        literal_text = node.op == "lit" and kind == "text"
        if wanted.kind in {"choice", "choices"}:
            if literal_text:
                return self.choice(node, wanted)
            return node if kind == wanted.kind else self._wrong_kind(node, wanted.kind)
        if wanted.kind in {"link", "links", "member", "team"}:
            if node.op == "lit" and kind in {"number", "text"}:
                one = "link" if wanted.kind == "links" else wanted.kind
                return self._as_id(node, ValueType(one, target=wanted.target))
            if node.type.target == wanted.target and (
                kind == wanted.kind or wanted.kind == "links"
            ):
                return node
            return self._wrong_kind(node, wanted.kind)
        if wanted.kind in {"date", "datetime"}:
            if literal_text:
                return self._day_literal(node, "when")
            return node if kind in {"date", "datetime"} else self._wrong_kind(node, "when")
        if wanted.kind == "bool" and literal_text and str(node.data).casefold() in TRUTHS:
            return literal(TRUTHS[str(node.data).casefold()], BOOL, node.at)
        if kind == wanted.kind:
            return node
        return self._wrong_kind(node, wanted.kind)

    def alike(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        if any(n.is_bad for n in nodes):
            return tuple(nodes)
        same = self.comparable(nodes)
        if any(n.is_bad for n in same):
            return same
        kinds = {n.type.kind for n in same}
        if kinds == {"date", "datetime"}:
            return tuple(self.coerce(n, "date") for n in same)
        if kinds == {"number"}:
            scale = max(n.type.scale for n in same)
            return tuple(rescaled(n, scale) for n in same)
        if kinds == {"choice"} and len({n.type.target for n in same}) > 1:
            return tuple(self.coerce(n, "text") for n in same)
        return same


def listed(labels: Iterable[Text], separator: str, each: str) -> Text:
    """Labels one after the other, in both languages."""
    some = list(labels)
    return Text(
        separator.join(each.format(s.zh) for s in some),
        separator.join(each.format(s.en) for s in some),
    )


def _leader(nodes: Sequence[Node]) -> Node:
    """The node whose type the others follow: a field before a computed value before a literal."""
    there = [n for n in nodes if not n.is_blank] or list(nodes)
    return next((n for n in there if n.op != "lit"), there[0])


def _nearest(wanted: str, options: tuple[Choice, ...]) -> Choice | None:
    names = {n: o for o in options for n in (o.label.zh, o.label.en, o.key)}
    found = process.extractOne(wanted, list(names), scorer=fuzz.ratio, score_cutoff=55)
    return names[found[0]] if found else None
