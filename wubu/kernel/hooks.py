"""What the lowest rooms ask of rooms above them: may this actor set this up, and keep a note of it.

People and calendar lie below permissions and the log, so they cannot import them. They ask here;
the rooms above install their answers when the program starts. Until then only the system may act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wubu.kernel.types import Actor, Forbidden, Problem, Text, must_write

Guard = Callable[[Actor, str], None]
Recorder = Callable[[Actor, str, int, str, Mapping[str, Any], Mapping[str, Any]], None]

Rights = Callable[[Actor], frozenset[str] | None]

_rights: list[Rights] = []
_guards: list[Guard] = []
_recorders: list[Recorder] = []


def install(
    *,
    guard: Guard | None = None,
    recorder: Recorder | None = None,
    rights: Rights | None = None,
) -> None:
    """``guard(actor, area)`` raises Forbidden; ``recorder`` writes one log row.

    ``rights`` names the roles that count for an actor now.
    """
    if rights is not None:
        _rights[:] = [rights]
    if guard is not None:
        _guards[:] = [guard]
    if recorder is not None:
        _recorders[:] = [recorder]


def rights_of(actor: Actor) -> frozenset[str] | None:
    """The roles that count for an actor now; None for the system, whom nothing limits."""
    if actor.is_system:
        return None
    return _rights[0](actor) if _rights else frozenset()


def require_setup(actor: Actor, area: str) -> None:
    """Raises Forbidden unless the actor may set up ``area`` (people, teams, objects …)."""
    must_write(actor)
    if actor.is_system:
        return
    if not _guards:
        raise Forbidden(
            Problem("forbidden", Text("您无权更改此设置。", "You may not change this setting."))
        )
    _guards[0](actor, area)


def record(
    actor: Actor,
    object_key: str,
    record_id: int,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """Keep a note of a change to the company's set-up; values are as JSON holds them."""
    for recorder in _recorders:
        recorder(actor, object_key, record_id, action, before, after)
