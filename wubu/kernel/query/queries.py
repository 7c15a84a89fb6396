"""Lists, groups and sums over the one language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.queries import Asked, Readable, Whole, parse
from wubu.kernel.formula.types import Formula
from wubu.kernel.query.compiled import Compiled, Slice
from wubu.kernel.query.quick import quick_text
from wubu.kernel.query.sorting import Sort, guarded, sorts_of, within
from wubu.kernel.query.types import Across, Group, Measure, Query
from wubu.kernel.types import Problem, Refused, Text

__all__ = ["Compiled", "Slice", "aggregate", "compile", "everything"]

BOOL = ValueType("bool")
AGGREGATES = {"sum": Sum, "min": Min, "max": Max}


def everything(_path: tuple[str, ...]) -> bool:
    """For the system: every field may be read."""
    return True


def compile(
    query: Query,
    *,
    snapshot: Snapshot,
    object_key: str,
    readable: Readable = everything,
    shown: Readable | None = None,
    context: Asked = None,
    across: Across | None = None,
) -> Compiled:
    """Check a query and make it ready for rows. Raises Refused with every problem.

    A field that may not be read is refused exactly like one that does not exist. ``context`` gives
    ME(), MYTEAM() and TODAY(); a function is called only if the query speaks of them. ``across``
    says from which rows a path of links leads over records that may be seen: a row of which a
    condition would look further does not meet it. ``shown`` says what may be a column, where that
    is more than what may be asked by (a masked field is shown, and never compared).
    """
    snapshot.object(object_key)
    problems: list[Problem] = []
    conditions: list[Formula] = []
    texts = [(None, query.filter)] if query.filter.strip() else []
    wanted: list[tuple[str | None, str]] = [*texts]
    for name, value in query.quick.items():
        try:
            wanted.append((name, quick_text(name, value, snapshot, object_key, readable)))
        except Refused as refused:
            problems += [_about(p, name) for p in refused.problems]
    for field, text in wanted:
        try:
            conditions.append(
                parse(
                    text, snapshot=snapshot, object_key=object_key, expect=BOOL, readable=readable
                )
            )
        except Refused as refused:
            problems += [_about(p, field) for p in refused.problems]
    sorts: tuple[Sort, ...] = ()
    ids_descend = True
    try:
        sorts, ids_descend = sorts_of(query.sort, snapshot, object_key, readable, context, across)
    except Refused as refused:
        problems += [_about(p, "sort") for p in refused.problems]
    formulas: list[tuple[str, Formula]] = []
    for name in query.columns:
        try:
            formula = _reference(name, snapshot, object_key, shown or readable)
        except Refused as refused:
            problems += [_about(p, "columns") for p in refused.problems]
        else:
            if formula.node.op == "field":
                formulas.append(("__".join(formula.node.data), formula))
    if problems:
        raise Refused(*problems)
    return Compiled(
        query,
        object_key,
        tuple(conditions),
        sorts,
        ids_descend,
        tuple(formulas),
        context,
        within({path for c in conditions for path in c.written}, across),
    )


def aggregate(
    rows: QuerySet[Any],
    by: Sequence[str],
    measures: Sequence[Measure],
    *,
    snapshot: Snapshot,
    object_key: str,
    readable: Readable = everything,
    context: Asked = None,
    across: Across | None = None,
    limit: int | None = None,
) -> list[Group]:
    """Count and sum the rows in groups, exactly. ``by`` are field references or formulas.

    Groups come in the order of what they are grouped by, missing values last; without ``by`` there
    is one group. With ``limit`` only the largest come. Raises Refused with every problem.
    """
    problems: list[Problem] = []
    keys: dict[str, Any] = {}
    sums: dict[str, Any] = {}
    for i, name in enumerate(by):
        try:
            formula = _reference(name, snapshot, object_key, readable)
            keys[f"_by_{i}"] = guarded(formula.expression(context=context), formula.written, across)
        except Refused as refused:
            problems += [_about(p, name) for p in refused.problems]
    for i, measure in enumerate(measures):
        try:
            sums[f"_value_{i}"] = _measure(measure, snapshot, object_key, readable, context, across)
        except Refused as refused:
            problems += [_about(p, measure.value) for p in refused.problems]
    if problems:
        raise Refused(*problems)
    rows = rows.order_by()
    if not keys:
        only = rows.aggregate(**sums)
        return [Group((), tuple(only[name] for name in sums))]
    grouped = rows.annotate(**keys).values(*keys).annotate(**sums).values_list(*keys, *sums)
    if limit is not None:
        counted = rows.annotate(**keys).values(*keys).annotate(**sums, _rows=Count("pk"))
        grouped = counted.order_by("-_rows").values_list(*keys, *sums)[:limit]
    count = len(keys)
    groups = [Group(tuple(row[:count]), tuple(row[count:])) for row in grouped]
    return sorted(groups, key=lambda g: tuple((v is None, v if v is not None else 0) for v in g.by))


def _measure(
    measure: Measure,
    snapshot: Snapshot,
    object_key: str,
    readable: Readable,
    context: Asked,
    across: Across | None,
) -> Any:
    if measure.agg == "count" and not measure.value:
        return Count("pk")
    formula = _reference(measure.value, snapshot, object_key, readable)
    value = guarded(formula.expression(context=context), formula.written, across)
    if measure.agg == "count":
        return Count(value)
    if measure.agg not in AGGREGATES:
        raise Refused(
            Problem(
                "no_such_measure",
                Text("没有“{a}”这种汇总。", "There is no measure “{a}”.").format(a=measure.agg),
                Text(
                    "可用 count、sum、min、max；平均值请用合计除以计数。",
                    "Use count, sum, min or max; an average is a sum over a count.",
                ),
                value=measure.agg,
            )
        )
    if measure.agg == "sum":
        if not formula.type.numeric:
            raise Refused(
                Problem(
                    "not_a_number",
                    Text(
                        "“{f}”不是数字，不能求和。", "“{f}” is not a number; it has no sum."
                    ).format(f=formula.sentence()),
                    value=measure.value,
                )
            )
        return Sum(value, output_field=Whole())
    return AGGREGATES[measure.agg](value)


def _reference(name: str, snapshot: Snapshot, object_key: str, readable: Readable) -> Formula:
    """A field by its bare name, or a formula, which has a bracket of some kind."""
    text = name if any(c in name for c in "{(（") else f"{{{name}}}"
    return parse(text, snapshot=snapshot, object_key=object_key, readable=readable)


def _about(problem: Problem, field: str | None) -> Problem:
    """The problem as one of a field; its characters are then not those of the filter."""
    if field is None:
        return problem
    return Problem(
        problem.code,
        problem.message,
        problem.hint,
        object=problem.object,
        field=field,
        value=problem.value,
        suggestion=problem.suggestion,
    )
