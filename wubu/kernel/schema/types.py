"""A catalog change as data: what would happen, how much it touches, what stands in its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.types import Problem, Text


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
class Plan:
    """What ``schema.actions.apply`` will do, all of it or nothing.

    ``token`` is the version that it was planned against: when the catalog has moved since, it is
    planned again. A plan with ``problems`` can be shown but not applied.
    """

    token: str
    wanted: tuple[ObjectSpec, ...]
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...] = ()
    operations: tuple[Any, ...] = field(default=(), compare=False, repr=False)

    @property
    def is_empty(self) -> bool:
        return not self.steps
