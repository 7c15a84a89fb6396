"""Definitions that an earlier release stored, lifted to the present version at an upgrade."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from wubu.kernel.definitions.base import Values
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
    """Write them as this release does; how many were.

    Raises Refused for one of a newer program, and then none is.
    """
    lifts = {name: partial(_lifted, of) for name, of in _newer_than_first().items()}
    with transaction.atomic():
        return lifting.lift(lifts, _is_old)


def _lifted(of: Definition, raw: Values) -> dict[str, Any]:
    return of.stamped(of.current(raw))


def _newer_than_first() -> dict[str, Definition]:
    """By section; those that are still in their first version need no look."""
    return {k.name: k.definition for k in kinds() if k.definition.version > 1}


def _is_old(section: str, definition: Any) -> bool:
    return bool(definition.get(VERSION, 1) != _newer_than_first()[section].version)
