"""Formulas and roll-ups of a wanted catalog: do they parse, and what do they give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from wubu.kernel.catalog.render import with_sources
from wubu.kernel.catalog.types import BASE_COLUMNS, FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.computed import with_result
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula import queries as formula
from wubu.kernel.schema import following
from wubu.kernel.types import Problem, Refused, Text

AGGREGATES = ("sum", "count", "min", "max", "average", "first", "last", "distinct")
OF_NUMBERS = ("sum", "average")
DEPTH = 4  # roll-ups of roll-ups of roll-ups, as the records keep them
Node = tuple[str, str]


def with_results(wanted: Mapping[str, ObjectSpec], spec: ObjectSpec) -> ObjectSpec:
    """The object with the result type of its roll-ups filled in from what they sum or compare."""
    made = {
        key: with_result(field, _source(wanted, field)) if field.kind.aggregates else field
        for key, field in spec.fields.items()
    }
    return replace(spec, fields=made)


def problems(now: Snapshot, wanted: Mapping[str, ObjectSpec]) -> Iterable[Problem]:
    """What is wrong with the formulas and roll-ups that are new or changed."""
    planned = Snapshot(token="", objects={s.key: s for s in with_sources(wanted.values())})
    yield from _circles(planned, now)
    for spec in wanted.values():
        if now.objects.get(spec.key) != spec:
            yield from following.problems(wanted, spec)
        for field in spec.fields.values():
            old = now.objects.get(spec.key)
            if old is None or old.fields.get(field.key) != field:
                yield from _field(planned, field)


def _field(planned: Snapshot, field: FieldSpec) -> Iterable[Problem]:
    if field.kind.calculated:
        text = str(field.options.get("formula", ""))
        yield from _unparsed(planned, field, field.object, text)
    elif field.kind.aggregates:
        yield from _rollup(planned, field)


def _rollup(planned: Snapshot, field: FieldSpec) -> Iterable[Problem]:
    options = field.options
    source = planned.objects.get(str(options.get("object")))
    via = source.fields.get(str(options.get("via"))) if source else None
    agg = options.get("agg")
    if source is None or via is None or not via.kind.links_one or via.target != field.object:
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
    yield from _fitting(planned, field, source)
    if options.get("filter"):
        text = str(options["filter"])
        yield from _unparsed(planned, field, source.key, text, ValueType("bool"))
        yield from _moving(planned, field, source.key, text)
    summed = _source(planned.objects, field)
    if summed is not None and summed.kind.calculated:
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
    across = [p for p in found.paths if len(p) > 1]
    far = any(len(p) > 2 or not _by_link(planned, object_key, p) for p in across)
    if found.is_ambient or found.gathers or far:
        yield Problem(
            "moves_by_itself",
            Text(
                "汇总“{f}”只能取决于被汇总记录自己的字段和它直接关联的记录的字段，"
                "不能取决于今天、查看者或更远的记录。",
                "The roll-up “{f}” may depend on the fields of the records it sums and of those "
                "they link to directly, not on today, on who looks, or on records further off.",
            ).format(f=field.label),
            Text(
                "请先在中间的对象上做一个公式或汇总字段。",
                "Make a formula or a roll-up on the object in between first.",
            ),
            object=field.object,
            field=field.key,
            value=text,
        )


def _by_link(planned: Snapshot, object_key: str, path: tuple[str, ...]) -> bool:
    """Whether a path walks over a link whose records are watched, to a field kept with them."""
    link = planned.object(object_key).fields.get(path[0])
    return link is not None and link.kind.links_one


def _fitting(planned: Snapshot, field: FieldSpec, source: ObjectSpec) -> Iterable[Problem]:
    """Does what is rolled up suit the way it is rolled up."""
    agg = field.options.get("agg")
    summed = _source(planned.objects, field)
    sort = field.options.get("sort")
    if sort and agg in ("first", "last"):
        by = source.fields.get(str(sort))
        if _is_odd(by) if by is not None else sort not in BASE_COLUMNS:
            yield _odd(field, Text("排序字段不能用。", "It cannot be sorted by this field."), sort)
    if summed is None:
        return
    kind = summed.kind.type_of(summed)
    if agg in OF_NUMBERS and not kind.numeric:
        why = Text("只有数字可以合计或平均。", "Only numbers add up or have an average.")
        yield _odd(field, why, summed.key)
    elif agg in ("first", "last", "min", "max") and (
        not (kind.comparable or kind.one_choice or kind.yes_no)
        or (agg in ("min", "max") and not kind.comparable)
    ):
        yield _odd(
            field,
            Text("这类字段不能这样汇总。", "A field of this kind cannot be rolled up so."),
            summed.key,
        )


def _is_odd(by: FieldSpec) -> bool:
    kind = FIELD_TYPES.get(by.type)
    return kind is None or kind.virtual or not kind.sortable


def _odd(field: FieldSpec, why: Text, value: object) -> Problem:
    return Problem(
        "bad_rollup",
        Text("汇总“{f}”：{w}", "The roll-up “{f}”: {w}").format(f=field.label, w=why),
        Text("请换一个字段或算法。", "Choose another field or another way."),
        object=field.object,
        field=field.key,
        value=value,
    )


# Roll-ups of roll-ups.


def _circles(planned: Snapshot, now: Snapshot) -> Iterable[Problem]:
    """Roll-ups that come to stand on themselves, with the circle; and those stacked too high."""
    rolled = {
        (f.object, f.key): f for spec in planned.live for f in spec.live_fields if f.kind.aggregates
    }
    if all((o := now.objects.get(k[0])) and o.fields.get(k[1]) == f for k, f in rolled.items()):
        return
    below = {node: _below(planned, f, rolled) for node, f in rolled.items()}
    told: set[frozenset[Node]] = set()
    for node, field in rolled.items():
        way = _longest(node, below, (node,))
        circle = way[way.index(way[-1]) :] if way[-1] in way[:-1] else ()
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            yield _stacked("circle", field, planned, circle, CIRCLE)
        elif not circle and len(way) > DEPTH:
            yield _stacked("too_deep", field, planned, way, TOO_HIGH)


CIRCLE = Text("汇总互相依赖：{c}。", "These roll-ups depend on each other: {c}.")
TOO_HIGH = Text(
    "汇总叠了太多层（最多 4 层）：{c}。",
    "Roll-ups depend on each other too deeply (at most 4 levels): {c}.",
)


def _stacked(
    code: str, field: FieldSpec, planned: Snapshot, way: tuple[Node, ...], said: Text
) -> Problem:
    objects = planned.objects
    steps = [(objects[o].label, objects[o].fields[f].label) for o, f in way]
    shown = Text(
        " → ".join(f"{o.zh}.{f.zh}" for o, f in steps),
        " → ".join(f"{o.en}.{f.en}" for o, f in steps),
    )
    return Problem(code, said.format(c=shown), object=field.object, field=field.key)


def _below(
    planned: Snapshot, field: FieldSpec, rolled: Mapping[Node, FieldSpec]
) -> tuple[Node, ...]:
    """The roll-ups that one reads, of the records that it sums and of those behind their links."""
    source = planned.objects.get(str(field.options.get("object")))
    if source is None:
        return ()
    paths: set[tuple[str, ...]] = {(str(field.options.get("field") or ""),)}
    summed = source.fields.get(str(field.options.get("field") or ""))
    texts = [str(field.options.get("filter") or "")]
    if summed is not None and summed.kind.calculated:
        texts.append(str(summed.options.get("formula") or ""))
    for text in filter(None, texts):
        try:
            paths |= formula.parse(text, snapshot=planned, object_key=source.key).paths
        except Refused:
            continue  # told elsewhere
    found = []
    for path in sorted(paths):
        link = source.fields.get(path[0])
        at = link.target if len(path) == 2 and link is not None else source.key
        if (at, path[-1]) in rolled:
            found.append((at, path[-1]))
    return tuple(found)


def _longest(
    node: Node, below: Mapping[Node, tuple[Node, ...]], way: tuple[Node, ...]
) -> tuple[Node, ...]:
    """The longest way down from a roll-up; where one comes up again, the way ends with it."""
    best = way
    for step in below.get(node, ()):
        if step in way:
            return (*way, step)
        if len(way) > DEPTH + 1:
            return way
        found = _longest(step, below, (*way, step))
        if found[-1] in found[:-1]:
            return found
        best = max(best, found, key=len)
    return best


def _source(wanted: Mapping[str, ObjectSpec], field: FieldSpec) -> FieldSpec | None:
    source = wanted.get(str(field.options.get("object")))
    return source.fields.get(str(field.options.get("field"))) if source else None
