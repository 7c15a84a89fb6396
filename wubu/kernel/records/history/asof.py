"""A record as it was at any moment.

Its changes since then are taken back in thought, newest first. Set-wise, for all the records asked
for at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wubu.kernel.audit import actions as audit
from wubu.kernel.audit import queries as log
from wubu.kernel.catalog.types import FieldSpec, Snapshot
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.permissions.types import Policy
from wubu.kernel.records import problems
from wubu.kernel.records.checks import rights
from wubu.kernel.records.context import Context
from wubu.kernel.records.history import undoing
from wubu.kernel.records.lifecycle import bin
from wubu.kernel.records.reading import images, plans, read
from wubu.kernel.records.reading.images import Image
from wubu.kernel.records.saving import save
from wubu.kernel.records.saving.writing import write
from wubu.kernel.records.shape import Shape, shape
from wubu.kernel.records.types import Draft, Record
from wubu.kernel.types import Forbidden, Missing, Problem, Text


@dataclass(frozen=True, slots=True)
class Past:
    """A record as it stood at ``on``, as its reader may see it.

    ``untold`` are the keys of computed fields, which the log does not hold; ``changed`` those
    that are different today. Links bear the names that they have today. ``parts`` are its parts
    as they stood then, by object.
    """

    record: Record
    on: datetime
    changed: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    parts: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)


def images_at(of: Shape, ids: Iterable[int], moment: datetime) -> dict[int, Image]:
    """The images as they were; a record that was not there yet is absent. Roll-ups are as now."""
    found = images.load(of, ids)
    later = log.changes(object_key=of.spec.key, record_ids=list(found), since=moment, limit=None)
    gone: set[int] = {i for i, image in found.items() if image["created_at"] > moment}
    for row in later:
        image = found[row.record_id]
        if row.action == "create":
            gone.add(row.record_id)
            continue
        image["version"] -= 1
        for key, value in (row.before or {}).items():
            if key == "archived_at" or key in of.blank:
                image[key] = _value(of, key, value)
    return {i: image for i, image in found.items() if i not in gone}


def _value(of: Shape, key: str, value: Any) -> Any:
    """A logged value; one that the field cannot hold since its type was changed is unknown."""
    try:
        return of.from_json(key, value)
    except (ValueError, TypeError, KeyError, ArithmeticError):
        return None


def past(snapshot: Snapshot, policy: Policy, object_key: str, id_: int, moment: datetime) -> Past:
    """One record at a moment; that the reader may see it now was asked before.

    Raises Missing when it was not there yet.
    """
    of = shape(snapshot, object_key)
    then = images_at(of, [id_], moment).get(id_)
    if then is None:
        raise Missing(_not_yet(of))
    now_ = images.load(of, [id_])[id_]
    told, untold = _readable(policy, of)
    parts: dict[str, tuple[Record, ...]] = {}
    for child in snapshot.children(object_key):
        if policy.may("view", child.key):
            parts[child.key] = _parts(snapshot, policy, child.key, id_, moment)
    return Past(
        record=_records(snapshot, policy, of, told, [then])[0],
        on=moment,
        changed=tuple(f.key for f in told if then.get(f.key) != now_.get(f.key)),
        untold=tuple(f.key for f in untold),
        parts=parts,
    )


def _readable(policy: Policy, of: Shape) -> tuple[list[FieldSpec], list[FieldSpec]]:
    """What the reader may read: fields whose values the log holds, and computed ones."""
    shown = [
        f for f in plans.fields(policy, of) if policy.level(of.spec.key, f.key) in ("read", "write")
    ]
    computed = [f for f in shown if FIELD_TYPES[f.type].computed]
    return [f for f in shown if f not in computed], computed


def _parts(
    snapshot: Snapshot, policy: Policy, object_key: str, id_: int, moment: datetime
) -> tuple[Record, ...]:
    of = shape(snapshot, object_key)
    rows = of.model.objects.filter(**{of.spec.part_of: id_}).order_by("id")
    scope = policy.scope("view", object_key)
    ids = list(rows.filter(scope).values_list("id", flat=True))
    then = [i for i in images_at(of, ids, moment).values() if i["archived_at"] is None]
    told, _ = _readable(policy, of)
    return tuple(_records(snapshot, policy, of, told, then))


def _records(
    snapshot: Snapshot, policy: Policy, of: Shape, told: list[FieldSpec], then: list[Image]
) -> list[Record]:
    values = [{f.key: image.get(f.key) for f in told} for image in then]
    titles = read.link_titles(snapshot, policy, told, values)
    return [
        Record(
            object_key=of.spec.key,
            id=image["id"],
            version=image["version"],
            values=some,
            title=read.title(of, image["id"], some, names),
            titles=names,
            archived_at=image["archived_at"],
            created_at=image["created_at"],
            created_by=image["created_by"],
        )
        for image, some, names in zip(then, values, titles, strict=True)
    ]


def restore(ctx: Context, of: Shape, id_: int, moment: datetime) -> Image:
    """Write the record back to what it was then.

    The fields that the actor may write, and its parts. Raises Missing, Forbidden, Refused; runs in
    the caller's transaction.
    """
    then = images_at(of, [id_], moment).get(id_)
    if then is None:
        raise Missing(_not_yet(of))
    if not rights.within(ctx, of, "edit", [id_]):
        raise Forbidden(problems.may_not(of.spec, "edit"))
    prep = write(ctx, of.spec.key, [Draft(_writable(ctx, of, then), id=id_)], stored=True)
    for child in ctx.snapshot.children(of.spec.key):
        _restore_parts(ctx, shape(ctx.snapshot, child.key), id_, moment)
    return prep.rows[0].after


def _writable(ctx: Context, of: Shape, image: Image) -> Image:
    return {
        f.key: image.get(f.key)
        for f in (*of.stored, *of.many)
        if not f.retired
        and not FIELD_TYPES[f.type].computed
        and ctx.policy.level(of.spec.key, f.key) == "write"
    }


def _restore_parts(ctx: Context, of: Shape, id_: int, moment: datetime) -> None:
    rows = of.model.objects.filter(**{of.spec.part_of: id_})
    now_ = images.load(of, rows.values_list("id", flat=True), lock=True)
    then = images_at(of, now_, moment)
    there = {i for i, image in then.items() if image["archived_at"] is None}
    back = {i: now_[i] for i in there if now_[i]["archived_at"] is not None}
    away = {i: now_[i] for i in now_ if i not in there and now_[i]["archived_at"] is None}
    if away:
        save.finish(ctx, [bin.archive(ctx, of, away)])
    if back:
        undoing.refuse_taken(ctx, of, back)
        save.finish(ctx, [bin.restore(ctx, of, back)])
    if there:
        drafts = [Draft(_writable(ctx, of, then[i]), id=i) for i in sorted(there)]
        write(ctx, of.spec.key, drafts, stored=True)


def _not_yet(of: Shape) -> Problem:
    return Problem(
        "not_yet",
        Text("那时还没有这条{o}。", "This {o} did not exist at that time.").format(o=of.spec.label),
        Text("请选择更晚的日期。", "Choose a later day."),
        object=of.spec.key,
        field="on",
    )


def batch(ctx: Context, note: str) -> int:
    """A batch of its own, so that putting back can itself be taken back."""
    return audit.open_batch(actor=ctx.actor, kind="restore", at=ctx.at, note=note)
