"""Roll-ups: kept sums, counts, firsts and lasts, worked out anew for the parents that were
touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.db.models import Count, F, Max, Min, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from wubu.kernel import bulk
from wubu.kernel.bulk import Values
from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.formula.queries import of_field, parse
from wubu.kernel.records import images
from wubu.kernel.records.context import Context
from wubu.kernel.records.events import ChangeSet, wants_rollups
from wubu.kernel.records.shape import Shape, shape

AGGREGATES: dict[str, Any] = {"sum": Sum, "count": Count, "min": Min, "max": Max}
DEPTH = 4  # a roll-up over a roll-up over a roll-up …
CHUNK = 1_000  # parents whose parts are summed in one statement
AT_ONCE = 10_000  # parents that new records are added to in one
Touched = dict[str, dict[str, set[int]]]  # parent object → roll-up field → ids
Added = dict[str, dict[str, dict[int, list[Any]]]]  # the same, with what each id's parts bring


@dataclass(frozen=True, slots=True)
class Rollup:
    """One roll-up field, compiled: whose records feed it, by which link, and what moves it."""

    field: FieldSpec
    source: str
    via: str
    watched: frozenset[str]
    value: Subquery | Coalesce
    agg: str
    adds: str | None  # the stored field whose values new records add; None: only a sum can tell


_feeding: WeakKeyDictionary[Any, tuple[Rollup, ...]] = WeakKeyDictionary()


def feeding(snapshot: Snapshot, object_key: str) -> tuple[Rollup, ...]:
    """The roll-ups that an object's records feed; compiled once per Snapshot."""
    model = snapshot.model(object_key)
    found = _feeding.get(model)
    if found is None:
        found = _feeding[model] = tuple(
            _compile(snapshot, f)
            for o in snapshot.live
            for f in o.live_fields
            if f.type == "rollup" and f.options.get("object") == object_key
        )
    return found


def _compile(snapshot: Snapshot, f: FieldSpec) -> Rollup:
    source = snapshot.object(str(f.options["object"]))
    via = str(f.options["via"])
    key = str(f.options.get("field") or "id")
    watched = {via, "archived_at", key}
    model: Any = snapshot.model(source.key)
    rows = model.objects.filter(**{via: OuterRef("pk"), "archived_at__isnull": True})
    if f.options.get("filter"):
        condition = parse(str(f.options["filter"]), snapshot=snapshot, object_key=source.key)
        watched |= {path[0] for path in condition.paths}
        rows = rows.filter(condition.expression())
    summed: Any = F(key)
    spec = source.fields.get(key)
    if spec is not None and spec.type == "formula":
        formula = of_field(spec, snapshot=snapshot)
        watched |= {path[0] for path in formula.paths}
        summed = formula.expression()
    agg = str(f.options.get("agg", "count"))
    # Grouping by the link makes one row of all that point at the parent.
    rows = rows.order_by().values(via).annotate(rolled=AGGREGATES[agg](summed)).values("rolled")
    value: Any = Subquery(rows)
    if agg in ("count", "sum"):
        value = Coalesce(value, Value(0))
    plain = not f.options.get("filter") and (agg == "count" or (spec and spec.type != "formula"))
    return Rollup(f, source.key, via, frozenset(watched), value, agg, key if plain else None)


def keep(ctx: Context, changes: Sequence[ChangeSet]) -> list[ChangeSet]:
    """Bring every touched roll-up up to date; tell of those that moved, when somebody listens."""
    told: list[ChangeSet] = []
    wave: Sequence[ChangeSet] = changes
    for _ in range(DEPTH):
        touched, added = _touched(ctx.snapshot, wave)
        if not touched and not added:
            break
        wave = [c for key in sorted(added) for c in advance(ctx, key, added[key])]
        wave += [c for key in sorted(touched) for c in recompute(ctx, key, touched[key])]
        told += wave
    return told if wants_rollups() else []


def _touched(snapshot: Snapshot, changes: Iterable[ChangeSet]) -> tuple[Touched, Added]:
    """What must be worked out anew, and what new records merely add to."""
    touched: Touched = defaultdict(lambda: defaultdict(set))
    added: Added = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for change in changes:
        for rollup in feeding(snapshot, change.object_key):
            if change.action != "create" and not rollup.watched & change.changed:
                continue
            via, parent, key = rollup.via, rollup.field.object, rollup.field.key
            if change.action == "create" and rollup.adds is not None:
                onto, adds = added[parent][key], rollup.adds
                for image, id_ in zip(change.after, change.ids, strict=True):
                    if image[via] is not None:
                        onto[image[via]].append(id_ if adds == "id" else image[adds])
                continue
            ids = touched[parent][key]
            ids.update(image[via] for image in change.after)
            ids.update(image[via] for image in change.before if image is not None)
            ids.discard(None)  # type: ignore[arg-type]
    for parent, fields in touched.items():
        for key, ids in fields.items():
            ids.update(added.get(parent, {}).pop(key, ()))
    return (
        {o: dict(fields) for o, fields in touched.items() if any(fields.values())},
        {o: dict(fields) for o, fields in added.items() if any(fields.values())},
    )


