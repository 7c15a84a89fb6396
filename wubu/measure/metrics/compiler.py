# ruff: noqa: S608 (names come from the catalog and are quoted; values are parameters)
"""From a spec to one SELECT that yields entries: record, part, day, member, team, value.

Shares are apportioned by cumulative rounding: each part is round(value × share so far) less what
the parts before it got, so the parts add up to the value exactly. Integer arithmetic only, halves
away from zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, DateField, F, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from wubu.kernel.calendar.queries import zone
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.formula import queries as formulas
from wubu.kernel.people.queries import team_join_sql
from wubu.measure.metrics.days import LocalDay
from wubu.measure.metrics.kinds.base import field_of
from wubu.measure.metrics.spec import Spec

SPANS = "wubu_records_stage_span"  # the stays in stages that the door keeps
STOCK_DAY = date(1970, 1, 1)  # stands for "always": a stock has no day


class _Ids:
    """Stands in the parameters for the ids of the records asked for."""

    def __repr__(self) -> str:
        return "<ids>"


IDS = _Ids()


@dataclass(frozen=True, slots=True, eq=False)
class Select:
    """Stage three: SQL with six columns (record_id, part, day, member_id, team_id, value).

    ``narrowed`` is the same for some records only; its parameters hold ``IDS``. ``ranged`` is that
    again for records whose ids run without a gap, as those of new ones do: SQLite then walks the
    table instead of looking each one up.
    """

    spec: Spec
    sql: str
    params: tuple[Any, ...]
    narrowed: str
    narrowed_params: tuple[Any, ...]
    ranged: str

    def prepared(self, ids: Sequence[int] | None) -> tuple[str, list[Any]]:
        """SQL and parameters, for all records or for those of ``ids``."""
        if ids is None:
            return self.sql, list(self.params)
        if self.ranged and ids and ids[-1] - ids[0] == len(ids) - 1 and ids == sorted(ids):
            ends = (ids[0], ids[-1])
            return self.ranged, [
                value for p in self.narrowed_params for value in (ends if p is IDS else (p,))
            ]
        packed = pack(ids)
        return self.narrowed, [packed if p is IDS else p for p in self.narrowed_params]

    def __str__(self) -> str:
        return self.sql


def among(column: str) -> str:
    """A condition that a column is one of many ids, handed in as one parameter; see ``pack``."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::bigint[])"
    return f"{column} IN (SELECT value FROM json_each(%s))"


def pack(ids: Sequence[int]) -> Any:
    return list(ids) if connection.vendor == "postgresql" else orjson.dumps(list(ids)).decode()


def compile_spec(spec: Spec, snapshot: Snapshot) -> Select:
    """The SELECT of a spec, for all records and for some."""
    sql, params = _select(spec, snapshot, narrow=False)
    narrowed, narrowed_params = _select(spec, snapshot, narrow=True)
    ranged = narrowed.replace(among(""), " BETWEEN %s AND %s")
    if connection.vendor == "postgresql" or narrowed_params.count(IDS) != narrowed.count(among("")):
        ranged = ""
    return Select(spec, sql, params, narrowed, narrowed_params, ranged)


def _select(spec: Spec, snapshot: Snapshot, *, narrow: bool) -> tuple[str, tuple[Any, ...]]:
    base, params = _base(spec, snapshot, narrow)
    if spec.stages:
        base, params = _reached(spec, base, params)
    bounds, limits = _bounds(spec)
    kept = "MATERIALIZED " if spec.stages else ""  # else its subquery is asked at every mention
    steps = [f"b(record_id, day, member_id, split_of, value) AS {kept}({base})"]
    if spec.splits:
        steps += _split_steps(spec, snapshot)
        parts = _split_parts(bounds)
        limits = limits * 2
    else:
        parts = (
            "SELECT b.record_id, 0 AS part, b.day, COALESCE(b.member_id, 0) AS member_id, b.value "
            f"FROM b WHERE {bounds}"
        )
    team = "0"
    join = ""
    if not spec.stock:
        team, join = "COALESCE(stay.team_id, 0)", team_join_sql("e.member_id", "e.day")
    return (
        f"WITH {', '.join(steps)} "
        f"SELECT e.record_id, e.part, e.day, e.member_id, {team} AS team_id, e.value "
        f"FROM ({parts}) e {join}",
        (*params, *limits),
    )


def _model(object_key: str, snapshot: Snapshot) -> Any:
    return snapshot.model(object_key)


def _base(spec: Spec, snapshot: Snapshot, narrow: bool) -> tuple[str, tuple[Any, ...]]:
    """One row for each record that counts, before shares.

    Id, day, owner, record of the shares, value.
    """
    model = _model(spec.object, snapshot)
    rows = model.objects.order_by().filter(archived_at__isnull=True)
    if narrow:
        column = f"{connection.ops.quote_name(model._meta.db_table)}.id"
        rows = rows.filter(RawSQL(among(column), (IDS,), BooleanField()))  # noqa: S611
    if spec.filter:
        rows = rows.filter(
            formulas.parse(spec.filter, snapshot=snapshot, object_key=spec.object).expression()
        )
    value: Any = Value(1, output_field=BigIntegerField())
    if spec.value:
        formula = formulas.parse(spec.value, snapshot=snapshot, object_key=spec.object)
        value = Cast(formula.expression(), BigIntegerField())
    owner: Any = Value(0, output_field=BigIntegerField())
    if spec.owner:
        owner = F("__".join(spec.owner) + "_id")
    split_of: Any = F("pk")
    if spec.splits and spec.splits.of:
        split_of = F("__".join(spec.splits.of) + "_id")
    found = rows.values_list(F("pk"), _day(spec, snapshot), owner, split_of, value)
    sql: str
    sql, params = found.query.sql_with_params()
    return sql, tuple(params)


