"""The way back from a record: what it counts for, for whom, and the spreadsheet line it came of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef

from wubu.kernel.audit import queries as audit
from wubu.kernel.audit.types import ChangeRow
from wubu.kernel.calendar.queries import today
from wubu.kernel.calendar.types import Period
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec
from wubu.kernel.definitions import findings
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.lookup import shown_as
from wubu.kernel.people import queries as people
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record, StoredFile
from wubu.kernel.types import Text
from wubu.measure.figures.queries import (
    STOCK_DAY,
    dictionary,
    entries_of,
    is_stock,
    reads_value,
    sees,
)
from wubu.web import figures
from wubu.web.ui import Note, PageRequest, Panel, Raw, show

LOSS_REASON = "loss_reason"  # asked for when a record comes to a stage where it is lost
MOST = 12
NOW = Text("当前", "now")
NOBODY = Text("无人", "nobody")


def ways(request: PageRequest, found: Record) -> frozenset[str]:
    """What the reader may do with this very record.

    Not only with some of its kind: edit, stage, delete.
    """
    rights, key = request.policy, found.object_key
    may = [a for a in ("edit", "stage", "delete") if rights.may(a, key)]
    scopes = {} if rights.everything else {a: rights.scope(a, key) for a in may}
    requested = {a: scope for a, scope in scopes.items() if scope}
    if not requested:
        return frozenset(may)
    rows: Any = snapshot().model(key)._default_manager
    inside = {a: Exists(rows.filter(scope, pk=OuterRef("pk"))) for a, scope in requested.items()}
    held = rows.filter(pk=found.id).annotate(**{f"may_{a}": e for a, e in inside.items()})
    told = held.values(*(f"may_{a}" for a in inside)).first() or {}
    return frozenset(a for a in may if a not in requested or told.get(f"may_{a}"))


def counts_for(request: PageRequest, found: Record) -> Panel | None:
    """The entries of the ledger that stand for this record, of those whom the reader may see."""
    sight, book = sees(request.actor), dictionary()
    posted = [
        (info, entry)
        for entry in entries_of(found.object_key, found.id)
        if sight.member(entry.member_id, entry.team_id)
        and (info := book.of(entry.metric_id)) is not None
        and not info.retired
        and reads_value(request.actor, info, today())
    ]
    if not posted:
        return None
    # What the company looks at comes before the parts that only ratios are made of.
    posted.sort(key=lambda pair: pair[0].hidden)
    names = people.names({entry.member_id for _, entry in posted if entry.member_id})
    rows: list[dict[str, Any]] = []
    for info, entry in posted[:MOST]:
        stock = is_stock(info) or entry.day == STOCK_DAY
        month = Period.of("month", entry.day)
        rows.append(
            {
                "label": info.label,
                "who": names.get(entry.member_id, "") or NOBODY,
                "day": NOW if stock else show.date(entry.day),
                "value": figures.shown(info, entry.value),
                "unit": figures.unit(info),
                "late": show.date(entry.of_day) if entry.of_day else "",
                "url": f"/metrics/{info.key}?member={entry.member_id}"
                if stock
                else figures.link(info.key, month, member=entry.member_id),
            }
        )
    return Panel(
        Text("计入业绩", "Counts for"),
        Raw("parts/records/counts_for.html", rows=rows, rest=len(posted) - len(rows)),
        key="counts",
        flush=True,
        note=Text("点开看规则和全部明细", "open one for its rule and details"),
    )


def findings_for(request: PageRequest, found: Record) -> list[Note]:
    """What rules find wrong with this record, each with the rule that says so."""
    return [
        Note(f.fault.message, "bad" if f.fault.severity == "danger" else "warn", f.rule.label)
        for f in findings.on_record(request.actor, found.object_key, found.id)
    ]


def source(found: Record) -> ChangeRow | None:
    """The change by which the record came in from a file."""
    rows = audit.changes(
        object_key=found.object_key, record_ids=[found.id], newest_first=False, limit=1
    )
    return rows[0] if rows and rows[0].file else None


def holds_files(f: FieldSpec) -> bool:
    """Whether it holds files, or shows those of a linked record."""
    return FIELD_TYPES[shown_as(f).type].files


def attached(
    request: PageRequest, seen: Mapping[str, FieldSpec], found: Record
) -> dict[int, StoredFile]:
    """The files that the record's fields name, as far as the reader may open them."""
    ids = [i for f in seen.values() if holds_files(f) for i in found.values[f.key] or ()]
    return {file.id: file for file in queries.files_of(request.actor, ids)} if ids else {}
