"""What every field of a definition can do; each type of field is a subclass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.schema import uses
from wubu.kernel.schema.types import Reading
from wubu.kernel.types import Problem, Text

Values = Mapping[str, Any]  # a definition as JSON keeps it
NOTHING = Text("", "")
NOT_SET = Text("（没有）", "(nothing)")
LONGEST = 60  # characters of a value that a problem repeats


class Names(Protocol):
    """What a thing is called: ``kind`` is object, field, metric …; None: unknown."""

    def __call__(self, kind: str, key: str, object_key: str = "") -> Text | None: ...


class Answers(Protocol):
    """What was posted: raw texts by the name of their question."""

    def __contains__(self, name: object, /) -> bool: ...
    def get(self, name: str, default: str, /) -> Any: ...
    def getlist(self, name: str, /) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a form. ``place`` is the ``field`` of the problems that stand beside it.

    A formula names fields of ``object``, or of the object chosen in the question ``object_from``;
    ``expect`` is the kind of value that it must give.
    """

    name: str
    label: Text
    kind: str = "text"
    value: Any = ""
    options: Sequence[tuple[str, Text]] = ()
    help: Text = NOTHING
    required: bool = False
    wide: bool = False
    object: str = ""
    object_from: str = ""
    expect: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """A field applies where another one has one of these values."""

    field: str
    values: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a definition.

    ``default`` is what holds where nothing is said. ``asked``: whether the page asks for it; the
    others are written by packs and callers only and stay as they are. ``code`` names what is wrong
    with a value, for machines. ``example`` is a value for the reference page.
    """

    name: str
    label: Text
    help: Text = NOTHING
    required: bool = False
    default: Any = None
    when: When | None = None
    asked: bool = True
    wide: bool = False
    code: str = ""
    example: Any = None

    usual_code: ClassVar[str] = "bad_shape"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the definition that this field keeps its value in."""
        return (self.name,)

    @property
    def form(self) -> Text:
        """What a value must be, limits at both ends included: “a whole number from 1 to 365”."""
        raise NotImplementedError

    @property
    def sample(self) -> Any:
        """A value for an example; None where an example says nothing of this field."""
        return self.default if self.example is None else self.example

    def applies(self, d: Values) -> bool:
        """Whether this field means anything in a definition with these values."""
        return self.when is None or d.get(self.when.field) in self.when.values

    def value(self, d: Values) -> Any:
        """What a definition says of this field, or the default."""
        found = d.get(self.name)
        return self.default if found is None else found

    def fits(self, value: Any) -> bool:
        """Whether a value has the form and keeps the limits; it needs nothing but the value."""
        raise NotImplementedError

    def misfits(self, value: Any, d: Values) -> Iterator[Problem]:
        """What cannot be what it must be: the value, or parts of it where it has several."""
        if not self.fits(value):
            yield self.misfit(value, d)

    def wrong(self, value: Any, d: Values) -> Iterator[Problem]:
        """What is wrong with a value that fits: names that nothing has, formulas that fail."""
        return iter(())

    def problems(self, d: Values) -> Iterator[Problem]:
        """All that is wrong with this field of a definition."""
        value = d.get(self.name)
        if not self.applies(d):
            return
        if value is None or value == "":
            if self.required:
                yield self.missing()
        elif misfits := list(self.misfits(value, d)):
            yield from misfits
        else:
            yield from self.wrong(value, d)

    def missing(self) -> Problem:
        """It is needed, and not there."""
        said = Text("请填写“{l}”。", "“{l}” is required.").format(l=self.label)
        hint = Text("应为{f}。", "It must be {f}.").format(f=self.form)
        return Problem("required", said, hint, field=self.name)

    def misfit(self, value: Any, d: Values) -> Problem:
        """The value is not what it must be."""
        said = Text("“{l}”现在是“{v}”。", "“{l}” is “{v}”.").format(l=self.label, v=shown(value))
        hint = Text("应为{f}。", "It must be {f}.").format(f=self.form)
        code = self.code or self.usual_code
        return Problem(code, said, hint, field=self.name, value=shown(value))

    def schema(self) -> dict[str, Any]:
        """The values as JSON Schema tells them to callers, without label and help."""
        raise NotImplementedError

    def say(self, value: Any, d: Values, names: Names) -> Text:
        """A value in words."""
        return NOT_SET if value in (None, "") else Text(str(value), str(value))

    def inner(self, key: str) -> Text | None:
        """What a name inside the value is called, where it has any."""
        return None

    def questions(self, d: Values) -> list[Question]:
        """What the page asks, with what the definition says."""
        return []

    def answered(self, answers: Answers, before: Values) -> dict[str, Any]:
        """The values by key as somebody answered; None takes a value away.

        What cannot be read stays as it was typed and is refused by ``problems``, so that nothing
        typed is lost. Questions that were not posted leave what was there.
        """
        if self.name not in answers:
            return {}
        entered = str(answers.get(self.name, "")).strip()
        return {self.name: self.parsed(entered, before) if entered else None}

    def parsed(self, entered: str, before: Values) -> Any:
        """The value that a typed text means; the text itself where it means none."""
        return entered

    def readings(self, value: Any, d: Values) -> Iterator[Reading]:
        """The formulas in a value, which must still be understood after a change of the catalog."""
        return iter(())

    def touches(self, value: Any, d: Values, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
        """The fields that a value reads, as (object, field); (object, "") for the object itself."""
        for one in self.readings(value, d):
            yield from uses.read(snapshot, one)

    def question(self, d: Values, kind: str, **more: Any) -> Question:
        """The one question that most types ask."""
        made: dict[str, Any] = {
            "name": self.name,
            "label": self.label,
            "kind": kind,
            "value": self.value(d),
            "help": self.help,
            "required": self.required,
            "wide": self.wide,
            "place": self.name,
            **more,
        }
        if made["value"] is None:
            made["value"] = ""
        return Question(**made)


def shown(value: Any) -> str:
    """A value as a problem repeats it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    said = str(value)
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def listed(words: Sequence[Text]) -> Text:
    """Words one after the other."""
    return Text("、".join(w.zh for w in words), ", ".join(w.en for w in words))
