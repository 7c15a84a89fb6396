"""Questions about the shape of the company's objects and how it came about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from wubu.kernel.catalog.queries import latest_revision, revision, revisions, snapshot
from wubu.kernel.catalog.types import Revision
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import policy
from wubu.kernel.schema import history
from wubu.kernel.schema import uses as known
from wubu.kernel.schema.types import Plan, Use
from wubu.kernel.types import Actor, Text

__all__ = [
    "authors",
    "counts",
    "distinct_texts",
    "latest_revision",
    "revision",
    "revisions",
    "undoing",
    "uses",
]
MOST = 200
AT_ONCE = 100  # objects whose records are counted by one statement


def uses(object_key: str, field_key: str | None = None) -> tuple[Use, ...]:
    """Who reads a field, or an object: formulas, metrics, rules, roles, pages. Raises Missing."""
    spec = snapshot().object(object_key)
    if field_key is not None:
        spec.field(field_key)
    return known.of(snapshot(), object_key, field_key)


def undoing(revision_id: int) -> Plan:
    """The plan that would take a change back, with what stands in its way. Raises Missing."""
    return history.undoing(revision_id)


def counts(actor: Actor) -> dict[str, int]:
    """How many records of each object the actor may see, archived ones left out."""
    may = policy(actor)
    asked = {}
    for spec in snapshot():
        if not spec.retired and not may.may("view", spec.key):
            continue
        rows = snapshot().model(spec.key)._default_manager.filter(archived_at__isnull=True)
        asked[spec.key] = rows if spec.retired else rows.filter(may.scope("view", spec.key))
    found = dict.fromkeys(asked, 0)
    every = list(asked.items())
    for start in range(0, len(every), AT_ONCE):
        found |= _counted(every[start : start + AT_ONCE])
    return found


def _counted(asked: Iterable[tuple[str, QuerySet[Any]]]) -> dict[str, int]:
    """How many rows each question finds, in one statement."""
    parts: list[str] = []
    params: list[Any] = []
    for key, rows in asked:
        try:
            sql, given = rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT %s, COUNT(*) FROM ({sql}) AS found")  # noqa: S608 - Django's own
        params += [key, *given]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        return dict(cursor.fetchall())


def distinct_texts(actor: Actor, object_key: str, field_key: str) -> tuple[str, ...]:
    """The different texts that a field holds in the records the actor may see."""
    spec = snapshot().object(object_key)
    f = spec.field(field_key)
    if not (f.kind.one_line or f.kind.multiline):
        return ()
    rows = (
        snapshot()
        .model(object_key)
        ._default_manager.filter(
            policy(actor).scope("view", object_key), **{f"{field_key}__isnull": False}
        )
    )
    return tuple(rows.order_by(field_key).values_list(field_key, flat=True).distinct()[:MOST])


def authors(found: tuple[Revision, ...]) -> dict[int, str]:
    """Names of who made these changes."""
    return people.names({r.actor_id for r in found if r.actor_id is not None})


SYSTEM: Text = history.SYSTEM
