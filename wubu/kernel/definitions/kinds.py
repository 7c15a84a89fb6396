"""Kinds of dated rules: declared once, then set, installed, exported, shown and asked for alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db import transaction

from wubu.kernel import hooks
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.definitions.base import NOTHING, Values
from wubu.kernel.definitions.definition import CARRIED, Definition
from wubu.kernel.rules import actions, portable, queries, upgrading
from wubu.kernel.rules.types import Rule
from wubu.kernel.schema.types import Use
from wubu.kernel.types import Actor, Problem, Refused, Text

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule is not content with.

    The records of an object for which ``where`` (in the one language) holds. ``severity`` is
    warning or danger.
    """

    object_key: str
    where: str
    message: Text
    severity: str = "warning"


@dataclass(frozen=True)
class DatedKind(Generic[R]):
    """A kind of rule that holds from a day on.

    ``read`` makes of a stored rule what the room works with, ``sentence`` says it in plain words.
    ``area`` is the right that setting takes. ``label`` names the rules of the kind, ``new`` one to
    be made, ``icon`` stands beside it, ``stem`` begins the keys of new ones. ``disable_help`` and
    ``enable_help`` say what disabling and enabling one does. ``base`` is the address of its pages
    where they have one of their own. Where ``breaks``, a rule is dead or wrong without the fields
    that it names. ``fault`` says which records a rule is not content with, for kinds that judge
    records (see ``findings``).
    """

    definition: Definition
    area: str
    read: Callable[[Rule], R]
    sentence: Callable[[R], Text]
    label: Text
    new: Text
    icon: str = "ruler"
    stem: str = ""
    disable_help: Text = NOTHING
    enable_help: Text = NOTHING
    base: str = ""
    breaks: bool = True
    fault: Callable[[R], Fault] | None = None

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def url(self) -> str:
        """The address under which its rules are set, without their key."""
        return self.base or f"/setup/rules/{self.name}"

    def uses(self, snapshot: Snapshot) -> Iterator[Use]:
        """What its rules read of the catalog.

        Fields that they name, formulas, what metrics rest on.
        """
        for rule in queries.rules(self.name):
            if not in_use(rule):
                continue
            d = rule.definition
            held = [(f, d[f.name]) for f in self.definition.fields if d.get(f.name)]
            touches = frozenset(t for f, value in held for t in f.touches(value, d, snapshot))
            readings = tuple(r for f, value in held for r in f.readings(value, d))
            if touches:
                label, url = self.label_of(rule), f"{self.url}/{rule.key}"
                kind = self.definition.label
                yield Use(kind, label, url, touches, breaks=self.breaks, readings=readings)

    def label_of(self, rule: Rule) -> Text:
        """What a rule is called, with its numbers filled in where its name has such."""
        try:
            found: Text = self.read(rule).label  # type: ignore[attr-defined]
        except Refused:
            return rule.label
        return found

    def check(self, key: str, definition: Values) -> R:
        """What a definition would be. Raises Refused with every problem."""
        bare = {k: v for k, v in definition.items() if v is not None}
        self.definition.require(bare)
        label = Text.of(bare.get("label") or key)
        return self.read(Rule(self.name, key, label, bare, actions.BEGINNING, True))

    def current(self, day: date | None = None, *, with_disabled: bool = False) -> tuple[R, ...]:
        """The rules that hold on a day (today unless said) and whose object is still in use."""
        found = queries.rules(self.name, day, with_disabled=with_disabled)
        return tuple(self.read(r) for r in found if in_use(r))

    def set_rule(
        self,
        key: str,
        definition: Values,
        *,
        actor: Actor,
        active: bool = True,
        valid_from: date | None = None,
        reason: str = "",
    ) -> R:
        """Add or change a rule from a day on (today unless said).

        Raises Forbidden, or Refused with every problem of the definition.
        """
        with transaction.atomic():
            rule = self._write(key, definition, actor, active, valid_from, reason)
            self._changed([key])
        return rule

    def switch(self, key: str, *, actor: Actor, active: bool, reason: str = "") -> None:
        """Enable or disable a rule from today on. What cannot hold any more can still be disabled.

        Raises Forbidden, Missing, and Refused where an enabled rule would make no sense.
        """
        rule = queries.rule(self.name, key)
        if active:
            self.set_rule(key, rule.definition, actor=actor, active=True, reason=reason)
        else:
            hooks.require_setup(actor, self.area)
            stamped = self.definition.stamped(rule.definition)
            with transaction.atomic():
                actions.upsert(self.name, key, stamped, actor=actor, active=False, reason=reason)
                self._changed([key])

    def install(self, definitions: Mapping[str, Values], *, actor: Actor) -> int:
        """The rules that a pack ships and the company lacks. Returns how many were added."""
        hooks.require_setup(actor, self.area)
        some = self._checked(definitions)
        with transaction.atomic():
            added = actions.install(self.name, some, actor=actor)
            if added:
                self._changed(list(some))
        return added

    def export(self) -> Mapping[str, Values]:
        """Every rule as packs carry it, with the versions that held before."""
        return portable.export(self.name, actions.BEGINNING)

    def apply(self, definitions: Mapping[str, Values], *, actor: Actor) -> None:
        """Let rules be as a newer pack has them: new ones since ever, others from today on."""
        hooks.require_setup(actor, self.area)
        there = {r.key for r in queries.rules(self.name, date.max, with_disabled=True)}
        some = self._checked(definitions)
        with transaction.atomic():
            new = {k: d for k, d in some.items() if k not in there}
            actions.install(self.name, new, actor=actor)
            for key in (k for k in some if k in there):
                bare = self.definition.current(_bare(some[key]))
                self._write(key, bare, actor, not some[key].get(portable.DISABLED, False), None, "")
            if some:
                self._changed(list(some))

    def retire(self, keys: Sequence[str], *, actor: Actor) -> None:
        """Disable rules from today on."""
        for key in keys:
            self.switch(key, actor=actor, active=False)

    def _write(
        self,
        key: str,
        definition: Values,
        actor: Actor,
        active: bool,
        valid_from: date | None,
        reason: str,
    ) -> R:
        hooks.require_setup(actor, self.area)
        definition = {k: v for k, v in definition.items() if v is not None}
        rule = self.check(key, definition)
        stamped = self.definition.stamped(definition)
        actions.upsert(
            self.name,
            key,
            stamped,
            actor=actor,
            active=active,
            valid_from=valid_from,
            reason=reason,
        )
        return rule

    def _changed(self, keys: Sequence[str]) -> None:
        for listener in _listeners.get(self.name, ()):
            listener(keys)

    def _checked(self, definitions: Mapping[str, Values]) -> dict[str, Values]:
        """Definitions of a pack as the present version writes them, with days and state.

        Raises Refused with the problems of all, each with the number of its definition.
        """
        found: list[Problem] = []
        made: dict[str, Values] = {}
        for row, (key, raw) in enumerate(definitions.items()):
            try:
                made[key] = self.definition.present(raw)
                self.check(key, self.definition.current(_bare(raw)))
            except Refused as refused:
                found += [portable.numbered(p, row) for p in refused.problems]
        if found:
            raise Refused(*found)
        return made


def _bare(raw: Values) -> dict[str, Any]:
    """A definition of a pack without days and state."""
    return {k: v for k, v in raw.items() if k not in CARRIED}


def in_use(rule: Rule) -> bool:
    """Whether the object that a rule is about is there and in use; a rule about none always is."""
    key = rule.definition.get("object")
    found = snapshot().objects.get(key) if key else None
    return key is None or (found is not None and not found.retired)


_kinds: dict[str, DatedKind[Any]] = {}
_listeners: dict[str, list[Callable[[Sequence[str]], None]]] = {}


def subscribe(section: str, listener: Callable[[Sequence[str]], None]) -> None:
    """Be told the keys of rules that were written, in the same transaction; called in ready()."""
    _listeners.setdefault(section, []).append(listener)


def add(kind: DatedKind[Any]) -> None:
    """Make a kind known; see ``packs.actions.declare``, which rooms call."""
    _kinds[kind.name] = kind
    upgrading.register(kind.name, kind.definition.current)


def kinds() -> tuple[DatedKind[Any], ...]:
    """Every kind of dated rule, lower rooms first."""
    return tuple(_kinds.values())


def kind_of(section: str) -> DatedKind[Any] | None:
    """The kind whose rules a section holds."""
    return _kinds.get(section)
