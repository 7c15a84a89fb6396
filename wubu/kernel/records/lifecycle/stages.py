"""Stages: the dates that go with them, and the history of each record's stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from wubu.kernel import bulk
from wubu.kernel.calendar.queries import day_of
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.records.models import StageSpan

if TYPE_CHECKING:
    from wubu.kernel.records.batch import Batch, Row

TABLE = StageSpan._meta.db_table
COLUMNS = ("object_key", "record_id", "stage", "rank", "entered_on", "left_on")
StageInterval = tuple[str, int, date]  # stage, rank, entered on


def stage_field(spec: ObjectSpec) -> FieldSpec | None:
    """The field that plays the stage, when it is of that type."""
    f = spec.role("stage")
    return f if f is not None and f.kind.staged and not f.retired else None


def dates(spec: ObjectSpec) -> dict[str, str]:
    """Which date field tells when a stage was entered: the option ``stage_dates``."""
    raw = spec.options.get("stage_dates") or {}
    return {s: k for s, k in raw.items() if k in spec.fields and not spec.fields[k].retired}


def complete(prep: Batch) -> None:
    """Fill the date of the stage that is entered; clear that of an outcome which is taken back."""
    f = stage_field(prep.spec)
    fields = dates(prep.spec)
    if f is None or not fields:
        return
    outcome = {c.key for c in f.choices if c.outcome}
    for row in prep.known:
        if f.key not in row.changed or row.bad:
            continue
        stage = row.after[f.key]
        key = fields.get(stage)
        old = row.before[f.key] if row.before else None
        if row.before is not None and old in outcome and stage not in outcome:
            left = fields.get(old)
            if left and left != key and left not in row.values:
                _set(prep, row, left, None)
        if key is not None and row.after.get(key) is None:
            _set(prep, row, key, _as(prep.spec.fields[key], prep))


def _as(f: FieldSpec, prep: Batch) -> Any:
    return prep.ctx.at if f.kind.timed else prep.ctx.day


def _set(prep: Batch, row: Row, key: str, value: Any) -> None:
    row.after[key] = value
    before = row.before[key] if row.before else None
    kept = tuple(k for k in row.changed if k != key)
    row.changed = (*kept, key) if value != before else kept


class Dating:
    """How the images of one object tell of stays: each stage's rank and the field that dates it."""

    def __init__(self, f: FieldSpec, fields: dict[str, str]) -> None:
        self.key = f.key
        self.ranks = {c.key: n for n, c in enumerate(f.choices)}
        self.fields = fields
        self.open = [
            (n, c.key, fields[c.key])
            for n, c in enumerate(f.choices)
            if not c.outcome and c.key in fields
        ]

    def intervals(self, image: dict[str, Any], today: date) -> list[StageInterval]:
        """The stays that an image itself tells of: dated earlier stages, then the present one."""
        stage = image[self.key]
        rank = self.ranks.get(stage)
        if rank is None:
            return []
        dated = self.fields.get(stage)
        entered = (_day(image[dated]) if dated else None) or today
        passed: list[StageInterval] = []
        for n, key, own in self.open:
            value = image[own] if n < rank else None
            if value is not None and (day := _day(value)) is not None and day <= entered:
                passed.append((key, n, day))
        passed.sort(key=lambda span: (span[2], span[1]))
        return [*passed, (stage, rank, entered)]


def _day(value: Any) -> Any:
    return day_of(value) if isinstance(value, datetime) else value


def keep(prep: Batch, creates: Sequence[Row], updates: Sequence[Row]) -> None:
    """Write the stays that these rows begin, end or move."""
    f = stage_field(prep.spec)
    if f is None:
        return
    fields = dates(prep.spec)
    today = prep.ctx.day
    object_key = prep.spec.key
    made: list[tuple[Any, ...]] = []
    dating = Dating(f, fields)
    for row in creates:
        spans = dating.intervals(row.after, today)
        for n, span in enumerate(spans, 1):
            made.append((object_key, row.id, *span, spans[n][2] if n < len(spans) else None))
    moved = [r for r in updates if f.key in r.changed]
    if moved:
        made += _move(object_key, f, fields, moved, today)
    dated = [
        r
        for r in updates
        if f.key not in r.changed and fields.get(r.after[f.key] or "") in r.changed
    ]
    if dated:
        _redate(object_key, f, fields, dated)
    bulk.insert(TABLE, COLUMNS, _prepared(made))


