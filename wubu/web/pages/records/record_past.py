"""A record as it was on a day and the way back to it; a clean sheet for the printer."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.collect.forms import queries as layouts
from wubu.kernel.audit import access
from wubu.kernel.calendar.queries import now, today
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.people import queries as people
from wubu.kernel.permissions.queries import Policy
from wubu.kernel.records import actions, queries
from wubu.kernel.records.history import stories
from wubu.kernel.records.types import Record
from wubu.kernel.types import Forbidden, Missing, Problem, Refused, Text
from wubu.web.pages.records import record_related
from wubu.web.ui import Crumb, Page, PageRequest, Problems, redirect, show, values

LABELS = {"on": Text("日期", "Day")}
DAYS_SHOWN = 12  # of the newest days on which something was changed


def past(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """The record on a day of its life, beside what it is today."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    found = queries.get(page_request.actor, object_key, record_id)
    wanted = request.GET.get("on", "").strip() or today().isoformat()
    seen: stories.Past | None = None
    refused: Refused | None = None
    try:
        seen = stories.as_of(page_request.actor, object_key, record_id, stories.moment_of(wanted))
    except Refused as wrong:
        if not {p.code for p in wrong.problems} <= {"not_a_date", "not_yet"}:
            raise
        refused = wrong
    edits = page_request.policy.may("edit", object_key) and page_request.actor.viewer_id is None
    context = {
        "spec": spec,
        "record": found,
        "past": seen,
        "on": wanted,
        "latest": today().isoformat(),
        "days": _days(page_request, found),
        "sections": _compared(page_request, spec, found, seen) if seen else [],
        "untold": [spec.fields[k].label for k in seen.untold] if seen else [],
        "lines": _lines(page_request, seen) if seen else [],
        "may_restore": edits and bool(seen and seen.changed) and found.archived_at is None,
        "problems": Problems(
            refused.problems, Text("看不到这一天", "Not on this day"), labels=LABELS
        )
        if refused
        else None,
    }
    page = Page(
        found.title,
        crumbs=[
            Crumb(spec.plural, f"/o/{spec.key}/"),
            Crumb(found.title, f"/o/{spec.key}/{found.id}"),
        ],
        subtitle=Text("看它在某一天的样子", "As it was on a day"),
        template="pages/records/past.html",
        context=context,
    )
    return page.response(page_request, 422 if refused else 200)


def _days(request: PageRequest, found: Record) -> list[tuple[str, str]]:
    """The days on which what the reader may see was changed, the newest first.

    For the address, and in words.
    """
    changes = queries.history(request.actor, found.object_key, found.id, limit=200)
    days = list(dict.fromkeys(show.local(c.at).date() for c in changes))
    return [(day.isoformat(), show.date(day)) for day in days[:DAYS_SHOWN]]


def _compared(
    request: PageRequest, spec: ObjectSpec, found: Record, seen: stories.Past
) -> list[dict[str, Any]]:
    shown = {f.key: f for f in spec.live_fields if f.key in seen.record.values}
    layout = layouts.layout_for(request.actor, spec.key)
    placed: set[str] = set()
    made = []
    for part in layout.parts:
        keys = [i.key for i in part.items if i.kind == "field" and i.key in shown]
        placed.update(keys)
        made.append((part.label, keys))
    made.append((Text("其他信息", "More"), [k for k in shown if k not in placed]))
    return [
        {
            "label": label,
            "rows": [
                {
                    "field": shown[k],
                    "then": values.draw(shown[k], seen.record),
                    "now": values.draw(shown[k], found) if k in seen.changed else "",
                    "changed": k in seen.changed,
                }
                for k in keys
            ],
        }
        for label, keys in made
        if keys
    ]


def _lines(request: PageRequest, seen: stories.Past) -> list[dict[str, Any]]:
    found = []
    for key, rows in seen.parts.items():
        spec = snapshot().object(key)
        shown = [
            f
            for f in spec.live_fields
            if f.key != spec.part_of and rows and f.key in rows[0].values
        ]
        found.append(
            {
                "spec": spec,
                "fields": [(f, values.is_number(f)) for f in shown],
                "rows": [[(values.is_number(f), values.draw(f, r)) for f in shown] for r in rows],
            }
        )
    return found


