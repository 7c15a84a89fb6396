"""Cells of a list, changed in place: one, a pasted block, and taking that back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.html import conditional_escape
from django.views.decorators.http import require_POST

from wubu.collect.views import editing
from wubu.collect.views import queries as views
from wubu.kernel.audit.actions import open_batch
from wubu.kernel.calendar.queries import now
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FieldError
from wubu.kernel.fields.registry import FIELD_TYPES, show
from wubu.kernel.jobs import actions as jobs
from wubu.kernel.people import queries as people
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import Conflict, Origin, Problem, Refused, Text
from wubu.web import forms, list_state
from wubu.web.pages.lists import listing_parts as parts
from wubu.web.ui import PageRequest, redirect, toast, values

SHOWN_ROWS = 30  # of a pasted block, in the preview
MOST_ROWS = 1_000


def cell(request: HttpRequest, object_key: str, record_id: int, key: str) -> HttpResponse:
    """The input of one cell; or what was typed into it, saved. Answers the row as it is then.

    What is wrong comes back beside the input with what was typed; so does what somebody else wrote
    meanwhile.
    """
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    record = queries.get(page_request.actor, object_key, record_id)
    f = editing.writable(page_request.actor, spec, key)
    if request.method != "POST":
        return _input(page_request, spec, f, record, forms.raw(f, record), record.version)
    raw = forms.read(spec, request.POST, page_request.policy)
    version = request.POST.get("version", "")
    read_at = (
        int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
    )
    batch = open_batch(
        actor=page_request.actor,
        kind="edit",
        at=now(),
        note=f"{object_key} {record_id} {key}"[:255],
    )
    try:
        after = actions.update(
            actor=page_request.actor,
            object_key=object_key,
            id=record_id,
            values={key: raw.get(key, "")},
            version=read_at,
            origin=Origin(batch=batch),
        )
    except Conflict:
        theirs = queries.get(page_request.actor, object_key, record_id)
        if forms.raw(f, theirs) == forms.raw(f, record) and theirs.version == read_at:
            raise
        return _conflict(page_request, spec, f, theirs, raw.get(key, ""), read_at)
    except Refused as refused:
        if refused.status != 422:
            raise
        version_ = read_at or record.version
        return _input(page_request, spec, f, record, raw.get(key, ""), version_, refused.problems)
    answer = _row(page_request, spec, after)
    if after.version == record.version:
        return answer
    words = Text("“{t}”的{f}已修改", "{f} of “{t}” was changed").format(t=after.title, f=f.label)
    return toast(answer, words, undo=f"/o/{object_key}/undo-edit?batch={batch}")


def _input(
    request: PageRequest,
    spec: ObjectSpec,
    f: FieldSpec,
    record: Record,
    value: Any,
    version: int,
    problems: Sequence[Problem] = (),
) -> HttpResponse:
    beside = [p for p in problems if p.field in (f.key, None)]
    elsewhere = [p for p in problems if p.field not in (f.key, None)]
    made = forms.inputs(
        request.actor,
        request.policy,
        spec,
        {f.key: value},
        problems=beside,
        only=[f],
        prefix="",
    )
    context = {
        "input": made[f.key],
        "record": record,
        "version": version,
        "problems": [*beside, *elsewhere],
        "labels": {g.key: g.label for g in spec.live_fields},
        "spec": spec,
    }
    return render(request, "parts/lists/cell.html", context, status=422 if problems else 200)


def _conflict(
    request: PageRequest, spec: ObjectSpec, f: FieldSpec, theirs: Record, yours: Any, version: Any
) -> HttpResponse:
    """Somebody saved first: what stands there now, and whether to write over it."""
    made = forms.inputs(request.actor, request.policy, spec, {f.key: yours}, only=[f], prefix="")
    who = people.names([theirs.updated_by]) if theirs.updated_by else {}
    context = {
        "input": made[f.key],
        "record": theirs,
        "version": version or theirs.version,
        "theirs": values.draw(f, theirs),
        "newest": theirs.version,
        "who": next(iter(who.values()), ""),
        "spec": spec,
    }
    return render(request, "parts/lists/cell.html", context, status=409)


def _row(request: PageRequest, spec: ObjectSpec, record: Record) -> HttpResponse:
    """The row as the list that asked shows it."""
    columns, look = _shown(request, spec)
    paint = views.colors(request.actor, spec.key, look.colors, [record.id]) if look else {}
    context = {"row": parts.rows([record], columns, paint)[0], "spec": spec, "tick": False}
    return render(request, "parts/lists/row.html", context)


def _shown(request: PageRequest, spec: ObjectSpec) -> tuple[list[FieldSpec], Any]:
    """The columns of the page that the request comes from."""
    current = request.headers.get("HX-Current-URL", "")
    found = list_state.at(request, spec.key, current)
    wanted = found.look.columns if found else ()
    return list_state.columns(request, spec, wanted), found.look if found else None


@require_POST
def paste(request: HttpRequest, object_key: str) -> HttpResponse:
    """A block from a spreadsheet: first what it would change, then, with ``go``, all or nothing."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    page_request.policy.require("edit", object_key)
    post = request.POST
    rows = [pair for raw in post.getlist("row")[:MOST_ROWS] if (pair := _pair(raw)) is not None]
    raw_values = editing.block(
        actor=page_request.actor,
        object_key=object_key,
        rows=rows,
        columns=post.getlist("column")[:100],
        text=post.get("text", ""),
    )
    problems: Sequence[Problem] = ()
    if post.get("go"):
        try:
            done = editing.paste(page_request.actor, object_key, raw_values)
        except Refused as refused:
            if refused.status == 403 or not any(p.row is not None for p in refused.problems):
                raise
            problems = refused.problems
        else:
            words = Text("已修改 {n} 条", "{n} changed").format(n=done.updated)
            undo = f"/o/{object_key}/undo-edit?batch={done.batch}" if done.updated else ""
            return toast(HttpResponse(status=204), words, undo=undo)
    else:
        problems = editing.check(page_request.actor, object_key, raw_values).problems
    context = _preview(page_request, spec, raw_values, problems)
    return render(
        request, "parts/lists/cells_paste.html", context, status=422 if post.get("go") else 200
    )


