"""Forms: the layout for a caller, how it stands for given values, entry through it, its design."""

from collections.abc import Mapping
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from wubu.collect.forms import actions, queries
from wubu.collect.forms.entry.entering import Entry
from wubu.collect.forms.entry.fitting import fitting, may_change
from wubu.collect.forms.entry.saving import enter, strangers, unseen
from wubu.collect.forms.types import Item, Layout, LayoutInfo, Version
from wubu.kernel.catalog.queries import snapshot
from wubu.kernel.catalog.types import ObjectSpec
from wubu.kernel.fields.base import FIELD_TYPES
from wubu.kernel.fields.registry import to_json
from wubu.kernel.formula.types import Formula
from wubu.kernel.permissions.queries import Policy, policy
from wubu.kernel.query.linked import FORM, PARENT
from wubu.kernel.records import queries as records
from wubu.kernel.records.types import Record
from wubu.kernel.types import Actor, Missing, Problem, Refused, Text
from wubu.web.api.answers import responses, send, send_of
from wubu.web.api.records.form_shapes import (
    Candidate,
    DisabledIn,
    Filled,
    FormInput,
    FormQuery,
    FormSubmission,
    LayoutIn,
    LayoutOut,
    Number,
    Order,
    StateOut,
    Use,
    Values,
    Wanted,
)
from wubu.web.api.records.routes import actor_of
from wubu.web.api.values import record_json
from wubu.web.api.wire import many, model

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
PICKED = 50


def spec_of(actor: Actor, key: str) -> ObjectSpec:
    """The object, where the caller may fill in its form. Raises Missing, Forbidden."""
    spec, may = snapshot().objects.get(key), policy(actor)
    if spec is None or spec.retired or not (may.may("view", key) or may.may("create", key)):
        words = Text("没有对象“{k}”。", "There is no object “{k}”.").format(k=key)
        raise Missing(Problem("no_such_object", words, object=key))
    return spec


