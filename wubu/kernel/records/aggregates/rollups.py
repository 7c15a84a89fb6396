"""Roll-up fields, kept with the parents of every record that is written.

Each works out to one value over the records that point at the parent. Writers of the same parent
wait for each other: the rows of the parents are locked, in one order, before their parts are
summed. To what new records bring, the others need not be read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from wubu.kernel import bulk
from wubu.kernel.bulk import Values
from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.formula.exact import LIMIT
from wubu.kernel.records.aggregates import guards
from wubu.kernel.records.aggregates.rolling import Rollup, feeding, following, rank
from wubu.kernel.records.context import Context
from wubu.kernel.records.events import ChangeSet, wants_rollups
from wubu.kernel.records.reading import images
from wubu.kernel.records.shape import Shape, shape
from wubu.kernel.types import Problem, Refused, Text

DEPTH = 4  # a roll-up over a roll-up over a roll-up …
CHUNK = 1_000  # parents whose parts are summed in one statement
AT_ONCE = 10_000  # parents that new records are added to in one
Touched = dict[str, dict[str, set[int]]]  # parent object → roll-up field → ids
Added = dict[str, dict[str, dict[int, list[Any]]]]  # the same, with what each id's parts bring
Image = dict[str, Any]


def keep(ctx: Context, changes: Sequence[ChangeSet]) -> list[ChangeSet]:
    """Bring every touched roll-up up to date; tell of those that moved, where somebody listens.

    Raises Refused where a sum is too large to keep.
    """
    told: list[ChangeSet] = []
    wave: Sequence[ChangeSet] = changes
    for _ in range(DEPTH):
        touched, added = _touched(ctx.snapshot, wave)
        if not touched and not added:
            break
        wave = []
        for key in _in_order(ctx.snapshot, {*touched, *added}):
            if key in added:
                wave += advance(ctx, key, added[key])
            if key in touched:
                wave += recompute(ctx, key, touched[key])
        told += wave
    return told


def _in_order(snapshot: Snapshot, keys: Iterable[str]) -> list[str]:
    some = sorted(keys)
    return some if len(some) < 2 else sorted(some, key=lambda k: (rank(snapshot, k), k))


def _touched(snapshot: Snapshot, changes: Iterable[ChangeSet]) -> tuple[Touched, Added]:
    """What must be worked out anew, and what new records merely add to."""
    touched: Touched = defaultdict(lambda: defaultdict(set))
    added: Added = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for change in changes:
        for rollup in feeding(snapshot, change.object_key):
            if change.action != "create" and not rollup.watched & change.changed:
                continue
            if rollup.across:
                _hold_linked(snapshot, rollup, change)
            via, parent, key = rollup.via, rollup.field.object, rollup.field.key
            if change.action == "create" and rollup.brings is not None:
                _add(rollup, change, added[parent][key])
                continue
            ids = touched[parent][key]
            ids.update(image[via] for image in change.after)
            ids.update(image[via] for image in change.before if image is not None)
            ids.discard(None)  # type: ignore[arg-type]
        if change.action != "create":
            _behind(snapshot, change, touched)
    for parent, fields in touched.items():
        for key, ids in fields.items():
            ids.update(added.get(parent, {}).pop(key, ()))
    return (
        {o: dict(fields) for o, fields in touched.items() if any(fields.values())},
        {o: dict(fields) for o, fields in added.items() if any(fields.values())},
    )


def _add(rollup: Rollup, change: ChangeSet, onto: dict[int, list[Any]]) -> None:
    via, brings = rollup.via, rollup.brings
    if brings is None:
        return
    for image in change.after:
        parent = image[via]
        if parent is not None and (value := brings(image)) is not None:
            onto[parent].append(value)


def _hold_linked(snapshot: Snapshot, rollup: Rollup, change: ChangeSet) -> None:
    """Who changes a linked record that matters here waits until this is written, or was first."""
    for across in rollup.across:
        ids = {image[across.link] for image in change.after} - {None}
        images.lock(shape(snapshot, across.target), ids)


def _behind(snapshot: Snapshot, change: ChangeSet, touched: Touched) -> None:
    """The parents of records that link to what changed, where the roll-up looks behind the link."""
    for rollup, across in following(snapshot, change.object_key):
        if not across.fields & change.changed:
            continue
        model: Any = snapshot.model(rollup.source)
        for start in range(0, len(change.ids), CHUNK):
            some = Values(change.ids[start : start + CHUNK])
            rows = model.objects.filter(**{f"{across.link}__among": some}).order_by()
            parents = rows.exclude(**{rollup.via: None}).values_list(rollup.via, flat=True)
            touched[rollup.field.object][rollup.field.key].update(parents.distinct())


def advance(
    ctx: Context, object_key: str, fields: Mapping[str, Mapping[int, list[Any]]]
) -> list[ChangeSet]:
    """Add what new records bring to the roll-ups of their parents, without reading the others."""
    parent = shape(ctx.snapshot, object_key)
    keys = tuple(sorted(fields))
    grow = {k: GROW[str(parent.spec.fields[k].options.get("agg", "count"))] for k in keys}
    ordered = sorted({i for added in fields.values() for i in added})
    told: list[ChangeSet] = []
    for start in range(0, len(ordered), AT_ONCE):
        new: dict[int, list[Any]] = {}
        was: dict[int, list[Any]] = {}
        held = images.some(parent, ("id", *keys), lock=True)
        for id_, *old in held.rows(ids=ordered[start : start + AT_ONCE]):
            now = [
                grow[k](value, fields[k][id_]) if id_ in fields[k] else value
                for k, value in zip(keys, old, strict=True)
            ]
            if now != old:
                new[id_], was[id_] = now, old
        told += _moved(ctx, parent, keys, new, was)
    return told


GROW: dict[str, Callable[[Any, list[Any]], Any]] = {
    "count": lambda old, added: (old or 0) + len(added),
    "sum": lambda old, added: (old or 0) + sum(added),
    "min": lambda old, added: min([old, *added] if old is not None else added),
    "max": lambda old, added: max([old, *added] if old is not None else added),
}


def recompute(ctx: Context, object_key: str, fields: Mapping[str, set[int]]) -> list[ChangeSet]:
    """Work out roll-up fields of an object for the given parents."""
    parent = shape(ctx.snapshot, object_key)
    told: list[ChangeSet] = []
    groups: dict[frozenset[int], list[str]] = defaultdict(list)
    for key, ids in fields.items():
        groups[frozenset(ids)].append(key)
    for group, keys in groups.items():
        ordered = sorted(group)
        for start in range(0, len(ordered), CHUNK):
            told += _anew(ctx, parent, keys, ordered[start : start + CHUNK])
    return told


def _anew(ctx: Context, parent: Shape, keys: Sequence[str], ids: Sequence[int]) -> list[ChangeSet]:
    """Most parents stay as they are: whole images are read only of those that move.

    The parents are locked first and read after, when nobody else can be writing their parts.
    """
    images.lock(parent, ids)
    rows = parent.model.objects.filter(id__among=Values(ids))
    values = {f"rolled_{k}": _rollup(ctx.snapshot, parent, k).value for k in keys}
    found = rows.annotate(**values).values_list("id", *keys, *values)
    n = len(keys)
    moved = [(id_, both) for id_, *both in found if both[:n] != both[n:]]
    was = {id_: both[:n] for id_, both in moved}
    return _moved(ctx, parent, keys, {id_: both[n:] for id_, both in moved}, was)


def _rollup(snapshot: Snapshot, parent: Shape, key: str) -> Rollup:
    f = parent.spec.fields[key]
    fed = feeding(snapshot, str(f.options["object"]))
    return next(r for r in fed if r.field is f or r.field == f)


def _moved(
    ctx: Context,
    parent: Shape,
    keys: Sequence[str],
    new: Mapping[int, Sequence[Any]],
    was: Mapping[int, Sequence[Any]],
) -> list[ChangeSet]:
    """Write the new values of these parents, and tell of them where that matters."""
    moved = sorted(new)
    if not moved:
        return []
    _refuse_too_large(parent, keys, new)
    object_key = parent.spec.key
    looked_at = bool(
        feeding(ctx.snapshot, object_key)
        or following(ctx.snapshot, object_key)
        or guards.of(ctx.snapshot, object_key)
    )
    before = images.load(parent, moved) if looked_at else {}
    bulk.update(
        parent.table,
        [parent.columns[k] for k in keys],
        [parent.db_types[k] for k in keys],
        moved,
        [tuple(_db(parent, k, v) for k, v in zip(keys, new[i], strict=True)) for i in moved],
    )
    sides: tuple[Sequence[Image], Sequence[Image]]
    if looked_at:
        sides = (
            [before[i] for i in moved],
            [{**before[i], **dict(zip(keys, new[i], strict=True))} for i in moved],
        )
    elif wants_rollups():
        # Most who listen ask which they are, and no more.
        sides = _Later(parent, keys, moved, was), _Later(parent, keys, moved, new)
    else:
        return []
    return [
        ChangeSet(
            object_key=object_key,
            action="rollup",
            ids=moved,
            before=sides[0],
            after=sides[1],
            changed=frozenset(
                k for n, k in enumerate(keys) if any(was[i][n] != new[i][n] for i in moved)
            ),
            actor=ctx.actor,
            origin=ctx.origin,
            at=ctx.at,
        )
    ]


class _Later(Sequence[Image]):
    """Images of records with some roll-ups at given values, read when somebody looks at them."""

    def __init__(
        self,
        parent: Shape,
        keys: Sequence[str],
        ids: Sequence[int],
        values: Mapping[int, Sequence[Any]],
    ) -> None:
        self._parent, self._keys, self._ids, self._values = parent, keys, ids, values
        self._found: list[Image] | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, n: Any) -> Any:
        if self._found is None:
            rows = images.load(self._parent, self._ids)
            self._found = [
                {**rows[i], **dict(zip(self._keys, self._values[i], strict=True))}
                for i in self._ids
            ]
        return self._found[n]


def _refuse_too_large(parent: Shape, keys: Sequence[str], new: Mapping[int, Sequence[Any]]) -> None:
    """A sum beyond what is kept is told; it never quietly becomes something else."""
    sums = [
        (n, f)
        for n, f in enumerate(parent.spec.fields[k] for k in keys)
        if f.options.get("agg") in ("sum", "average")
    ]
    for values in new.values():
        for n, f in sums:
            value = values[n]
            lost = value is None and f.options.get("agg") == "sum"
            if lost or (value is not None and not -LIMIT < value < LIMIT):
                raise Refused(_too_large(f))


def _too_large(f: FieldSpec) -> Problem:
    return Problem(
        "too_large",
        Text(
            "汇总“{f}”会超出可保存的范围（最多 18 位）。",
            "The roll-up “{f}” would be larger than what is kept (18 digits).",
        ).format(f=f.label),
        Text("请检查金额是否多写了几位。", "Look for an amount with digits too many."),
        object=f.object,
        field=f.key,
    )


def _db(parent: Shape, key: str, value: Any) -> Any:
    convert = parent.to_db[key]
    return value if value is None or convert is None else convert(value)
