"""Rows to Records: readable fields only, and the names behind ids, one question per linked
object.
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
from wubu.kernel.fields.masks import mask
from wubu.kernel.formula.queries import of_field, parse
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.types import Policy
from wubu.kernel.records import images, sights
from wubu.kernel.records.context import Context
from wubu.kernel.records.images import Image
from wubu.kernel.records.shape import BASE_ATTNAMES, BASE_KEYS, Shape
from wubu.kernel.records.shape import shape as shape_of
from wubu.kernel.records.types import Record
from wubu.kernel.statements import Statement
from wubu.kernel.types import Text

UNSEEN = Text("（无权查看）", "(not visible to you)")
PREFIX = "computed_"
CHUNK = 2_000


def fields(policy: Policy, of: Shape, columns: Iterable[str] | None = None) -> list[FieldSpec]:
    """The live fields that may be shown, masked too; of these, those asked for and the title."""
    wanted = None if columns is None else set(columns)
    title = of.spec.roles.get("title")
    return [
        f
        for f in of.spec.live_fields
        if (wanted is None or f.key in wanted or f.key == title)
        and policy.level(of.spec.key, f.key) != "hidden"
    ]


def records(
    snapshot: Snapshot,
    policy: Policy,
    object_key: str,
    rows: QuerySet[Any],
    columns: Iterable[str] | None = None,
) -> list[Record]:
    """The rows of a queryset, in its order, as the holder of the policy may see them."""
    of = shape_of(snapshot, object_key)
    shown = fields(policy, of, columns)
    across = [
        c for c in columns or () if "." in c and policy.shown(object_key, tuple(c.split(".")))
    ]
    plain = [f for f in shown if f.key in of.columns]
    virtual = [f for f in shown if FIELD_TYPES[f.type].virtual]
    for f in virtual:
        seen = policy.across(object_key, (f.key,))
        value = expression(snapshot, f)
        if seen:
            value = Case(When(seen, then=value))
        rows = rows.annotate(**{PREFIX + f.key: value})
    for n, path in enumerate(across):
        formula = parse(f"{{{path}}}", snapshot=snapshot, object_key=object_key)
        seen = policy.across(object_key, tuple(path.split(".")))
        value = Case(When(seen, then=formula.expression())) if seen else formula.expression()
        rows = rows.annotate(**{f"{PREFIX}{n}": value})
    names = [
        *BASE_ATTNAMES,
        *(of.columns[f.key] for f in plain),
        *(PREFIX + f.key for f in virtual),
        *(f"{PREFIX}{n}" for n in range(len(across))),
    ]
    keys = [*(f.key for f in plain), *(f.key for f in virtual), *across]
    base = len(BASE_ATTNAMES)
    read = list(rows.values_list(*names))
    values = [dict(zip(keys, row[base:], strict=True)) for row in read]
    for f in shown:
        if FIELD_TYPES[f.type].many and read:
            linked = images.links(of, f.key, [row[0] for row in read])
            for row, some in zip(read, values, strict=True):
                some[f.key] = linked.get(row[0])
    return _made(snapshot, policy, of, shown, across, read, values)


def _made(
    snapshot: Snapshot,
    policy: Policy,
    of: Shape,
    shown: Sequence[FieldSpec],
    across: Sequence[str],
    read: Sequence[Sequence[Any]],
    values: Sequence[dict[str, Any]],
) -> list[Record]:
    """Rows, which begin with the base columns, and their values by field or path as Records."""
    object_key = of.spec.key
    masks = _masks(snapshot, policy, object_key, [*(f.key for f in shown), *across])
    covered = [_cover(masks, some) for some in values]
    sights.note(snapshot, policy, object_key, shown, across, read, values)
    titles = link_titles(snapshot, policy, shown, values)
    return [
        Record(
            object_key=object_key,
            id=row[0],
            version=row[1],
            values=some,
            title=title(of, row[0], some, names_of, masked),
            titles=names_of,
            masked=masked,
            created_at=row[2],
            created_by=row[3],
            updated_at=row[4],
            updated_by=row[5],
            archived_at=row[6],
        )
        for row, some, names_of, masked in zip(read, values, titles, covered, strict=True)
    ]


def _masks(
    snapshot: Snapshot, policy: Policy, object_key: str, keys: Iterable[str]
) -> dict[str, FieldSpec]:
    """Those of the fields, by key or path, of which the reader may see an outline only."""
    found: dict[str, FieldSpec] = {}
    for key in () if policy.everything else keys:
        if policy.readable(object_key, key):
            continue
        here, *rest = key.split(".")
        f = snapshot.object(object_key).fields[here]
        for step in rest if f.target else ():
            f = snapshot.object(f.target).fields[step]
        found[key] = f
    return found


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
    shown = fields(ctx.policy, of)
    if any(FIELD_TYPES[f.type].virtual for f in shown):
        rows = of.model.objects.filter(id=image["id"])
        return records(ctx.snapshot, ctx.policy, of.spec.key, rows)[0]
    now = images.load(of, [image["id"]])[image["id"]]
    base = [[now[k] for k in BASE_KEYS]]
    return _made(
        ctx.snapshot, ctx.policy, of, shown, (), base, [{f.key: now[f.key] for f in shown}]
    )[0]


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
    f = of.spec.role("title")
    if f is not None and masked and f.key in masked:
        return masked[f.key]
    value = values.get(f.key) if f is not None else None
    if f is None or value is None:
        return f"#{id_}"
    if FIELD_TYPES[f.type].refers_to(f):
        name = names.get(f.key)
        return name if isinstance(name, str) else "、".join(name or ())
    return FIELD_TYPES[f.type].show(f, value)


def link_titles(
    snapshot: Snapshot,
    policy: Policy | None,
    shown: Sequence[FieldSpec],
    values: Sequence[Mapping[str, Any]],
) -> list[dict[str, str | tuple[str, ...]]]:
    """For each row the shown names of its links, members and teams."""
    linking = [f for f in shown if FIELD_TYPES[f.type].refers_to(f)]
    wanted: dict[str, set[int]] = defaultdict(set)
    for f in linking:
        ids = wanted[FIELD_TYPES[f.type].refers_to(f)]
        for row in values:
            value = row.get(f.key)
            if value is not None:
                ids.update(value) if isinstance(value, tuple) else ids.add(value)
    known = {target: names(snapshot, policy, target, ids) for target, ids in wanted.items() if ids}
    made: list[dict[str, str | tuple[str, ...]]] = []
    for row in values:
        own: dict[str, str | tuple[str, ...]] = {}
        for f in linking:
            value = row.get(f.key)
            if value is None:
                continue
            found = known[FIELD_TYPES[f.type].refers_to(f)]
            own[f.key] = (
                tuple(found.get(v, str(UNSEEN)) for v in value)
                if isinstance(value, tuple)
                else found.get(value, str(UNSEEN))
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
) -> tuple[Statement, Callable[[Any], str]] | None:
    """Names that stand in a column of records of which every one may be seen: the question, and
    how they are shown.
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
