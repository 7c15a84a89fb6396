"""Fields that hold several values: lists, and numbers by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

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
    """Several values of one type, such as fields of an object or roles. ``least`` of them at least;
    ``few`` says so.
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
        yield from (replace(p, field=self.name) for p in self.inside(value, d))

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
