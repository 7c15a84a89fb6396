"""Roll-up fields, compiled: whose records feed one, what moves it, and how it is worked out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.db.models import F, Subquery
from django.db.models.expressions import OuterRef

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.formula.aggregate import Aggregate
from wubu.kernel.formula.queries import of_field, parse
from wubu.kernel.formula.types import Formula

AGGREGATES = {
    "sum": "SUM",
    "count": "COUNT",
    "min": "MIN",
    "max": "MAX",
    "average": "AVERAGE",
    "distinct": "COUNTDISTINCT",
}
GROWING = ("sum", "count", "min", "max")  # new records merely add to these
Brings = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Across:
    """A link of the records that are rolled up, and the fields behind it that matter."""

    link: str
    target: str
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rollup:
    """``brings`` gives what a new record adds, from its image (None: nothing).

    Without it only the whole can be worked out. ``across`` are the linked records that move it too.
    """

    field: FieldSpec
    source: str
    via: str
    watched: frozenset[str]
    value: Any
    agg: str
    brings: Brings | None
    across: tuple[Across, ...]


_feeding: WeakKeyDictionary[Any, tuple[Rollup, ...]] = WeakKeyDictionary()
_following: WeakKeyDictionary[Any, tuple[tuple[Rollup, Across], ...]] = WeakKeyDictionary()
_ranks: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


def feeding(snapshot: Snapshot, object_key: str) -> tuple[Rollup, ...]:
    """The roll-ups that an object's records feed; compiled once per Snapshot."""
    model = snapshot.model(object_key)
    found = _feeding.get(model)
    if found is None:
        found = _feeding[model] = tuple(
            _compile(snapshot, f)
            for o in snapshot.live
            for f in o.live_fields
            if f.kind.aggregates and f.options.get("object") == object_key
        )
    return found


def following(snapshot: Snapshot, object_key: str) -> tuple[tuple[Rollup, Across], ...]:
    """The roll-ups of records that link to an object, where a field of it matters."""
    model = snapshot.model(object_key)
    found = _following.get(model)
    if found is None:
        found = _following[model] = tuple(
            (rollup, across)
            for o in snapshot.live
            if any(f.target == object_key for f in o.live_fields if f.kind.links_one)
            for rollup in feeding(snapshot, o.key)
            for across in rollup.across
            if across.target == object_key
        )
    return found


def rank(snapshot: Snapshot, object_key: str, around: frozenset[str] = frozenset()) -> int:
    """The order in which objects are locked.

    Those that feed come before those that are fed, so that two writers never wait for each other.
    """
    model = snapshot.model(object_key)
    found = _ranks.get(model)
    if found is None:
        spec = snapshot.object(object_key)
        sources = {str(f.options.get("object")) for f in spec.live_fields if f.kind.aggregates}
        known = [s for s in sources - around - {object_key} if s in snapshot.objects]
        found = 1 + max((rank(snapshot, s, around | {object_key}) for s in known), default=0)
        if not around:
            _ranks[model] = found
    return found


def _compile(snapshot: Snapshot, f: FieldSpec) -> Rollup:
    source = snapshot.object(str(f.options["object"]))
    via = str(f.options["via"])
    key = str(f.options.get("field") or "")
    agg = str(f.options.get("agg", "count"))
    model: Any = snapshot.model(source.key)
    rows = model.objects.filter(**{via: OuterRef("pk"), "archived_at__isnull": True}).order_by()
    formulas: list[Formula] = []
    watched = {via, "archived_at"}
    condition = None
    if f.options.get("filter"):
        condition = parse(str(f.options["filter"]), snapshot=snapshot, object_key=source.key)
        formulas.append(condition)
        rows = rows.filter(condition.expression())
    spec = source.fields.get(key)
    virtual = spec is not None and FIELD_TYPES[spec.type].virtual
    computed = of_field(spec, snapshot=snapshot) if spec is not None and virtual else None
    if computed is not None:
        formulas.append(computed)
    elif key:
        watched.add(key)
    summed: Any = computed.expression() if computed is not None else F(key) if key else None
    if agg in ("first", "last"):
        sort = sorting(source, f)
        watched.add(sort)
        value = _end(rows, summed, sort, last=agg == "last")
    else:
        type_ = FIELD_TYPES[f.type].type_of(f)
        scale = FIELD_TYPES[spec.type].type_of(spec).scale if spec else 0
        rolled = Aggregate(AGGREGATES[agg], type_, summed, scale)
        value = Subquery(rows.annotate(rolled=rolled).values("rolled"))
    watched |= {path[0] for formula in formulas for path in formula.paths}
    return Rollup(
        field=f,
        source=source.key,
        via=via,
        watched=frozenset(watched),
        value=value,
        agg=agg,
        brings=_brings(source, agg, key, condition, computed) if agg in GROWING else None,
        across=_across(source, formulas),
    )


def sorting(source: ObjectSpec, f: FieldSpec) -> str:
    """The field by which one record is first and another last.

    The one told, the object's day, or the order in which they were made.
    """
    return str(f.options.get("sort") or source.roles.get("when") or "id")


def _end(rows: Any, value: Any, sort: str, *, last: bool) -> Subquery:
    by = F(sort).desc(nulls_last=True) if last else F(sort).asc(nulls_last=True)
    ordered = rows.order_by(by, "-id" if last else "id")
    return Subquery(ordered.annotate(rolled=value).values("rolled")[:1])


def _brings(
    source: ObjectSpec,
    agg: str,
    key: str,
    condition: Formula | None,
    computed: Formula | None,
) -> Brings | None:
    """What a new record adds, where its own typed fields say it all."""
    for formula in (condition, computed):
        if formula is not None and (
            formula.gathers
            or formula.is_ambient
            or any(len(p) > 1 or _is_kept(source, p[0]) for p in formula.paths)
        ):
            return None
    if key and _is_kept(source, key):
        return None
    holds = condition.evaluator() if condition is not None else None
    gives = computed.evaluator() if computed is not None else None

    def brings(image: Mapping[str, Any]) -> Any:
        def get(path: tuple[str, ...]) -> Any:
            return image.get(path[0])

        if holds is not None and holds(get) is not True:
            return None
        value = gives(get) if gives is not None else image.get(key) if key else 1
        return value if agg != "count" or value is None else 1

    return brings


def _is_kept(source: ObjectSpec, key: str) -> bool:
    """Whether the database fills a field after the record is made."""
    spec = source.fields.get(key)
    return spec is not None and (spec.kind.aggregates or spec.kind.links_many or spec.kind.numbered)


def _across(source: ObjectSpec, formulas: list[Formula]) -> tuple[Across, ...]:
    behind: dict[str, set[str]] = {}
    for formula in formulas:
        for path in formula.paths:
            link = source.fields.get(path[0])
            if len(path) == 2 and link is not None and link.kind.links_one:
                behind.setdefault(path[0], set()).add(path[1])
    return tuple(
        Across(link, source.fields[link].target, frozenset(keys)) for link, keys in behind.items()
    )
