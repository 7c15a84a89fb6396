"""Plain forms for settings: what is asked, what was answered, what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, TypeVar

from django.http import QueryDict

from wubu.kernel.types import Forbidden, Missing, Problem, Refused, Text
from wubu.web.ui.components import Component, Words

SAVE = Text("保存", "Save")
T = TypeVar("T")
AskKind = Literal[
    "text",
    "icon",
    "textarea",
    "email",
    "tel",
    "password",
    "date",
    "number",
    "select",
    "check",
    "checks",
    "hidden",
    "formula",
]


@dataclass
class Ask:
    """One question. ``options`` are (value, label) pairs; ``checks`` takes a sequence of values.

    A ``formula`` is edited with completion, its meaning and a result on a record: ``object`` is
    the key of the object whose fields it names, or ``object_from`` the name of the question of the
    same form that says it; ``expect`` the kind of value wanted (bool, number, text, date,
    datetime, or nothing for any). ``own``: it names only what its writer may read; ``plain``: it is
    not tried on a record. ``place`` is the field whose problems stand beside it, where that is
    not its name.
    """

    name: str
    label: Words
    kind: AskKind = "text"
    value: Any = ""
    options: Sequence[tuple[str, Words]] = ()
    help: Words = ""
    required: bool = False
    wide: bool = False
    placeholder: Words = ""
    problems: Sequence[Problem] = ()
    object: str = ""
    object_from: str = ""
    expect: Literal["", "bool", "number", "text", "date", "datetime"] = ""
    own: bool = False
    plain: bool = False
    place: str = ""

    @property
    def shown(self) -> str:
        if self.value is None:
            return ""
        return self.value.isoformat() if isinstance(self.value, dt.date) else str(self.value)

    @property
    def chosen(self) -> list[tuple[str, Words, bool]]:
        values = self.value if isinstance(self.value, list | tuple | set | frozenset) else ()
        held = {str(v) for v in values} or {self.shown}
        return [(str(v), label, str(v) in held) for v, label in self.options]


MOVES = "moves_open_figures"  # a problem that asking again settles, see ``reaching_back``
CONFIRMED = "moves"


@dataclass
class Form(Component):
    """Questions under one button, posted to ``action``. Compact puts them on one line.

    ``prefix`` tells the ids of its questions from those of another form on the page.
    """

    action: str
    asks: Sequence[Ask]
    submit: Words = SAVE
    style: Literal["primary", ""] = "primary"
    compact: bool = False
    note: Words = ""
    confirm: Words = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    method: Literal["post", "get"] = "post"
    template: ClassVar[str] = "ui/form.html"

    @property
    def labels(self) -> dict[str, Words]:
        """How the questions are called, by their names."""
        return {ask.name: ask.label for ask in self.asks}

    def answered(self, post: QueryDict, refused: Refused | None = None) -> Form:
        """The same form as it was typed, with the problems beside their questions."""
        for ask in self.asks:
            if ask.kind == "checks":
                ask.value = post.getlist(ask.name)
            elif ask.kind == "check":
                ask.value = "1" if post.get(ask.name) else ""
            elif ask.kind != "password" and ask.name in post:
                ask.value = post[ask.name]
            if refused is not None:
                ask.problems = [p for p in refused.problems if p.field == ask.name]
        if refused is not None and {p.code for p in refused.problems} == {MOVES}:
            self.extra = {**self.extra, CONFIRMED: "1"}
        return self

    def tried(self, post: QueryDict, do: Callable[[], T]) -> tuple[T | None, Refused | None]:
        """What ``do`` gave, or why not: then the form shows it beside what was typed."""
        raw, refused = attempt(do)
        if refused is not None:
            names = {ask.place: ask.name for ask in reversed(self.asks) if ask.place}
            refused = Refused(
                *(replace(p, field=names.get(p.field or "", p.field)) for p in refused.problems)
            )
            self.answered(post, refused)
        return raw, refused


def attempt(do: Callable[[], T]) -> tuple[T | None, Refused | None]:
    """What ``do`` gave, or why it was refused.

    Raises Forbidden and Missing: no other answer to the same form would mend them.
    """
    try:
        return do(), None
    except (Forbidden, Missing):
        raise
    except Refused as refused:
        return None, refused


def day(post: QueryDict, name: str) -> dt.date | None:
    """A day as browsers send it. Raises Refused."""
    words = post.get(name, "").strip()
    if not words:
        return None
    try:
        return dt.date.fromisoformat(words)
    except ValueError as error:
        raise Refused(
            Problem(
                "not_a_date",
                Text("“{v}”不是日期。", "“{v}” is not a date.").format(v=words),
                Text("例如 2026-03-01。", "For example 2026-03-01."),
                field=name,
                value=words,
            )
        ) from error


def whole(post: QueryDict, name: str) -> int | None:
    """An id chosen from a list, or None."""
    return whole_of(post.get(name, "").removeprefix("id:"))


def whole_of(words: str) -> int | None:
    """A whole number that a database holds, as an address or a form says it, or None."""
    return int(words) if words.isascii() and words.isdigit() and len(words) < 19 else None
