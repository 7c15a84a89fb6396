"""Parameters of a statement that stand for Python objects: SQLite's functions find those by number.

A ``Handle`` goes to the driver as its number. Whoever caches a statement caches its parameters, and
with them the object: it lives as long as a statement that needs it, however many others are written
meanwhile. So any SQL may be cached, and nothing in its text belongs to this process alone.
"""

from __future__ import annotations

import itertools
from collections import deque
from typing import Any
from weakref import WeakValueDictionary

# A statement that nobody caches is still read row by row after its parameters are gone.
RECENT = 4_096

_numbers = itertools.count(1)


class Handle:
    """One object among the parameters of a statement."""

    __slots__ = ("__weakref__", "number", "thing")

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self.number = next(_numbers)
        _live[self.number] = self
        _recent.append(self)

    def __conform__(self, protocol: Any) -> int:
        """What the driver of SQLite binds."""
        return self.number

    def __repr__(self) -> str:
        return f"<{type(self.thing).__name__}>"


_live: WeakValueDictionary[int, Handle] = WeakValueDictionary()
_recent: deque[Handle] = deque(maxlen=RECENT)


def thing(number: int) -> Any:
    """The object behind a number. Raises KeyError when no statement holds it any more."""
    return _live[number].thing
