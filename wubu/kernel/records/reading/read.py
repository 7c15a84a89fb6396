"""Rows to Records.

Readable fields only, and the names behind ids, one question per linked object.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import Case, Q, QuerySet, When

from wubu.kernel.bulk import Values
from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.registry import mask
from wubu.kernel.formula.queries import of_field
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.types import Policy
from wubu.kernel.prepared import PreparedQuery
from wubu.kernel.records.context import Context
from wubu.kernel.records.reading import images, sensitive
from wubu.kernel.records.reading.images import Image
from wubu.kernel.records.reading.plans import PREFIX, Joined, Plan, fields, plan
from wubu.kernel.records.shape import BASE_ATTNAMES, BASE_KEYS, Shape
from wubu.kernel.records.shape import shape as shape_of
from wubu.kernel.records.types import Record
from wubu.kernel.types import Text, language

UNSEEN = Text("（无权查看）", "(not visible to you)")
CHUNK = 2_000


def records(
    snapshot: Snapshot,
    policy: Policy,
    object_key: str,
    rows: QuerySet[Any],
    columns: Iterable[str] | None = None,
) -> list[Record]:
    """The rows of a queryset, in its order, as the holder of the policy may see them."""
    how = plan(snapshot, policy, object_key, columns)
    return made(snapshot, policy, how, PreparedQuery(how.select(policy, rows)).rows())


def made(
    snapshot: Snapshot, policy: Policy, how: Plan, read: Sequence[Sequence[Any]]
) -> list[Record]:
    """Rows as the plan reads them, as Records."""
    base, keys = len(BASE_ATTNAMES), how.keys
    values: list[dict[str, Any]] = [dict(zip(keys, row[base:], strict=False)) for row in read]
    for f in how.many if read else ():
        linked = images.links(how.of, f.key, [row[0] for row in read])
        for row, some in zip(read, values, strict=True):
            some[f.key] = linked.get(row[0])
    for n, one in enumerate(how.far if read else ()):
        ends = [row[base + len(keys) + n] for row in read]
        linked = images.links(one.there, one.of, {end for end in ends if end is not None})
        for end, some in zip(ends, values, strict=True):
            some[one.key] = linked.get(end)
    return _records(snapshot, policy, how, read, values, joined=True)


def _records(
    snapshot: Snapshot,
    policy: Policy,
    how: Plan,
    read: Sequence[Sequence[Any]],
    values: Sequence[dict[str, Any]],
    known: Mapping[str, Mapping[int, str]] | None = None,
    *,
    joined: bool = False,
) -> list[Record]:
    """Rows, which begin with the base columns, and their values by field or path.

    ``known`` names need not be asked for; those that the plan joins stand at the end of the rows if
    ``joined``.
    """
    object_key = how.of.spec.key
    covered = [_cover(how.masks, some) if how.masks else {} for some in values]
    sensitive.note(policy, object_key, how.sensitive, read, values)
    apart = how.apart if joined else how.linking
    titles = _titles(snapshot, policy, apart, values, known or {})
    for at, one in enumerate(how.joined if joined else (), start=-len(how.joined)):
        _join(one, at, read, values, titles)
    called = _titler(how.of)
    return [
        Record(
            object_key,
            row[0],
            row[1],
            some,
            called(row[0], some, names_of, masked),
            names_of,
            row[6],
            row[2],
            row[3],
            row[4],
            row[5],
            masked,
        )
        for row, some, names_of, masked in zip(read, values, titles, covered, strict=True)
    ]


def _join(
    joined: Joined,
    at: int,
    read: Sequence[Sequence[Any]],
    values: Sequence[Mapping[str, Any]],
    titles: Sequence[dict[str, Any]],
) -> None:
    """The names that came with the rows, for what may be seen of each."""
    key, f = joined.key, joined.title
    show = FIELD_TYPES[f.type].shower(f, language()) if f else str
    for row, some, own in zip(read, values, titles, strict=True):
        id_ = some[key]
        if id_ is not None:
            own[key] = f"#{id_}" if row[at] is None else show(row[at])


def _cover(masks: Mapping[str, FieldSpec], values: dict[str, Any]) -> dict[str, str]:
    """Take the masked values out of a row; what may be shown in their place."""
    found: dict[str, str] = {}
    for key, f in masks.items():
        value, values[key] = values.get(key), None
        if value is not None and value != ():
            found[key] = mask(f, value)
    return found


def expression(snapshot: Snapshot, f: FieldSpec) -> Any:
    """A formula field as a database expression."""
    return of_field(f, snapshot=snapshot).expression()


def written(ctx: Context, of: Shape, image: Image) -> Record:
    """A record just written, read again: roll-ups and formulas as they now stand."""
    how = plan(ctx.snapshot, ctx.policy, of.spec.key)
    if how.computed:
        rows = of.model.objects.filter(id=image["id"])
        return records(ctx.snapshot, ctx.policy, of.spec.key, rows)[0]
    now = images.load(of, [image["id"]])[image["id"]]
    base = [[now[k] for k in BASE_KEYS]]
    values = [{f.key: now[f.key] for f in how.shown}]
    known = ctx.resolver.known(of.spec.key)
    return _records(ctx.snapshot, ctx.policy, how, base, values, known)[0]


def readable(ctx: Context, of: Shape, image: Image) -> Image:
    """An image without what the actor may not read."""
    shown = [f.key for f in fields(ctx.policy, of) if ctx.policy.clear(of.spec.key, f.key)]
    return {k: image[k] for k in shown if k in image} | {"version": image.get("version")}


def title(
    of: Shape,
    id_: int,
    values: Mapping[str, Any],
    names: Mapping[str, Any],
    masked: Mapping[str, str] | None = None,
) -> str:
    """What a record is called."""
    return _titler(of)(id_, values, names, masked or {})


def _titler(
    of: Shape,
) -> Callable[[int, Mapping[str, Any], Mapping[str, Any], Mapping[str, str]], str]:
    """``title`` for many records of one object."""
    f = of.spec.role("title")
    if f is None:
        return lambda id_, *_: f"#{id_}"
    key, refers = f.key, bool(FIELD_TYPES[f.type].refers_to(f))
    show = FIELD_TYPES[f.type].shower(f, language())

    def called(
        id_: int, values: Mapping[str, Any], names: Mapping[str, Any], masked: Mapping[str, str]
    ) -> str:
        if masked and key in masked:
            return masked[key]
        value = values.get(key)
        if value is None:
            return f"#{id_}"
        if refers:
            name = names.get(key)
            return name if isinstance(name, str) else "、".join(name or ())
        return show(value)

    return called


def link_titles(
    snapshot: Snapshot,
    policy: Policy | None,
    shown: Sequence[FieldSpec],
    values: Sequence[Mapping[str, Any]],
) -> list[dict[str, str | tuple[str, ...]]]:
    """For each row the shown names of its links, members and teams."""
    linking = [(f.key, to) for f in shown if (to := FIELD_TYPES[f.type].refers_to(f))]
    return _titles(snapshot, policy, linking, values, {})


def _titles(
    snapshot: Snapshot,
    policy: Policy | None,
    linking: Sequence[tuple[str, str]],
    values: Sequence[Mapping[str, Any]],
    raw: Mapping[str, Mapping[int, str]],
) -> list[dict[str, str | tuple[str, ...]]]:
    """``linking``: of each field that refers to others its key, and what they are."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for key, target in linking:
        ids = wanted[target]
        for row in values:
            value = row.get(key)
            if value is not None:
                ids.update(value) if isinstance(value, tuple) else ids.add(value)
    known: dict[str, dict[int, str]] = {}
    for target, ids in wanted.items():
        there = raw.get(target, {})
        rest = [i for i in ids if i not in there]
        known[target] = names(snapshot, policy, target, rest) if rest else {}
        if there:
            known[target] |= {i: there[i] for i in ids if i in there}
    unseen = str(UNSEEN)
    made: list[dict[str, str | tuple[str, ...]]] = []
    for row in values:
        own: dict[str, str | tuple[str, ...]] = {}
        for key, target in linking:
            value = row.get(key)
            if value is None:
                continue
            found = known[target]
            own[key] = (
                tuple(found.get(v, unseen) for v in value)
                if isinstance(value, tuple)
                else found.get(value, unseen)
            )
        made.append(own)
    return made


