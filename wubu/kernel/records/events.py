"""Upper rooms listen here: to every written set of records, inside the transaction or after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import transaction

from wubu.kernel.types import Actor, Origin

Action = Literal["create", "update", "archive", "restore", "rollup"]


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Records of one object that were written together.

    ``ids``, ``before`` and ``after`` run in parallel. Images are whole records in stored form, by
    field key, with the base columns (``created_at``, ``created_by``, ``archived_at`` …); ``before``
    is None for a created record. A record that is archived keeps its image with ``archived_at``
    set. ``changed`` is the union of the field keys that differ. Action ``rollup`` tells that kept
    roll-up fields of these records moved (no Change is logged for it). ``at`` is aware, in UTC.
    """

    object_key: str
    action: Action
    ids: Sequence[int]
    before: Sequence[Mapping[str, Any] | None]
    after: Sequence[Mapping[str, Any]]
    changed: frozenset[str]
    actor: Actor
    origin: Origin
    at: datetime


Listener = Callable[[ChangeSet], None]
PurgeListener = Callable[[str, Sequence[int]], None]
_inside: list[Listener] = []
_rollups: list[Listener] = []
_after_commit: list[Listener] = []
_purged: list[PurgeListener] = []


def subscribe(fn: Listener, *, rollups: bool = False) -> Listener:
    """Call ``fn`` in the same transaction, after the rows and their Changes are written.

    What it raises takes the whole write back. With ``rollups`` it is also told of kept roll-up
    values that moved. Subscribing twice is subscribing once.
    """
    if fn not in _inside:
        _inside.append(fn)
    if rollups and fn not in _rollups:
        _rollups.append(fn)
    return fn


def announce(fn: Listener) -> Listener:
    """Call ``fn`` after the transaction is committed, never when it is rolled back."""
    if fn not in _after_commit:
        _after_commit.append(fn)
    return fn


def on_purge(fn: PurgeListener) -> PurgeListener:
    """Call ``fn(object_key, ids)`` in the transaction in which records are deleted for good."""
    if fn not in _purged:
        _purged.append(fn)
    return fn


def emit_purged(object_key: str, ids: Sequence[int]) -> None:
    """Tell everybody who keeps something beside these records; only the door calls this."""
    for fn in tuple(_purged):
        fn(object_key, ids)


def unsubscribe(fn: Listener) -> None:
    """Stop calling ``fn``."""
    for listeners in (_inside, _rollups, _after_commit):
        if fn in listeners:
            listeners.remove(fn)


def wants_rollups() -> bool:
    """Whether anybody listens to roll-ups: reading their images costs a query."""
    return bool(_rollups)


def emit(change: ChangeSet) -> None:
    """Tell everybody of one written set; only the door calls this."""
    for fn in tuple(_rollups if change.action == "rollup" else _inside):
        fn(change)
    for fn in tuple(_after_commit):
        transaction.on_commit(lambda fn=fn: fn(change))  # type: ignore[misc]
