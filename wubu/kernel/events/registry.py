"""The consumers of the log, registered by the rooms they live in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wubu.kernel.events.types import Event
from wubu.kernel.types import Text

Handler = Callable[[Sequence[Event]], None]


@dataclass(frozen=True, slots=True)
class Consumer:
    """A handler by name; the name is that of its cursor and must stay."""

    name: str
    label: Text
    handle: Handler
    batch: int


CONSUMERS: dict[str, Consumer] = {}


def consumer(name: str, *, label: Text, batch: int = 1000) -> Callable[[Handler], Handler]:
    """Register ``fn(events)``: up to ``batch`` changes at once, in the order of each record.

    What it writes is committed together with its cursor, so it is done once; what it does outside
    the database may be done again after a crash. It starts with the changes made after it was
    first seen. What it raises undoes its writes: the records at fault are found and set aside, the
    others go on.
    """

    def register(fn: Handler) -> Handler:
        CONSUMERS[name] = Consumer(name, label, fn, batch)
        return fn

    return register
