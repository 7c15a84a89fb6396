"""The only writer of the company's data. One record or a hundred thousand take the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from wubu.kernel.records import read, save
from wubu.kernel.records.context import Aliases, Context, context
from wubu.kernel.records.parts import with_parts
from wubu.kernel.records.prepare import Prepared
from wubu.kernel.records.problems import may_not
from wubu.kernel.records.types import Draft, Record, Saved
from wubu.kernel.types import Actor, Conflict, Forbidden, Missing, Origin, Problem, Refused, Text

Children = Mapping[str, Sequence[Mapping[str, Any]]]


def create(
    *,
    actor: Actor,
    object_key: str,
    values: Mapping[str, Any],
    children: Children | None = None,
    origin: Origin | None = None,
) -> Record:
    """Write a new record, with its parts, and answer it as the actor may see it.

    ``values`` are raw: text as typed, typed cells, ids or names for links. Raises Refused (every
    problem), Forbidden, Missing.
    """
    ctx = context(actor, origin)
    draft = Draft(values, children=children)
    with transaction.atomic():
        prep = _write(ctx, object_key, [draft])
    return read.written(ctx, prep.shape, prep.rows[0].after)


def update(
    *,
    actor: Actor,
    object_key: str,
    id: int,
    values: Mapping[str, Any],
    version: int | None = None,
    children: Children | None = None,
    origin: Origin | None = None,
) -> Record:
    """Change the fields given and leave the rest. Nothing different writes nothing.

    With ``version`` (as it was read) someone else's change in between raises Conflict, which carries both sides.
    Raises Missing for what is not there or not visible; Refused, Forbidden.
    """
    ctx = context(actor, origin)
    draft = Draft(values, id=int(id), version=version, children=children)
    with transaction.atomic():
        prep = _write(ctx, object_key, [draft])
    return read.written(ctx, prep.shape, prep.rows[0].after)


def save_many(
    *,
    actor: Actor,
    object_key: str,
    drafts: Sequence[Draft],
    match_on: Sequence[str] | None = None,
    origin: Origin | None = None,
    accept: Aliases | None = None,
    dry_run: bool = False,
) -> Saved:
    """Write a batch: all of it, or nothing and every problem of every draft.

    With ``match_on`` (natural key fields) drafts whose key is there already change that record; drafts with an ``id``
    change that one. ``accept`` says what a name means, by field: ``{"product": {"GTXPro": "GTX Pro"}}``.
    ``dry_run`` does everything and takes it back. Batches of about 2,000 are best. Raises Forbidden when the actor
    may not do this at all.
    """
    ctx = context(actor, origin, accept)
    try:
        with transaction.atomic():
            prep = _write(ctx, object_key, drafts, match_on=tuple(match_on) if match_on else None)
            if dry_run:
                transaction.set_rollback(True)
    except Forbidden as refused:
        if all(p.row is None for p in refused.problems):
            raise
        return Saved(problems=refused.problems, ids=(None,) * len(drafts))
    except (Refused, Conflict) as refused:
        return Saved(problems=refused.problems, ids=(None,) * len(drafts))
    created = sum(r.before is None for r in prep.rows)
    updated = len(prep.updates)
    return Saved(
        created=created,
        updated=updated,
        unchanged=len(prep.rows) - created - updated,
        ids=(None,) * len(drafts) if dry_run else tuple(r.id for r in prep.rows),
    )


def _write(
    ctx: Context,
    object_key: str,
    drafts: Sequence[Draft],
    *,
    match_on: tuple[str, ...] | None = None,
    stored: bool = False,
) -> Prepared:
    """Prepare, refuse or write, within the caller's transaction."""
    if ctx.actor.entrance == "import" and not ctx.policy.may("import", object_key):
        raise Forbidden(may_not(ctx.snapshot.object(object_key), "import"))
    prep = Prepared(ctx, object_key, drafts, match_on=match_on, stored=stored).run()
    batches = [prep, *with_parts(ctx, prep)]
    refuse(ctx, batches)
    try:
        save.write(ctx, batches)
    except IntegrityError as error:
        # Somebody else took a unique value between the check and the write.
        raise Refused(_collision(prep, error)) from error
    return prep


def refuse(ctx: Context, batches: Iterable[Prepared]) -> None:
    """Raise what is wrong with these batches, of the kind that fits; nothing when all is well."""
    batches = list(batches)
    problems = [p for b in batches for p in b.problems]
    if not problems:
        return
    codes = {p.code for p in problems}
    if codes == {"no_such_record"}:
        raise Missing(*problems)
    if codes <= {"forbidden", "out_of_reach", "read_only"}:
        raise Forbidden(*problems)
    if "stale" in codes:
        row = next(r for b in batches for r in b.rows if r.stale)
        theirs = read.readable(ctx, batches[0].shape, row.before or {})
        raise Conflict(*problems, theirs=theirs, yours=dict(row.draft.values))
    raise Refused(*problems)


def _collision(prep: Prepared, error: IntegrityError) -> Problem:
    named = [f for f in prep.spec.live_fields if f.unique and f"_{f.key}" in str(error)]
    label = named[0].label if named else prep.spec.label
    return Problem(
        "not_unique",
        Text(
            "“{f}”的值刚刚被其他人使用。", "Someone else has just taken this value of “{f}”."
        ).format(f=label),
        Text("请再试一次。", "Try again."),
        object=prep.spec.key,
        field=named[0].key if named else None,
    )
