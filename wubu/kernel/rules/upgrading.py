"""Rules that an earlier release stored are read as the present one writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Upgrade = Callable[[Mapping[str, Any]], dict[str, Any]]
_upgrades: dict[str, Upgrade] = {}


def register(section: str, upgrade: Upgrade) -> None:
    """``upgrade`` makes any stored definition of a section into a present one."""
    _upgrades[section] = upgrade


def current(section: str, definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """A stored definition as the present release writes it."""
    upgrade = _upgrades.get(section)
    return upgrade(definition) if upgrade else definition
