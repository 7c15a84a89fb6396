"""Permission on the old and on the written image: which records, asked of the database at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from wubu.kernel.bulk import Values
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.records import problems
from wubu.kernel.records.lifecycle import stages
from wubu.kernel.records.shape import Shape
from wubu.kernel.types import Forbidden, Problem, Text

if TYPE_CHECKING:
    from wubu.kernel.records.batch import Batch, Row
    from wubu.kernel.records.context import Context

CHUNK = 2_000


def within(ctx: Context, shape: Shape, action: str, ids: Iterable[Any]) -> set[int]:
    """Those of the ids on which the actor may do this."""
    wanted = {i for i in ids if i is not None}
    scope = ctx.policy.scope(action, shape.spec.key)
    if scope == Q():
        return wanted
    every = sorted(wanted)
    found: set[int] = set()
    for start in range(0, len(every), CHUNK):
        rows = shape.model.objects.filter(scope, id__among=Values(every[start : start + CHUNK]))
        found.update(rows.values_list("id", flat=True))
    return found


def check_before(prep: Batch) -> None:
    """May the actor change each of these records as it stands now?"""
    old = [r for r in prep.rows if r.before is not None]
    if not old or prep.unasked:
        return
    ctx, shape = prep.ctx, prep.shape
    ids = {r.id for r in old}
    editable = within(ctx, shape, "edit", ids)
    rest = [r for r in old if r.id not in editable]
    if not rest:
        _archived(prep, old)
        return
    by_action: dict[str, list[Row]] = {}
    for row in rest:
        by_action.setdefault(_lesser_action(prep, row), []).append(row)
    visible = within(ctx, shape, "view", [r.id for r in rest])
    for action, rows in by_action.items():
        allowed = within(ctx, shape, action, [r.id for r in rows]) if action != "edit" else set()
        for row in rows:
            if row.id in allowed:
                continue
            # Nothing else may be said of a record that the actor must not know.
            prep.problems = [p for p in prep.problems if p.row != row.index]
            row.bad, row.stale = True, False
            if row.id in visible:
                prep.problems.append(_not_this(prep, row))
            else:
                problems.missing(prep, row)
    _archived(prep, [r for r in old if not r.bad])


def _archived(prep: Batch, rows: Iterable[Row]) -> None:
    if prep.stored:
        return
    for row in rows:
        if row.before is not None and row.before["archived_at"] is not None:
            prep.blame(
                row,
                "archived",
                Text("这条记录已在回收站。", "This record is in the recycle bin."),
                hint=Text("请先恢复它。", "Restore it first."),
            )


def _lesser_action(prep: Batch, row: Row) -> str:
    """Moving a stage, or handing over, may be allowed where editing is not."""
    stage, owner = stages.stage_field(prep.spec), prep.spec.role("owner")
    keys = set(row.changed)
    if owner is not None and keys == {owner.key}:
        return "transfer"
    if stage is not None and stage.key in keys:
        dates = set(stages.dates(prep.spec).values())
        if keys - dates == {stage.key} and not (dates & row.values.keys()):
            return "approve" if row.after[stage.key] in _approved(stage) else "stage"
    return "edit"


def _approved(stage: FieldSpec) -> frozenset[str]:
    """The stages that only who may approve moves a record into: the option ``approve``."""
    return frozenset(stage.options.get("approve") or ())


def check_special(prep: Batch) -> None:
    """What needs more than the right to edit: changing many at once, and approving a stage."""
    if prep.unasked or prep.stored:
        return
    _check_many(prep)
    stage = stages.stage_field(prep.spec)
    approved = _approved(stage) if stage is not None else frozenset()
    if stage is None or not approved:
        return
    rows = [
        r
        for r in (*prep.creates, *prep.updates)
        if r.after[stage.key] in approved and stage.key in r.changed
    ]
    old = [r.id for r in rows if r.before is not None]
    allowed = within(prep.ctx, prep.shape, "approve", old) if old else set()
    may = prep.ctx.policy.may("approve", prep.spec.key)
    for row in rows:
        if row.id in allowed or (row.before is None and may):
            continue
        choice = stage.choice(row.after[stage.key])
        prep.blame(
            row,
            "needs_approval",
            Text(
                "进入“{s}”需要审批权限。", "Moving it to “{s}” needs the right to approve."
            ).format(s=choice.label if choice else row.after[stage.key]),
            field=stage.key,
        )


def _check_many(prep: Batch) -> None:
    """Handing over and moving between stages have rights of their own, one or many."""
    if prep.ctx.actor.entrance not in ("page", "api"):
        return
    rows = {r.id: r for r in prep.updates if _lesser_action(prep, r) == "edit"}
    if len(rows) < 2:
        return
    for id_ in sorted(rows.keys() - within(prep.ctx, prep.shape, "bulk_edit", rows)):
        rows[id_].bad = True
        said = problems.may_not(prep.spec, "bulk_edit")
        prep.problems.append(replace(said, **prep.ctx.place(rows[id_])))


def _not_this(prep: Batch, row: Row) -> Problem:
    return Problem(
        "forbidden",
        Text("您可以查看但无权修改这条{o}记录。", "You may see this {o} but not change it.").format(
            o=prep.spec.label
        ),
        object=prep.spec.key,
        **prep.ctx.place(row),
    )


def check_after(prep: Batch) -> None:
    """May the actor have made what now stands written? Raises Forbidden, which takes it back."""
    if prep.unasked:
        return
    ctx, shape = prep.ctx, prep.shape
    owner = prep.spec.role("owner")
    found: list[Problem] = []
    created = {r.id: r for r in prep.creates}
    if created:
        outside = created.keys() - within(ctx, shape, "create", created)
        found += [_outside(prep, created[id_]) for id_ in sorted(outside)]
    updated = {r.id: r for r in prep.updates}
    if updated:
        outside = updated.keys() - within(ctx, shape, "edit", updated)
        handed = {id_ for id_ in outside if owner is not None and owner.key in updated[id_].changed}
        moved = ("stage", "approve")
        staged = {id_ for id_ in outside if _lesser_action(prep, updated[id_]) in moved}
        # Handing over takes the record out of reach; that is allowed to whom may transfer.
        may_transfer = handed and ctx.policy.may("transfer", prep.spec.key)
        left = outside - staged - (handed if may_transfer else set())
        found += [_outside(prep, updated[id_]) for id_ in sorted(left)]
    if found:
        raise Forbidden(*found)


def _outside(prep: Batch, row: Row) -> Problem:
    return Problem(
        "out_of_reach",
        Text(
            "保存后这条{o}将超出您的权限范围。",
            "Saved like this, the {o} would lie outside of what you may write.",
        ).format(o=prep.spec.label),
        Text("请检查负责人等字段。", "Check its owner."),
        object=prep.spec.key,
        **prep.ctx.place(row),
    )
