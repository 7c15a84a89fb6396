"""A typed tree as a plain sentence in Chinese or English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from wubu.kernel.formula.canonical import LEVEL, level, path_of
from wubu.kernel.formula.exact import decimal_text
from wubu.kernel.formula.functions import FUNCTIONS
from wubu.kernel.formula.typed import Node, Over, Path
from wubu.kernel.types import Lang, Text

ChoiceLabel = Callable[[Node], Text]


OVER = {
    "SUM": Text("{0}之和", "the sum of {0}"),
    "AVERAGE": Text("{0}的平均值", "the average of {0}"),
    "COUNT": Text("{0}的个数", "the number of {0}"),
    "COUNTDISTINCT": Text("{0}的不同值个数", "the number of different values of {0}"),
    "MIN": Text("最小的{0}", "the least {0}"),
    "MAX": Text("最大的{0}", "the greatest {0}"),
}


class Speaker:
    """Says nodes with the labels of their fields and options."""

    def __init__(self, labels: Mapping[Path, Text], choice: ChoiceLabel, lang: Lang) -> None:
        self.labels = labels
        self.choice = choice
        self.lang: Lang = lang

    def say(self, node: Node) -> str:
        if node.op in {"path", "field", "linked"}:
            return self.labels[path_of(node)].say(self.lang)
        if node.op == "lit":
            return self._literal(node)
        if node.op == "over":
            return self._over(node.data)
        own = level(node)
        parts = [self._part(a, own) for a in node.args]
        said = FUNCTIONS[node.op].say
        if isinstance(said, Text):
            return said.say(self.lang).format(*parts)
        return said(node, parts, self.lang)

    def _over(self, over: Over) -> str:
        """“合同的金额之和（仅当合同的状态等于生效）”."""
        zh = self.lang == "zh"
        what = self.labels[over.base].say(self.lang) if over.value is None else self.say(over.value)
        condition = None if over.condition is None else self.say(over.condition)
        if over.agg == "EXISTS":
            if condition is None:
                return f"有{what}" if zh else f"there is a {what}"
            return f"有{what}符合（{condition}）" if zh else f"there is a {what} where {condition}"
        said = OVER[over.agg].say(self.lang).format(what)
        if condition is None:
            return said
        return f"{said}（仅当{condition}）" if zh else f"{said} (only where {condition})"

    def _part(self, node: Node, own: int) -> str:
        """An argument, in brackets where an operator inside another would be misread."""
        text = self.say(node)
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
