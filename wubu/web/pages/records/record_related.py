"""What points at a record: its parts, and lists with how many and how much."""

from __future__ import annotations

from typing import Any

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.registry import shower
from wubu.kernel.query.types import Measure, Query
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.web.ui import PageRequest, values

SHOWN = 6
MOST_PARTS = 200
COLUMNS = 5


def parts(request: PageRequest, spec: ObjectSpec, found: Record) -> list[dict[str, Any]]:
    """Quote lines, shares of a contract: all of them, in a table."""
    return [
        _table(request, child, child.part_of, found, limit=MOST_PARTS)
        for child in snapshot().children(spec.key)
        if request.policy.may("view", child.key)
    ]


def related(
    request: PageRequest, spec: ObjectSpec, found: Record, skipped: str = ""
) -> list[dict[str, Any]]:
    """What points here: as the object declares, else every link that there is.

    ``skipped`` is the object that the timeline tells in full already.
    """
    declared = spec.options.get("panels") or [
        {"object": f.object, "via": f.key}
        for f in snapshot().links_to(spec.key)
        if not f.retired and f.kind.links_one
    ]
    made = []
    for panel in declared:
        other = snapshot().objects.get(panel["object"])
        if other is None or other.retired or other.part_of == panel["via"]:
            continue
        if other.key == skipped or panel["via"] not in other.fields:
            continue
        if request.policy.may("view", other.key) and request.policy.readable(
            other.key, (panel["via"],)
        ):
            columns = tuple(panel.get("columns", ()))
            made.append(_table(request, other, panel["via"], found, columns))
    return made


def _table(
    request: PageRequest,
    other: ObjectSpec,
    via: str,
    found: Record,
    columns: tuple[str, ...] = (),
    limit: int = SHOWN,
) -> dict[str, Any]:
    wanted = columns or tuple(k for k in other.options.get("list", ()) if k != via)[:COLUMNS]
    shown = [
        other.fields[k]
        for k in wanted
        if k in other.fields and request.policy.level(other.key, k) != "hidden"
    ]
    amount = _amount(request, other)
    requested = [f.key for f in shown] + ([amount.key] if amount else [])
    page = queries.page(
        request.actor,
        other.key,
        Query(quick={via: found.id}, columns=tuple(dict.fromkeys(requested)), limit=limit),
    )
    more = page.next_cursor is not None
    number, total = _counted(request, other, via, found, amount, page.records, more)
    return {
        "spec": other,
        "fields": [(f, values.is_number(f)) for f in shown],
        "rows": [
            (r, [(f, values.is_number(f), values.draw(f, r)) for f in shown]) for r in page.records
        ],
        "more": more,
        "number": number,
        "amount": amount,
        "total": shower(amount)(total) if amount is not None and total is not None else "",
        "where": f"{{{via}}} = {found.id}",
        "new": f"/o/{other.key}/new?{via}={found.id}&next=/o/{found.object_key}/{found.id}"
        if request.policy.may("create", other.key)
        else "",
    }


def _is_score(f: FieldSpec) -> bool:
    """A bare number, which as an amount is a score or a count of its own."""
    return f.kind.numeric and not f.kind.monetary


def _amount(request: PageRequest, other: ObjectSpec) -> FieldSpec | None:
    """What is added up: the field in the role of the amount, where it may be read."""
    f = other.role("amount")
    readable = f is not None and request.policy.readable(other.key, (f.key,))
    added = f is not None and readable and not _is_score(f) and values.is_number(f)
    return f if added else None


def _counted(
    request: PageRequest,
    other: ObjectSpec,
    via: str,
    found: Record,
    amount: FieldSpec | None,
    rows: tuple[Record, ...],
    more: bool,
) -> tuple[int, int | None]:
    """How many there are and what they come to; asked only where not all of them are at hand."""
    if not more:
        held = [r.values[amount.key] for r in rows if r.values.get(amount.key)] if amount else []
        return len(rows), sum(held) if held else None
    measures = [Measure("count"), *([Measure("sum", f"{{{amount.key}}}")] if amount else [])]
    group = queries.aggregate(request.actor, other.key, (), measures, Query(quick={via: found.id}))[
        0
    ]
    number = int(group.values[0] or 0)
    return number, int(group.values[1]) if amount and group.values[1] is not None else None
