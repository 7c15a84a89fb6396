"""The contract of a field type: a handful of methods, each about one value of one field."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from django.db import models

from wubu.kernel.fields.spec import FieldSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Problem, Text, language

Parser = Callable[[object], Any]
Shower = Callable[[Any], str]


class FieldError(Exception):
    """A raw value that a field cannot take: why, how to mend it, and perhaps what was meant."""

    def __init__(
        self, code: str, message: Text, hint: Text | None = None, suggestion: Any = None
    ) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.hint = hint
        self.suggestion = suggestion

    def problem(self, f: FieldSpec, raw: Any = None, **place: Any) -> Problem:
        """As a Problem; ``place`` may carry ``row`` and ``line``."""
        return Problem(
            self.code,
            self.message,
            self.hint,
            object=f.object,
            field=f.key,
            value=raw,
            suggestion=self.suggestion,
            **place,
        )


class FieldType(ABC):
    """One kind of field. Values are in stored form: see each type; empty is always None."""

    key: ClassVar[str]
    label: ClassVar[Text]
    filterable: ClassVar[bool] = True
    sortable: ClassVar[bool] = True
    virtual: ClassVar[bool] = False  # no value of its own: computed when asked
    computed: ClassVar[bool] = False  # kept by the program, never typed in
    has_choices: ClassVar[bool] = False
    has_target: ClassVar[bool] = False

    @abstractmethod
    def column(self, f: FieldSpec) -> models.Field[Any, Any] | None:
        """The Django field that stores it, or None when virtual.

        The catalog makes links and the constraint of a unique field: they look beyond one field.
        """

    @abstractmethod
    def parser(self, f: FieldSpec) -> Parser:
        """``parse`` with the options bound once, for many values of one field."""

    def parse(self, f: FieldSpec, raw: object) -> Any:
        """The stored value of what a person, a spreadsheet or a caller gave. Raises FieldError."""
        return self.parser(f)(raw)

    def shower(self, f: FieldSpec, lang: Lang | None = None) -> Shower:
        """``show`` with the options bound once, for a whole column."""
        return lambda value: "" if value is None else str(value)

    def show(self, f: FieldSpec, value: Any, lang: Lang | None = None) -> str:
        """For people, in their language; empty for None."""
        return self.shower(f, lang or language())(value)

    def to_json(self, f: FieldSpec, value: Any) -> Any:
        """The form of the API and of the change log."""
        return value

    def from_json(self, f: FieldSpec, value: Any) -> Any:
        """The stored value of what ``to_json`` gave."""
        return value

    @abstractmethod
    def type_of(self, f: FieldSpec) -> ValueType:
        """The type that formulas see."""

    @abstractmethod
    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        """A raw value that ``parse`` accepts, for tests against every object."""


FIELD_TYPES: dict[str, FieldType] = {}  # by key; filled by the package's registry


def blank(raw: object) -> bool:
    """Whether nothing was given: None, or a text of spaces only."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def shorten(raw: object, limit: int = 60) -> str:
    """The given value as a message quotes it."""
    text = str(raw)
    return text if len(text) <= limit else text[: limit - 1] + "…"
