"""Records of one thing become one: pick the others, choose field by field, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path

from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.records import actions, queries
from wubu.kernel.records.types import Record
from wubu.kernel.types import Problem, Refused, Text
from wubu.web.ui import Crumb, Page, PageRequest, Problems, redirect, values

EMPTY = (None, "", ())
MOST = 5  # others at once
CHOICE = "value:"  # a radio button of this name says whose value stays
TITLE = Text("合并{o}", "Merge {o}")


def merge(request: HttpRequest, object_key: str, record_id: int) -> HttpResponse:
    """First which others, then whose values stay; the others go to the recycle bin."""
    page_request = cast(PageRequest, request)
    spec = snapshot().object(object_key)
    page_request.policy.require("edit", object_key)
    page_request.policy.require("delete", object_key)
    one = queries.get(page_request.actor, object_key, record_id)
    others, refused = _others(page_request, spec, one)
    if page_request.method == "POST" and others:
        try:
            return _merged(page_request, spec, [one, *others])
        except Refused as wrong:
            if wrong.status != 422:
                raise
            refused = wrong
    every = [one, *others]
    context = {
        "spec": spec,
        "one": one,
        "others": others,
        "every": every,
        "with": ",".join(str(r.id) for r in others),
        "rows": _rows(page_request, spec, every) if others else [],
        "same": _same(spec, every) if others else 0,
        "problems": Problems(refused.problems) if refused else None,
    }
    page = Page(
        TITLE.format(o=spec.label),
        crumbs=[Crumb(spec.plural, f"/o/{spec.key}/"), Crumb(one.title, f"/o/{spec.key}/{one.id}")],
        template="pages/records/merge.html",
        context=context,
    )
    return page.response(page_request, 422 if refused else 200)


def _others(
    request: PageRequest, spec: ObjectSpec, one: Record
) -> tuple[list[Record], Refused | None]:
    """The other records of the address, or why they cannot be these."""
    raw = request.POST.get("with") or ",".join(request.GET.getlist("with"))
    words = [w for part in raw.split(",") if (w := part.removeprefix("id:").strip())]
    if not words:
        return [], None
    whole = all(w.isascii() and w.isdigit() and len(w) < 19 for w in words)
    ids = list(dict.fromkeys(int(w) for w in words)) if whole else []
    if not ids or one.id in ids:
        return [], Refused(_choose(raw))
    if len(ids) > MOST:
        return [], Refused(
            Problem(
                "too_many",
                Text("一次最多合并 {n} 条。", "At most {n} at once.").format(n=MOST + 1),
                field="with",
            )
        )
    rows = queries.visible(request.actor, spec.key, archived=None).filter(id__in=ids)
    found = {r.id: r for r in queries.present(request.actor, spec.key, rows)}
    if len(found) < len(ids):
        return [], Refused(_choose(raw))
    return [found[i] for i in ids], None


def _choose(raw: str) -> Problem:
    return Problem(
        "choose_other",
        Text("请从列表里选择另一条记录。", "Choose another record from the list."),
        field="with",
        value=raw[:80],
    )


def _choosable(request: PageRequest, spec: ObjectSpec, one: Record) -> list[FieldSpec]:
    rights = request.policy
    return [
        f
        for f in spec.live_fields
        if f.key in one.values and values.is_typed(f) and rights.level(spec.key, f.key) == "write"
    ]


def _differs(f: FieldSpec, every: Sequence[Record]) -> bool:
    held = [None if r.values.get(f.key) in EMPTY else r.values.get(f.key) for r in every]
    return any(value != held[0] for value in held[1:])


def _rows(request: PageRequest, spec: ObjectSpec, every: Sequence[Record]) -> list[dict[str, Any]]:
    """The fields in which they differ; a gap is filled from another unless chosen otherwise."""
    found = []
    for f in _choosable(request, spec, every[0]):
        if _differs(f, every):
            chosen = _chosen(request, f, every)
            sides = [(r.id, values.draw(f, r), chosen == r.id) for r in every]
            found.append({"field": f, "name": CHOICE + f.key, "sides": sides})
    return found


def _chosen(request: PageRequest, f: FieldSpec, every: Sequence[Record]) -> int:
    posted = request.POST.get(CHOICE + f.key, "")
    named = next((r.id for r in every if str(r.id) == posted), None)
    if named is not None:
        return named
    return next((r.id for r in every if r.values.get(f.key) not in EMPTY), every[0].id)


def _same(spec: ObjectSpec, every: Sequence[Record]) -> int:
    one = every[0]
    entered = [f for f in spec.live_fields if f.key in one.values and values.is_typed(f)]
    there = [f for f in entered if one.values.get(f.key) not in EMPTY]
    return sum(not _differs(f, every) for f in there)


def _merged(request: PageRequest, spec: ObjectSpec, every: Sequence[Record]) -> HttpResponse:
    kept = request.POST.get("keep", "")
    keep = next((r for r in every if str(r.id) == kept), every[0])
    drops = [r for r in every if r is not keep]
    choices = {
        f.key: _chosen(request, f, every)
        for f in _choosable(request, spec, every[0])
        if _differs(f, every)
    }
    actions.merge(
        actor=request.actor,
        object_key=spec.key,
        keep=keep.id,
        drop=[r.id for r in drops],
        choices=choices,
    )
    last = queries.history(request.actor, spec.key, drops[0].id, limit=1)
    undo = f"/o/{spec.key}/{keep.id}/undo?batch={last[0].batch_id}" if last else ""
    names = str(Text("、", ", ")).join(r.title for r in drops)
    words = Text("已把“{d}”并入“{k}”", "“{d}” is now part of “{k}”")
    return redirect(f"/o/{spec.key}/{keep.id}", words.format(d=names, k=keep.title), undo=undo)


urlpatterns = [path("o/<slug:object_key>/<int:record_id>/merge", merge, name="merge")]
