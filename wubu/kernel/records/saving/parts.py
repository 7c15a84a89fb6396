"""A record written together with its parts.

Quote lines with the quote, shares with the contract.
"""

from __future__ import annotations

from wubu.kernel.records import problems
from wubu.kernel.records.batch import Row
from wubu.kernel.records.context import Context
from wubu.kernel.records.reading import images
from wubu.kernel.records.reading.images import Image
from wubu.kernel.records.saving.prepare import Prepared
from wubu.kernel.records.shape import as_id, shape
from wubu.kernel.records.types import Draft
from wubu.kernel.types import Text


def with_parts(ctx: Context, prep: Prepared) -> list[Prepared]:
    """The batches of parts that drafts carry, prepared.

    Those that are named no more are archived.
    """
    kinds = dict.fromkeys(k for r in prep.rows for k in r.draft.children or ())
    return [found for kind in kinds if (found := _prepare(ctx, prep, kind)) is not None]


def _prepare(ctx: Context, prep: Prepared, kind: str) -> Prepared | None:
    known = {o.key for o in ctx.snapshot.children(prep.spec.key)}
    parents = [r for r in prep.rows if kind in (r.draft.children or {}) and r.id is not None]
    if kind not in known:
        for row in parents:
            prep.blame(
                row,
                "no_such_part",
                Text("“{o}”没有明细“{k}”。", "“{o}” has no parts “{k}”.").format(
                    o=prep.spec.label, k=kind
                ),
            )
        return None
    via = ctx.snapshot.object(kind).part_of
    drafts: list[Draft] = []
    for row in parents:
        for item in (row.draft.children or {})[kind]:
            values = dict(item)
            id_ = values.pop("id", None)
            version = values.pop("version", None)
            values[via] = row.id
            drafts.append(
                Draft(values, id=as_id(id_) if id_ else None, version=version, line=row.draft.line)
            )
    ids = frozenset(r.id for r in parents if r.id is not None)
    made = Prepared(ctx, kind, drafts, trusted={via: ids})
    made.parents = {r.id: r.after for r in parents}
    made.dropped = _no_longer(ctx, kind, via, parents, drafts)
    made.run()
    for part in made.rows:
        # An id given here must be a part of this record, not of another.
        if part.before is not None and part.before[via] != part.values.get(via):
            problems.missing(made, part)
    return made


def _no_longer(
    ctx: Context, kind: str, via: str, parents: list[Row], drafts: list[Draft]
) -> dict[int, Image]:
    """Parts that the record has and the draft does not name, with their images."""
    old = [r.id for r in parents if r.before is not None]
    if not old:
        return {}
    part = shape(ctx.snapshot, kind)
    rows = part.model.objects.filter(**{f"{via}__in": old}, archived_at__isnull=True)
    named = {d.id for d in drafts}
    ids = [i for i in rows.values_list("id", flat=True) if i not in named]
    return images.load(part, ids, lock=ctx.writing)
