"""What a kind of metric has to know: whether it is posted, what it is made of, how to say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.definitions.base import Field
from wubu.kernel.formula import queries as formulas
from wubu.kernel.formula.types import Formula
from wubu.kernel.types import Problem, Text
from wubu.measure.metrics.types import Definition


@dataclass(frozen=True, slots=True)
class Context:
    """The catalog, and the other metrics' labels and kinds, against which a definition is read."""

    snapshot: Snapshot
    labels: Mapping[str, Text]
    kinds: Mapping[str, str]

    def object(self, d: Definition) -> ObjectSpec:
        return self.snapshot.object(d.object)

    def label(self, object_key: str, path: tuple[str, ...]) -> Text:
        """客户的负责人 / Customer → Owner."""
        found = [f.label for f in self.walk(object_key, path)]
        return Text("的".join(t.zh for t in found), " → ".join(t.en for t in found))

    def walk(self, object_key: str, path: tuple[str, ...]) -> tuple[FieldSpec, ...]:
        """The fields along a path of links. Raises Missing."""
        found = []
        for key in path:
            spec = field_of(self.snapshot.object(object_key), key)
            found.append(spec)
            object_key = spec.target
        return tuple(found)

    def formula(self, d: Definition, text: str) -> Formula:
        return formulas.parse(text, snapshot=self.snapshot, object_key=d.object)

    def say(self, d: Definition, text: str) -> Text:
        found = self.formula(d, text)
        return Text(found.clause("zh"), found.clause("en"))


class Kind(Protocol):
    """One kind of metric.

    Posted kinds write entries; derived kinds are computed from two metrics' sums.
    """

    key: str
    label: Text
    posted: bool
    stock: bool
    what: Text  # what it says, to whom chooses a kind

    @property
    def fields(self) -> tuple[Field, ...]:
        """What it asks for."""
        ...

    @property
    def units(self) -> tuple[str, ...]:
        """In which it may be shown, the usual one first."""
        ...

    def check(self, d: Definition, c: Context) -> list[Problem]:
        """Everything wrong with a definition, all at once."""
        ...

    def sentence(self, d: Definition, c: Context) -> Text:
        """The rule in plain words, from the definition."""
        ...

    def stages(self, d: Definition, c: Context) -> tuple[str, ...]:
        """The stages whose entry counts as reaching; empty for kinds that do not look at stages."""
        ...


# Base columns that a metric may be dated or credited by, as if they were fields.
_BASE = {
    "created_at": ("datetime", Text("创建时间", "Created at")),
    "updated_at": ("datetime", Text("更新时间", "Updated at")),
    "created_by": ("member", Text("创建人", "Created by")),
    "updated_by": ("member", Text("更新人", "Updated by")),
}


def field_of(spec: ObjectSpec, key: str) -> FieldSpec:
    """A field, or a base column dressed as one. Raises Missing."""
    if key in _BASE and key not in spec.fields:
        kind, label = _BASE[key]
        return FieldSpec(spec.key, key, kind, label)
    return spec.field(key)


def divided(numerator: int, denominator: int, digits: int = 0) -> Decimal | None:
    """Exact sums to a ratio; None when there is nothing to divide by.

    ``digits`` is how many more digits after the point the numerator is kept with.
    """
    if denominator == 0:
        return None
    return Decimal(numerator).scaleb(-digits) / Decimal(denominator)


def credit_words(d: Definition, c: Context) -> Text:
    """How credit goes to people, in words."""
    if not d.owner:
        return Text("不归个人，列为“未分配”", "It is nobody's and is listed as unassigned")
    owner = c.label(d.object, d.owner)
    if d.splits is None:
        return Text("归“{o}”", "It is credited to “{o}”").format(o=owner)
    return Text(
        "有“{s}”时按比例分给各人（各份之和恰等于原值，未分完的部分归“{o}”）；没有时归“{o}”",
        "Where there are shares (“{s}”) they split it to the last unit, and what is not shared "
        "stays with “{o}”; otherwise all of it is credited to “{o}”",
    ).format(s=c.snapshot.object(d.splits.object).label, o=owner)


TEAM_WORDS = Text(
    "团队按当天所在团队计；没有负责人的列为“未分配”",
    "The team is the one the person was in on that day; records of nobody are listed as unassigned",
)
