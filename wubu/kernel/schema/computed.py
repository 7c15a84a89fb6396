"""Formulas and roll-ups of a wanted catalog: do they parse, and what do they give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from wubu.kernel.catalog.render import with_sources
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.computed import with_result
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formula
from wubu.kernel.schema import following
from wubu.kernel.types import Problem, Refused, Text

AGGREGATES = ("sum", "count", "min", "max")


def with_results(wanted: Mapping[str, ObjectSpec], spec: ObjectSpec) -> ObjectSpec:
    """The object with the result type of its roll-ups filled in from what they sum or compare."""
    made = {
        key: with_result(field, _source(wanted, field)) if field.type == "rollup" else field
        for key, field in spec.fields.items()
    }
    return replace(spec, fields=made)


def problems(now: Snapshot, wanted: Mapping[str, ObjectSpec]) -> Iterable[Problem]:
    """What is wrong with the formulas and roll-ups that are new or changed."""
    planned = Snapshot(token="", objects={s.key: s for s in with_sources(wanted.values())})
    for spec in wanted.values():
        if now.objects.get(spec.key) != spec:
            yield from following.problems(wanted, spec)
        for field in spec.fields.values():
            old = now.objects.get(spec.key)
            if old is None or old.fields.get(field.key) != field:
                yield from _field(planned, field)


def _field(planned: Snapshot, field: FieldSpec) -> Iterable[Problem]:
    if field.type == "formula":
        text = str(field.options.get("formula", ""))
        yield from _unparsed(planned, field, field.object, text)
    elif field.type == "rollup":
        yield from _rollup(planned, field)


def _rollup(planned: Snapshot, field: FieldSpec) -> Iterable[Problem]:
    options = field.options
    source = planned.objects.get(str(options.get("object")))
    via = source.fields.get(str(options.get("via"))) if source else None
    agg = options.get("agg")
    if source is None or via is None or via.type != "link" or via.target != field.object:
        yield Problem(
            "no_such_link",
            Text(
                "汇总“{f}”需要一个指回本对象的关联字段。",
                "The roll-up “{f}” needs a link that points back at this object.",
            ).format(f=field.label),
            object=field.object,
            field=field.key,
            value=f"{options.get('object')}.{options.get('via')}",
        )
        return
    if agg not in AGGREGATES or (agg != "count" and _source(planned.objects, field) is None):
        yield Problem(
            "bad_rollup",
            Text(
                "汇总“{f}”的算法或字段不对。", "The roll-up “{f}” lacks a known sum or field."
            ).format(f=field.label),
            Text("算法可选：{all}。", "Choose one of {all}.").format(all=", ".join(AGGREGATES)),
            object=field.object,
            field=field.key,
            value=agg,
        )
    if options.get("filter"):
        text = str(options["filter"])
        yield from _unparsed(planned, field, source.key, text, ValueType("bool"))
        yield from _moving(planned, field, source.key, text)
    summed = _source(planned.objects, field)
    if summed is not None and summed.type == "formula":
        yield from _moving(planned, field, source.key, str(summed.options.get("formula", "")))


def _unparsed(
    planned: Snapshot,
    field: FieldSpec,
    object_key: str,
    text: str,
    expect: ValueType | None = None,
) -> Iterable[Problem]:
    try:
        formula.parse(text, snapshot=planned, object_key=object_key, expect=expect)
    except Refused as refused:
        for problem in refused.problems:
            yield replace(problem, object=field.object, field=field.key)


def _moving(planned: Snapshot, field: FieldSpec, object_key: str, text: str) -> Iterable[Problem]:
    """A roll-up is kept: it moves with the records that it sums and with nothing else."""
    try:
        found = formula.parse(text, snapshot=planned, object_key=object_key)
    except Refused:
        return  # told elsewhere
    if found.is_ambient or any(len(path) > 1 for path in found.paths):
        yield Problem(
            "moves_by_itself",
            Text(
                "汇总“{f}”只能取决于被汇总记录自己的字段，不能取决于今天、查看者或关联的记录。",
                "The roll-up “{f}” may depend on the fields of the records it sums only, "
                "not on today, on who looks, or on what they link to.",
            ).format(f=field.label),
            object=field.object,
            field=field.key,
            value=text,
        )


def _source(wanted: Mapping[str, ObjectSpec], field: FieldSpec) -> FieldSpec | None:
    source = wanted.get(str(field.options.get("object")))
    return source.fields.get(str(field.options.get("field"))) if source else None