def advance(
    ctx: Context, object_key: str, fields: Mapping[str, Mapping[int, list[Any]]]
) -> list[ChangeSet]:
    """Add what new records bring to the roll-ups of their parents, without reading the others."""
    parent = shape(ctx.snapshot, object_key)
    told: list[ChangeSet] = []
    for key, added in fields.items():
        f = parent.spec.fields[key]
        grow = GROW[str(f.options.get("agg", "count"))]
        ordered = sorted(added)
        for start in range(0, len(ordered), AT_ONCE):
            some = ordered[start : start + AT_ONCE]
            images.lock(parent, some)
            rows = parent.model.objects.filter(id__among=Values(some)).values_list("id", key)
            new = {i: value for i, old in rows if (value := grow(old, added[i])) != old}
            told += _moved(ctx, parent, (key,), {i: [v] for i, v in new.items()})
    return told


def _known(values: Iterable[Any]) -> list[Any]:
    return [v for v in values if v is not None]


GROW: dict[str, Callable[[Any, list[Any]], Any]] = {
    "count": lambda old, added: (old or 0) + len(_known(added)),
    "sum": lambda old, added: (old or 0) + sum(_known(added)),
    "min": lambda old, added: min(_known([old, *added]), default=None),
    "max": lambda old, added: max(_known([old, *added]), default=None),
}


def recompute(ctx: Context, object_key: str, fields: dict[str, set[int]]) -> list[ChangeSet]:
    """Work out roll-up fields of an object for the given parents."""
    parent = shape(ctx.snapshot, object_key)
    matter = wants_rollups() or bool(feeding(ctx.snapshot, object_key))
    told: list[ChangeSet] = []
    groups: dict[frozenset[int], list[str]] = defaultdict(list)
    for key, ids in fields.items():
        groups[frozenset(ids)].append(key)
    for group, keys in groups.items():
        ordered = sorted(group)
        for start in range(0, len(ordered), CHUNK):
            some = ordered[start : start + CHUNK]
            if matter:
                told += _tell(ctx, parent, keys, some)
            else:
                images.lock(parent, some)
                _update(ctx.snapshot, parent, keys, some)
    return told


def _values(snapshot: Snapshot, parent: Shape, keys: Sequence[str]) -> dict[str, Any]:
    """What each roll-up field works out to, as an expression over the parent."""
    values = {}
    for key in keys:
        f = parent.spec.fields[key]
        rollups = feeding(snapshot, str(f.options["object"]))
        values[key] = next(r.value for r in rollups if r.field is f or r.field == f)
    return values


def _update(snapshot: Snapshot, parent: Shape, keys: Sequence[str], ids: Sequence[int]) -> None:
    values = _values(snapshot, parent, keys)
    parent.model.objects.filter(id__among=Values(ids)).update(**values)


def _tell(ctx: Context, parent: Shape, keys: Sequence[str], ids: Sequence[int]) -> list[ChangeSet]:
    """Most parents stay as they are: whole images are read only of those that move."""
    images.lock(parent, ids)
    rows = parent.model.objects.filter(id__among=Values(ids))
    values = _values(ctx.snapshot, parent, keys)
    found = rows.annotate(**{f"rolled_{k}": v for k, v in values.items()}).values_list(
        "id", *keys, *(f"rolled_{k}" for k in keys)
    )
    n = len(keys)
    new = {id_: both[n:] for id_, *both in found if both[:n] != both[n:]}
    return _moved(ctx, parent, keys, new)


def _moved(
    ctx: Context, parent: Shape, keys: Sequence[str], new: Mapping[int, Sequence[Any]]
) -> list[ChangeSet]:
    """Write the new values of these parents, and tell of them where that matters."""
    moved = sorted(new)
    if not moved:
        return []
    matter = wants_rollups() or bool(feeding(ctx.snapshot, parent.spec.key))
    before = images.load(parent, moved) if matter else {}
    bulk.update(
        parent.table,
        [parent.columns[k] for k in keys],
        [parent.db_types[k] for k in keys],
        moved,
        [tuple(_db(parent, k, v) for k, v in zip(keys, new[i], strict=True)) for i in moved],
    )
    if not matter:
        return []
    after = {i: {**before[i], **dict(zip(keys, new[i], strict=True))} for i in moved}
    return [
        ChangeSet(
            object_key=parent.spec.key,
            action="rollup",
            ids=moved,
            before=[before[i] for i in moved],
            after=[after[i] for i in moved],
            changed=images.changed_keys([before[i] for i in moved], [after[i] for i in moved]),
            actor=ctx.actor,
            origin=ctx.origin,
            at=ctx.at,
        )
    ]


def _db(parent: Shape, key: str, value: Any) -> Any:
    convert = parent.to_db[key]
    return value if value is None or convert is None else convert(value)
