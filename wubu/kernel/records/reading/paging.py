"""Pages and single records over kept statements: put together once for all who ask the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from django.db.models import QuerySet

from wubu.kernel.bulk import ArrayParam, Values
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.permissions.types import Policy
from wubu.kernel.prepared import Param, PreparedQuery
from wubu.kernel.query import steady
from wubu.kernel.query.compiled import Compiled, Slice
from wubu.kernel.records.reading import read
from wubu.kernel.records.reading.plans import Plan, plan
from wubu.kernel.records.types import Page, Record

Rows = Callable[[], QuerySet[Any]]


def one(snapshot: Snapshot, policy: Policy, object_key: str, id: int, rows: Rows) -> Record | None:
    """One of the rows that may be viewed, in the bin or not; None when it is not among them."""
    how = plan(snapshot, policy, object_key)
    key = _key(policy, how, "view", None)

    def make() -> PreparedQuery:
        return PreparedQuery(how.select(policy, rows().filter(id=Param("id"))))

    asked = make() if key is None else _kept(policy, ("one", key), make)
    found = read.made(snapshot, policy, how, asked.rows(id=id))
    return found[0] if found else None


def page(
    snapshot: Snapshot,
    policy: Policy,
    compiled: Compiled,
    rows: Rows,
    *,
    action: str,
    archived: bool,
    searched: bool,
) -> Page:
    """One page of the rows on which the actor may do ``action``.

    Archived or not, ``searched`` or all. Raises Refused for a bad cursor.
    """
    object_key, columns = compiled.object_key, compiled.query.columns
    how = plan(snapshot, policy, object_key, columns or None)
    key = None if searched else _key(policy, how, action, archived)
    question = None if key is None else steady.question(compiled)
    if question is None:
        part = compiled.slice(rows())
    else:

        def keep(stretch: Hashable, make: Callable[[], PreparedQuery]) -> PreparedQuery:
            return _kept(policy, ("page", key, question, stretch), make)

        wide = None if compiled.sorts else partial(how.select, policy)
        part, found = steady.slice_of(compiled, rows, keep, wide)
        if wide is not None:
            return _page(part, read.made(snapshot, policy, how, found))
    if not part.ids:
        return _page(part, [])

    def make(ids: Any) -> PreparedQuery:
        return PreparedQuery(how.select(policy, rows().filter(id__among=ids)))

    if key is None:
        found = make(Values(part.ids)).rows()
    else:
        asked = _kept(policy, ("some", key), lambda: make(ArrayParam("ids")))
        found = asked.rows(ids=part.ids)
    place = {id_: i for i, id_ in enumerate(part.ids)}
    found.sort(key=lambda row: place[row[0]])
    return _page(part, read.made(snapshot, policy, how, found))


def _page(part: Slice, records: list[Record]) -> Page:
    return Page(tuple(records), part.next_cursor, part.previous_cursor)


def _key(policy: Policy, how: Plan, action: str, archived: bool | None) -> Hashable | None:
    """What decides which rows are read and what of them, beside the question.

    None when the day or who is asking do.
    """
    scope = steady.fingerprint(policy.scope(action, how.of.spec.key)) if how.steady else None
    return None if scope is None else (steady.Same(how), scope, archived)


def _kept(policy: Policy, key: Hashable, make: Callable[[], PreparedQuery]) -> PreparedQuery:
    """A statement, put together the first time it is asked for."""
    kept = policy.known.kept
    found: PreparedQuery | None = kept.get(key)
    if found is None:
        found = kept[key] = make()
    return found
