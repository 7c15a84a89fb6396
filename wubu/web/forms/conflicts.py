"""Someone else saved first: both sides, field by field, to choose from. Neither is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict

from wubu.kernel.catalog.types import FieldSpec, ObjectSpec
from wubu.kernel.fields.base import FieldError
from wubu.kernel.fields.registry import FIELD_TYPES, show
from wubu.kernel.people import queries as people
from wubu.kernel.records.types import Record
from wubu.kernel.types import Text
from wubu.web import forms
from wubu.web.ui import Crumb, Page, PageRequest, values

THEIRS = "theirs:"  # a radio button of this name says whose value to keep


@dataclass
class Difference:
    """One field in which the two sides differ."""

    field: FieldSpec
    theirs: Any
    yours: Any


def chosen(raw: Mapping[str, Any], post: QueryDict) -> dict[str, Any]:
    """What to save after the choice: a field for which theirs was kept is left as it stands."""
    return {k: v for k, v in raw.items() if post.get(THEIRS + k) != "theirs"}


def response(
    request: PageRequest,
    spec: ObjectSpec,
    record: Record,
    raw: Mapping[str, Any],
    parts: Mapping[str, Sequence[Any]],
) -> HttpResponse:
    """The page of both sides. ``record`` is the record as it now stands."""
    differences = [
        d for key, value in raw.items() if (d := _compare(request, spec, record, key, value))
    ]
    context = {
        "spec": spec,
        "record": record,
        "differences": differences,
        "hidden": [(k, v) for k, vs in request.POST.lists() for v in vs if _carried(k)],
        "who": people.names([record.updated_by]).get(record.updated_by, "")
        if record.updated_by
        else "",
        "draft": request.POST.get("draft", ""),
        "has_parts": bool(parts),
    }
    page = Page(
        Text("有人先保存了这条记录", "Someone else saved this record first"),
        crumbs=[
            Crumb(spec.plural, f"/o/{spec.key}/"),
            Crumb(record.title, f"/o/{spec.key}/{record.id}"),
        ],
        template="pages/records/conflict.html",
        context=context,
    )
    return page.response(request, 409)


def _who(record: Record) -> str:
    found = people.names([record.updated_by]) if record.updated_by else {}
    return next(iter(found.values()), "")


def _carried(key: str) -> bool:
    return key not in ("csrfmiddlewaretoken", "version") and not key.startswith(THEIRS)


def _compare(
    request: PageRequest, spec: ObjectSpec, record: Record, key: str, value: Any
) -> Difference | None:
    f = spec.fields[key]
    if _same(f, value, record):
        return None
    return Difference(f, values.draw(f, record), _shown(request, f, value))


def _same(f: FieldSpec, value: Any, record: Record) -> bool:
    now = forms.raw(f, record)
    if value == now:
        return True
    try:
        parsed = FIELD_TYPES[f.type].parse(f, value)
    except FieldError:
        return False
    return bool(parsed == record.values.get(f.key))


def _shown(request: PageRequest, f: FieldSpec, value: Any) -> Any:
    """What was typed, in words: the name behind a chosen link, an amount as amounts are written."""
    if FIELD_TYPES[f.type].refers_to(f):
        one = forms.inputs(request.actor, request.policy, _only(f), {f.key: value}, only=[f])[f.key]
        return one.shown if isinstance(one.shown, str) else "、".join(one.shown)
    try:
        return show(f, FIELD_TYPES[f.type].parse(f, value))
    except FieldError:
        return value


def _only(f: FieldSpec) -> ObjectSpec:
    return ObjectSpec(f.object, f.label, f.label, fields={f.key: f})
