"""Two records of one thing become one; everything that pointed at the one points at the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.records import problems
from wubu.kernel.records.context import Context
from wubu.kernel.records.lifecycle import bin
from wubu.kernel.records.reading import images
from wubu.kernel.records.reading.images import Image
from wubu.kernel.records.saving import save
from wubu.kernel.records.saving.prepare import Prepared
from wubu.kernel.records.saving.writing import refuse
from wubu.kernel.records.shape import Shape, shape
from wubu.kernel.records.types import Draft
from wubu.kernel.types import Problem, Refused, Text

CHUNK = 2_000


def merge_all(
    ctx: Context, of: Shape, keep: int, drops: Sequence[int], choices: Mapping[str, int]
) -> Image:
    """One after the other; a choice for a later one keeps an earlier one from filling the gap."""
    known = {keep, *drops}
    if not drops or len(known) != len(drops) + 1:
        raise Refused(_two_different(of))
    image: Image = {}
    for drop in drops:
        said = {k: i for k, i in choices.items() if int(i) in (keep, drop) or int(i) not in known}
        waits = {k: keep for k, i in choices.items() if int(i) in known - {drop}}
        image = merge(ctx, of, keep, drop, {**said, **waits})
    return image


def merge(ctx: Context, of: Shape, keep: int, drop: int, choices: Mapping[str, int]) -> Image:
    """See ``actions.merge``; permission was asked, and this runs in the caller's transaction."""
    rows = images.load(of, (keep, drop), lock=True)
    _mergeable(of, rows, keep, drop)
    values = _chosen(ctx, of, rows, keep, drop, choices)
    # The dropped one goes first, so that its unique values are free.
    told = [bin.archive(ctx, of, {drop: rows[drop]}, note={"merged_into": str(keep)})]
    save.finish(ctx, told)
    _repoint(ctx, of, keep, drop)
    prep = Prepared(ctx, of.spec.key, [Draft(values, id=keep)], stored=True).run()
    refuse(ctx, [prep])
    save.write(ctx, [prep])
    return prep.rows[0].after


def _mergeable(of: Shape, rows: Mapping[int, Image], keep: int, drop: int) -> None:
    gone = any(image["archived_at"] is not None for image in rows.values())
    if keep == drop or gone:
        raise Refused(_two_different(of))


def _two_different(of: Shape) -> Problem:
    return Problem(
        "not_mergeable",
        Text(
            "请选择两条不同的、未归档的记录。",
            "Choose two different records that are not archived.",
        ),
        object=of.spec.key,
    )


def _chosen(
    ctx: Context,
    of: Shape,
    rows: Mapping[int, Image],
    keep: int,
    drop: int,
    choices: Mapping[str, int],
) -> Image:
    """The values that the kept record takes from the other."""
    bad: list[Problem] = []
    for key, whose in choices.items():
        f = of.spec.fields.get(key)
        level = "hidden" if f is None else ctx.policy.level(of.spec.key, key)
        if f is None or level == "hidden" or int(whose) not in rows:
            bad.append(problems.no_field(of.spec, key))
        elif level != "write":
            bad.append(problems.only_readable(of.spec, f))
    if bad:
        raise Refused(*bad)
    values: Image = {}
    for f in (*of.stored, *of.many):
        if f.retired or FIELD_TYPES[f.type].computed:
            continue
        mine, theirs = rows[keep][f.key], rows[drop][f.key]
        chosen = choices.get(f.key)
        if (int(chosen) == drop if chosen is not None else mine is None) and theirs != mine:
            # A record never comes to point at itself.
            values[f.key] = None if f.target == of.spec.key and theirs == keep else theirs
    return values


def _repoint(ctx: Context, of: Shape, keep: int, drop: int) -> None:
    """Every link of every object, set-wise and logged like any other change."""
    for f in ctx.snapshot.links_to(of.spec.key):
        if ctx.snapshot.object(f.object).retired:
            continue
        source = shape(ctx.snapshot, f.object)
        if f.kind.links_many:
            between, own, other = images.through(source, f.key)
            found = between.objects.filter(**{other: drop}).values_list(own, flat=True)
        else:
            found = source.model.objects.filter(**{f.key: drop}).values_list("id", flat=True)
        ids = sorted(i for i in found if (f.object, i) != (of.spec.key, drop))
        for start in range(0, len(ids), CHUNK):
            _repoint_some(
                ctx, source, f.key, f.kind.links_many, ids[start : start + CHUNK], keep, drop
            )


def _repoint_some(
    ctx: Context, source: Shape, key: str, many: bool, ids: list[int], keep: int, drop: int
) -> None:
    drafts = []
    for id_, image in images.load(source, ids, lock=True).items():
        value: Any = keep
        if many:
            value = tuple(sorted({keep if i == drop else i for i in image[key]}))
        elif source.spec.key and (id_, source.spec.fields[key].target) == (keep, source.spec.key):
            value = None  # it pointed at the dropped one: not at itself now
        drafts.append(Draft({key: value}, id=id_))
    prep = Prepared(ctx, source.spec.key, drafts, stored=True, unasked=True).run()
    refuse(ctx, [prep])
    save.write(ctx, [prep])
