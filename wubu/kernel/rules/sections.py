"""A section of dated rules: who may set them, and what a definition must be to hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from wubu.kernel import hooks
from wubu.kernel.rules import actions, portable, queries
from wubu.kernel.rules.shape import require
from wubu.kernel.types import Actor, Problem, Refused

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Section(Generic[R]):
    """``check(key, definition)`` reads a definition or raises Refused with every problem.

    ``area`` is the right that setting takes; ``shape`` names the kind of each key (see ``shape``),
    ``needed`` the keys without which ``check`` cannot read it.
    """

    name: str
    area: str
    check: Callable[[str, Mapping[str, Any]], R]
    shape: Mapping[str, str]
    needed: tuple[str, ...] = ()

    def set_rule(
        self,
        key: str,
        definition: Mapping[str, Any],
        *,
        actor: Actor,
        active: bool = True,
        valid_from: date | None = None,
        reason: str = "",
    ) -> R:
        """Add or change a rule from a day on (today unless said).

        Raises Forbidden, or Refused with every problem of the definition.
        """
        hooks.require_setup(actor, self.area)
        definition = {k: v for k, v in definition.items() if v is not None}
        rule = self._checked(key, definition)
        actions.put(
            self.name,
            key,
            definition,
            actor=actor,
            active=active,
            valid_from=valid_from,
            reason=reason,
        )
        return rule

    def install(self, definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> int:
        """The rules that a pack ships and the company lacks. Returns how many were added."""
        self._check_all(definitions)
        return actions.install(self.name, definitions, actor=actor)

    def export(self) -> Mapping[str, Mapping[str, Any]]:
        """Every rule as packs carry it, with the versions that held before."""
        return portable.export(self.name, actions.BEGINNING)

    def put(self, definitions: Mapping[str, Mapping[str, Any]], *, actor: Actor) -> None:
        """Let rules be as a newer pack has them: new ones since ever, others from today on."""
        there = {r.key for r in queries.rules(self.name, date.max, resting=True)}
        self._check_all(definitions)
        new = {k: d for k, d in definitions.items() if k not in there}
        actions.install(self.name, new, actor=actor)
        for key, definition in definitions.items():
            if key in there:
                self.set_rule(
                    key,
                    portable.bare(definition),
                    actor=actor,
                    active=not definition.get(portable.RESTING, False),
                )

    def retire(self, keys: Sequence[str], *, actor: Actor) -> None:
        """Let rules rest from today on."""
        hooks.require_setup(actor, self.area)
        for key in keys:
            rule = queries.rule(self.name, key)
            actions.put(self.name, key, rule.definition, actor=actor, active=False)

    def _check_all(self, definitions: Mapping[str, Mapping[str, Any]]) -> None:
        """Raises Refused with the problems of all, each with the number of its definition."""
        found: list[Problem] = []
        for row, (key, definition) in enumerate(definitions.items()):
            try:
                self._checked(key, portable.bare(definition))
            except Refused as refused:
                found += [portable.numbered(p, row) for p in refused.problems]
        if found:
            raise Refused(*found)

    def _checked(self, key: str, definition: Mapping[str, Any]) -> R:
        require(definition, self.shape, self.needed)
        return self.check(key, definition)
