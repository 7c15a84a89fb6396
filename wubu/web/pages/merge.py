"""Two records of one thing become one: pick the other, choose field by field, take it back."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import Missing, Problem, Refused, Text
from wubu.web.ui import Crumb, Page, PageRequest, Problems, redirect, values

CHOICE = "value:"  # a radio button of this name says whose value stays
TITLE = Text("合并{o}", "Merge {o}")


def merge(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """First which other one, then whose values stay; the other goes to the recycle bin."""
    asked = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    asked.policy.require("edit", object_key)
    asked.policy.require("delete", object_key)
    one = queries.get(asked.actor, object_key, record_id)
    other, refused = _other(asked, spec, one)
    if asked.method == "POST" and other is not None:
        try:
            return _merged(asked, spec, one, other)
        except Refused as wrong:
            if wrong.status != 422:
                raise
            refused = wrong
    context = {
        "spec": spec,
        "one": one,
        "other": other,
        "rows": _rows(asked, spec, one, other) if other else [],
        "same": _same(spec, one, other) if other else 0,
        "problems": Problems(refused.problems) if refused else None,
    }
    page = Page(
        TITLE.format(o=spec.label),
        crumbs=[Crumb(spec.plural, f"/o/{spec.key}/"), Crumb(one.title, f"/o/{spec.key}/{one.id}")],
        template="pages/merge.html",
        context=context,
    )
    return page.response(asked, 422 if refused else 200)


def _other(
    request: PageRequest, spec: ObjectSpec, one: Record
) -> tuple[Record | None, Refused | None]:
    """The other record of the address, or why it cannot be that one."""
    text = (request.POST.get("with") or request.GET.get("with", "")).removeprefix("id:").strip()
    if not text:
        return None, None
    wrong = Problem(
        "choose_other",
        Text("请从列表里选择另一条记录。", "Choose another record from the list."),
        field="with",
        value=text,
    )
    if not (text.isascii() and text.isdigit() and len(text) < 19) or int(text) == one.id:
        return None, Refused(wrong)
    try:
        return queries.get(request.actor, spec.key, int(text)), None
    except Missing:
        return None, Refused(wrong)


def _choosable(request: PageRequest, spec: ObjectSpec, one: Record) -> list[FieldSpec]:
    rights = request.policy
    return [
        f
        for f in spec.live_fields
        if f.key in one.values and values.is_typed(f) and rights.level(spec.key, f.key) == "write"
    ]


def _differs(f: FieldSpec, one: Record, other: Record) -> bool:
    empty = (None, "", ())
    mine, theirs = one.values.get(f.key), other.values.get(f.key)
    return mine != theirs and not (mine in empty and theirs in empty)


def _rows(
    request: PageRequest, spec: ObjectSpec, one: Record, other: Record
) -> list[dict[str, Any]]:
    """The fields in which they differ; a gap is filled from the other unless chosen otherwise."""
    return [
        {
            "field": f,
            "name": CHOICE + f.key,
            "sides": [(r.id, values.draw(f, r), _chosen(request, f, one, other) == r.id)
                      for r in (one, other)],
        }
        for f in _choosable(request, spec, one)
        if _differs(f, one, other)
    ]  # fmt: skip


def _chosen(request: PageRequest, f: FieldSpec, one: Record, other: Record) -> int:
    posted = request.POST.get(CHOICE + f.key, "")
    if posted in (str(one.id), str(other.id)):
        return int(posted)
    return other.id if one.values.get(f.key) in (None, "", ()) else one.id


def _same(spec: ObjectSpec, one: Record, other: Record) -> int:
    typed = [f for f in spec.live_fields if f.key in one.values and values.is_typed(f)]
    there = [f for f in typed if one.values.get(f.key) not in (None, "", ())]
    return sum(not _differs(f, one, other) for f in there)


def _merged(request: PageRequest, spec: ObjectSpec, one: Record, other: Record) -> HttpResponse:
    keep = other if request.POST.get("keep") == str(other.id) else one
    drop = one if keep is other else other
    choices = {
        f.key: _chosen(request, f, one, other)
        for f in _choosable(request, spec, one)
        if _differs(f, one, other)
    }
    actions.merge(
        actor=request.actor, object_key=spec.key, keep=keep.id, drop=drop.id, choices=choices
    )
    last = queries.history(request.actor, spec.key, drop.id, limit=1)
    undo = f"/o/{spec.key}/{keep.id}/unmerge?batch={last[0].batch_id}" if last else ""
    words = Text("已把“{d}”并入“{k}”", "“{d}” is now part of “{k}”")
    return redirect(f"/o/{spec.key}/{keep.id}", words.format(d=drop.title, k=keep.title), undo=undo)


@require_POST
def unmerge(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """Two again, as they were."""
    asked = cast(PageRequest, request)
    batch = request.GET.get("batch", "")
    done = actions.undo_batch(actor=asked.actor, batch=int(batch) if batch.isdigit() else 0)
    words = Text("已撤销合并", "Merged no longer")
    if done.kept:
        words = Text(
            "已撤销合并；{n} 条后来又改过的记录保持不变",
            "Merged no longer; {n} records changed since were left as they are",
        ).format(n=len(done.kept))
    return redirect(f"/o/{object_key}/{record_id}", words)


urlpatterns = [
    path("o/<slug:object_key>/<int:record_id>/merge", merge, name="merge"),
    path("o/<slug:object_key>/<int:record_id>/unmerge", unmerge, name="unmerge"),
]
