"""What can be run in the background, and when it runs by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Any

from wubu.kernel.jobs.types import Run, Timing
from wubu.kernel.types import Text

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class JobKind:
    """A job by name.

    ``own_units``: the function opens its units of work itself, to commit in steps.
    """

    name: str
    run: Function
    label: Text
    max_attempts: int
    own_units: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """A schedule that the program declares."""

    key: str
    job: str
    timing: Timing


JOBS: dict[str, JobKind] = {}
SCHEDULES: dict[str, Declared] = {}
TURNS: list[Callable[[str], int]] = []


def every_turn(fn: Callable[[str], int]) -> None:
    """Have each worker call ``fn(worker)`` between two jobs, about once a second when idle.

    It opens its own units of work and answers how much it did.
    """
    if fn not in TURNS:
        TURNS.append(fn)


def job(
    name: str,
    *,
    label: Text | None = None,
    attempts: int = 3,
    own_units: bool = False,
    daily_at: time | None = None,
    every_minutes: int | None = None,
) -> Callable[[Function], Function]:
    """Register ``fn(run, **kwargs)`` as a background job, in a module imported at start-up.

    It runs in one unit of work and may run again after a crash, so what it does twice must be as
    if done once. What it returns is kept as JSON. A Refused fails it at once; any other exception
    is retried up to ``attempts`` times. With ``daily_at`` or ``every_minutes`` it also runs by
    itself, once per slot however many workers there are.
    """

    def register(fn: Function) -> Function:
        JOBS[name] = JobKind(name, fn, label or Text(name, name), attempts, own_units)
        if daily_at is not None or every_minutes is not None:
            SCHEDULES[name] = Declared(name, name, Timing(daily_at, every_minutes))
        return fn

    return register


__all__ = ["JOBS", "SCHEDULES", "Declared", "Function", "JobKind", "Run", "every_turn", "job"]
