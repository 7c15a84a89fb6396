"""What SQLite cannot do exactly by itself: Python functions on its connections.

Days and instants are texts there, as Django keeps them. ``wubu_value`` computes a whole subtree,
for formulas nested deeper than SQLite's parser can follow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.backends.signals import connection_created

from wubu.kernel.fields.location import distance
from wubu.kernel.fields.richtext import untagged
from wubu.kernel.formula import exact, formats, handles, wording, working
from wubu.kernel.formula.sql import sqlite_instant
from wubu.kernel.formula.values import Evaluator


@dataclass(frozen=True, slots=True)
class Subtree:
    """What ``wubu_value`` computes; ``columns`` are the paths it reads and the kind of each."""

    evaluate: Evaluator
    columns: tuple[tuple[tuple[str, ...], str], ...]


def _value(number: int, *raw: Any) -> Any:
    subtree: Subtree = handles.thing(number)
    values = {
        path: to_python(value, kind)
        for (path, kind), value in zip(subtree.columns, raw, strict=True)
    }
    return to_sqlite(subtree.evaluate(values.__getitem__))


def to_python(raw: Any, kind: str) -> Any:
    """A stored value of what SQLite holds."""
    if raw is None:
        return None
    if kind == "date":
        return date.fromisoformat(raw)
    if kind == "datetime":
        return instant(raw)
    if kind == "bool":
        return bool(raw)
    if kind == "choices":
        return tuple(raw.strip("|").split("|"))
    return raw


def to_sqlite(value: Any) -> Any:
    """What SQLite holds for a value."""
    if isinstance(value, datetime):
        return sqlite_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return int(value)
    return value


def instant(raw: str) -> datetime:
    """The aware instant of Django's text for it."""
    return datetime.fromisoformat(raw).replace(tzinfo=UTC)


def _least(*values: Any) -> Any:
    return min((v for v in values if v is not None), default=None)


def _greatest(*values: Any) -> Any:
    return max((v for v in values if v is not None), default=None)


def _on_day(function: Callable[..., date | None]) -> Callable[..., str | None]:
    """A function of a day as one of its text."""

    def run(day: str | None, *rest: Any) -> str | None:
        if day is None or None in rest:
            return None
        found = function(date.fromisoformat(day), *rest)
        return None if found is None else found.isoformat()

    return run


def _make_date(year: int | None, month: int | None, day: int | None) -> str | None:
    found = exact.make_date(year, month, day)
    return None if found is None else found.isoformat()


def _add_time(when: str | None, days: int | None) -> str | None:
    if when is None:
        return None
    moved = exact.add_time(instant(when), days)
    return None if moved is None else sqlite_instant(moved)


def _local_day(when: str | None, zone: str) -> str | None:
    day = exact.local_day(None if when is None else instant(when), zone)
    return None if day is None else day.isoformat()


def _hours(later: str | None, earlier: str | None) -> int | None:
    if later is None or earlier is None:
        return None
    return exact.hours(instant(later), instant(earlier))


def _clock(when: str | None, zone: str, field: str) -> int | None:
    return exact.clock(None if when is None else instant(when), zone, field)


def _datedif(start: str | None, end: str | None, unit: str) -> int | None:
    if start is None or end is None:
        return None
    return exact.date_difference(date.fromisoformat(start), date.fromisoformat(end), unit)


def _week(day: str | None) -> int | None:
    return None if day is None else date.fromisoformat(day).isocalendar()[1]


def _workday(number: int, day: str | None, count: int | None) -> str | None:
    if day is None or count is None:
        return None
    found = working.add(handles.thing(number), date.fromisoformat(day), count)
    return None if found is None else found.isoformat()


def _networkdays(number: int, start: str | None, end: str | None) -> int | None:
    if start is None or end is None:
        return None
    days: working.Exceptions = handles.thing(number)
    return working.between(days, date.fromisoformat(start), date.fromisoformat(end))


def _isworkday(number: int, day: str | None) -> bool | None:
    return (
        None if day is None else working.is_worked(handles.thing(number), date.fromisoformat(day))
    )


def _text_date(day: str | None, zone: str, wanted: str) -> str | None:
    return formats.day(None if day is None else date.fromisoformat(day), zone, wanted)


