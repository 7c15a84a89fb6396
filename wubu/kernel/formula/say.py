"""A typed tree as a plain sentence in Chinese or English."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from wubu.kernel.formula import clauses
from wubu.kernel.formula.canonical import LEVEL, level, path_of
from wubu.kernel.formula.exact import decimal_text
from wubu.kernel.formula.functions import FUNCTIONS
from wubu.kernel.formula.functions.people import MEMBERS
from wubu.kernel.formula.typed import Node, Over, Path
from wubu.kernel.types import Lang, Text

ChoiceLabel = Callable[[Node], Text]

FIELDS = {"path", "field", "linked"}
CLAUSES = {"not", "and", "or", "in", "linked_in", *clauses.OPPOSITE, *clauses.PAIRS}
ALWAYS = (Text("从不", "never"), Text("总是", "always"))
OVER = {
    "SUM": Text("{0}之和", "the sum of {0}"),
    "AVERAGE": Text("{0}的平均值", "the average of {0}"),
    "COUNT": Text("{0}的个数", "the number of {0}"),
    "COUNTDISTINCT": Text("{0}的不同值个数", "the number of different values of {0}"),
    "MIN": Text("最小的{0}", "the least {0}"),
    "MAX": Text("最大的{0}", "the greatest {0}"),
}


class Speaker:
    """Says nodes with the labels of their fields (step by step on their paths) and options."""

    def __init__(
        self, labels: Mapping[Path, Sequence[Text]], choice: ChoiceLabel, lang: Lang
    ) -> None:
        self.labels = labels
        self.choice = choice
        self.lang: Lang = lang

    def sentence(self, node: Node) -> str:
        """What stands by itself, with a capital at the beginning."""
        said = self.inside(node)
        return said if self.lang == "zh" else clauses.beginning(said)

    def inside(self, node: Node) -> str:
        """The same within a sentence."""
        said = self.clause(node) if node.type.kind == "bool" else self.say(node)
        return clauses.spaced(said) if self.lang == "zh" else said

    def say(self, node: Node) -> str:
        """A value: its field, what it is reckoned from, or what it stands for."""
        if node.op in FIELDS:
            return clauses.within(self.labels[path_of(node)]).say(self.lang)
        if node.op == "lit":
            return self._literal(node)
        if node.op == "over":
            return self._over(node.data, no=False)
        if node.op in CLAUSES:
            return self.clause(node)
        own = level(node)
        choosing = node.op in {"IF", "SWITCH"}
        parts = [
            self.clause(a)
            if choosing and n % 2 == 0 and n < len(node.args) - 1
            else self._part(a, own)
            for n, a in enumerate(node.args)
        ]
        said = FUNCTIONS[node.op].say
        if isinstance(said, Text):
            return said.say(self.lang).format(*parts)
        return said(node, parts, self.lang)

    def clause(self, node: Node, *, no: bool = False) -> str:
        """A condition: that it holds, or with ``no`` that it does not."""
        node = _bare(node)
        op, args = node.op, node.args
        if op == "not":
            return self.clause(args[0], no=not no)
        if op in {"and", "or"} and len(args) == 1:
            return self.clause(args[0], no=no)
        if op in FIELDS and node.type.kind == "bool":
            return clauses.ticked(self.labels[path_of(node)], self.lang, no=no)
        if op in clauses.OPPOSITE:
            return self._compared(node, no)
        if op in {"in", "linked_in"}:
            return self._among(node, no)
        if op == "over" and node.data.agg == "EXISTS":
            return self._over(node.data, no=no)
        if op in clauses.PAIRS:
            parts = [self._part(a, level(node)) for a in args]
            return clauses.PAIRS[op][no].say(self.lang).format(*parts)
        if op in {"and", "or"}:
            said = clauses.joined([self._within(a) for a in args], self.lang, every=op == "and")
        elif op == "lit" and isinstance(node.data, bool):
            return str(ALWAYS[node.data != no].say(self.lang))
        else:
            said = self.say(node)
        if not no:
            return said
        return f"并非（{said}）" if self.lang == "zh" else f"not ({said})"

    def _within(self, node: Node) -> str:
        """A part of a chain, in brackets where it is a chain itself."""
        said = self.clause(node)
        if _bare(node).op in {"and", "or"} and len(node.args) > 1:
            return f"（{said}）" if self.lang == "zh" else f"({said})"
        return said

    def _compared(self, node: Node, no: bool) -> str:
        op = clauses.OPPOSITE[node.op] if no else node.op
        left, right = node.args
        for value, other in ((right, left), (left, right)):
            yes_or_no = value.op == "lit" and isinstance(value.data, bool)
            if yes_or_no and _bare(other).op != "lit" and op in {"=", "<>"}:
                return self.clause(other, no=(op == "<>") == value.data)
        words = clauses.AMOUNTS
        if left.op == "rank":
            words = clauses.PLACES
        elif left.type.kind in {"date", "datetime"}:
            words = clauses.DAYS
        elif left.type.kind != "number" and op in clauses.VALUES:
            words = clauses.VALUES
        if op in clauses.ALIKE and left.type.kind != "number" and _bare(right).op in FIELDS:
            words = clauses.ALIKE
        own = level(node)
        return words[op].say(self.lang).format(self._part(left, own), self._part(right, own))

    def _among(self, node: Node, no: bool) -> str:
        own = level(node)
        what, *values = [self._part(a, own) for a in node.args]
        say = clauses.one_of
        if node.op == "linked_in" or node.args[0].type.kind in {"choices", "links"}:
            say = clauses.has_one
        elif node.args[1].type == MEMBERS:
            say = clauses.in_team
        return say(what, values, self.lang, no=no)

    def _over(self, over: Over, *, no: bool) -> str:
        """“合同的金额之和（仅当合同的状态是生效）”."""
        zh = self.lang == "zh"
        what = (
            clauses.within(self.labels[over.base]).say(self.lang)
            if over.value is None
            else self.say(over.value)
        )
        condition = None if over.condition is None else self.clause(over.condition)
        if over.agg == "EXISTS":
            there = ("没有" if no else "有") if zh else ("there is no" if no else "there is a")
            if condition is None:
                return f"{there}{what}" if zh else f"{there} {what}"
            return (
                f"{there}{what}符合（{condition}）" if zh else f"{there} {what} where {condition}"
            )
        said = OVER[over.agg].say(self.lang).format(what)
        if condition is None:
            return said
        return f"{said}（仅当{condition}）" if zh else f"{said} (only where {condition})"

    def _part(self, node: Node, own: int) -> str:
        """An argument, in brackets where an operator inside another would be misread."""
        text = self.say(node)
        node = _bare(node)
        operators = own in LEVEL.values() and level(node) in LEVEL.values()
        conditional = node.op in {"IF", "SWITCH"}
        if (operators and level(node) < own) or conditional:
            return f"（{text}）" if self.lang == "zh" else f"({text})"
        return text

    def _literal(self, node: Node) -> str:
        value = node.data
        zh = self.lang == "zh"
        if value is None:
            return "空" if zh else "nothing"
        if isinstance(value, bool):
            return ("是" if value else "否") if zh else ("yes" if value else "no")
        if node.type.kind == "number":
            return self._number(node)
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%d %H:%M %Z")
        if isinstance(value, date):
            if zh:
                return f"{value.year} 年 {value.month} 月 {value.day} 日"
            return f"{value.day} {value:%b} {value.year}"
        if isinstance(value, int):
            return f"#{value}"
        text = self.choice(node).say(self.lang) if node.type.kind == "choice" else str(value)
        return f"“{text}”"

    def _number(self, node: Node) -> str:
        scale = node.type.scale
        if node.note == "%":
            return f"{decimal_text(node.data, max(scale - 2, 0))}%"
        whole, _, rest = str(decimal_text(node.data, scale)).partition(".")
        grouped = f"{int(whole):,}" if whole not in {"-0"} else whole
        return grouped + ("." + rest if rest else "")


def _bare(node: Node) -> Node:
    """A condition without the “else no” for what is missing: nobody says that."""
    while node.op == "COALESCE" and node.type.kind == "bool" and len(node.args) == 2:
        if node.args[1].op != "lit" or node.args[1].data is not False:
            break
        node = node.args[0]
    return node
