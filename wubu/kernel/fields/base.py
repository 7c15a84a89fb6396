"""The contract of a field type: a handful of methods, each about one value of one field."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from django.db import models

from wubu.kernel.fields import masks
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Lang, Problem, Text, language

Parser = Callable[[object], Any]
Shower = Callable[[Any], str]


FIELD_TYPES: dict[str, FieldType] = {}  # by key; filled by the registry


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a choice or stage field.

    For a stage, ``probability`` is a ratio 0–1 and ``outcome`` says how the record ended there
    (``won``, ``lost``) or is empty while it is open.
    """

    key: str
    label: Text
    color: str = ""
    retired: bool = False
    probability: float | None = None
    outcome: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of one object. ``key`` is permanent and is the column; the label is free."""

    object: str
    key: str
    type: str
    label: Text
    required: bool = False
    unique: bool = False
    position: int = 0
    help: Text | None = None
    default: Any = None
    choices: tuple[Choice, ...] = ()
    target: str = ""  # the object a link points at
    options: Mapping[str, Any] = field(default_factory=dict)  # type-specific, see the field types
    retired: bool = False
    source: FieldSpec | None = field(default=None, compare=False, repr=False)  # of a look-up

    @property
    def kind(self) -> FieldType:
        """Its field type, which knows how it behaves. Ask that, never for the name of the type.

        A type that does not exist is refused by the check of the schema; until then it is a text.
        """
        return FIELD_TYPES.get(self.type) or FIELD_TYPES["text"]

    def choice(self, key: str | None) -> Choice | None:
        return next((c for c in self.choices if c.key == key), None)


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


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a value that can be named after a dot (``{地址.省}``), in Python and in SQL.

    The part whose key is empty is the whole value as formulas see it. ``take`` is given what is
    stored, never None; the two statements have the column as ``{0}`` and must agree with it.
    """

    key: str
    label: Text
    type: ValueType
    take: Callable[[Any], Any]
    postgresql: str
    sqlite: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One of a type's options, as a designer asks for it: ``options[key]`` of the field.

    A ``field`` names another field of the same object (for ``via``: a link), a ``target_field`` one
    of the object that ``via`` leads to.
    """

    key: str
    label: Text
    kind: Literal["number", "text", "check", "select", "field", "target_field"] = "text"
    choices: tuple[tuple[str, Text], ...] = ()
    help: Text | None = None


GROUPS: Mapping[str, Text] = {
    "text": Text("文字", "Text"),
    "numbers": Text("数字", "Numbers"),
    "time": Text("时间", "Time"),
    "choices": Text("选择", "Choices"),
    "links": Text("关联与人员", "Links and people"),
    "places": Text("地点与文件", "Places and files"),
    "computed": Text("自动计算", "Computed"),
}


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
    many: ClassVar[bool] = False  # a tuple of ids, kept in a table between the two
    refers: ClassVar[bool] = False  # its values are ids of records, members or teams
    names_member: ClassVar[bool] = False  # one colleague
    names_team: ClassVar[bool] = False  # one team
    dated: ClassVar[bool] = False  # a day or an instant
    timed: ClassVar[bool] = False  # an instant, on the clock of the workspace
    numeric: ClassVar[bool] = False  # typed in as a figure
    monetary: ClassVar[bool] = False  # in minor units of a currency
    ratio: ClassVar[bool] = False  # a share of one, shown in percent
    yes_no: ClassVar[bool] = False
    chooses_one: ClassVar[bool] = False  # one of its choices
    chooses_many: ClassVar[bool] = False  # several of its choices
    staged: ClassVar[bool] = False  # its choices are the steps of a pipeline
    numbered: ClassVar[bool] = False  # counted up by the program when none is given
    multiline: ClassVar[bool] = False  # bare text of many lines
    lengthy: ClassVar[bool] = False  # text without a limit that a list or an index could hold
    wide: ClassVar[bool] = False  # takes the whole width of a form
    calculated: ClassVar[bool] = False  # by a formula of its own
    aggregates: ClassVar[bool] = False  # over the records that point here
    looks_up: ClassVar[bool] = False  # shows a field of a linked record
    pictures: ClassVar[bool] = False  # its files may be shown in place
    signed: ClassVar[bool] = False  # drawn by hand, with who signed and when
    mapped: ClassVar[bool] = False  # a point on earth
    divided: ClassVar[bool] = False  # an address, by province and city
    one_line: ClassVar[bool] = False  # free words in one line
    worded: ClassVar[bool] = False  # its ``min`` and ``max`` count characters
    patterned: ClassVar[bool] = False  # may ask for a pattern of the company
    names_record: ClassVar[bool] = False  # a unique value finds its record: code, number, address
    searched: ClassVar[bool] = False  # the search box reads it, unique or not
    searched_by_tail: ClassVar[bool] = False  # the search box knows its last digits
    adds_up: ClassVar[bool] = False  # a sum means something: not of ratios and scores
    groups: ClassVar[bool] = False  # lists may be put together by it, whatever formulas see in it
    sorted_by_column: ClassVar[bool] = False  # compared as it is stored: an index serves the order
    read_by_cell: ClassVar[bool] = False  # a spreadsheet's cell of this kind says n/a for nothing
    said_as_text: ClassVar[bool] = False  # becomes a text in words, not in exact notation
    as_figure: ClassVar[bool] = True  # a number that is read as one, and stands right
    keeps_html: ClassVar[bool] = False  # HTML that was cleaned at the door
    pasted: ClassVar[bool] = False  # offered for the columns of a pasted table
    selectivity: ClassVar[float] = 1.0  # how well an index tells records apart; 0 without an index
    column_width: ClassVar[int] = 14  # characters, in a spreadsheet
    role: ClassVar[str] = ""  # what the first such field is to a new object
    put_aside_as: ClassVar[str] = ""  # the type that keeps the old values after a change of type
    widget: ClassVar[str] = ""  # its template in web/templates/widgets; the key unless it says so
    opens: ClassVar[bool] = False  # drawn as a link of its own
    drawn: ClassVar[str] = ""  # its drawer in web/ui/values.py; as bare text unless it says so
    wire: ClassVar[str] = "text"  # what a caller sends, see web/api/values.py
    example: ClassVar[str] = ""  # as somebody types it, for the reference
    icon: ClassVar[str] = "forms"
    about: ClassVar[Text] = Text("", "")  # one line, where a type is chosen
    group: ClassVar[str] = ""  # where it stands there, see ``GROUPS``
    looks: ClassVar[Mapping[str, int]] = {}  # spreadsheets' values that fit: 2 exactly, 1 perhaps
    files: ClassVar[bool] = False  # a tuple of ids of stored files
    kinds: ClassVar[frozenset[str]] = frozenset()  # content types of files it takes; empty: all
    boxes: ClassVar[tuple[str, ...]] = ()  # a form sends these pieces instead of one text
    parts: ClassVar[tuple[Part, ...]] = ()
    settings: ClassVar[tuple[Setting, ...]] = ()

    @abstractmethod
    def column(self, f: FieldSpec) -> models.Field[Any, Any] | None:
        """The Django field that stores it, or None when virtual.

        The catalog makes links and the constraint of a unique field: they look beyond one field.
        """

    @abstractmethod
    def parser(self, f: FieldSpec) -> Parser:
        """``parse`` with the options bound once, for many values of one field."""

    @property
    def links_one(self) -> bool:
        """One record of another object: what a path (``{客户.等级}``) may go through."""
        return self.has_target and not self.many

    @property
    def links_many(self) -> bool:
        """Several records of another object."""
        return self.has_target and self.many

    @property
    def refers_to_one(self) -> bool:
        """One record, member or team: a column with a single id."""
        return self.refers and not self.many

    @property
    def names_staff(self) -> bool:
        """One member or team, which the permissions know."""
        return self.names_member or self.names_team

    @property
    def classifies(self) -> bool:
        """One of its choices, which are no steps."""
        return self.chooses_one and not self.staged

    @property
    def indexable(self) -> bool:
        """Whether a plain index helps; ids have theirs anyway."""
        odd = self.virtual or self.files or self.refers
        return not (odd or self.lengthy or self.chooses_many or self.boxes)

    @property
    def any_file(self) -> bool:
        """Files of all kinds, told by name rather than shown."""
        return self.files and not self.kinds

    @property
    def takes_list(self) -> bool:
        """Several ids or keys: a form sends its name more than once."""
        return self.many or self.files or self.chooses_many

    @property
    def block(self) -> bool:
        """Too big for the cell of a line: lists, long words, several boxes."""
        return self.takes_list or self.lengthy or bool(self.boxes)

    @property
    def whole_day(self) -> bool:
        """A day without a time."""
        return self.dated and not self.timed

    def refers_to(self, f: FieldSpec) -> str:
        """What its ids are ids of: the key of an object, ``member``, ``team``; else nothing."""
        return ""

    def part(self, key: str) -> Part | None:
        """A piece of its values by key; the empty key is the whole."""
        return next((p for p in self.parts if p.key == key), None)

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

    def to_input(self, f: FieldSpec, value: Any) -> Any:
        """What stands in the box of a form for a stored value, which is not None.

        Reading it again gives the same value.
        """
        return str(self.to_json(f, value))

    def from_input(self, f: FieldSpec, words: str) -> str:
        """What was typed into a box or a cell, as ``parse`` is to read it."""
        return words

    def mask(self, f: FieldSpec, value: Any) -> str:
        """The outline of a stored value (not None) for those who may know no more."""
        return masks.NOTHING

    def result(self, f: FieldSpec) -> FieldType:
        """The type of its values: itself, unless it is computed."""
        return self

    def may_group(self, f: FieldSpec) -> bool:
        """Whether lists can be put together by it: one short value each."""
        return self.groups or self.type_of(f).groups

    def suits(self, values: Sequence[str]) -> bool:
        """Whether a pasted column looks like this type, besides being readable by it."""
        return True

    @abstractmethod
    def type_of(self, f: FieldSpec) -> ValueType:
        """The type that formulas see."""

    @abstractmethod
    def sample(self, f: FieldSpec, rnd: random.Random) -> Any:
        """A raw value that ``parse`` accepts, for tests against every object."""


def blank(raw: object) -> bool:
    """Whether nothing was given: None, or a text of spaces only."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def shorten(raw: object, limit: int = 60) -> str:
    """The given value as a message quotes it."""
    text = str(raw)
    return text if len(text) <= limit else text[: limit - 1] + "…"