def _text_datetime(when: str | None, zone: str, wanted: str) -> str | None:
    return formats.day(None if when is None else instant(when), zone, wanted)


class _Sum:
    """The exact sum of whole numbers; the limit itself when it is too large to keep."""

    def __init__(self) -> None:
        self.total = 0

    def step(self, value: int | None) -> None:
        self.total += value or 0

    def finalize(self) -> int:
        kept = exact.within(self.total)
        return exact.LIMIT if kept is None else kept


class _Average:
    """Their average with ``lift`` more decimals, rounded."""

    def __init__(self) -> None:
        self.total = self.count = self.lift = 0

    def step(self, value: int | None, lift: int) -> None:
        self.lift = lift
        if value is not None:
            self.total += value
            self.count += 1

    def finalize(self) -> int | None:
        if self.lift < 0:
            return exact.over(self.total, self.count * 10**-self.lift, 0)
        return exact.over(self.total, self.count, self.lift)


REGISTERED: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("wubu_times", 3, exact.times),
    ("wubu_over", 3, exact.over),
    ("wubu_round", 3, exact.rounded),
    ("wubu_round_up", 3, exact.rounded_up),
    ("wubu_round_down", 3, exact.rounded_down),
    ("wubu_floor_to", 2, exact.floor_to),
    ("wubu_ceiling_to", 2, exact.ceiling_to),
    ("wubu_mod", 2, exact.mod),
    ("wubu_sqrt", 2, exact.root),
    ("wubu_power", 3, exact.power),
    ("wubu_floor", 2, exact.floor),
    ("wubu_ceiling", 2, exact.ceiling),
    ("wubu_decimal", 2, exact.decimal_text),
    ("wubu_min", -1, _least),
    ("wubu_max", -1, _greatest),
    ("wubu_date", 3, _make_date),
    ("wubu_add_days", 2, _on_day(exact.add_days)),
    ("wubu_add_months", 2, _on_day(exact.add_months)),
    ("wubu_add_time", 2, _add_time),
    ("wubu_start", 2, _on_day(exact.start_of)),
    ("wubu_month_end", 1, _on_day(exact.month_end)),
    ("wubu_local_day", 2, _local_day),
    ("wubu_hours", 2, _hours),
    ("wubu_clock", 3, _clock),
    ("wubu_datedif", 3, _datedif),
    ("wubu_week", 1, _week),
    ("wubu_workday", 3, _workday),
    ("wubu_networkdays", 3, _networkdays),
    ("wubu_isworkday", 2, _isworkday),
    ("wubu_text_number", 3, formats.number),
    ("wubu_text_date", 3, _text_date),
    ("wubu_text_datetime", 3, _text_datetime),
    ("wubu_total", -1, exact.total),
    ("wubu_mean", -1, exact.mean),
    ("wubu_left", 2, wording.left),
    ("wubu_right", 2, wording.right),
    ("wubu_mid", 3, wording.mid),
    ("wubu_find", 3, wording.find),
    ("wubu_substitute", 3, wording.substitute),
    ("wubu_rept", 2, wording.repeat),
    ("wubu_proper", 1, wording.proper),
    ("wubu_textjoin", -1, wording.joined),
    ("wubu_value_of", 1, wording.value_of),
    ("wubu_endswith", 2, wording.ends),
    ("wubu_distance", 2, distance),
    ("wubu_untagged", 1, untagged),
)


def install(connection: Any) -> None:
    """Register the functions on an open SQLite connection, once."""
    raw = connection.connection
    if raw is None or getattr(connection, "_wubu_functions", None) is raw:
        return
    for name, count, function in REGISTERED:
        raw.create_function(name, count, function, deterministic=True)
    raw.create_function("wubu_value", -1, _value, deterministic=True)
    raw.create_aggregate("wubu_sum", 1, _Sum)
    raw.create_aggregate("wubu_average", 2, _Average)
    connection._wubu_functions = raw


def _on_connect(sender: Any, connection: Any, **_: Any) -> None:
    if connection.vendor == "sqlite":
        install(connection)


connection_created.connect(_on_connect, dispatch_uid="wubu.formula.sqlite")
