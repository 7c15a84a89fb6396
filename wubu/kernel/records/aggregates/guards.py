"""Rules about roll-ups, held after the roll-ups have moved: stock must not fall below zero.

They are the checks of an object (``options.checks``) that speak of a roll-up of it. Whoever moved
the roll-up is refused, whether they wrote the record itself or one that points at it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from wubu.kernel.bulk import Values
from wubu.kernel.catalog.types import ObjectSpec, Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.formula.context import NOWHERE
from wubu.kernel.formula.queries import parse
from wubu.kernel.formula.types import Formula
from wubu.kernel.formula.values import bind
from wubu.kernel.records.context import Context
from wubu.kernel.records.events import ChangeSet
from wubu.kernel.records.reading import read
from wubu.kernel.types import Problem, Refused, Text

BOOL = ValueType("bool")
CHUNK = 2_000
MOST = 20  # records named in one refusal
TOWARD: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.gt,
    "<": operator.lt,
    "<=": operator.lt,
}
Image = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Guard:
    """One check about roll-ups. ``watched`` are the record's own fields that it looks at."""

    key: str
    must: Formula
    when: Formula | None
    message: Text
    fields: tuple[str, ...]
    watched: frozenset[str]


_of: WeakKeyDictionary[Any, tuple[Guard, ...]] = WeakKeyDictionary()


def of(snapshot: Snapshot, object_key: str) -> tuple[Guard, ...]:
    """The guards of an object; read once per Snapshot."""
    model = snapshot.model(object_key)
    found = _of.get(model)
    if found is None:
        spec = snapshot.object(object_key)
        made = (_guard(snapshot, spec, c) for c in spec.options.get("checks") or ())
        found = _of[model] = tuple(g for g in made if g is not None)
    return found


def _guard(snapshot: Snapshot, spec: ObjectSpec, check: Mapping[str, Any]) -> Guard | None:
    """The check as a guard; None where it speaks of no roll-up or can no longer be read."""
    try:
        must = _read(snapshot, spec, str(check.get("must") or ""))
        when = _read(snapshot, spec, str(check["when"])) if check.get("when") else None
    except Refused:
        return None
    if not (is_about_rollups(spec, must) or (when is not None and is_about_rollups(spec, when))):
        return None
    paths = must.paths | (when.paths if when is not None else frozenset())
    return Guard(
        key=str(check.get("key") or ""),
        must=must,
        when=when,
        message=Text.of(check.get("message") or str(check.get("key") or "")),
        fields=tuple(k for k in check.get("fields") or () if k in spec.fields),
        watched=frozenset(path[0] for path in paths),
    )


def _read(snapshot: Snapshot, spec: ObjectSpec, text: str) -> Formula:
    return parse(text, snapshot=snapshot, object_key=spec.key, expect=BOOL)


def is_about_rollups(spec: ObjectSpec, formula: Formula) -> bool:
    """Whether a condition reads a roll-up of the record itself."""
    return any(
        len(path) == 1 and path[0] in spec.fields and spec.fields[path[0]].kind.aggregates
        for path in formula.paths
    )


def enforce(ctx: Context, changes: Sequence[ChangeSet]) -> None:
    """Check now; or at the end, by ``settle``, where a batch is taken back piece by piece."""
    some = [c for c in changes if of(ctx.snapshot, c.object_key)]
    if ctx.undoing:
        ctx.unguarded += some
    elif some:
        check(ctx, some)


def enforce_deferred(ctx: Context) -> None:
    """Check what was put off. Raises Refused."""
    check(ctx, ctx.unguarded)
    ctx.unguarded.clear()


