"""Questions about the shape of the company's objects and how it came about."""

from __future__ import annotations

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
    found = {}
    for spec in snapshot():
        if not spec.retired and not may.may("view", spec.key):
            continue
        rows = snapshot().model(spec.key)._default_manager.filter(archived_at__isnull=True)
        found[spec.key] = (
            rows if spec.retired else rows.filter(may.scope("view", spec.key))
        ).count()
    return found


def distinct_texts(actor: Actor, object_key: str, field_key: str) -> tuple[str, ...]:
    """The different texts that a field holds in the records the actor may see."""
    spec = snapshot().object(object_key)
    f = spec.field(field_key)
    if f.type not in ("text", "longtext"):
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