def _pair(raw: str) -> tuple[int, int | None] | None:
    record, _, version = raw.partition(":")
    if not (record.isascii() and record.isdigit() and len(record) < 19):
        return None
    return int(record), _version(version)


def _version(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None


def _preview(
    request: PageRequest,
    spec: ObjectSpec,
    raw: editing.Block,
    problems: Sequence[Problem],
) -> dict[str, Any]:
    """What each cell holds and would hold; the cells that cannot be are marked."""
    ids = [d.id for d in raw.drafts if d.id is not None]
    rows = queries.visible(request.actor, spec.key).filter(id__in=ids)
    keys = [f.key for f in raw.fields]
    now_ = {r.id: r for r in queries.present(request.actor, spec.key, rows, keys or None)}
    wrong: dict[tuple[int, str], list[Problem]] = {}
    for p in problems:
        wrong.setdefault((p.row or 0, p.field or ""), []).append(p)
    lines, changed = [], 0
    for number, (draft, cells) in enumerate(zip(raw.drafts, raw.cells, strict=True)):
        record = now_.get(draft.id or 0)
        made = []
        for f, entered in zip(raw.fields, cells, strict=False):
            before = values.plain(f, record) if record else ""
            after = _after(f, entered)
            bad = wrong.pop((number, f.key), [])
            differs = before != after
            changed += differs
            made.append({"before": before, "after": after, "bad": bad, "differs": differs})
        rest = [p for key in [k for k in wrong if k[0] == number] for p in wrong.pop(key)]
        lines.append(
            {"title": record.title if record else f"#{draft.id}", "cells": made, "bad": rest}
        )
    shown = [line for line in lines if _is_wrong(line)] + [
        line for line in lines if not _is_wrong(line)
    ]
    return {
        "spec": spec,
        "fields": raw.fields,
        "lines": shown[:SHOWN_ROWS],
        "hidden": max(0, len(lines) - SHOWN_ROWS),
        "rows": len(raw.drafts),
        "changed": changed,
        "wrong": len(problems),
        "cut_rows": raw.cut_rows,
        "cut_columns": raw.cut_columns,
    }


def _is_wrong(line: dict[str, Any]) -> bool:
    return bool(line["bad"]) or any(c["bad"] for c in line["cells"])


def _after(f: FieldSpec, entered: str) -> str:
    """What was pasted as the cell would show it; as it is where that takes looking something up."""
    if f.kind.refers:
        return entered.strip()
    try:
        value = FIELD_TYPES[f.type].parse(f, editing.raw(f, entered))
    except FieldError:
        return entered
    return "" if value is None else str(conditional_escape(show(f, value)))


@require_POST
def undo(request: HttpRequest, object_key: str) -> HttpResponse:
    """Take an edit back; what was changed since stays as it is."""
    page_request = cast(PageRequest, request)
    raw = request.GET.get("batch", "")
    batch = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else 0
    back = request.headers.get("Referer", f"/o/{object_key}/")
    if request.GET.get("many"):
        job = jobs.enqueue(
            editing.UNDO_JOB, {"object_key": object_key, "batch": batch}, actor=page_request.actor
        )
        return redirect(f"/o/{object_key}/edits/{job.id}")
    done = actions.undo_batch(actor=page_request.actor, batch=batch)
    words = Text("已撤销", "Undone")
    if done.kept:
        words = Text(
            "已撤销；{n} 条后来又改过，保持不变", "Undone; {n} changed since and stay as they are"
        ).format(n=len(done.kept))
    return redirect(back, words)


urlpatterns = [
    path("o/<slug:object_key>/<int:record_id>/cell/<slug:key>", cell, name="cell"),
    path("o/<slug:object_key>/paste", paste, name="paste"),
    path("o/<slug:object_key>/undo-edit", undo, name="undo-edit"),
]
