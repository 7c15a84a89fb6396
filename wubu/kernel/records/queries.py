"""What an actor may see of the company's data. Every answer is already within their permission."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.fields.image import PICTURES
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query import queries as query_room
from wubu.kernel.query.compiled import Compiled
from wubu.kernel.query.types import Group, Measure, Query
from wubu.kernel.records import problems
from wubu.kernel.records.attachments import files, pictures
from wubu.kernel.records.context import Aliases, context
from wubu.kernel.records.indexing import finding
from wubu.kernel.records.models import StageSpan
from wubu.kernel.records.reading import histories, paging, read
from wubu.kernel.records.saving.parts import with_parts
from wubu.kernel.records.saving.prepare import Prepared
from wubu.kernel.records.shape import as_id, shape
from wubu.kernel.records.types import (
    ChangeView,
    Checked,
    Count,
    Draft,
    Hit,
    Page,
    Record,
    StageInterval,
    StoredFile,
)
from wubu.kernel.types import Actor, Missing, Origin

COUNT_CAP = 10_000


def visible(
    actor: Actor, object_key: str, action: str = "view", *, archived: bool | None = False
) -> QuerySet[Any]:
    """The rows of an object on which the actor may do ``action``, as a queryset of its model.

    ``archived`` True gives the recycle bin, None both.
    """
    spec = snapshot().object(object_key)
    rows: QuerySet[Any] = shape(snapshot(), spec.key).model.objects.all()
    scope = policy(actor).scope(action, object_key)
    if scope != Q():
        rows = rows.filter(scope)
    return rows if archived is None else rows.filter(archived_at__isnull=not archived)


def get(actor: Actor, object_key: str, id: int | str) -> Record:
    """One record, the recycle bin included.

    Raises Missing when there is none that the actor may see.
    """
    spec = snapshot().object(object_key)
    rows = partial(visible, actor, object_key, archived=None)
    found = paging.one(snapshot(), policy(actor), object_key, as_id(id), rows)
    if found is None:
        raise Missing(problems.no_record(spec))
    return found


def present(
    actor: Actor, object_key: str, rows: QuerySet[Any], columns: Iterable[str] | None = None
) -> list[Record]:
    """Rows of ``visible`` or ``matching`` as Records, in their order, with the names behind links.

    ``columns`` limits what is read; the title always is. They may go across links
    (``customer.grade``).
    """
    return read.records(snapshot(), policy(actor), object_key, rows, columns)


def matching(actor: Actor, object_key: str, where: str = "", action: str = "view") -> QuerySet[Any]:
    """The visible rows for which a condition in the one language holds. Raises Refused."""
    rows = visible(actor, object_key, action)
    if not where:
        return rows
    compiled = _compile(actor, object_key, Query(filter=where))
    found: QuerySet[Any] = compiled.filter(rows)
    return found


def page(
    actor: Actor,
    object_key: str,
    query: Query,
    action: str = "view",
    *,
    archived: bool = False,
) -> Page:
    """One page of a list, by cursor: of the records on which the actor may do ``action``.

    ``archived`` lists the recycle bin instead, which search does not know. Raises Refused for a
    filter or sort that cannot be, or may not.
    """
    compiled = _compile(actor, object_key, query)

    def rows() -> QuerySet[Any]:
        every = visible(actor, object_key, action, archived=archived)
        return _search(actor, object_key, every, query.search) if query.search else every

    return paging.page(
        snapshot(),
        policy(actor),
        compiled,
        rows,
        action=action,
        archived=archived,
        searched=bool(query.search),
    )


def count(
    actor: Actor,
    object_key: str,
    query: Query | None = None,
    cap: int = COUNT_CAP,
    *,
    action: str = "view",
    archived: bool = False,
) -> Count:
    """On how many records the actor may do ``action`` (in the recycle bin).

    Counted no further than ``cap``.
    """
    rows = visible(actor, object_key, action, archived=archived)
    if query is not None:
        rows = _compile(actor, object_key, query).filter(rows)
        if query.search:
            rows = _search(actor, object_key, rows, query.search)
    number = rows.order_by()[: cap + 1].count()
    return Count(min(number, cap), number > cap)


def aggregate(
    actor: Actor,
    object_key: str,
    by: Sequence[str],
    measures: Sequence[Measure],
    query: Query | None = None,
    limit: int | None = None,
) -> list[Group]:
    """Counts and exact sums of the visible records in groups.

    With ``limit`` only so many, the largest. Raises Refused for what may not be asked.
    """
    rows = visible(actor, object_key)
    if query is not None:
        rows = _compile(actor, object_key, query).filter(rows)
        if query.search:
            rows = _search(actor, object_key, rows, query.search)
    may = policy(actor)
    return query_room.aggregate(
        rows,
        by,
        measures,
        snapshot=snapshot(),
        object_key=object_key,
        readable=lambda path: may.readable(object_key, path),
        context=may.context,
        across=lambda path: may.across(object_key, path),
        limit=limit,
    )


def _compile(actor: Actor, object_key: str, query: Query) -> Compiled:
    """The query checked.

    One whose words do not lead over what only some may see is checked once for all who hold the
    same rights.
    """
    may = policy(actor)
    quick = tuple((name, repr(value)) for name, value in query.quick.items())
    key = ("compiled", object_key, query.filter, query.sort, query.columns, quick)
    found: Compiled | None = may.known.kept.get(key)
    if found is not None:
        return replace(found, query=query, context=may.context)
    made = query_room.compile(
        query,
        snapshot=snapshot(),
        object_key=object_key,
        readable=lambda path: may.readable(object_key, path),
        shown=lambda path: may.shown(object_key, path),
        context=may.context,
        across=lambda path: may.across(object_key, path),
    )
    if not made.within and all(s.steady for s in made.sorts):
        may.known.kept[key] = made
    return made


def _search(actor: Actor, object_key: str, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    asked = finding.ask(snapshot(), policy(actor), object_key, text)
    return rows.none() if asked is None else rows.filter(id__in=asked.subquery())


def find(
    actor: Actor, text: str, limit: int = 8, objects: Sequence[str] | None = None
) -> list[Hit]:
    """The search box.

    Visible records by any part of their name, pinyin, initials, code or phone tail.
    """
    return finding.find(snapshot(), policy(actor), text, limit, objects)


def titles(actor: Actor | None, object_key: str, ids: Iterable[int]) -> dict[int, str]:
    """What records are called; with an actor, only those that may be seen."""
    return read.names(snapshot(), None if actor is None else policy(actor), object_key, ids)


def history(
    actor: Actor, object_key: str, id: int, limit: int = 200, before_id: int | None = None
) -> list[ChangeView]:
    """The changes of one record, newest first, with only the fields the actor may read.

    Raises Missing.
    """
    get(actor, object_key, id)
    return histories.history(
        snapshot(), policy(actor), object_key, as_id(id), limit=limit, before_id=before_id
    )


def stage_history(actor: Actor, object_key: str, id: int) -> list[StageInterval]:
    """The stays of one record in its stages, oldest first; none for whom stages are hidden.

    Raises Missing.
    """
    get(actor, object_key, id)
    stage = snapshot().object(object_key).roles.get("stage", "")
    if not policy(actor).clear(object_key, stage):
        return []
    rows = StageSpan.objects.filter(object_key=object_key, record_id=as_id(id)).order_by("id")
    return [
        StageInterval(*row)
        for row in rows.values_list("record_id", "stage", "rank", "entered_on", "left_on")
    ]


def check(
    *,
    actor: Actor,
    object_key: str,
    drafts: Sequence[Draft],
    match_on: Sequence[str] | None = None,
    origin: Origin | None = None,
    accept: Aliases | None = None,
) -> Checked:
    """What ``save_many`` would say, without writing: every problem of every draft.

    What only the written row can show (does it stay within the actor's reach, do parts add up) is
    told on writing.
    """
    ctx = context(actor, origin, accept, writing=False)
    with transaction.atomic():
        prep = Prepared(
            ctx, object_key, drafts, match_on=tuple(match_on) if match_on else None
        ).run()
        parts = with_parts(ctx, prep)
    return Checked(
        problems=tuple(p for b in (prep, *parts) for p in b.problems),
        creates=len(prep.creates),
        updates=len(prep.updates),
        unchanged=sum(1 for r in prep.rows if r.before is not None and not r.changed and not r.bad),
    )


def open_file(actor: Actor, id: int) -> tuple[StoredFile, Path]:
    """An attached file and where its content lies, when the actor may see its record.

    Raises Missing.
    """
    return files.open_file(snapshot(), policy(actor), actor, as_id(id))


def small_picture(actor: Actor, id: int) -> Path | None:
    """A picture among the files made small, for lists; None for what is none. Raises Missing."""
    stored, path = open_file(actor, id)
    return pictures.small(path) if stored.content_type in PICTURES else None


def files_of(actor: Actor, ids: Iterable[int]) -> tuple[StoredFile, ...]:
    """Those of the files that the actor may open, in the order given."""
    wanted = [int(i) for i in ids]
    found = files.readable(snapshot(), policy(actor), actor, wanted)
    return tuple(files.to_view(found[i]) for i in wanted if i in found)
