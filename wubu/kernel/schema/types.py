"""A catalog change as data: what would happen, how much it touches, what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from wubu.kernel.catalog.types import Choice, FieldSpec, ObjectSpec
from wubu.kernel.fields.types import ValueType
from wubu.kernel.types import Problem, Text

# What becomes of values that a change does not carry over: the plan is refused while nothing is
# said. ``closest`` takes the nearest value there is (rounded, shortened), else leaves it empty.
Answer = Literal["empty", "closest"]
# By "object.field" an answer for all; by "object.field:option", for an option that goes, ``empty``
# or ``into:option``: the records that hold it get that one instead.
Accept = Mapping[str, str]
INTO = "into:"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the plan does. ``rows`` is how many records the object holds now."""

    kind: str  # add_object, add_field, change_object, change_field, retire, restore …
    object: str
    field: str | None
    description: Text
    rows: int = 0
    risk: Text | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A formula of somebody's: ``text`` on an object, of the type ``expect`` where it matters."""

    object: str
    text: str
    expect: ValueType | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """Something that reads fields or objects: a formula, a metric, a role, a list.

    ``touches`` holds (object, field), and (object, "") for the object itself. Where ``breaks``, it
    would be wrong or dead without them. ``owner`` is the part of the catalog that says it, None for
    what other rooms say; ``readings`` are the formulas that must still be understood. ``note`` says
    in a plan what of it is touched.
    """

    kind: Text
    label: Text
    url: str
    touches: frozenset[tuple[str, str]]
    breaks: bool = True
    owner: tuple[str, str] | None = None
    readings: tuple[Reading, ...] = ()
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Going:
    """An option that goes while ``count`` records hold it, and what they get instead.

    ``into`` is another option, None for nothing; ``settled`` once somebody has said which.
    """

    choice: Choice
    count: int
    into: Choice | None = None
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """A value of a record that a change does not carry over, and what it would become at best."""

    record_id: int
    title: str
    value: str
    reason: Text
    closest: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A field whose values are carried over to another type or shape.

    ``held`` values are there, ``lost`` of them cannot be carried over; ``losses`` are the first.
    The old values stay in the retired field ``kept_as``, which is empty where nothing was held.
    ``can_be_close``: some of the lost have a nearest value. ``going`` are the options in use that
    go; ``into`` says for each that is settled which option stands for it, or "" for none.
    """

    object: str
    before: FieldSpec
    after: FieldSpec
    held: int
    lost: int
    losses: tuple[Loss, ...] = ()
    kept_as: str = ""
    answer: Answer | None = None
    can_be_close: bool = False
    going: tuple[Going, ...] = ()
    into: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.object}.{self.after.key}"


@dataclass(frozen=True, slots=True)
class Restoration:
    """A field that gets back the values which a conversion had put aside in ``kept_as``."""

    object: str
    field: str
    kept_as: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What ``schema.actions.apply`` will do, all of it or nothing.

    ``token`` is the version that it was planned against: when the catalog has moved since, it is
    planned again. ``revision`` is the newest change of then. A plan with ``problems`` can be shown
    but not applied. ``uses`` is what reads the parts that change.
    """

    token: str
    wanted: tuple[ObjectSpec, ...]
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...] = ()
    operations: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    uses: tuple[Use, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    restorations: tuple[Restoration, ...] = ()
    dropped: tuple[tuple[str, str | None], ...] = ()  # only an undo takes anything away
    undoes: int | None = None
    revision: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.steps