def names(
    snapshot: Snapshot, policy: Policy | None, target: str, ids: Iterable[int]
) -> dict[int, str]:
    """What things of an object (or members, teams) are called; without a policy, all of them."""
    if target == "member":
        return people.names(ids)
    if target == "team":
        wanted = set(ids)
        return {t.id: t.name for t in people.tree(active=None) if t.id in wanted}
    if policy is not None and not policy.may("view", target):
        return {}
    of = shape_of(snapshot, target)
    f = of.spec.role("title")
    every = sorted(set(ids))
    found: dict[int, str] = {}
    quick = _quick(policy, of, f)
    for start in range(0, len(every), CHUNK):
        if quick is not None:
            asked, show = quick
            pairs = asked.rows(ids=every[start : start + CHUNK])
            found.update({i: f"#{i}" if value is None else show(value) for i, value in pairs})
            continue
        rows = of.model.objects.filter(id__among=Values(every[start : start + CHUNK]))
        if policy is not None:
            rows = rows.filter(policy.scope("view", target))
        found.update(_named(snapshot, policy, of, f, rows))
    return found


def _quick(
    policy: Policy | None, of: Shape, f: FieldSpec | None
) -> tuple[PreparedQuery, Callable[[Any], str]] | None:
    """Names that stand in a column of records of which every one may be seen.

    The question, and how they are shown.
    """
    if f is None or f.key not in of.columns or FIELD_TYPES[f.type].refers_to(f):
        return None
    if policy is not None and policy.scope("view", of.spec.key) != Q():
        return None
    level = "read" if policy is None else policy.level(of.spec.key, f.key)
    if level == "hidden":
        return None
    show = partial(mask, f) if level == "masked" else FIELD_TYPES[f.type].shower(f)
    return images.some(of, ("id", of.columns[f.key])), show


