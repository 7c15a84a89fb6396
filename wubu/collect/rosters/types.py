from __future__ import annotations

from dataclasses import dataclass

from wubu.kernel.types import Problem


@dataclass(frozen=True, slots=True)
class Entry:
    """One person as the list names them; ``line`` counts from 1. ``role`` is a key, once known."""

    line: int
    name: str
    login: str
    phone: str = ""
    email: str = ""
    team: str = ""
    role: str = ""
    manager: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """What a list says, and everything that is wrong with it. ``teams`` would be new."""

    entries: tuple[Entry, ...]
    teams: tuple[str, ...]
    known: tuple[str, ...]  # names of those who are members already
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A new member with the password to hand over; it is kept nowhere else."""

    name: str
    login: str
    password: str