def _day(spec: Spec, snapshot: Snapshot) -> Any:
    if not spec.when:
        return Value(STOCK_DAY, output_field=DateField())
    name = "__".join(spec.when)
    object_key = spec.object
    for key in spec.when[:-1]:
        object_key = snapshot.object(object_key).field(key).target
    last = field_of(snapshot.object(object_key), spec.when[-1])
    if last.kind.type_of(last).timed:
        return LocalDay(F(name), tzinfo=zone())
    return F(name)


def _reached(spec: Spec, base: str, params: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The base with the day on which a record first got to any of the stages.

    Asked record by record: a join would leave the order to a planner that cannot know the number.
    """
    marks = ", ".join(["%s"] * len(spec.stages))
    sql = (
        f"WITH o(record_id, day, member_id, split_of, value) AS ({base}) "
        f"SELECT o.record_id, (SELECT MIN(r.entered_on) FROM {SPANS} r WHERE r.object_key = %s "
        f"AND r.record_id = o.record_id AND (r.stage || '') IN ({marks})), "  # not by its index
        "o.member_id, o.split_of, o.value FROM o"
    )
    return sql, (*params, spec.object, *spec.stages)


def _bounds(spec: Spec) -> tuple[str, tuple[Any, ...]]:
    sql, limits = "b.day IS NOT NULL AND b.value IS NOT NULL", []
    adapt = connection.ops.adapt_datefield_value
    if spec.valid_from and not spec.stock:
        sql += " AND b.day >= %s"
        limits.append(adapt(spec.valid_from))
    if spec.valid_to and not spec.stock:
        sql += " AND b.day < %s"
        limits.append(adapt(spec.valid_to))
    return sql, tuple(limits)


def _split_steps(spec: Spec, snapshot: Snapshot) -> list[str]:
    """``s``: the shares with their running total; ``t``: the total by record."""
    s = spec.splits
    if s is None:
        return []
    quote = connection.ops.quote_name
    model = _model(s.object, snapshot)
    table = quote(model._meta.db_table)
    via, member = (quote(model._meta.get_field(k).column) for k in (s.via, s.member))
    share = quote(model._meta.get_field(s.share).column)
    return [
        "s(of_id, part, member_id, share, upto, total) AS ("
        f"SELECT {via}, id, {member}, {share}, "
        f"CAST(SUM({share}) OVER (PARTITION BY {via} ORDER BY id) AS bigint), "
        f"CAST(SUM({share}) OVER (PARTITION BY {via}) AS bigint) "
        f"FROM {table} WHERE archived_at IS NULL AND {share} > 0 "
        f"AND {via} IN (SELECT split_of FROM b))",
        "t(of_id, total) AS (SELECT of_id, MAX(total) FROM s GROUP BY of_id)",
    ]


WHOLE = 10_000  # shares are basis points


def _rounded(value: str, upto: str, whole: str) -> str:
    """round(value × upto ÷ whole), halves away from zero; integer division cuts towards zero."""
    return (
        f"((2 * {value} * ({upto}) + CASE WHEN {value} < 0 THEN -{whole} ELSE {whole} END) "
        f"/ (2 * {whole}))"
    )


def _split_parts(bounds: str) -> str:
    """The owner's part (all, or what the shares leave), and a part for each share.

    Shares beyond the whole are taken in proportion, so that no record ever counts more than once.
    """
    whole_t = f"(CASE WHEN t.total > {WHOLE} THEN t.total ELSE {WHOLE} END)"
    whole_s = f"(CASE WHEN s.total > {WHOLE} THEN s.total ELSE {WHOLE} END)"
    upto, before = (
        _rounded("b.value", "s.upto", whole_s),
        _rounded("b.value", "s.upto - s.share", whole_s),
    )
    shared = _rounded("b.value", "t.total", whole_t)
    return (
        "SELECT b.record_id, 0 AS part, b.day, COALESCE(b.member_id, 0) AS member_id, "
        f"b.value - CASE WHEN t.total IS NULL THEN 0 ELSE {shared} END AS value "
        "FROM b LEFT JOIN t ON t.of_id = b.split_of "
        f"WHERE (t.total IS NULL OR t.total < {WHOLE}) AND {bounds} "
        "UNION ALL "
        f"SELECT b.record_id, s.part, b.day, COALESCE(s.member_id, 0), {upto} - {before} "
        f"FROM b JOIN s ON s.of_id = b.split_of WHERE {bounds}"
    )
