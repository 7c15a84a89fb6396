"""A form that is open: which layout it has, its record, and how all of it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from wubu.collect.forms import queries as layouts
from wubu.collect.forms.entry.entering import Entry
from wubu.collect.forms.entry.fitting import fitting, may_change
from wubu.collect.forms.types import Layout, Use
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.query.types import Query
from wubu.kernel.records import queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import Problem, Refused, Text
from wubu.web import forms
from wubu.web.forms import parking, placing
from wubu.web.ui import PageRequest, Problems
from wubu.web.ui.asking import whole

MOST_LINES = 200


def entry_of(request: PageRequest, spec: ObjectSpec, submitted: QueryDict) -> Entry:
    """What stands in the form that was sent, laid out as it is open, with its record.

    Raises Forbidden for a form that the reader may neither look at nor fill in.
    """
    if not request.policy.may("create", spec.key):
        request.policy.require("view", spec.key)
    record = opened_record(request, spec, submitted)
    raw = forms.read(spec, submitted, request.policy)
    lines = forms.read_lines(spec, submitted, request.policy)
    opened = submitted.get("layout", "")
    if opened:
        layout = layouts.layout_for(request.actor, spec.key, use=use_of(submitted), prefer=opened)
    else:
        layout = fit(request, spec, raw, record, use_of(submitted))
    return Entry(request.actor, layout, raw, lines, record)


def opened_record(request: PageRequest, spec: ObjectSpec, submitted: QueryDict) -> Record | None:
    """The record that a form is about; None for a new one. Raises Missing."""
    number = whole(submitted, "record")
    return queries.get(request.actor, spec.key, number) if number is not None else None


def use_of(submitted: QueryDict) -> Use:
    """What the form is for: the dialog of a link field says so."""
    return "quick" if submitted.get("use") == "quick" else "form"


def fit(
    request: PageRequest,
    spec: ObjectSpec,
    raw: Mapping[str, Any],
    record: Record | None = None,
    use: Use = "form",
) -> Layout:
    """The layout for what stands in the form; of a new record, over what it begins with."""
    if record is None and may_change(request.actor, spec.key, use):
        raw = forms.blank(spec, request.actor, QueryDict()) | dict(raw)
    return fitting(request.actor, spec.key, raw, record, use)


def parts_of(request: PageRequest, record: Record) -> dict[str, list[Record]]:
    """The lines of every part of a record."""
    found: dict[str, list[Record]] = {}
    for child in snapshot().children(record.object_key):
        query = Query(filter=f"{{{child.part_of}}} = {record.id}", sort=("id",), limit=MOST_LINES)
        found[child.key] = list(queries.page(request.actor, child.key, query).records)
    return found


def shown(
    request: PageRequest,
    spec: ObjectSpec,
    layout: Layout,
    raw: Mapping[str, Any],
    parts: Mapping[str, Sequence[Any]],
    *,
    record: Record | None = None,
    refused: Refused | None = None,
    submitted: QueryDict | None = None,
    carried: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """What the template of a form draws.

    The sections of a layout with their inputs, and what was ``submitted`` beyond them. Lines in
    ``parts`` are records, raw values, or these with numbers.
    """
    problems = refused.problems if refused else ()
    own = [p for p in problems if p.object in (None, spec.key)]
    actor, rights = request.actor, request.policy
    only = None if layout.fallback and layout.use == "form" else _fields(spec, layout)
    made = forms.inputs(actor, rights, spec, raw, record=record, problems=own, only=only)
    rows = {k: [_raw_line(k, n, r) for n, r in enumerate(v)] for k, v in parts.items()}
    entry = Entry(actor, layout, raw, rows, record)
    hidden = entry.hidden()
    lines = _lines(request, entry, rows, parts, problems, hidden)
    for one in made.values():
        if one.spec.kind.has_target:
            one.limits = entry.candidates_of(one.spec) is not None
    parked = []
    if submitted is not None:
        parked = parking.parked(
            actor,
            rights,
            spec,
            submitted,
            {*made, *lines},
            record=record,
            parts=parts_of(request, record) if record is not None else None,
            but=carried,
            problems=problems,
        )
    return {
        "spec": spec,
        "record": record,
        "layout": layout,
        "sections": placing.sections(
            layout,
            made,
            lines,
            hidden=hidden,
            needed=entry.needed(),
            options=entry.offered(),
        ),
        "parked": parked,
        "parked_columns": [(one.spec.plural, one.carried) for one in lines.values() if one.carried],
        "live": entry.is_live or may_change(actor, spec.key, layout.use),
        "refused": refused is not None,
        "creatable": {o.key for o in snapshot().live if rights.may("create", o.key)},
        "summary": Problems(problems, labels=_labels(spec), of=spec.key) if refused else None,
    }


def _fields(spec: ObjectSpec, layout: Layout) -> list[Any]:
    return [spec.fields[k] for k in placing.keys(layout)]


def _raw_line(child_key: str, at: int, row: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(row, tuple):
        return row
    if not isinstance(row, Record):
        return str(at), dict(row)
    child = snapshot().object(child_key)
    return str(at), {**forms.of_record(child, row), "id": row.id}


def _lines(
    request: PageRequest,
    entry: Entry,
    rows: Mapping[str, list[tuple[str, dict[str, Any]]]],
    parts: Mapping[str, Sequence[Any]],
    problems: Sequence[Problem],
    hidden: frozenset[str],
) -> dict[str, forms.Lines]:
    found = {}
    for item in entry.layout.items:
        if item.kind != "lines":
            continue
        child = snapshot().object(item.key)
        links = [f for f in child.live_fields if f.kind.has_target]
        found[child.key] = forms.lines(
            request.actor,
            request.policy,
            child,
            rows.get(child.key, []),
            problems=problems,
            drawn=[r for r in parts.get(child.key, ()) if isinstance(r, Record)],
            part=item,
            hidden=hidden,
            limited={f.key for f in links if entry.candidates_of(f) is not None},
        )
    return found


def _labels(spec: ObjectSpec) -> dict[str, Text]:
    return {f.key: f.label for f in spec.live_fields} | {
        f.key: f.label for child in snapshot().children(spec.key) for f in child.live_fields
    }
