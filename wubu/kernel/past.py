"""One idea of the past, for everything that holds from a day.

Rules, metrics, weights, targets, membership, reporting lines, the tree of teams.

What is closed stays. The first day that is not closed is the first from which anything may
change; while nothing was ever closed, any day will do. Low rooms cannot import the ledger, which
closes: it installs its answer when the program starts, and says what a change to open days moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from wubu.kernel.types import Problem, Refused, Text

Kind = Literal["rule", "metric", "scorecard", "member", "team"]
BEGINNING = date(2000, 1, 1)  # the first day of what has held since ever


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to change.

    A member or a team by id, a metric or a scorecard by key, a rule by ``section/key``.
    """

    kind: Kind
    key: str


FirstDay = Callable[[], date | None]
Effect = Callable[[Subject, date], list[Text]]

_first_day: list[FirstDay] = []
_effects: list[Effect] = []


def install(first_day: FirstDay) -> None:
    """``first_day`` answers with the first day that is not closed, None while nothing is."""
    _first_day[:] = [first_day]


def register(effect: Effect) -> None:
    """``effect`` says what a change of a subject from an open day on would move."""
    if effect not in _effects:
        _effects.append(effect)


def first_day() -> date | None:
    """The first day from which anything may change; None: any day."""
    return _first_day[0]() if _first_day else None


def is_closed(day: date) -> bool:
    """Whether a day is closed for changes."""
    first = first_day()
    return first is not None and day < first


def earliest(day: date) -> date:
    """The day itself, or the first that may change where it is closed.

    For what begins to be kept now and says that it has held since ever.
    """
    first = first_day()
    return day if first is None else max(day, first)


def problem(day: date, *, field: str = "valid_from") -> Problem | None:
    """What is wrong with a change that holds from this day, with the nearest day that will do."""
    first = first_day()
    if first is None or day >= first:
        return None
    return Problem(
        "closed_past",
        Text(
            "{d}已经关账，从这一天起不能再改：已关账的业绩、得分、积分和名次保持不变。",
            "{d} is closed. Nothing may change from that day on: figures, scores, points and ranks "
            "of closed months stay as they are.",
        ).format(d=day.isoformat()),
        Text(
            "最早可从 {d} 起生效；要改更早的，请先重新打开该月。",
            "The earliest day is {d}; to change more, reopen the month first.",
        ).format(d=first.isoformat()),
        field=field,
        value=day.isoformat(),
        suggestion=first.isoformat(),
    )


def require(day: date, *, field: str = "valid_from") -> None:
    """Raises Refused for a change that would hold from a closed day."""
    found = problem(day, field=field)
    if found is not None:
        raise Refused(found)


def effects(subject: Subject, day: date) -> tuple[Text, ...]:
    """What a change of the subject from this day on moves.

    Nothing when it only holds for days to come.
    """
    return tuple(text for effect in _effects for text in effect(subject, day))