def _named(
    snapshot: Snapshot, policy: Policy | None, of: Shape, f: FieldSpec | None, rows: Any
) -> dict[int, str]:
    level = "hidden" if f is None else "read"
    if policy is not None and f is not None:
        level = policy.level(of.spec.key, f.key)
    if f is None or level == "hidden":
        return {id_: f"#{id_}" for id_ in rows.values_list("id", flat=True)}
    linking = bool(FIELD_TYPES[f.type].refers_to(f))
    if linking and level != "masked":
        through = dict(rows.values_list("id", of.columns.get(f.key, f.key)))
        inner = names(
            snapshot,
            policy,
            FIELD_TYPES[f.type].refers_to(f),
            {v for v in through.values() if v is not None},
        )
        return {id_: inner.get(v) or f"#{id_}" for id_, v in through.items()}
    if FIELD_TYPES[f.type].virtual:
        seen = Q() if policy is None else policy.across(of.spec.key, (f.key,))
        shown = expression(snapshot, f)
        rows = rows.annotate(**{PREFIX + f.key: Case(When(seen, then=shown)) if seen else shown})
        pairs = rows.values_list("id", PREFIX + f.key)
    else:
        pairs = rows.values_list("id", of.columns.get(f.key, f.key))
    show = partial(mask, f) if level == "masked" else FIELD_TYPES[f.type].shower(f)
    return {id_: (show(value) if value is not None else f"#{id_}") for id_, value in pairs}
