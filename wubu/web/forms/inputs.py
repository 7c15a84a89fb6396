"""One input of a form: which box, what stands in it, what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import FIELD_TYPES
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import Policy
from wubu.kernel.records import queries as records
from wubu.kernel.records.types import Record, StoredFile
from wubu.kernel.types import Actor, Problem, Text
from wubu.web.ui import show, values

REFERENCE = re.compile(r"id:\d{1,18}")
LONG = 50  # options of a choice; more are searched for, not listed


@dataclass
class Input:
    """One field of a form. ``value`` is raw.

    What stands in the box; ``shown`` is how a link is called.
    """

    spec: FieldSpec
    name: str
    value: Any = ""
    shown: Any = ""
    problems: Sequence[Problem] = ()
    read_only: bool = False
    drawn: Any = ""
    files: Sequence[StoredFile] = ()
    needed: bool = False  # asked for by the layout, besides what the field itself requires
    fixed: bool = False  # shown, and sent as it is: the layout lets nobody change it
    said: Text | None = None  # the layout's own help
    limits: bool = False  # what may be picked depends on other fields
    allowed: Sequence[str] | None = None  # the options that may be chosen now

    @property
    def required(self) -> bool:
        return self.spec.required or self.needed

    @property
    def help(self) -> Text | None:
        return self.said or self.spec.help

    @property
    def id(self) -> str:
        return "f-" + self.name.replace(":", "-")

    @property
    def attrs(self) -> SafeString:
        """What a box says of itself to those who do not see it."""
        said = SafeString(' aria-required="true" data-required') if self.required else SafeString()
        if self.problems:
            wrong = ' aria-invalid="true" aria-describedby="{}-wrong"'
            return said + format_html(wrong, self.id)
        return said + format_html(' aria-describedby="{}-help"', self.id) if self.help else said

    @property
    def template(self) -> str:
        return f"widgets/{self.spec.kind.widget or self.spec.type}.html"

    @property
    def is_wide(self) -> bool:
        return self.spec.kind.block

    @property
    def is_long(self) -> bool:
        """Too many options for a list: they are searched for."""
        return len(self.spec.choices) > LONG and self.allowed is None

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """The options that stand in the form, and how they are called."""
        raws = self.value if isinstance(self.value, list) else [self.value]
        labels = {c.key: str(c.label) for c in self.spec.choices if c.key in raws}
        return [(key, labels.get(key, str(key))) for key in raws if key]

    @property
    def above(self) -> str:
        """The name of the input whose option narrows these."""
        upper = str(self.spec.options.get("depends_on") or "")
        return self.name.removesuffix(self.spec.key) + upper if upper else ""

    @property
    def stars(self) -> range:
        return range(1, int(self.spec.options.get("max") or 5) + 1)

    @property
    def is_number(self) -> bool:
        return values.is_number(self.spec)

    @property
    def choices(self) -> list[Any]:
        chosen = self.value if isinstance(self.value, list) else [self.value]
        return [c for c in self.spec.choices if not c.retired or c.key in chosen]

    @property
    def offered(self) -> list[tuple[Any, bool]]:
        """Every option, and whether it may be chosen for what stands in the form now."""
        return [(c, self.allowed is None or c.key in self.allowed) for c in self.choices]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Links to many: ids beside names."""
        return list(zip(self.value or [], self.shown or [], strict=False))

    @property
    def teams(self) -> list[tuple[str, str]]:
        return [(f"id:{t.id}", "　" * t.depth + t.name) for t in people.tree()]


def inputs(
    actor: Actor,
    rights: Policy,
    spec: ObjectSpec,
    raw: Mapping[str, Any],
    *,
    record: Record | None = None,
    problems: Iterable[Problem] = (),
    prefix: str = "",
    only: Sequence[FieldSpec] | None = None,
    named: bool = True,
) -> dict[str, Input]:
    """An input for every field that the reader may see; ``raw`` are raw values by field key.

    ``named`` False leaves it to the caller to ask once how links of several forms are called.
    """
    wrong: dict[str, list[Problem]] = {}
    for problem in problems:
        wrong.setdefault(problem.field or "", []).append(problem)
    made: dict[str, Input] = {}
    for f in only if only is not None else spec.live_fields:
        level = rights.level(spec.key, f.key)
        # Formulas and look-ups are worked out as one types; roll-ups wait for the record.
        shown = record is not None or f.kind.virtual
        if level == "hidden" or not (values.is_typed(f) or shown):
            continue
        value = raw.get(f.key, "")
        if f.kind.ratio and isinstance(value, str):
            value = value.removesuffix("%")  # it stands behind the box
        one = Input(f, prefix + f.key, value, problems=wrong.get(f.key, ()))
        one.read_only = level != "write" or not values.is_typed(f) or f.kind.numbered
        if record is not None:
            one.drawn = values.draw(f, record)
        if one.read_only and not shown:
            continue
        made[f.key] = one
    if named:
        name_links(actor, list(made.values()))
    return made


def name_links(actor: Actor, made: Sequence[Input]) -> None:
    """How the chosen records, members and files are called: one question per object."""
    wanted: dict[str, set[int]] = {}
    for one in made:
        for ref in _refs(one):
            wanted.setdefault(_target(one.spec), set()).add(ref)
    files = records.files_of(actor, sorted(wanted["file"])) if wanted.get("file") else ()
    known = {file.id: file for file in files}
    titles = {
        key: people.names(ids) if key == "member" else records.titles(actor, key, sorted(ids))
        for key, ids in wanted.items()
        if key not in ("team", "file")
    }
    for one in made:
        names = titles.get(_target(one.spec), {})
        found = [names.get(ref, str(show.UNSEEN)) for ref in _refs(one)]
        kind = FIELD_TYPES[one.spec.type]
        if kind.files:
            one.files = [known[ref] for ref in _refs(one) if ref in known]
        elif kind.many:
            # Names typed by hand that were not found out yet stay among the chosen.
            seen, raws = iter(found), one.value if isinstance(one.value, list) else []
            one.shown = [next(seen) if REFERENCE.fullmatch(str(v)) else str(v) for v in raws]
        elif found:
            one.shown = found[0]
        elif isinstance(one.value, str):
            one.shown = one.value  # a name typed by hand, not yet found


def _refs(one: Input) -> list[int]:
    if not _target(one.spec):
        return []
    raws = one.value if isinstance(one.value, list) else [one.value]
    return [int(str(v)[3:]) for v in raws if REFERENCE.fullmatch(str(v))]


def _target(f: FieldSpec) -> str:
    kind = FIELD_TYPES[f.type]
    return "file" if kind.files else "" if kind.computed else kind.refers_to(f)
