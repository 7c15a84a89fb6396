"""A section of dated rules: who may set them, and what a definition must be to hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from wubu.kernel import hooks
from wubu.kernel.rules import actions
from wubu.kernel.rules.shape import require
from wubu.kernel.types import Actor

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
        for key, definition in definitions.items():
            self._checked(key, definition)
        return actions.install(self.name, definitions, actor=actor)

    def _checked(self, key: str, definition: Mapping[str, Any]) -> R:
        require(definition, self.shape, self.needed)
        return self.check(key, definition)