def _move(
    object_key: str, f: FieldSpec, fields: dict[str, str], rows: Sequence[Row], today: date
) -> list[tuple[Any, ...]]:
    """End the open stays; the new ones begin on the same day."""
    ranks = {c.key: n for n, c in enumerate(f.choices)}
    days = {r.id: _day(r.after.get(fields.get(r.after[f.key] or "", ""))) or today for r in rows}
    open_ = _open(object_key, days)
    ids, left = [], []
    for id_, (span_id, entered) in open_.items():
        # A stay never ends before it began, whatever date was typed.
        days[id_] = max(days[id_], entered)
        ids.append(span_id)
        left.append((_db(days[id_]),))
    bulk.update(TABLE, ("left_on",), ("date",), ids, left)
    return [
        (object_key, r.id, r.after[f.key], ranks[r.after[f.key]], days[r.id], None)
        for r in rows
        if r.after[f.key] in ranks
    ]


def _redate(object_key: str, f: FieldSpec, fields: dict[str, str], rows: Sequence[Row]) -> None:
    """The day of the present stage was corrected.

    Its stay begins then, the one before ends then.
    """
    days = {r.id: _day(r.after[fields[r.after[f.key]]]) for r in rows}
    days = {id_: day for id_, day in days.items() if day is not None}
    begin: list[tuple[int, Any]] = []
    end: list[tuple[int, Any]] = []
    for start in _chunks(list(days)):
        spans = (
            StageSpan.objects.filter(object_key=object_key, record_id__in=start)
            .order_by("record_id", "id")
            .values_list("record_id", "id", "entered_on", "left_on")
        )
        earlier: dict[Any, tuple[int, date]] = {}
        for record_id, span_id, entered, left in spans:
            before = earlier.get(record_id)
            if left is None:
                day = max(days[record_id], before[1]) if before else days[record_id]
                begin.append((span_id, (_db(day),)))
                if before:
                    end.append((before[0], (_db(day),)))
            earlier[record_id] = (span_id, entered)
    bulk.update(TABLE, ("entered_on",), ("date",), [i for i, _ in begin], [v for _, v in begin])
    bulk.update(TABLE, ("left_on",), ("date",), [i for i, _ in end], [v for _, v in end])


def settle(spec: ObjectSpec, f: FieldSpec) -> None:
    """After the options changed under the records: each open stay is in the record's own stage.

    Past stays keep the stage that they were in.
    """
    model: Any = spec.model
    for rank, choice in enumerate(f.choices):
        there = model._default_manager.filter(**{f.key: choice.key}).values("id")
        rows = StageSpan.objects.filter(
            object_key=spec.key, left_on__isnull=True, record_id__in=there
        )
        rows.exclude(stage=choice.key).update(stage=choice.key, rank=rank)


def _open(object_key: str, ids: Iterable[Any]) -> dict[Any, tuple[int, date]]:
    found: dict[Any, tuple[int, date]] = {}
    for some in _chunks(list(ids)):
        rows = StageSpan.objects.filter(
            object_key=object_key, record_id__in=some, left_on__isnull=True
        )
        for record_id, span_id, entered in rows.values_list("record_id", "id", "entered_on"):
            found[record_id] = (span_id, entered)
    return found


def _chunks(items: list[Any], size: int = 2_000) -> Iterable[list[Any]]:
    return (items[n : n + size] for n in range(0, len(items), size))


def _db(day: date | None) -> Any:
    return StageSpan._meta.get_field("left_on").get_db_prep_save(day, connection)


def _prepared(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    if connection.vendor == "postgresql":
        return rows
    memo: dict[date | None, Any] = {None: None}
    for row in rows:
        for day in row[4:]:
            if day not in memo:
                memo[day] = day.isoformat()
    return [(*row[:4], memo[row[4]], memo[row[5]]) for row in rows]
