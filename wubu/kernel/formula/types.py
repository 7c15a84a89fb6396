"""What crosses the room's door: a formula that is typed and ready for its four uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wubu.kernel.catalog.types import Choice
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.canonical import Writer
from wubu.kernel.formula.context import NOWHERE, Asked, Context, current
from wubu.kernel.formula.expression import FormulaExpression
from wubu.kernel.formula.say import Speaker
from wubu.kernel.formula.typed import NUMBER, Node, Path, make, walk
from wubu.kernel.formula.values import Evaluator, Get, bind, is_spoken, needs_context
from wubu.kernel.types import Lang, Text, language


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """A typed formula of one object.

    ``paths`` are the stored columns it is computed from, formula fields inside expanded;
    ``written`` the fields named in the text itself, which is what a reader must be allowed to see.
    Numbers are ints scaled by ``type.scale``.
    """

    text: str
    object_key: str
    type: ValueType
    node: Node
    paths: frozenset[Path]
    written: frozenset[Path]
    labels: Mapping[Path, tuple[Text, ...]]
    options: Mapping[str, tuple[Choice, ...]]  # of each choice field used, by ``object.field``
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_ambient(self) -> bool:
        """Whether its value depends on the day, the language or who asks, besides the record."""
        return self._needs_context or is_spoken(self.node)

    @property
    def gathers(self) -> bool:
        """Whether it aggregates over linked records, so that it moves when those do."""
        return any(n.op == "over" for n in walk(self.node))

    @property
    def _needs_context(self) -> bool:
        if "context" not in self._cache:
            self._cache["context"] = needs_context(self.node)
        return bool(self._cache["context"])

    def expression(self, prefix: str = "", *, context: Asked = None) -> FormulaExpression:
        """As a Django expression on the object's model, or through ``prefix`` (``contract__``).

        ``context`` says when and for whom; without it, here and now for whoever is ``asking``.
        """
        return FormulaExpression(self.node, self._context(context), prefix)

    @property
    def option_keys(self) -> tuple[str, ...]:
        """For a choice: the keys of its options in their order."""
        return tuple(c.key for c in self.options.get(self.type.target, ()))

    def ranking(self, among: Sequence[str] | None = None) -> FormulaExpression:
        """For a choice: the place of the value among the options (or some of them), to sort by."""
        keys = self.option_keys if among is None else tuple(among)
        return FormulaExpression(make("rank", NUMBER, (self.node,), keys), NOWHERE)

    def evaluator(self, context: Asked = None) -> Evaluator:
        """The Python function of ``get``, for many records at one moment."""
        if self._needs_context:
            return bind(self.node, self._context(context))
        if "evaluator" not in self._cache:
            self._cache["evaluator"] = bind(self.node, NOWHERE)
        return self._cache["evaluator"]  # type: ignore[no-any-return]

    def value(self, get: Get, *, context: Asked = None) -> Any:
        """The value for the record whose stored values ``get(path)`` gives; None when missing."""
        return self.evaluator(context)(get)

    def _context(self, asked: Asked) -> Context:
        if not self._needs_context:
            return NOWHERE
        if asked is None:
            return current()
        return asked if isinstance(asked, Context) else asked()

    def canonical(self) -> str:
        """The text with keys, which survives every renaming: this is what is stored."""
        return Writer().write(self.node)

    def labelled(self, lang: Lang | None = None) -> str:
        """The text with today's labels, for people to read and edit."""
        said = lang or language()

        def name(path: Path) -> str:
            return ".".join(label.say(said) for label in self.labels[path])

        return Writer(name, lambda node: self._choice(node).say(said)).write(self.node)

    def sentence(self, lang: Lang | None = None) -> str:
        """In plain words."""
        return Speaker(self.labels, self._choice, lang or language()).sentence(self.node)

    def clause(self, lang: Lang | None = None) -> str:
        """In plain words, to stand inside a sentence."""
        return Speaker(self.labels, self._choice, lang or language()).inside(self.node)

    def _choice(self, node: Node) -> Text:
        for option in self.options.get(node.type.target, ()):
            if option.key == node.data:
                return option.label
        return Text(str(node.data), str(node.data))
