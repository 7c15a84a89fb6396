"""Definitions that an earlier release stored, lifted to the present version at an upgrade."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from wubu.kernel.definitions.definition import VERSION, Definition
from wubu.kernel.definitions.kinds import kinds
from wubu.kernel.rules import lifting
from wubu.kernel.types import Text


def outdated() -> tuple[tuple[Text, int], ...]:
    """The kinds with definitions of an earlier version, and how many; versions of rules each count.

    A definition of a newer program counts too: ``lift`` refuses it.
    """
    every = _newer_than_first()
    found = lifting.outdated(every.keys(), _is_old)
    return tuple((every[section].label, count) for section, count in found.items())


def lift() -> int:
    """Write them as this release does; how many were. Raises Refused for one of a newer program,
    and then none is.
    """
    every = _newer_than_first()
    with transaction.atomic():
        return lifting.lift(
            {name: lambda d, of=of: of.stamped(of.current(d)) for name, of in every.items()},
            _is_old,
        )


def _newer_than_first() -> dict[str, Definition]:
    """By section; those that are still in their first version need no look."""
    return {k.name: k.definition for k in kinds() if k.definition.version > 1}


def _is_old(section: str, definition: Any) -> bool:
    return bool(definition.get(VERSION, 1) != _newer_than_first()[section].version)
