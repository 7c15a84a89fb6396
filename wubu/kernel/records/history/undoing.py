"""Taking back: a whole batch, or one change of one record. The log says what was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wubu.kernel.audit import actions as audit
from wubu.kernel.audit import queries as log
from wubu.kernel.audit.types import ChangeRow
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.records import problems
from wubu.kernel.records.checks import rights
from wubu.kernel.records.context import Context
from wubu.kernel.records.lifecycle import bin
from wubu.kernel.records.reading import images
from wubu.kernel.records.reading.images import Image
from wubu.kernel.records.saving import save
from wubu.kernel.records.saving.writing import write
from wubu.kernel.records.shape import Former, Shape, shape
from wubu.kernel.records.types import Draft, Undone
from wubu.kernel.types import Forbidden, Missing, Problem, Refused, Text

CHUNK = 2_000
Key = tuple[str, int]


class Story:
    """What one batch did to one record.

    Its first and last change, and what each field was before.
    """

    __slots__ = ("archived", "created", "fields", "last", "restored")

    def __init__(self) -> None:
        self.created = self.archived = self.restored = False
        self.fields: dict[str, Any] = {}  # in JSON form
        self.last = 0

    def add(self, row: ChangeRow) -> None:
        self.last = row.id
        if row.action == "create":
            self.created = True
        elif row.action == "archive":
            self.archived = not self.restored
            self.restored = False
        elif row.action == "restore":
            self.restored = not self.archived
            self.archived = False
        else:
            for key, value in (row.before or {}).items():
                self.fields.setdefault(key, value)


def undo(ctx: Context, batch: int) -> Undone:
    """Take a batch back; see ``actions.undo_batch``."""
    stories: dict[Key, Story] = {}
    merged: dict[str, list[tuple[int, int]]] = {}
    for row in log.batch_changes(batch):
        stories.setdefault((row.object_key, row.record_id), Story()).add(row)
        if into := str((row.after or {}).get("merged_into") or ""):
            merged.setdefault(row.object_key, []).append((row.record_id, int(into)))
    if not _sees_any(ctx, stories):
        raise Missing(
            Problem("no_such_batch", Text("没有这个批次。", "There is no such batch."), value=batch)
        )
    if log.is_undone(batch):
        raise Refused(
            Problem(
                "undone",
                Text("这个批次已经撤销过了。", "This batch was already undone."),
                value=batch,
            )
        )
    by_object: dict[str, list[int]] = {}
    for object_key, id_ in stories:
        by_object.setdefault(object_key, []).append(id_)
    # Whoever may take the merge back need not have the right to each record that points there.
    kind = log.kind_of(batch)
    unasked = kind == "merge"
    if unasked:
        _may_part(ctx, merged)
    # Whoever may bring records in may take back what came in and nobody touched since.
    taking = ("delete", "import") if kind == "import" else ("delete",)
    kept: list[Key] = []
    archived = put_back = 0
    # Parts and what points elsewhere came last, so they go first.
    for object_key in reversed(by_object):
        ids = sorted(by_object[object_key])
        for start in range(0, len(ids), CHUNK):
            some = ids[start : start + CHUNK]
            told = {i: stories[object_key, i] for i in some}
            done = _undo_some(ctx, batch, object_key, told, unasked=unasked, taking=taking)
            archived += done[0]
            put_back += done[1]
            kept += [(object_key, i) for i in done[2]]
    audit.mark_undone(batch_id=batch, at=ctx.at)
    return Undone(archived, put_back, tuple(kept))


def _sees_any(ctx: Context, stories: Iterable[Key]) -> bool:
    """Whether the actor sees anything that a batch wrote: else it is like no batch at all."""
    by_object: dict[str, list[int]] = {}
    for object_key, id_ in stories:
        by_object.setdefault(object_key, []).append(id_)
    if ctx.policy.everything:
        return bool(by_object)
    return any(
        rights.within(ctx, shape(ctx.snapshot, key), "view", ids[start : start + CHUNK])
        for key, ids in by_object.items()
        for start in range(0, len(ids), CHUNK)
    )


def _may_part(ctx: Context, merged: Mapping[str, Sequence[tuple[int, int]]]) -> None:
    """The rights that the merge asked, of those records that are still there. Raises Forbidden."""
    for object_key, pairs in merged.items():
        of = shape(ctx.snapshot, object_key)
        there = images.load(of, {i for pair in pairs for i in pair})
        for action, ids in (
            ("delete", {dropped for dropped, _ in pairs if dropped in there}),
            ("edit", {kept for _, kept in pairs if kept in there}),
        ):
            if ids - rights.within(ctx, of, action, ids):
                raise Forbidden(problems.may_not(of.spec, action))


def _undo_some(
    ctx: Context,
    batch: int,
    object_key: str,
    stories: Mapping[int, Story],
    *,
    unasked: bool,
    taking: Sequence[str],
) -> tuple[int, int, list[int]]:
    of = shape(ctx.snapshot, object_key)
    later = _changed_since(batch, object_key, stories)
    rows = images.load(of, stories, lock=True)
    kept: list[int] = []
    away: dict[int, Image] = {}
    back: dict[int, Image] = {}
    drafts: list[Draft] = []
    for id_, story in stories.items():
        image = rows.get(id_)
        if image is None:
            continue
        since = later.get(id_, set())
        if story.created:
            if since:
                kept.append(id_)
            elif image["archived_at"] is None:
                away[id_] = image
            continue
        if story.archived and image["archived_at"] is not None:
            back[id_] = image
        elif story.restored and image["archived_at"] is None:
            away[id_] = image
        held = since if unasked else since | _not_theirs(ctx, of, story)
        values = {
            k: of.from_log(k, v)
            for k, v in story.fields.items()
            if k not in held and k in of.blank and not FIELD_TYPES[of.spec.fields[k].type].computed
        }
        former = {k for k, v in values.items() if isinstance(v, Former)}
        values = {k: v for k, v in values.items() if k not in former}
        if story.fields.keys() & held or former:
            kept.append(id_)
        if values:
            drafts.append(Draft(values, id=id_))
    if away:
        _must(ctx, of, taking, away)
        save.finish(ctx, [bin.archive(ctx, of, away)])
    written = 0
    if drafts:
        done = write(ctx, object_key, drafts, stored=True, unasked=unasked)
        written = len(done.updates)
    # Last, when the unique values it had are free again.
    if back:
        _must(ctx, of, ("delete",), back)
        refuse_taken(ctx, of, back)
        save.finish(ctx, [bin.restore(ctx, of, images.load(of, back))])
    return len(away), written + len(back), kept


def _not_theirs(ctx: Context, of: Shape, story: Story) -> set[str]:
    """The fields that the actor may not write: they stay as they are."""
    known = story.fields.keys() & of.spec.fields.keys()
    return {k for k in known if ctx.policy.level(of.spec.key, k) != "write"}


def _changed_since(
    batch: int, object_key: str, stories: Mapping[int, Story]
) -> dict[int, set[str]]:
    """By record, the fields that were changed after the batch by something else."""
    first = min(s.last for s in stories.values())
    found: dict[int, set[str]] = {}
    rows = log.changes(object_key=object_key, record_ids=list(stories), after_id=first, limit=None)
    for row in rows:
        if row.batch_id != batch and row.id > stories[row.record_id].last:
            found.setdefault(row.record_id, set()).update(row.after or ())
    return found


def _must(ctx: Context, of: Shape, actions: Sequence[str], rows: Mapping[int, Image]) -> None:
    """Each row lies within one of the actions. Raises Forbidden."""
    left = set(rows)
    for action in actions:
        if left:
            left -= rights.within(ctx, of, action, {i: rows[i] for i in left})
    if left:
        raise Forbidden(problems.may_not(of.spec, actions[0]))


def refuse_taken(ctx: Context, of: Shape, rows: Mapping[int, Image]) -> None:
    """Raise Refused when a unique value of a record in the bin was given to another meanwhile."""
    found: list[Problem] = []
    for f in of.spec.live_fields:
        if not f.unique or f.key not in of.columns:
            continue
        mine = {image[f.key]: i for i, image in rows.items() if image[f.key] is not None}
        values = list(mine)
        for start in range(0, len(values), CHUNK):
            taken = of.model.objects.filter(
                **{f"{f.key}__in": values[start : start + CHUNK]}, archived_at__isnull=True
            )
            found += [
                problems.taken(of.spec, f, value)
                for id_, value in taken.values_list("id", f.key)
                if id_ != mine[value]
            ]
    if found:
        raise Refused(*found)


def restore_value(
    ctx: Context, object_key: str, id_: int, change_id: int, fields: Sequence[str] | None
) -> tuple[Shape, Image]:
    """Put fields back to what they were before a change; only those the actor may write.

    Without ``fields`` all that they may know of.
    """
    of = shape(ctx.snapshot, object_key)
    if not rights.within(ctx, of, "view", [id_]):
        raise Missing(problems.no_record(of.spec))
    rows = log.changes(object_key=object_key, record_ids=[id_], limit=1, before_id=change_id + 1)
    if not rows or rows[0].id != change_id or rows[0].before is None:
        raise Missing(problems.no_record(of.spec))
    row = rows[0]
    was = row.before or {}
    known = [k for k in was if ctx.policy.level(object_key, k) != "hidden"]
    if not known:  # of a change that shows them nothing they know nothing
        raise Missing(problems.no_record(of.spec))
    wanted = known if fields is None else list(fields)
    found: list[Problem] = []
    values: Image = {}
    for key in wanted:
        level = ctx.policy.level(object_key, key)
        if key not in was or key not in of.spec.fields or level == "hidden":
            found.append(problems.no_field(of.spec, key))
        elif level != "write":
            found.append(problems.only_readable(of.spec, of.spec.fields[key]))
        else:
            values[key] = of.from_log(key, was[key])
            if isinstance(values[key], Former):
                found.append(problems.former(of.spec, of.spec.fields[key], was[key]))
    if found:
        raise Refused(*found)
    prep = write(ctx, object_key, [Draft(values, id=id_)], stored=True)
    return of, prep.rows[0].after
