"""A definition: its fields, what spans them, and the way up from older versions of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import process

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.definitions.base import NOTHING, Answers, Field, Names, Question, Values
from wubu.kernel.definitions.formulas import FormulaField
from wubu.kernel.definitions.references import called
from wubu.kernel.types import Problem, Refused, Text

CARRIED = ("from", "earlier", "resting", "retired")  # what packs add to a definition
Step = Callable[[dict[str, Any]], dict[str, Any]]
VERSION = "schema"  # the key of a definition that says by which version it was written; 1 without


@dataclass(frozen=True, slots=True)
class Check:
    """What must be true across fields. It is asked only where none of ``fields`` is wrong."""

    fields: tuple[str, ...]
    find: Callable[[Values], Iterable[Problem]]


@dataclass(frozen=True, kw_only=True)
class Definition:
    """How things of one kind are defined.

    ``upgrades`` leads from a version to the next one: ``{1: step}`` makes what version 1 wrote into
    what version 2 means. A version that is newer than this program is refused.
    """

    name: str
    label: Text
    fields: tuple[Field, ...]
    checks: tuple[Check, ...] = ()
    help: Text = NOTHING
    version: int = 1
    upgrades: Mapping[int, Step] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = set(range(1, self.version)) - self.upgrades.keys()
        if missing:
            raise ValueError(f"{self.name}: no way up from version {sorted(missing)}")

    def field(self, key: str) -> Field | None:
        """The field that keeps its value in a key."""
        return next((f for f in self.fields if key in f.keys), None)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that a definition may have."""
        return tuple(k for f in self.fields for k in f.keys)

    # Reading and checking

    def current(self, raw: Values) -> dict[str, Any]:
        """A definition as the present version writes it, whatever version wrote it.

        Raises Refused for one of a newer program.
        """
        made = {k: v for k, v in raw.items() if k != VERSION}
        since = raw.get(VERSION, 1)
        if not isinstance(since, int) or not 1 <= since <= self.version:
            raise Refused(self._unknown_version(since))
        for number in range(since, self.version):
            made = self.upgrades[number](made)
        return made

    def stamped(self, d: Values) -> dict[str, Any]:
        """A definition with the version that wrote it."""
        return {**d, VERSION: self.version} if self.version > 1 else dict(d)

    def present(self, raw: Values) -> dict[str, Any]:
        """What a pack or an older release wrote, as the present version writes it and stamped.

        The days and the versions before that a pack carries stay with it. Doing so twice changes
        nothing. Raises Refused for one of a newer program.
        """
        carried = {k: raw[k] for k in CARRIED if k in raw}
        bare = {k: v for k, v in raw.items() if k not in carried}
        if "earlier" in carried:
            carried["earlier"] = [self.present(one) for one in carried["earlier"] or ()]
        return {**self.stamped(self.current(bare)), **carried}

    def problems(self, d: Values) -> list[Problem]:
        """Everything that is wrong with a definition of the present version."""
        found = self.unknown(d)
        for one in self.fields:
            found += one.problems(d)
        wrong = {p.field for p in found}
        for check in self.checks:
            if not wrong.intersection(check.fields):
                found += check.find(d)
        return found

    def unknown(self, d: Values) -> list[Problem]:
        """The keys that a definition has not."""
        return [self._unknown_key(k) for k in d if k not in self.keys and k != VERSION]

    def require(self, d: Values) -> None:
        """Raises Refused with everything that is wrong."""
        found = self.problems(d)
        if found:
            raise Refused(*found)

    def filled(self, d: Values) -> dict[str, Any]:
        """A definition with the defaults of what it does not say."""
        defaults = {f.name: f.default for f in self.fields if f.default is not None}
        return {**defaults, **{k: v for k, v in d.items() if v is not None}}

    def misshapen(self, d: Values) -> Iterator[tuple[str, Field | None, list[Problem]]]:
        """Keys that nobody knows, and values that cannot be what they must be.

        The keys come with None; the values, or parts of them, with what is wrong.
        """
        for key, value in d.items():
            found = self.field(key)
            if found is None:
                if key != VERSION:
                    yield key, None, [self._unknown_key(key)]
            elif key == found.name and value not in (None, ""):
                wrong = list(found.misfits(value, d))
                if wrong:
                    yield key, found, wrong

    def misfits(self, d: Values, *, lacking: bool = True) -> list[Problem]:
        """Unknown keys and wrong values, by the name of their field.

        With ``lacking`` also what is needed and not there. Whether what they name exists is not
        checked.
        """
        found = [p for _, _, problems in self.misshapen(d) for p in problems]
        return found + [f.missing() for f in self.fields if lacking and f.name in self.lacking(d)]

    def lacking(self, d: Values) -> list[str]:
        """The names of the fields that are needed and not there."""
        return [
            f.name
            for f in self.fields
            if f.required and f.applies(d) and d.get(f.name) in (None, "")
        ]

    # Asking

    def questions(self, d: Values) -> list[Question]:
        """What a page asks, with what the definition says."""
        return [q for f in self.fields if f.asked for q in f.questions(d)]

    def answered(self, answers: Answers, before: Values) -> dict[str, Any]:
        """The definition as somebody answered it; what was not asked stays.

        Where another object was chosen, names of the old one's fields that were posted unchanged
        go, unless they are needed: then they are refused.
        """
        made = dict(before)
        for one in self.fields:
            if one.asked:
                made.update(one.answered(answers, made))
        for one in self.fields:
            source = getattr(one, "object_from", "")
            moved = source and before.get(source) not in (None, made.get(source))
            if moved and not one.required and made.get(one.name) == before.get(one.name):
                made.pop(one.name, None)
        return {k: v for k, v in made.items() if v is not None}

    def example(self) -> dict[str, Any]:
        """A definition to begin with, as the reference shows it."""
        return {f.name: f.sample for f in self.fields if f.sample is not None}

    # Comparing

    def canonical(self, d: Values, catalog: Snapshot) -> dict[str, Any]:
        """With formulas as they are stored, for a catalog that may not be there yet."""
        made = dict(d)
        for one in self.fields:
            if isinstance(one, FormulaField) and made.get(one.name):
                made[one.name] = one.canonical(made[one.name], made, catalog)
        return made

    def say(self, key: str, d: Values, names: Names = called) -> Text:
        """What a definition says of one field, in words."""
        found = self.field(key)
        value = d.get(key)
        return found.say(value, d, names) if found else Text(str(value), str(value))

    def part(self, path: Sequence[str]) -> Text | None:
        """What a part of a definition is called: a field, or a name inside one."""
        found = self.field(path[0])
        if found is None:
            return None
        return found.label.inside if len(path) == 1 else found.inner(path[1])

    def _unknown_key(self, key: str) -> Problem:
        said = Text("{l}没有“{k}”这一项。", "{l}: there is no “{k}”.").format(l=self.label, k=key)
        near = process.extractOne(key, list(self.keys), score_cutoff=70)
        known = ", ".join(self.keys)
        hint = Text("可以写：{a}。", "There are: {a}.").format(a=known)
        if near:
            meant = Text("是不是“{w}”？{h}", "Did you mean “{w}”? {h}")
            hint = meant.format(w=near[0], h=hint)
        return Problem("unknown_key", said, hint, field=key)

    def _unknown_version(self, since: object) -> Problem:
        said = Text(
            "这份{l}由版本 {s} 写成，本程序只认到版本 {v}。",
            "This {l} was written by version {s}; this program knows up to {v}.",
        ).format(l=self.label.inside, s=since, v=self.version)
        return Problem("newer_version", said, Text("请先升级程序。", "Upgrade the program first."))
