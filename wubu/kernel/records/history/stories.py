"""Questions about the past: a record as it was, changes by number, what lies in the bin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from wubu.kernel.audit import queries as log
from wubu.kernel.calendar.queries import start_of, zone
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import policy
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries
from wubu.kernel.records.history import asof
from wubu.kernel.records.history.asof import Past as Past
from wubu.kernel.records.lifecycle import retention
from wubu.kernel.records.reading import histories
from wubu.kernel.records.shape import as_id
from wubu.kernel.records.types import ChangeView, Record
from wubu.kernel.types import Actor, Problem, Refused, Text

ANY_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Binned:
    """A record in the recycle bin.

    Who put it there, and when it will be deleted for good (None: never by itself).
    """

    record: Record
    by: str
    goes_at: datetime | None
    merged_into: int | None = None


def moment_of(text: str) -> datetime:
    """A day (its end) or a moment, as people and programs write it. Raises Refused."""
    words = text.strip()
    try:
        if len(words) == 10:
            return end_of(date.fromisoformat(words))
        found = datetime.fromisoformat(words)
        # Stored in UTC: databases take no offset of nearly a day.
        return (found if found.tzinfo else found.replace(tzinfo=zone())).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(
            Problem(
                "not_a_date",
                Text("“{v}”不是日期。", "“{v}” is not a date.").format(v=words[:40]),
                Text("例如 2026-03-01。", "For example 2026-03-01."),
                field="on",
                value=words[:80],
            )
        ) from error


def end_of(day: date) -> datetime:
    """The last instant of a day of the company."""
    return start_of(day + timedelta(days=1)) - timedelta(microseconds=1)


def as_of(actor: Actor, object_key: str, id: int, moment: datetime) -> Past:
    """A record as it was, with the fields that the actor may read today.

    Raises Missing when they may not see it, or it was not there yet.
    """
    queries.get(actor, object_key, id)
    return asof.past(snapshot(), policy(actor), object_key, as_id(id), moment)


def changes(actor: Actor, ids: Iterable[int]) -> dict[int, ChangeView]:
    """Logged changes by id, as the actor may know them.

    That the records may be seen was asked before. One of which nothing may be seen is absent.
    """
    rows = log.by_ids(ids)
    return {v.id: v for v in histories.views(snapshot(), policy(actor), rows)}


def binned(
    actor: Actor, object_key: str, *, cursor: str = "", limit: int = 50
) -> tuple[list[Binned], str | None]:
    """The recycle bin of an object, newest first, and the cursor of what follows."""
    spec = snapshot().object(object_key)
    title = spec.roles.get("title")
    columns = tuple(k for k in (title, spec.roles.get("owner")) if k) or ("id",)
    query = Query(sort=("-archived_at",), columns=columns, limit=limit, cursor=cursor)
    page = queries.page(actor, object_key, query, archived=True)
    last = log.last_of(object_key, [r.id for r in page.records], "archive")
    names = people.names({c.actor_id for c in last.values() if c.actor_id is not None})
    days = retention.retention().bin_days
    found = []
    for record in page.records:
        change = last.get(record.id)
        actor_id = change.actor_id if change else None
        into = str((change.after or {}).get("merged_into", "")) if change else ""
        found.append(
            Binned(
                record=record,
                by=names.get(actor_id, "") if actor_id else str(histories.SYSTEM),
                goes_at=record.archived_at + timedelta(days=days)
                if days and record.archived_at
                else None,
                merged_into=int(into) if into.isdecimal() else None,
            )
        )
    return found, page.next_cursor


def beside(actor: Actor, object_key: str, query: Query, id: int) -> tuple[int | None, int | None]:
    """The ids of the records before and after one in the order of a list; None at its ends.

    Raises Refused for a filter or sort that cannot be, or may not.
    """
    title = snapshot().object(object_key).roles.get("title")
    asked = replace(query, limit=1, cursor="", columns=(title,) if title else ("id",))
    compiled = queries._compile(actor, object_key, asked)
    rows = queries.visible(actor, object_key, archived=None)
    found: list[int | None] = []
    for back in (True, False):
        cursor = compiled.cursor_at(rows, as_id(id), back=back)
        page = queries.page(actor, object_key, replace(asked, cursor=cursor or ""))
        found.append(page.records[0].id if cursor and page.records else None)
    return found[0], found[1]