def check(ctx: Context, changes: Iterable[ChangeSet]) -> None:
    """Hold every guard whose fields moved, as the records now stand. Raises Refused with all."""
    moved: dict[str, dict[int, Image | None]] = {}
    changed: dict[str, dict[int, set[str]]] = {}
    for change in changes:
        if not of(ctx.snapshot, change.object_key):
            continue
        first = moved.setdefault(change.object_key, {})
        touched = changed.setdefault(change.object_key, {})
        for id_, before in zip(change.ids, change.before, strict=True):
            first.setdefault(id_, before)
            touched.setdefault(id_, set()).update(change.changed)
    problems: list[Problem] = []
    for object_key, first in moved.items():
        for guard in of(ctx.snapshot, object_key):
            ids = [
                i
                for i, before in first.items()
                if before is None or guard.watched & changed[object_key][i]
            ]
            broken = _broken(ctx, object_key, guard, ids)
            worse = [i for i, image in broken.items() if not _better(guard, first[i], image)]
            problems += _problems(ctx, object_key, guard, worse)
    if problems:
        raise Refused(*problems)


def _broken(ctx: Context, object_key: str, guard: Guard, ids: Sequence[int]) -> dict[int, Image]:
    """The records for which a guard does not hold, with what it looks at."""
    model: Any = ctx.snapshot.model(object_key)
    own = sorted(guard.watched)
    found: dict[int, Image] = {}
    for start in range(0, len(ids), CHUNK):
        rows = model.objects.filter(
            id__among=Values(ids[start : start + CHUNK]), archived_at__isnull=True
        )
        if guard.when is not None:
            rows = rows.filter(guard.when.expression())
        rows = rows.annotate(guard_holds=guard.must.expression())
        for id_, holds, *values in rows.order_by("id").values_list("id", "guard_holds", *own):
            if holds is not True:
                found[id_] = dict(zip(own, values, strict=True))
    return found


def _better(guard: Guard, before: Image | None, after: Image) -> bool:
    """Whether what was broken already is now less so: goods may come in while stock is short."""
    node = guard.must.node
    if before is None or node.op not in TOWARD or not node.args[0].type.numeric:
        return False
    if any(len(path) > 1 for path in guard.must.paths) or guard.must.gathers:
        return False
    if guard.must.is_ambient or guard.must.value(lambda p: before.get(p[0])) is True:
        return False
    was, now = (_margin(guard, image) for image in (before, after))
    return was is not None and now is not None and TOWARD[node.op](now, was)


def _margin(guard: Guard, image: Image) -> int | None:
    """How far the left side is above the right."""
    left, right = guard.must.node.args
    scale = max(left.type.scale, right.type.scale)
    both = []
    for node in (left, right):
        value = bind(node, NOWHERE)(lambda path: image.get(path[0]))
        if value is None:
            return None
        both.append(value * 10 ** (scale - node.type.scale))
    return int(both[0] - both[1])


def _problems(ctx: Context, object_key: str, guard: Guard, ids: Sequence[int]) -> list[Problem]:
    """One problem per record: which one, what must hold, and how.

    Those out of sight are told as one, so that nobody counts them.
    """
    if not ids:
        return []
    policy = ctx.policy
    spec = ctx.snapshot.object(object_key)
    titles = read.names(ctx.snapshot, policy, object_key, ids[:MOST])
    readable = all(policy.readable(object_key, path) for path in guard.must.written)
    hint = None
    if readable:
        hint = Text(
            "必须满足：{c}。请先调整相关记录，再保存。",
            "This must be met: {c}. Correct the related records first.",
        ).format(c=Text(guard.must.clause("zh"), guard.must.clause("en")))
    rolled = [k for k in (*guard.fields, *sorted(guard.watched)) if k in spec.fields]
    field = next((k for k in rolled if policy.level(object_key, k) != "hidden"), None)
    return [
        Problem(
            f"check:{guard.key}",
            Text("{o}“{t}”：{m}", "{o} “{t}”: {m}").format(
                o=spec.label, t=titles[id_], m=guard.message
            )
            if id_ in titles
            else Text("{o}：{m}", "{o}: {m}").format(o=spec.label, m=guard.message),
            hint,
            object=object_key,
            field=field,
            value=id_ if id_ in titles else None,
        )
        for id_ in [
            *(i for i in ids[:MOST] if i in titles),
            *[i for i in ids[:MOST] if i not in titles][:1],
        ]
    ]
