"""Which fields the saved views show, sort by and ask about."""

from __future__ import annotations

from collections.abc import Iterator

from wubu.collect.views import definition
from wubu.collect.views.models import View
from wubu.kernel.catalog.types import Snapshot
from wubu.kernel.fields.types import ValueType
from wubu.kernel.people import queries as people
from wubu.kernel.schema import uses
from wubu.kernel.schema.types import Reading, Use
from wubu.kernel.types import Text

KIND = Text("视图", "View")
OF_ONE = Text("{p}的个人视图", "A personal view of {p}")
BOOL = ValueType("bool")


def finder(snapshot: Snapshot) -> Iterator[Use]:
    """Every view with the fields that it names. What goes is passed over, so nothing breaks.

    A personal view is told of by its owner, not by the name that only they know.
    """
    rows = list(View.objects.filter(removed_at__isnull=True).order_by("id"))
    names = people.names({r.member_id for r in rows if r.audience == "personal" and r.member_id})
    for row in rows:
        if row.object_key not in snapshot.objects:
            continue
        look = definition.read(row.definition)
        here = row.object_key
        keys = [*(s.lstrip("-") for s in look.sort), *look.columns, *look.card]
        keys += [look.group, look.start, look.end, look.image, look.location]
        touches = {(here, "")}
        for key in keys:
            touches |= uses.along(snapshot, here, key.split("."))
        conditions = [t for t in (look.filter, *(c.when for c in look.colors)) if t]
        readings = tuple(Reading(here, text, BOOL) for text in conditions)
        for reading in readings:
            touches |= uses.read(snapshot, reading)
        personal = row.audience == "personal"
        label = (
            OF_ONE.format(p=names.get(row.member_id or 0, "–")) if personal else Text.of(row.name)
        )
        url = f"/o/{here}/" if personal else f"/o/{here}/?view={row.slug}"
        yield Use(KIND, label, url, frozenset(touches), breaks=False, readings=readings)
