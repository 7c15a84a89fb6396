"""Boards of closed periods are kept at closing and read from what was kept.

Figures, names and the rule, whatever becomes of teams, people and rules later.

A month's board is kept when the month closes; that of a quarter or a year with its last month.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from wubu.kernel.calendar.queries import now, period_of
from wubu.kernel.calendar.types import Period
from wubu.kernel.types import SYSTEM, Actor, Text
from wubu.measure.figures.queries import dictionary
from wubu.measure.ledger.types import Closing
from wubu.measure.metrics.types import UNASSIGNED
from wubu.measure.scorecards.queries import exact
from wubu.motivate.leaderboards import rules
from wubu.motivate.leaderboards.lines import Line, lines
from wubu.motivate.leaderboards.models import KeptBoard
from wubu.motivate.leaderboards.ranking import Number
from wubu.motivate.leaderboards.types import BoardRule


@dataclass(frozen=True, slots=True)
class Kept:
    """A board as it was kept: everybody's line, whoever may see it."""

    rule: BoardRule
    better: str
    lines: dict[int, Line]
    unassigned: Number | None


def on_closing(closing: Closing, actor: Actor) -> None:
    """Subscriber of the ledger: keep the boards of all periods that a closing closes.

    Those of a month that is reopened are live again.
    """
    first = min(m.start for m in closing.months)
    ranked = KeptBoard.objects.filter(end__gt=first, replaced_at=None)
    ranked.update(replaced_at=now())
    if closing.is_closed:
        KeptBoard.objects.bulk_create(
            _kept(rule, at) for month in closing.months for rule, at in _ending(month)
        )


def _ending(month: Period) -> Iterator[tuple[BoardRule, Period]]:
    """Every board with its periods that end with a month."""
    for rule in rules.current(month.last):
        yield rule, month
        if rule.period != "month":
            at = period_of(rule.period, month.start)
            if at.end == month.end:
                yield rule, at


def _kept(rule: BoardRule, at: Period) -> KeptBoard:
    found = lines(SYSTEM, rule, at)
    nobody = found.pop(UNASSIGNED, None)
    return KeptBoard(
        key=rule.key,
        start=at.start,
        end=at.end,
        rule=_plain(rule),
        better=dictionary().metric(rule.of).better if rule.source == "metric" else "up",
        lines=[{"id": i, **_plain(line)} for i, line in found.items()],
        unassigned=None if nobody is None else _text(nobody.value),
        kept_at=now(),
    )


def board(key: str, at: Period) -> Kept | None:
    """What was kept of a board for a period that is closed; None where nothing was."""
    row = KeptBoard.objects.filter(
        key=key, start=at.start, end=at.end, replaced_at__isnull=True
    ).first()
    if row is None:
        return None
    return Kept(
        rule=_rule(row.rule),
        better=row.better,
        lines={x["id"]: _line(x) for x in row.lines},
        unassigned=_number(row.unassigned),
    )


def _plain(thing: Any) -> dict[str, Any]:
    """A dataclass as JSON keeps it: numbers as text, so that none loses a digit."""
    return {name: _value(value) for name, value in asdict(thing).items()}


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {k: _value(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_value(v) for v in value]
    return value


def _text(value: Number | None) -> str | None:
    return None if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _number(text: Any) -> Number | None:
    if text is None or isinstance(text, int):
        return text
    return exact(text)


def _line(x: Mapping[str, Any]) -> Line:
    return Line(
        name=x["name"],
        value=_number(x["value"]),
        target=_number(x["target"]),
        attainment=None if x["attainment"] is None else Decimal(x["attainment"]),
        working=x["working"],
        started=x["started"],
        team=x["team"],
        team_name=x["team_name"],
    )


def _rule(d: Mapping[str, Any]) -> BoardRule:
    since = d["valid_from"] and date.fromisoformat(d["valid_from"])
    return BoardRule(
        **{
            **d,
            "label": Text.of(d["label"]),
            "roles": tuple(d["roles"]),
            "teams": tuple(d["teams"]),
            "valid_from": since,
        }
    )
