"""Records in time and space: by day, by span, around a point. Only what is in sight.

Each question looks at the window that is shown and no further, so its cost does not grow with the
records outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import asin, cos, radians, sqrt
from typing import Any

from django.db.models import Count, DateField, F, Window
from django.db.models.functions import RowNumber, TruncDate

from wubu.kernel.audit.actions import open_batch
from wubu.kernel.calendar.queries import now, zone
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.formula.queries import parse
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.types import Query
from wubu.kernel.records import actions as records
from wubu.kernel.records import queries
from wubu.kernel.records.types import Page, Record
from wubu.kernel.types import Actor, Origin, Problem, Refused, Text

UNPLANNED = 20
NEAREST, AROUND = 100, 500
RADII = (2, 10, 50, 250, 1_500, 21_000)  # kilometres around a point that are looked at in turn
KM_PER_DEGREE, EARTH = 111.2, 6_371.0


@dataclass(frozen=True, slots=True)
class Day:
    """One day: how many records it has, and the first of them."""

    count: int
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """The days of a window that have records, and what has no date yet."""

    days: dict[date, Day] = field(default_factory=dict)


def joined(*conditions: str) -> str:
    """Conditions that must all hold; empty ones say nothing."""
    said = [c for c in conditions if c]
    return said[0] if len(said) == 1 else " AND ".join(f"({c})" for c in said)


def between(key: str, first: date, last: date) -> str:
    """The records of the days from ``first`` (in) to ``last`` (out)."""
    name = f"{{{key}}}"
    return f'{name} >= "{first.isoformat()}" AND {name} < "{last.isoformat()}"'


def moment(actor: Actor, object_key: str, key: str) -> FieldSpec:
    """The date by which records are placed. Raises Refused when there is none for the actor."""
    f = snapshot().object(object_key).fields.get(key)
    may = f is not None and not f.retired and policy(actor).readable(object_key, (key,))
    if f is None or not may or not f.kind.type_of(f).dated:
        raise Refused(
            Problem(
                "no_such_date",
                Text("没有这个日期字段。", "There is no such date field."),
                object=object_key,
                field=key,
            )
        )
    return f


def month(
    actor: Actor,
    object_key: str,
    where: str,
    key: str,
    first: date,
    last: date,
    *,
    per_day: int,
    columns: Sequence[str],
) -> Month:
    """The records of a window by the day of a date, the first few of each, and how many there are.

    Three queries, however many records there are. Raises Refused.
    """
    f = moment(actor, object_key, key)
    rows = queries.matching(actor, object_key, joined(where, between(key, first, last)))
    value: Any = parse(f"{{{key}}}", snapshot=snapshot(), object_key=object_key).expression()
    rows = rows.annotate(_at=value)
    is_moment = f.kind.type_of(f).timed
    rows = rows.annotate(_day=TruncDate("_at", tzinfo=zone()) if is_moment else F("_at"))
    rows = rows.annotate(
        _n=Window(RowNumber(), partition_by=[F("_day")], order_by=[F("_at").asc(), F("id").asc()]),
        _all=Window(Count("*"), partition_by=[F("_day")]),
    ).filter(_n__lte=per_day)
    found = list(rows.order_by("_day", "_n").values_list("id", "_day", "_all"))
    ids = [row[0] for row in found]
    some = queries.visible(actor, object_key).filter(id__in=ids)
    by_id = {r.id: r for r in queries.present(actor, object_key, some, columns)}
    days: dict[date, tuple[int, list[Record]]] = {}
    for record_id, on, count in found:
        here = days.setdefault(_as_day(on), (count, []))
        if record_id in by_id:
            here[1].append(by_id[record_id])
    return Month({on: Day(count, tuple(some)) for on, (count, some) in days.items()})


def _as_day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.astimezone(zone()).date()
    return value if isinstance(value, date) else DateField().to_python(str(value)[:10])


def unplanned(actor: Actor, object_key: str, where: str, key: str, columns: Sequence[str]) -> Page:
    """The newest records without a date."""
    moment(actor, object_key, key)
    text = joined(where, f"ISBLANK({{{key}}})")
    query = Query(filter=text, columns=tuple(columns), limit=UNPLANNED)
    return queries.page(actor, object_key, query)


def intervals(
    actor: Actor,
    object_key: str,
    where: str,
    start: str,
    end: str,
    first: date,
    last: date,
    *,
    group: str = "",
    search: str = "",
    columns: Sequence[str],
    cursor: str = "",
    limit: int = 60,
) -> Page:
    """The records whose span from ``start`` to ``end`` touches the window, by group and start."""
    moment(actor, object_key, start)
    begins = f'{{{start}}} < "{last.isoformat()}"'
    until = f"{{{start}}}"
    if end:
        moment(actor, object_key, end)
        until = f"COALESCE({{{end}}}, {{{start}}})"
    touches = f'{begins} AND {until} >= "{first.isoformat()}"'
    sort = (group, start) if group else (start,)
    asked = tuple(dict.fromkeys([*columns, start, *([end] if end else [])]))
    query = Query(
        filter=joined(where, touches),
        sort=sort,
        search=search,
        columns=asked,
        limit=limit,
        cursor=cursor,
    )
    return queries.page(actor, object_key, query)


def move(
    *,
    actor: Actor,
    object_key: str,
    record_id: int,
    days: dict[str, date | None],
    version: int | None = None,
) -> tuple[Record, int]:
    """Give dates of a record another day; a moment keeps its time of day.

    The record, and the batch that takes it back. Raises Refused, Forbidden, Missing, Conflict.
    """
    before = queries.get(actor, object_key, record_id)
    values: dict[str, Any] = {}
    for key, day in days.items():
        f = moment(actor, object_key, key)
        timed = day is not None and f.kind.timed
        values[key] = _at(before.values.get(key), day) if timed and day else day
    batch = open_batch(actor=actor, kind="edit", at=now(), note=f"{object_key} {record_id}")
    after = records.update(
        actor=actor,
        object_key=object_key,
        id=record_id,
        values=values,
        version=version,
        origin=Origin(batch=batch),
    )
    return after, batch


def _at(value: Any, day: date) -> datetime:
    clock = value.astimezone(zone()).time() if isinstance(value, datetime) else time(9)
    return datetime.combine(day, clock, tzinfo=zone())


# Around a point


@dataclass(frozen=True, slots=True)
class Near:
    """A record, and how far it is, in kilometres."""

    record: Record
    kilometres: float


def nearest(
    actor: Actor,
    object_key: str,
    where: str,
    key: str,
    here: tuple[float, float],
    columns: Sequence[str],
) -> list[Near]:
    """The records around a point (latitude and longitude in degrees), the nearest first.

    Boxes of growing size are looked at until one holds enough. Raises Refused.
    """
    asked = tuple(dict.fromkeys([*columns, key]))
    text = ""
    for radius in RADII:
        text = joined(where, _box(key, here, radius))
        found = queries.count(actor, object_key, Query(filter=text), cap=NEAREST // 2)
        if found.more:
            break
    query = Query(filter=text, columns=asked, limit=AROUND)
    f = snapshot().object(object_key).field(key)
    made = []
    for record in queries.page(actor, object_key, query).records:
        there = FIELD_TYPES[f.type].to_json(f, record.values.get(key))
        if isinstance(there, dict):
            made.append(Near(record, distance(here, (there["lat"], there["lng"]))))
    return sorted(made, key=lambda n: n.kilometres)[:NEAREST]


def _box(key: str, here: tuple[float, float], kilometres: float) -> str:
    high = kilometres / KM_PER_DEGREE
    wide = min(high / max(cos(radians(here[0])), 0.02), 360.0)
    lat, lng = here
    return (
        f"{{{key}.lat}} >= {lat - high:.6f} AND {{{key}.lat}} <= {lat + high:.6f}"
        f" AND {{{key}.lng}} >= {lng - wide:.6f} AND {{{key}.lng}} <= {lng + wide:.6f}"
    )


def distance(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Kilometres between two points along a round earth."""
    dlat = radians(there[0] - here[0])
    dlng = radians(there[1] - here[1])
    across = (1 - cos(dlat)) / 2
    along = (1 - cos(dlng)) / 2 * cos(radians(here[0])) * cos(radians(there[0]))
    chord: float = min(1.0, across + along)
    return 2 * EARTH * asin(sqrt(chord))


def week(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
