"""Fields that hold several values: lists, and numbers by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.definitions.base import (
    NOT_SET,
    NOTHING,
    Answers,
    Field,
    Names,
    Question,
    Values,
    listed,
)
from wubu.kernel.definitions.plain import Choice
from wubu.kernel.definitions.references import KEY, FieldRef, Ref
from wubu.kernel.types import Problem, Text


@dataclass(frozen=True, kw_only=True)
class ListOf(Field):
    """Several values of one type, such as fields of an object or roles.

    ``least`` of them at least; ``few`` says so.
    """

    of: FieldRef | Ref | Choice
    least: int = 0
    most: int = 500
    few: Text = NOTHING

    @property
    def form(self) -> Text:
        said = Text("一列（{a} 到 {b} 项）{f}", "a list ({a} to {b}), each {f}")
        return said.format(a=self.least, b=self.most, f=self.of.form)

    def fits(self, value: Any) -> bool:
        return (
            isinstance(value, list | tuple)
            and len(value) <= self.most
            and all(isinstance(v, str) for v in value)
        )

    def wrong(self, value: Any, d: Values) -> Iterator[Problem]:
        for one in value:
            inner = {**d, self.name: one}
            yield from replace(self.of, name=self.name, label=self.label).problems(inner)
        if len(value) < self.least:
            yield self.missing()

    def problems(self, d: Values) -> Iterator[Problem]:
        if self.least and d.get(self.name) == []:
            yield self.missing()
        else:
            yield from super().problems(d)

    def missing(self) -> Problem:
        found = super().missing()
        return replace(found, message=self.few) if self.few.zh else found

    def touches(self, value: Any, d: Values, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
        for one in value:
            yield from self.of.touches(one, d, snapshot)

    def schema(self) -> dict[str, Any]:
        items = {"minItems": self.least, "maxItems": self.most}
        return {"type": "array", "items": self.of.schema(), **items}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if not isinstance(value, list | tuple) or not value:
            return NOT_SET
        return listed([self.of.say(v, d, names) for v in value])

    def questions(self, d: Values) -> list[Question]:
        if isinstance(self.of, FieldRef):
            options = self.of.choices(d)
        elif isinstance(self.of, Ref):
            options = list(self.of.choices().items())
        else:
            options = list(self.of.options.items())
        value = self.value(d) or []
        if not options and not self.required:
            return []
        return [self.question(d, "checks", value=value, options=options, required=False)]

    def answered(self, answers: Answers, before: Values) -> dict[str, Any]:
        """Boxes that are not ticked are not posted: none posted is no value."""
        return {self.name: [str(v) for v in answers.getlist(self.name)] or None}


@dataclass(frozen=True, kw_only=True)
class MappingOf(Field):
    """Values of one type by name, such as the numbers of a formula's parameters.

    A page asks for each value there is; names are given by packs and callers. ``names`` are words
    for names that are often used.
    """

    of: Field
    names: Mapping[str, Text] = field(default_factory=dict)
    prefix: str = ""
    most: int = 10

    @property
    def form(self) -> Text:
        said = Text("最多 {n} 个名称，每个的值为{f}", "at most {n} names, the value of each {f}")
        return said.format(n=self.most, f=self.of.form)

    def fits(self, value: Any) -> bool:
        return (
            isinstance(value, Mapping)
            and len(value) <= self.most
            and all(isinstance(k, str) and re.match(KEY, k) for k in value)
        )

    def wrong(self, value: Any, d: Values) -> Iterator[Problem]:
        for key, one in value.items():
            found = self._one(key).wrong(one, {**d, key: one})
            yield from (replace(p, field=self.name) for p in found)

    def misfits(self, value: Any, d: Values) -> Iterator[Problem]:
        if not self.fits(value):
            yield self.misfit(value, d)
            return
        for key, one in value.items():
            found = self._one(key).misfits(one, {**d, key: one})
            yield from (replace(p, field=self.name) for p in found)

    def inside(self, value: Mapping[str, Any], d: Values) -> Iterator[Problem]:
        """What is wrong with the values, each told with its own name."""
        for key, one in value.items():
            yield from self._one(key).problems({**d, key: one})

    def inner(self, key: str) -> Text | None:
        return self.names.get(key)

    def at(self, key: str) -> str:
        """The name of the question that asks for one value."""
        return f"{self.prefix}{key}"

    def _one(self, key: str) -> Field:
        return replace(self.of, name=key, label=self.names.get(key, Text(key, key)), required=True)

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": self.of.schema(),
            "propertyNames": {"pattern": KEY},
            "maxProperties": self.most,
        }

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if not isinstance(value, Mapping) or not value:
            return NOT_SET
        each = Text("{n} {v}", "{n} {v}")
        return listed(
            [
                each.format(n=self.names.get(k, Text(k, k)).inside, v=self.of.say(v, d, names))
                for k, v in value.items()
            ]
        )

    def questions(self, d: Values) -> list[Question]:
        held = d.get(self.name)
        if not isinstance(held, Mapping):
            return []
        return [
            replace(q, name=self.at(key), value=value, place=self.name)
            for key, value in held.items()
            for q in self._one(key).questions({**d, key: value})
        ]

    def answered(self, answers: Answers, before: Values) -> dict[str, Any]:
        held = before.get(self.name)
        if not isinstance(held, Mapping) or not held:
            return {}
        entered = {
            k: str(answers.get(self.at(k), "")).strip() for k in held if self.at(k) in answers
        }
        return {self.name: {**held, **{k: self.of.parsed(v, before) for k, v in entered.items()}}}


@dataclass(frozen=True, kw_only=True)
class KeysAndValues(Field):
    """What packs alone write, and the room reads by itself."""

    @property
    def form(self) -> Text:
        return Text("键和值", "keys and values")

    def fits(self, value: Any) -> bool:
        return isinstance(value, Mapping)

    def schema(self) -> dict[str, Any]:
        return {"type": "object"}


@dataclass(frozen=True, kw_only=True)
class Texts(Field):
    """Several short texts. ``fields``: they name fields of the object, ``-`` for descending."""

    most: int
    each: int = 200
    fields: bool = False

    @property
    def form(self) -> Text:
        what = Text("字段", "keys of fields") if self.fields else Text("文字", "texts")
        said = Text("一列{w}，最多 {n} 项", "a list of {w}, {n} at most")
        return said.format(w=what, n=self.most)

    def fits(self, value: Any) -> bool:
        return (
            isinstance(value, list | tuple)
            and len(value) <= self.most
            and all(isinstance(v, str) and len(v) <= self.each for v in value)
        )

    def schema(self) -> dict[str, Any]:
        item = {"type": "string", "maxLength": self.each}
        return {"type": "array", "items": item, "maxItems": self.most}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if not isinstance(value, list | tuple) or not value:
            return NOT_SET
        return listed([self._called(str(v), d, names) for v in value])

    def _called(self, key: str, d: Values, names: Names) -> Text:
        bare = key.lstrip("-")
        found = names("field", bare, str(d.get("object", ""))) if self.fields else None
        turned = " ↓" if bare != key else ""
        return Text(f"{found.zh}{turned}", f"{found.en}{turned}") if found else Text(key, key)


@dataclass(frozen=True, kw_only=True)
class Rows(Field):
    """Several things of the same make, each with its fields: the lines of a scorecard."""

    of: tuple[Field, ...]
    least: int = 0
    most: int = 100

    @property
    def form(self) -> Text:
        keys = ", ".join(f.name for f in self.of)
        said = Text("{a} 到 {b} 行，每行 {{{k}}}", "{a} to {b} rows, each {{{k}}}")
        return said.format(a=self.least, b=self.most, k=keys)

    def fits(self, value: Any) -> bool:
        return isinstance(value, list | tuple) and self.least <= len(value) <= self.most

    def misfits(self, value: Any, d: Values) -> Iterator[Problem]:
        """What cannot be what it must be, each row with its number."""
        yield from super().misfits(value, d)
        for row, one in enumerate(value if isinstance(value, list | tuple) else ()):
            yield from (replace(p, field=self.name, row=row) for p in self._row(one, d))

    def _row(self, one: Any, d: Values) -> Iterator[Problem]:
        if not isinstance(one, Mapping):
            yield self.misfit(one, d)
            return
        known = {f.name: f for f in self.of}
        for key in one.keys() - known.keys():
            said = Text("{l}没有“{k}”这一项。", "{l}: there is no “{k}”.")
            hint = Text("应为{f}。", "It must be {f}.").format(f=self.form)
            yield Problem("unknown_key", said.format(l=self.label, k=key), hint)
        for key, field_ in known.items():
            value = one.get(key)
            if value in (None, ""):
                if field_.required:
                    yield field_.missing()
            elif not field_.fits(value):
                yield field_.misfit(value, one)

    def schema(self) -> dict[str, Any]:
        row = {
            "type": "object",
            "properties": {f.name: f.schema() for f in self.of},
            "required": [f.name for f in self.of if f.required],
            "additionalProperties": False,
        }
        return {"type": "array", "items": row, "minItems": self.least, "maxItems": self.most}

    def say(self, value: Any, d: Values, names: Names) -> Text:
        if not isinstance(value, list | tuple) or not value:
            return NOT_SET
        return listed(
            [self._said({**d, **one}, names) for one in value if isinstance(one, Mapping)]
        )

    def _said(self, one: Values, names: Names) -> Text:
        found = [f.say(one[f.name], one, names) for f in self.of if one.get(f.name) is not None]
        return Text(" ".join(t.zh for t in found), " ".join(t.en for t in found))
