"""Taking a pack over: what is written in which order, and the same without keeping it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.packs.content.build import objects
from wubu.kernel.packs.content.compare import Difference, merged
from wubu.kernel.packs.content.sections import Section, sections
from wubu.kernel.packs.differences.comparing import Choices, Compared, another_metric
from wubu.kernel.packs.differences.trees import Tree, specs_of
from wubu.kernel.packs.differences.words import say
from wubu.kernel.packs.files.loading import Loaded
from wubu.kernel.packs.install.applying import Writer, ahead
from wubu.kernel.packs.types import Upgrade
from wubu.kernel.schema import actions as schema
from wubu.kernel.schema import together
from wubu.kernel.schema.types import Plan
from wubu.kernel.types import SYSTEM, Actor, Problem, Refused, Text
from wubu.kernel.workspace import forget

USED = frozenset({"in_use", "breaks_use"})
LOSSES = frozenset({"would_lose_values", "choice_in_use"})
KEEP_OURS = Text(
    "先改正这些值，或者这一项选择“保留我们的”。",
    "Correct these values first, or choose to keep ours here.",
)
Do = Callable[[], None]


def nothing() -> None:
    """There is nothing to do first."""


class Upgrading:
    """The differences that are taken, as what has to be written."""

    def __init__(self, found: Compared, taken: Iterable[Difference]) -> None:
        self.found = found
        self.taken = tuple(taken)
        self.touched = {d.path[0] for d in self.taken}
        self.tree: Tree = merged(found.own, self.taken)
        self.done: set[tuple[str, str]] = set()

    def plan(self) -> Plan:
        """What happens to the tables."""
        found = self.found
        return schema.plan(specs_of(self.tree, found.before, found.now, snapshot()))

    def first(self, actor: Actor) -> None:
        """Before a field goes: what reads it is let rest, or is changed where it can be already."""
        for section in reversed(sections()):
            gone, changed, _ = self._parts(section)
            self.done |= ahead(section, actor, gone, changed)
        forget()

    def then(self, writer: Writer) -> None:
        """With the new catalog: whatever differs, as it is to stand.

        What is new brings its history.
        """
        for section in sections():
            if section.export is None:
                content = self.found.loaded.content.get(section.name) or {}
                writer.install(section, content)
                continue
            gone, changed, new = self._parts(section)
            if new:
                writer.install(section, new)
                there = section.export()
                changed |= {k: self.tree[section.name][k] for k in new if k not in there}
            changed = {
                k: d
                for k, d in changed.items()
                if (section.name, k) not in self.done and k not in writer.failed
            }
            writer.apply(section, changed)
            writer.retire(section, [k for k in gone if (section.name, k) not in self.done])

    def _parts(self, section: Section) -> tuple[list[str], dict[str, Any], dict[str, Any]]:
        """Keys that go, definitions that change, and new ones with their history."""
        if section.name not in self.touched or section.export is None:
            return [], {}, {}
        tree: Mapping[str, Any] = self.tree.get(section.name) or {}
        own: Mapping[str, Any] = self.found.own.get(section.name) or {}
        named = [d.path for d in self.taken if d.path[0] == section.name]
        keys = dict.fromkeys(p[1] for p in named if p[1:])
        if (section.name,) in named:
            keys = dict.fromkeys([*tree, *own])
        content = self.found.loaded.content.get(section.name) or {}
        full = section.normal(content, snapshot())
        return (
            [k for k in keys if k not in tree and k in own],
            {k: tree[k] for k in keys if k in tree and k in own},
            {k: full.get(k, tree[k]) for k in keys if k in tree and k not in own},
        )


class Whole:
    """Everything of a pack, in a workspace that is empty."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.touched = {s.name for s in sections() if loaded.content.get(s.name)}
        self.taken: tuple[Difference, ...] = ()

    def plan(self) -> Plan:
        return schema.plan(objects(self.loaded.pack))

    def first(self, actor: Actor) -> None:
        """An empty workspace has nothing that could stand in the way."""

    def then(self, writer: Writer) -> None:
        for section in sections():
            writer.install(section, self.loaded.content.get(section.name) or {})


def carry_out(what: Upgrading | Whole, loaded: Loaded, *, actor: Actor, then: Do) -> None:
    """Do it in one transaction; ``then`` runs at its end. Raises Refused with every problem."""

    def after() -> None:
        writer = Writer(actor, loaded)
        what.then(writer)
        writer.finish()
        then()

    def planned() -> Plan:
        made = what.plan()
        return replace(made, problems=tuple(_placed(loaded, p) for p in made.problems))

    made = planned()
    if {p.code for p in made.problems} & USED:
        together.apply(planned, actor=actor, first=lambda: what.first(actor), then=after)
    else:
        schema.apply(made, actor=actor, then=after)
    forget()


def rehearsed(what: Upgrading | Whole, loaded: Loaded) -> tuple[Plan, tuple[Problem, ...]]:
    """What carrying it out would do to the tables, and everything that would be refused.

    It is written without touching a table of records, and taken back.
    """
    writer = Writer(SYSTEM, loaded)

    def then(made: Plan) -> None:
        writer.failed |= {p.field for p in made.problems if p.field}
        what.then(writer)

    used = bool({p.code for p in what.plan().problems} & USED)
    first = (lambda: what.first(SYSTEM)) if used else nothing
    made = together.rehearse(what.plan, first=first, then=then)
    problems = [*(_placed(loaded, p) for p in made.problems), *writer.problems]
    return made, tuple(problems)


def proposal(found: Compared, choices: Choices, *, rehearse: bool = True) -> Upgrade:
    """The comparison in words, and the plan for the choices.

    With ``rehearse`` everything that taking it over would refuse is found out; without, only what
    stands in the way of the tables.
    """
    taken = found.taken(choices)
    problems: tuple[Problem, ...] = tuple(another_metric(found, taken))
    wrong = {tuple(str(p.field).split("/")[:2]) for p in problems}
    what = Upgrading(found, [d for d in taken if d.path[:2] not in wrong])
    if taken and rehearse:
        made, others = rehearsed(what, found.loaded)
    else:
        made = what.plan()
        others = tuple(_placed(found.loaded, p) for p in made.problems)
    problems = (*problems, *others)
    pack = found.loaded.pack
    return Upgrade(
        pack.pack,
        Text(pack.label.zh, pack.label.en),
        found.row.version if found.row else None,
        pack.version,
        tuple(say(d, found.now, found.own) for d in found.differences),
        made,
        problems,
        choices,
        found.row.key if found.row else "",
    )


def refused(loaded: Loaded) -> tuple[Problem, ...]:
    """What would be refused if this pack were installed in an empty workspace."""
    return rehearsed(Whole(loaded), loaded)[1]


def require(found: Compared, choices: Choices) -> None:
    """Raises Refused where the choices cannot stand."""
    problems = tuple(another_metric(found, found.taken(choices)))
    if problems:
        raise Refused(*problems)


def _placed(loaded: Loaded, problem: Problem) -> Problem:
    """A problem of the tables with its file and line, where the file says that part."""
    if problem.line is not None or not problem.object:
        return problem
    path: tuple[str, ...] = ("objects", problem.object)
    if problem.field:
        path = (*path, "fields", problem.field)
    if path not in loaded.source.places:
        return problem
    hint = KEEP_OURS if problem.code in LOSSES else problem.hint
    made = loaded.source.problem(path, problem.code, problem.message, hint)
    return replace(problem, message=made.message, hint=hint, line=made.line)