def _ids(spec: ObjectSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """Ids are strings in JSON; a form tells them from names."""
    found = dict(values)
    for key, value in values.items():
        f = spec.fields.get(key)
        if f is None or not FIELD_TYPES[f.type].refers_to(f):
            continue
        if isinstance(value, list):
            found[key] = [_id(v) for v in value]
        else:
            found[key] = _id(value)
    return found


def _id(value: Any) -> Any:
    digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19
    return f"id:{value}" if digits else value


def record_of(actor: Actor, spec: ObjectSpec, id_: str | None) -> Record | None:
    return records.get(actor, spec.key, id_) if id_ else None


def _children(body: Filled) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for key, rows in body.children.items():
        child = snapshot().object(key)
        found[key] = [_ids(child, row) for row in rows]
    return found


def _fit(actor: Actor, spec: ObjectSpec, values: Values, record: Record | None, use: Use) -> Layout:
    """The layout for these values; of a new record, over what fields begin with."""
    if record is None and may_change(actor, spec.key, use):
        start = {f.key: f.default for f in spec.live_fields if f.default is not None}
        values = start | values
    return fitting(actor, spec.key, values, record, use)


def _entry(actor: Actor, spec: ObjectSpec, body: Filled, use: Use = "form") -> Entry:
    record = record_of(actor, spec, body.record)
    values = _ids(spec, body.values)
    if body.layout:
        layout = queries.layout_for(actor, spec.key, use=use, prefer=body.layout)
    else:
        layout = _fit(actor, spec, values, record, use)
    known = {c.key for c in snapshot().children(spec.key)}
    rows = {
        k: [(str(n), r) for n, r in enumerate(v)] for k, v in _children(body).items() if k in known
    }
    return Entry(actor, layout, values, rows, record)


def _changed(entry: Entry, opened: str) -> list[Problem]:
    """Values that came for a layout that fits no more, and that this one hides.

    Not dropped unsaid.
    """
    if not opened or opened == entry.layout.key:
        return []
    words = Text("“{f}”在布局“{l}”中不显示。", "“{f}” does not show in the layout “{l}”.")
    hint = Text(
        "这些值适用另一个布局：请去掉它，或不要改变阶段。",
        "These values have another layout: leave it out, or leave the stage as it was.",
    )
    return [
        Problem(
            "not_shown",
            words.format(f=entry.spec.fields[key].label, l=entry.layout.label),
            hint,
            object=entry.spec.key,
            field=key,
        )
        for key in unseen(entry, entry.top.raw)
        if entry.top.raw[key] not in ("", [], None)
    ]


def _layout_out(layout: Layout, may: Policy) -> dict[str, Any]:
    return {
        "object": layout.object_key,
        "key": layout.key,
        "label": str(layout.label),
        "use": layout.use,
        "version": layout.version,
        "sections": [
            {
                "id": part.id,
                "label": str(part.label),
                "columns": part.columns,
                "collapsible": part.collapsible,
                "collapsed": part.collapsed,
                "shown_when": _said(part.shown_when, may, layout.object_key),
                "items": [
                    out for i in part.items if (out := _item_out(layout, i, may)) is not None
                ],
            }
            for part in layout.parts
        ],
    }


def _said(condition: Formula | None, may: Policy, key: str, above: str = "") -> str | None:
    """The text of a condition, for whoever may read all that it names.

    Of this object, of a line's also what stands in the form above it.
    """
    if condition is None:
        return None
    told = all(
        may.readable(above, path[1:])
        if above and path[0] in (FORM, PARENT)
        else may.readable(key, path)
        for path in condition.written
    )
    return condition.text if told else None


def _item_out(layout: Layout, item: Item, may: Policy) -> dict[str, Any] | None:
    """One item as this caller sees it; what is hidden from them is not there."""
    spec = snapshot().object(layout.object_key)
    level, label, needed = "read", "", item.needed
    if item.kind == "field":
        f = spec.fields[item.key]
        level, label = may.level(spec.key, item.key), str(f.label)
        needed = needed or f.required
    elif item.kind == "lines":
        label = str(snapshot().object(item.key).plural)
    if item.concealed or level == "hidden":
        return None
    return {
        "id": item.id,
        "kind": item.kind,
        "key": item.key,
        "label": label,
        "span": item.span,
        "level": level,
        "read_only": item.read_only,
        "required": needed,
        "shown_when": _said(item.shown_when, may, spec.key),
        "required_when": _said(item.needed_when, may, spec.key),
        "help": str(item.help) if item.help else None,
        "text": str(item.text) if item.text else None,
        "columns": [k for k in item.columns if may.level(item.key, k) != "hidden"],
        "cells": [
            {
                "key": c.key,
                "read_only": c.read_only,
                "required": c.needed,
                "shown_when": _said(c.shown_when, may, item.key, spec.key),
                "required_when": _said(c.needed_when, may, item.key, spec.key),
            }
            for c in item.cells
            if not c.concealed and may.level(item.key, c.key) != "hidden"
        ],
        "folded": item.folded,
    }


def router() -> Router:
    made = Router(tags=["表单 Forms"])
    _filling(made)
    _designing(made)
    return made


def _filling(made: Router) -> None:
    @made.get("/forms/{object}", response=responses(LayoutOut), operation_id="form")
    def form(request: HttpRequest, object: Key, q: Query[FormQuery]) -> HttpResponse:
        """The layout that this caller fills in, for a new record or for one that is there."""
        actor = actor_of(request)
        spec = spec_of(actor, object)
        layout = _fit(actor, spec, {}, record_of(actor, spec, q.record), q.use)
        return send(_layout_out(layout, policy(actor)))

    @made.post("/forms/{object}/evaluate", response=responses(StateOut), operation_id="form_state")
    def evaluate(request: HttpRequest, object: Key, body: FormInput) -> HttpResponse:
        """What shows, what is needed, what is computed and filled in; nothing is saved."""
        actor = actor_of(request)
        spec = spec_of(actor, object)
        entry = _entry(actor, spec, body, body.use)
        filled = entry.filled(body.changed, body.touched)
        now = dict(entry.top.raw) | {
            k: to_json(f, v) for k, (f, v) in filled.items() if ":" not in k
        }
        return send(
            {
                "layout": _fit(actor, spec, _ids(spec, now), entry.record, body.use).key,
                "hidden": sorted(entry.hidden()),
                "needed": sorted(entry.needed()),
                "needed_cells": sorted(entry.needed_cells()),
                "options": entry.offered(),
                "fills": {name: to_json(f, v) for name, (f, v) in filled.items()},
                "computed": {n: to_json(f, v) for n, (f, v) in entry.computed.items()},
            }
        )

    @made.post(
        "/forms/{object}/candidates",
        response=responses(list[Candidate]),
        operation_id="form_candidates",
    )
    def candidates(request: HttpRequest, object: Key, body: Wanted) -> HttpResponse:
        """The records that a link may point at, for what stands in the form."""
        actor = actor_of(request)
        entry = _entry(actor, spec_of(actor, object), body)
        found = entry.scope_of(body.field)
        if found is None or not found[1].kind.has_target:
            words = Text("没有关联字段“{f}”。", "There is no link “{f}”.").format(f=body.field)
            raise Missing(Problem("no_such_field", words, field=body.field))
        scope, f = found
        if policy(actor).level(scope.spec.key, f.key) != "write":
            words = Text("没有关联字段“{f}”。", "There is no link “{f}”.").format(f=body.field)
            raise Missing(Problem("no_such_field", words, field=body.field))
        rule = entry.candidates_of(f)
        if rule is None:
            hits = records.find(actor, body.words, limit=PICKED, objects=[f.target])
            return send([{"id": str(h.id), "title": h.title} for h in hits])
        rows = entry.linker.candidates(rule, scope.get, body.words.strip(), PICKED)
        return send([{"id": str(r.id), "title": r.title} for r in rows])

    @made.post("/forms/{object}/entry", response=responses(Any, 201), operation_id="form_entry")
    def entry(request: HttpRequest, object: Key, body: FormSubmission) -> HttpResponse:
        """Save through the form that fits these values.

        Its conditions and what it asks for hold, besides all rules.
        """
        actor = actor_of(request)
        spec = spec_of(actor, object)
        record = record_of(actor, spec, body.record)
        values = _ids(spec, body.values)
        layout = _fit(actor, spec, values, record, body.use)
        opened = layout
        if body.layout and body.layout != layout.key:
            opened = queries.layout_for(actor, spec.key, use=body.use, prefer=body.layout)
        known = {i.key for i in opened.items}
        unknown = [p for p in strangers(layout, values) if p.field not in known]
        wrong = unknown + _changed(Entry(actor, layout, values, None, record), opened.key)
        if wrong:
            raise Refused(*wrong)
        saved = enter(
            actor=actor,
            layout=layout,
            values=values,
            children=_children(body) or None,
            record=record,
            version=body.version,
        )
        status = 200 if record else 201
        return send(record_json(saved, spec.fields), status, ETag=f'"{saved.version}"')


def _designing(made: Router) -> None:
    @made.get("/setup/forms", response=responses(Any), operation_id="forms_export")
    def export(request: HttpRequest) -> HttpResponse:
        """Every layout in use, as the section ``forms`` of a pack."""
        policy(actor_of(request)).require_setup(actions.AREA)
        return send(queries.export())

    @made.get("/setup/forms/{object}", response=responses(many(LayoutInfo)), operation_id="layouts")
    def listing(request: HttpRequest, object: Key) -> HttpResponse:
        policy(actor_of(request)).require_setup(actions.AREA)
        return send_of(queries.layouts(object))

    @made.put("/setup/forms/{object}", response=responses(None, 204), operation_id="order_layouts")
    def order(request: HttpRequest, object: Key, body: Order) -> HttpResponse:
        """The order in which layouts are tried; the first that fits is used."""
        actions.order(actor=actor_of(request), object_key=object, keys=body.keys)
        return HttpResponse(status=204)

    @made.put(
        "/setup/forms/{object}/{key}", response=responses(model(LayoutInfo)), operation_id="layout"
    )
    def put(request: HttpRequest, object: Key, key: Key, body: LayoutIn) -> HttpResponse:
        """Add a layout or change it; every saving is kept."""
        return send_of(
            actions.save_layout(
                actor=actor_of(request),
                object_key=object,
                key=key,
                definition=body.definition,
                version=body.version,
                reason=body.reason,
            )
        )

    @made.get(
        "/setup/forms/{object}/{key}/versions",
        response=responses(many(Version)),
        operation_id="layout_versions",
    )
    def versions(request: HttpRequest, object: Key, key: Key) -> HttpResponse:
        policy(actor_of(request)).require_setup(actions.AREA)
        return send_of(queries.versions(object, key))

    @made.post(
        "/setup/forms/{object}/{key}/restore",
        response=responses(model(LayoutInfo)),
        operation_id="restore_layout",
    )
    def restore(request: HttpRequest, object: Key, key: Key, body: Number) -> HttpResponse:
        """Let an earlier version hold again."""
        actor = actor_of(request)
        return send_of(
            actions.bring_back(actor=actor, object_key=object, key=key, version=body.version)
        )

    @made.post(
        "/setup/forms/{object}/{key}/rest",
        response=responses(model(LayoutInfo)),
        operation_id="rest_layout",
    )
    def rest(request: HttpRequest, object: Key, key: Key, body: DisabledIn) -> HttpResponse:
        """Take a layout out of use, or back into it."""
        actor = actor_of(request)
        return send_of(
            actions.set_disabled(actor=actor, object_key=object, key=key, disabled=body.resting)
        )
