"""Upper rooms listen here to changes of the catalog: what they keep depends on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.types import Actor


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """A plan that was applied: the catalog before it and after it.

    ``moved`` names the fields (object, field) whose values were written anew, and those that are
    reckoned from them.
    """

    before: Snapshot
    after: Snapshot
    actor: Actor
    moved: frozenset[tuple[str, str]] = frozenset()

    def role(self, object_key: str, name: str) -> tuple[FieldSpec | None, FieldSpec | None]:
        """The field that played a role of an object before, and the one that plays it now."""
        sides = (s.objects.get(object_key) for s in (self.before, self.after))
        was, now = (o.role(name) if o else None for o in sides)
        return was, now


Listener = Callable[[SchemaChange], None]
_listeners: list[Listener] = []


def subscribe(fn: Listener) -> Listener:
    """Call ``fn`` in the transaction that changes the tables, after the catalog's rows are written.

    Subscribing twice is subscribing once.
    """
    if fn not in _listeners:
        _listeners.append(fn)
    return fn


def emit(change: SchemaChange) -> None:
    for fn in tuple(_listeners):
        fn(change)
