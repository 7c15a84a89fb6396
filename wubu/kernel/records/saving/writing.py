"""From drafts to written rows: prepare, refuse or save.

Every action of the door goes through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import IntegrityError

from wubu.kernel.records.checks import rights
from wubu.kernel.records.context import Context
from wubu.kernel.records.problems import may_not
from wubu.kernel.records.reading import read
from wubu.kernel.records.saving import save
from wubu.kernel.records.saving.parts import with_parts
from wubu.kernel.records.saving.prepare import Prepared
from wubu.kernel.records.types import Draft
from wubu.kernel.types import Conflict, Forbidden, Missing, Problem, Refused, Text


def write(
    ctx: Context,
    object_key: str,
    drafts: Sequence[Draft],
    *,
    match_on: tuple[str, ...] | None = None,
    stored: bool = False,
    unasked: bool = False,
) -> Prepared:
    """Prepare, refuse or write, within the caller's transaction."""
    if ctx.actor.entrance == "import" and not ctx.policy.may("import", object_key):
        raise Forbidden(may_not(ctx.snapshot.object(object_key), "import"))
    prep = Prepared(
        ctx, object_key, drafts, match_on=match_on, stored=stored, unasked=unasked
    ).run()
    rights.check_special(prep)
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
        of, row = next((b.shape, r) for b in batches for r in b.rows if r.stale)
        theirs = read.readable(ctx, of, row.before or {})
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
