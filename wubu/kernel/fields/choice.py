"""One or several of a list of options, and the stages of a pipeline."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any, ClassVar

from django.db import models
from rapidfuzz import fuzz, process

from wubu.kernel.fields.base import FieldError, FieldType, Parser, Setting, Shower, shorten
from wubu.kernel.fields.columns import KeysColumn
from wubu.kernel.fields.spec import Choice, FieldSpec
from wubu.kernel.fields.text import as_text
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Text, language

SEPARATORS = re.compile(r"[,，;；、|\n]")
MANY_SHOWN = 8


def folded(text: str) -> str:
    """How options are compared: width, case, spaces and hyphens do not matter."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return plain.replace(" ", "").replace("-", "").replace("_", "")


KEPT = 64  # lists of options whose names are remembered
_known: OrderedDict[int, tuple[tuple[Choice, ...], dict[str, str]]] = OrderedDict()
_lock = Lock()


def options_by_name(f: FieldSpec) -> dict[str, str]:
    """Key of every option by its folded key and labels; live options win over retired ones.

    Worked out once for a list of options: it may have ten thousand.
    """
    with _lock:
        known = _known.get(id(f.choices))
        if known is not None and known[0] is f.choices:
            return known[1]
    names: dict[str, str] = {}
    for choice in sorted(f.choices, key=lambda c: c.retired):
        for name in (choice.key, choice.label.zh, choice.label.en):
            names.setdefault(folded(name), choice.key)
    with _lock:
        _known[id(f.choices)] = (f.choices, names)
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return names


def closest(f: FieldSpec, names: dict[str, str], text: str) -> str | None:
    """The live option that the text most likely means, or None."""
    found = process.extractOne(folded(text), names.keys(), scorer=fuzz.ratio, score_cutoff=60)
    if found is None:
        return None
    choice = f.choice(names[found[0]])
    return choice.key if choice and not choice.retired else None


def unknown_option(f: FieldSpec, names: dict[str, str], raw: object) -> FieldError:
    key = closest(f, names, str(raw))
    live = [c.label for c in f.choices if not c.retired]
    more = len(live) > MANY_SHOWN
    listed = Text(
        "、".join(t.zh for t in live[:MANY_SHOWN]) + ("……" if more else ""),
        ", ".join(t.en for t in live[:MANY_SHOWN]) + (" …" if more else ""),
    )
    hint = Text("可选：{o}。", "Choose from: {o}.").format(o=listed)
    meant = f.choice(key)
    if meant is not None:
        hint = Text("是不是“{c}”？", "Did you mean “{c}”?").format(c=meant.label)
    return FieldError(
        "unknown_choice",
        Text("没有选项“{v}”。", "There is no option “{v}”.").format(v=shorten(raw)),
        hint,
        suggestion=key,
    )


class ChoiceType(FieldType):
    """One option; stored by key, read by key or by label in either language.

    Option ``depends_on``: the key of another choice of the object, whose option narrows these: an
    option with a ``parent`` may be chosen only under it (province → city).
    """

    key: ClassVar[str] = "choice"
    label: ClassVar[Text] = Text("单选", "Choice")
    pasted: ClassVar[bool] = True
    drawn: ClassVar[str] = "pill"
    wire: ClassVar[str] = "choice"
    example: ClassVar[str] = "Second"
    icon: ClassVar[str] = "circle-dot"
    about: ClassVar[Text] = Text("从列表里选一个", "One of a list")
    group: ClassVar[str] = "choices"
    looks: ClassVar[Mapping[str, int]] = {"text": 1, "bool": 1}
    chooses_one: ClassVar[bool] = True
    has_choices: ClassVar[bool] = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("depends_on", Text("随哪个字段变化", "Narrowed by the field"), "field"),
    )

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=64, null=True)

    def parser(self, f: FieldSpec) -> Parser:
        keys = frozenset(c.key for c in f.choices)
        names = options_by_name(f)

        def parse(raw: object) -> str | None:
            if isinstance(raw, str) and raw in keys:
                return raw
            if raw is None:
                return None
            text = as_text(raw).strip()
            if not text:
                return None
            key = names.get(folded(text))
            if key is None:
                raise unknown_option(f, names, text)
            return key

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        spoken = lang or language()
        labels: dict[Any, str] = {c.key: c.label.say(spoken) for c in f.choices}
        labels[None] = ""
        return lambda value: labels.get(value) or str(value or "")

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("choice")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        return rnd.choice([c.key for c in f.choices if not c.retired])


class StageType(ChoiceType):
    """A step of a pipeline: an ordered option with a probability and, at the end, an outcome."""

    key: ClassVar[str] = "stage"
    label: ClassVar[Text] = Text("阶段", "Stage")
    pasted: ClassVar[bool] = False
    role: ClassVar[str] = "stage"
    put_aside_as: ClassVar[str] = "choice"
    example: ClassVar[str] = "第二"
    icon: ClassVar[str] = "arrows-right"
    about: ClassVar[Text] = Text("有先后的阶段，用于看板", "Steps in order, for boards")
    looks: ClassVar[Mapping[str, int]] = {"text": 1}
    staged: ClassVar[bool] = True


class MultiChoiceType(ChoiceType):
    """Several options; stored as a tuple of keys in the order of the list."""

    key: ClassVar[str] = "multichoice"
    label: ClassVar[Text] = Text("多选", "Multiple choice")
    drawn: ClassVar[str] = "pills"
    wire: ClassVar[str] = "keys"
    example: ClassVar[str] = "first; Second"
    icon: ClassVar[str] = "checkbox"
    about: ClassVar[Text] = Text("从列表里选几个", "Several of a list")
    looks: ClassVar[Mapping[str, int]] = {"text": 1}
    chooses_one: ClassVar[bool] = False
    chooses_many: ClassVar[bool] = True
    wide: ClassVar[bool] = True
    sortable: ClassVar[bool] = False

    def column(self, f: FieldSpec) -> models.Field[Any, Any]:
        return KeysColumn(null=True)

    def parser(self, f: FieldSpec) -> Parser:
        one = super().parser(f)
        order = {c.key: i for i, c in enumerate(f.choices)}

        def parse(raw: object) -> tuple[str, ...] | None:
            if raw is None:
                return None
            if isinstance(raw, list | tuple | set | frozenset):
                parts: list[Any] = list(raw)
            else:
                # The whole cell may be one label that contains a separator.
                try:
                    whole = one(raw)
                except FieldError:
                    parts = SEPARATORS.split(as_text(raw))
                else:
                    parts = [whole]
            keys = {one(part) for part in parts} - {None}
            return tuple(sorted(keys, key=lambda k: order[k])) or None

        return parse

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        one = super().shower(f, lang)
        comma = "、" if (lang or language()) == "zh" else ", "
        return lambda value: "" if value is None else comma.join(map(one, value))

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else list(value)

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        return None if value is None else tuple(value)

    def to_input(self, f: FieldSpec, value: Any) -> Any:
        return list(value)

    def type_of(self, f: FieldSpec) -> ValueType:
        return ValueType("choices")

    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        keys = [c.key for c in f.choices if not c.retired]
        return rnd.sample(keys, k=rnd.randint(1, len(keys)))