@require_POST
def restore_to(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """The whole record becomes what it was; that can itself be taken back."""
    page_request = cast(PageRequest, request)
    base = f"/o/{object_key}/{record_id}"
    wanted = request.POST.get("on", "")
    try:
        moment = stories.moment_of(wanted)
        actions.restore_to(
            actor=page_request.actor, object_key=object_key, id=record_id, moment=moment
        )
    except Refused as refused:
        if refused.status in (403, 404) and not _is_day(refused):
            raise
        return redirect(f"{base}/past?on={wanted[:10]}", _words(refused))
    last = queries.history(page_request.actor, object_key, record_id, limit=1)
    undo = f"{base}/undo?batch={last[0].batch_id}" if last and last[0].batch_id else ""
    words = Text("已恢复到{d}的样子", "As it was on {d} again").format(d=show.date(moment))
    return redirect(base, words, undo=undo)


def _is_day(refused: Refused) -> bool:
    return {p.code for p in refused.problems} <= {"not_yet", "not_a_date"}


def _words(refused: Refused) -> str:
    return " ".join(str(p.message) for p in refused.problems)


@require_POST
def restore_value(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """What one change changed is put back, as far as the reader may write it."""
    page_request = cast(PageRequest, request)
    base = f"/o/{object_key}/{record_id}"
    change = request.GET.get("change", "")
    told = stories.changes(page_request.actor, [int(change)]) if _number(change) else {}
    view = told.get(int(change)) if told else None
    queries.get(page_request.actor, object_key, record_id)
    if view is None or (view.object_key, view.record_id) != (object_key, record_id):
        raise Missing(Problem("no_such_change", Text("没有这次修改。", "No such change.")))
    spec = snapshot().object(object_key)
    fields = [f.field for f in view.fields if _writable(page_request.policy, spec, f.field)]
    try:
        actions.restore_value(
            actor=page_request.actor,
            object_key=object_key,
            id=record_id,
            change_id=view.id,
            fields=fields,
        )
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return redirect(base, _words(refused))
    return redirect(base, Text("已恢复为修改前的值", "As it was before that change"))


def _writable(rights: Policy, spec: ObjectSpec, key: str) -> bool:
    f = spec.fields.get(key)
    return f is not None and values.is_typed(f) and rights.level(spec.key, key) == "write"


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


@require_POST
def undo(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """Take back a merge, or a putting back."""
    page_request = cast(PageRequest, request)
    queries.get(page_request.actor, object_key, record_id)
    batch = request.GET.get("batch", "")
    done = actions.undo_batch(actor=page_request.actor, batch=int(batch) if _number(batch) else 0)
    words = Text("已撤销", "Undone")
    if done.kept:
        words = Text(
            "已撤销；{n} 条后来又改过的记录保持不变",
            "Undone; {n} records changed since were left unchanged",
        ).format(n=len(done.kept))
    return redirect(f"/o/{object_key}/{record_id}", words)


# Paper


def on_paper(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """A4, nothing but the record, with the right to print it."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    found = queries.get(page_request.actor, object_key, record_id)
    rows = queries.visible(page_request.actor, object_key, "print", archived=None)
    if not rows.filter(id=found.id).exists():
        raise Forbidden(
            Problem(
                "forbidden",
                Text("您无权打印这条{o}。", "You may not print this {o}.").format(o=spec.label),
                object=spec.key,
            )
        )
    seen = {f.key: f for f in spec.live_fields if f.key in found.values}
    sections = _sheet(page_request, spec, found, seen)
    printed = [f.key for part in sections for f, _ in part["rows"]]
    access.took(
        page_request.actor,
        kind="print",
        object_key=spec.key,
        fields=printed,
        number=1,
        ids=[found.id],
        place=request.path,
    )
    context = {
        "spec": spec,
        "record": found,
        "sections": sections,
        "parts": record_related.parts(page_request, spec, found),
        "by": people.names([page_request.actor.member_id or 0]).get(
            page_request.actor.member_id or 0, ""
        ),
        "at": now(),
    }
    return render(request, "pages/records/print.html", context)


def _sheet(
    request: PageRequest, spec: ObjectSpec, found: Record, seen: dict[str, FieldSpec]
) -> list[dict[str, Any]]:
    layout = layouts.layout_for(request.actor, spec.key)
    groups = [
        (part.label, [i.key for i in part.items if i.kind == "field" and i.key in seen])
        for part in layout.parts
    ]
    placed = {k for _, keys in groups for k in keys}
    groups.append((Text("其他信息", "More"), [k for k in seen if k not in placed]))
    made = []
    for label, keys in groups:
        rows = [(seen[k], drawn) for k in keys if (drawn := values.plain(seen[k], found))]
        if rows:
            made.append({"label": label, "rows": rows})
    return made


BASE = "o/<slug:object_key>/<int:record_id>/"
urlpatterns = [
    path(f"{BASE}past", past),
    path(f"{BASE}restore-to", restore_to),
    path(f"{BASE}restore-value", restore_value),
    path(f"{BASE}undo", undo),
    path(f"{BASE}print", on_paper),
]
